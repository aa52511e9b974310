"""Plan the days of a cycle: which point, which date, which place in the queue, for every family.

One statement beside the data. Families of a village are shared between its points by neighbourhood
(RW, RT), and fill each point's days from the wave's first date on. Run again, it invites only who
has no live invitation: first into the room that planned days still have, then into new days.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple

from django.db import connection

from betang.areas.points import make_points
from betang.core.actor import Actor
from betang.core.errors import FieldsError, RefusedError
from betang.core.identifiers import new_uuid
from betang.distribution.seats import JOIN_ANY_WAY, JOIN_BY_HASH, MISSING, PLAN, PREVIEW
from betang.journal.record import record
from betang.programmes.models import Cycle

#: Families a point and day: a facilitator needs some four minutes a family.
PER_DAY = 100
PER_DAY_MAX = 1_000
SLOT_MINUTES = 30
#: A point that needs more days than this from its first date on needs a second point.
DAYS_AHEAD = 60
WAVES_MAX = 200
MINUTES_A_DAY = 1_440


class Wave(NamedTuple):
    """An area and the first date of its days; the longest code that holds a village decides."""

    area: int
    first_on: date


class Shape(NamedTuple):
    """What a day looks like: its hours (WIB), families a point, minutes a slot, Sundays or not."""

    opens: time = time(8)
    closes: time = time(15)
    per_day: int = PER_DAY
    slot_minutes: int = SLOT_MINUTES
    sundays: bool = False

    @property
    def slots(self) -> int:
        """Give how many slots the day has."""
        length = (self.closes.hour - self.opens.hour) * 60 + self.closes.minute - self.opens.minute
        return length // self.slot_minutes if self.slot_minutes else 0


class District(NamedTuple):
    """What a plan would make in one district."""

    code: int
    name: str
    villages: int
    points: int
    days: int
    families: int
    at_home: int
    first_on: date
    last_on: date


class Preview(NamedTuple):
    """A plan before it is made; `without_point` are villages that would get their office as point.

    The families of those villages are counted in `waiting_for_point`, and in no district.
    """

    districts: list[District]
    days: int
    families: int
    without_point: int
    waiting_for_point: int


class Planned(NamedTuple):
    """What a plan made: new days, invitations, points served, and the digest of its rows."""

    days: int
    invitations: int
    points: int
    digest: str


class CycleNotOpenError(RefusedError):
    """Days are planned for a cycle that runs."""

    code = "plan.cycle_not_open"
    sentence = "Tahap ini tidak sedang berjalan, jadi harinya belum dapat direncanakan."
    do = "Buka tahapnya lebih dahulu: rencana dibuat untuk keluarga yang sudah mendapat alokasi."


class ShapeError(FieldsError):
    """The hours, the families a day or the minutes a slot make no day."""

    code = "plan.shape"
    sentence = "Jam atau jumlah ini tidak membentuk satu hari penyaluran."
    do = "Jam tutup setelah jam buka, 1 sampai 1.000 keluarga, dan giliran 5 menit atau lebih."


class WavesError(FieldsError):
    """No wave, too many, or one in the past."""

    code = "plan.waves"
    sentence = "Wilayah dan tanggal pertama tidak dapat dipakai."
    do = "Isi wilayah yang ada dan tanggal mulai hari ini; paling banyak 200 gelombang."


class NobodyToInviteError(RefusedError):
    """Every family with a right by hand there has an invitation."""

    code = "plan.nobody"
    sentence = "Tidak ada keluarga di wilayah itu yang masih perlu diundang."
    do = "Semua sudah mempunyai undangan, atau alokasinya belum dibuka atau sudah diterima."


class TooManyForPointError(RefusedError):
    """The days of a point would take longer than `DAYS_AHEAD`."""

    code = "plan.point_too_small"
    sentence = "Ada titik yang memerlukan lebih dari 60 hari: {left} keluarga tidak kebagian hari."
    do = "Tambah jumlah keluarga sehari, atau tambah titik di desanya."


def preview(cycle: Cycle, waves: Sequence[Wave], shape: Shape, *, today: date) -> Preview:
    """Say what `plan_days` would make, and change nothing; inside a transaction, as it is.

    Raises what `plan_days` raises.
    """
    given = _given(cycle, waves, shape, today)
    missing, families = _missing(given)
    districts = [District._make(row) for row in _read(PREVIEW, given)]
    if not districts and not missing:
        raise NobodyToInviteError
    return Preview(
        districts,
        sum(one.days for one in districts),
        sum(one.families for one in districts),
        len(missing),
        families,
    )


def plan_days(
    cycle: Cycle,
    waves: Sequence[Wave],
    shape: Shape,
    *,
    today: date,
    actor: Actor,
    at: datetime,
) -> Planned:
    """Make the days and invite every family with a right by hand, in one act with one entry.

    A village without a point gets its office as one. Raises `CycleNotOpenError`, `ShapeError`,
    `WavesError`, `NobodyToInviteError` or `TooManyForPointError`.
    """
    given = _given(cycle, waves, shape, today)
    # Two planners of one cycle follow each other; deliveries and leases do not wait for them.
    Cycle.objects.select_for_update(no_key=True).get(pk=cycle.pk)
    make_points(_missing(given)[0], actor=actor, at=at)
    ((due, days, invitations, points, digest),) = _read(PLAN, given)
    if not due:
        raise NobodyToInviteError
    if invitations != due:
        raise TooManyForPointError(left=due - invitations)
    planned = Planned(days, invitations, points, digest)
    record(
        "days.planned",
        cycle.uuid,
        actor=actor,
        at=at,
        area=waves[0].area if len(waves) == 1 else None,
        cycle=cycle.code,
        count=invitations,
        **planned._asdict(),
    )
    return planned


def _given(cycle: Cycle, waves: Sequence[Wave], shape: Shape, today: date) -> dict[str, Any]:
    """Check what was asked for and write it as the statements want it."""
    if not Cycle.objects.filter(pk=cycle.pk, state=Cycle.State.OPEN).exists():
        raise CycleNotOpenError
    if not 1 <= shape.per_day <= PER_DAY_MAX:
        raise ShapeError(field="per_day")
    if not 5 <= shape.slot_minutes <= MINUTES_A_DAY or shape.slots < 1:
        raise ShapeError(field="slot_minutes" if shape.opens < shape.closes else "closes")
    if not 1 <= len(waves) <= WAVES_MAX or len({wave.area for wave in waves}) < len(waves):
        raise WavesError(field="waves")
    if any(wave.first_on < today for wave in waves):
        raise WavesError(field="first_on")
    spread = [10 ** (10 - len(str(wave.area))) for wave in waves]
    low = [wave.area * width for wave, width in zip(waves, spread, strict=True)]
    high = [(wave.area + 1) * width - 1 for wave, width in zip(waves, spread, strict=True)]
    return {
        "cycle": cycle.pk,
        "areas": [wave.area for wave in waves],
        "firsts": [wave.first_on for wave in waves],
        "low": low,
        "high": high,
        "least": min(low),
        "most": max(high),
        "opens": shape.opens,
        "closes": shape.closes,
        "per_day": shape.per_day,
        "minutes": shape.slot_minutes,
        "slots": shape.slots,
        "per_slot": -(-shape.per_day // shape.slots),
        "sundays": shape.sundays,
        "ahead": DAYS_AHEAD,
        "prefix": str(new_uuid())[:15],
    }


def _missing(given: dict[str, Any]) -> tuple[list[int], int]:
    """Give the villages with families to invite and no active point, and how many families."""
    rows = _read(MISSING, given)
    return [row[0] for row in rows], sum(row[1] for row in rows)


def _read(statement: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(JOIN_BY_HASH)
        cursor.execute(statement, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        cursor.execute(JOIN_ANY_WAY)
        return rows
