"""Accept or turn away a batch: the second person's act."""

from collections import Counter
from datetime import datetime
from typing import Any

from betang.core.actor import Actor
from betang.core.errors import RefusedError, SamePersonError
from betang.intake import exclusions, stage
from betang.intake.findings import CODES, ERRORS
from betang.intake.models import Batch, Finding
from betang.journal.record import record
from betang.keys import blobs
from betang.registry import incoming
from betang.registry.receive import Conflict, receive


class NotWaitingError(RefusedError):
    """The batch is not waiting for approval."""

    code = "batch.not_waiting"
    sentence = "Daftar ini tidak sedang menunggu persetujuan."
    do = "Buka daftarnya untuk melihat apa yang sudah diputuskan."


def accept(batch: Batch, *, actor: Actor, at: datetime, told: stage.Told | None = None) -> Batch:
    """Receive a batch into the registry, in one merge.

    Raises `SamePersonError` for who uploaded it, `NotWaitingError` if it was decided already.
    An accepted batch that is accepted again by the same approver is given back unchanged.
    """
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    _check_second_person(batch, actor)
    if batch.state == "accepted" and batch.accepted_by_person == actor.person:
        return batch
    if batch.state != "reported":
        raise NotWaitingError
    tell = told or stage.silent
    if batch.kind == "exclusion":
        tell("mengganti daftar bantuan lain")
        outcome: dict[str, Any] = exclusions.take_over(batch, at=at)
    else:
        outcome = _receive(batch, at=at, tell=tell)
    batch.state = "accepted"
    batch.accepted_by_person = actor.person
    batch.accepted_at = at
    batch.outcome = outcome
    batch.save()
    record("batch.accepted", batch.uuid, actor=actor, at=at, list_kind=batch.kind, **outcome)
    return batch


def reject(batch: Batch, *, actor: Actor, at: datetime) -> Batch:
    """Turn a batch away; anybody who may upload may do so, the uploader too."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != "reported":
        raise NotWaitingError
    batch.state = "rejected"
    batch.save(update_fields=["state"])
    incoming.drop(batch.uuid)
    record("batch.rejected", batch.uuid, actor=actor, at=at, list_kind=batch.kind, rows=batch.rows)
    return batch


def _receive(batch: Batch, *, at: datetime, tell: stage.Told) -> dict[str, Any]:
    if incoming.held(batch.uuid) != batch.households:
        # Lost in a crash, or emptied after its time: the sealed file fills it again.
        tell("membaca ulang berkas tersegel")
        assert batch.blob is not None
        stage.fill(batch, blobs.fetch(bytes(batch.blob)))
    tell("memasukkan ke daftar keluarga")
    received = receive(batch.uuid, at=at)
    incoming.drop(batch.uuid)
    _tell_late(batch, received.conflicts)
    outcome = received._asdict()
    del outcome["conflicts"]
    return outcome


def _tell_late(batch: Batch, conflicts: list[Conflict]) -> None:
    """Report rows that came into conflict after the report: another list was accepted first."""
    told = set(
        Finding.objects.filter(batch=batch, code__in={one.code for one in conflicts}).values_list(
            "row_number", "code"
        )
    )
    late = [one for one in conflicts if (one.row, one.code) not in told]
    Finding.objects.bulk_create(
        [
            Finding(
                batch=batch,
                row_number=one.row,
                column_name="nik" if one.code == "nik.elsewhere" else "no_kk",
                code=one.code,
                severity=CODES[one.code].severity,
            )
            for one in late
        ],
        batch_size=5_000,
    )
    counts = Counter(batch.problems["codes"]) + Counter(one.code for one in late)
    batch.problems["codes"] = dict(counts.most_common())
    batch.held_rows += len({one.row for one in late if one.code in ERRORS})


def _check_second_person(batch: Batch, actor: Actor) -> None:
    if actor.person is None or actor.person == batch.uploaded_by_person:
        raise SamePersonError
