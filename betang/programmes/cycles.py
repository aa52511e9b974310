"""The rounds of a programme (tahap): plan one, begin it, close it."""

import re
from datetime import date, datetime

from betang.core.actor import Actor
from betang.core.errors import FieldsError, RefusedError
from betang.journal.record import record
from betang.programmes.models import Cycle, Programme


class CycleFormError(FieldsError):
    """The code or the days of a cycle are not possible."""

    code = "cycle.form"
    sentence = "Kode tahap harus enam angka, misalnya 202601, dan tahap ditutup setelah dibuka."
    do = "Perbaiki kode atau tanggalnya."


class CycleExistsError(RefusedError):
    """The programme has a cycle with this code."""

    code = "cycle.exists"
    sentence = "Tahap {cycle} sudah ada pada program ini."
    do = "Pilih kode lain."


class CycleStateError(RefusedError):
    """The cycle is not in the state from which this can be done."""

    code = "cycle.state"
    sentence = "Tahap {cycle} tidak dapat dipindahkan ke keadaan ini dari keadaannya sekarang."
    do = "Muat ulang halaman tahap untuk melihat keadaannya."


def plan_cycle(
    programme: Programme,
    *,
    code: str,
    name: str,
    opens_on: date,
    closes_on: date,
    actor: Actor,
    at: datetime,
) -> Cycle:
    """Plan a round of `programme`. `code` stands in each payment reference: six digits.

    Raises `CycleFormError`, `CycleExistsError`.
    """
    if not re.fullmatch(r"[0-9]{6}", code) or closes_on < opens_on:
        raise CycleFormError(field="code")
    cycle, created = Cycle.objects.get_or_create(
        programme=programme,
        code=code,
        defaults={"name": name, "opens_on": opens_on, "closes_on": closes_on},
    )
    if not created:
        raise CycleExistsError(field="code", cycle=code)
    record(
        "cycle.planned", cycle.uuid, actor=actor, at=at, programme=programme.uuid, cycle=cycle.code
    )
    return cycle


def begin_cycle(cycle: Cycle) -> None:
    """Move a planned cycle to open, for `distribution.open_cycle`, which records the act.

    One conditional UPDATE: of two at once, one succeeds. Raises `CycleStateError`.
    """
    _move(cycle, Cycle.State.PLANNED, Cycle.State.OPEN)


def close_cycle(cycle: Cycle) -> None:
    """Move an open cycle to closed, for the act of `distribution` that records it.

    Raises `CycleStateError`.
    """
    _move(cycle, Cycle.State.OPEN, Cycle.State.CLOSED)


def _move(cycle: Cycle, before: Cycle.State, after: Cycle.State) -> None:
    if not Cycle.objects.filter(pk=cycle.pk, state=before).update(state=after):
        raise CycleStateError(cycle=cycle.code)
    cycle.state = after
