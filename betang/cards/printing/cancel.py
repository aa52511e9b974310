"""Cancel a run before it leaves the house: its cards wait again, its files are gone."""

from datetime import datetime

from django.db import transaction

from betang.cards.models import PrintChip, PrintRow, PrintRun
from betang.cards.printing.folder import discard
from betang.cards.printing.runs import alone
from betang.core.actor import Actor
from betang.core.errors import FieldsError
from betang.journal.record import record

State = PrintRun.State
REASON_LENGTH_MAX = 300


class ReasonMissingError(FieldsError):
    """Nobody said why."""

    code = "print.reason"
    sentence = "Alasannya belum diisi, atau lebih dari 300 huruf."
    do = "Tulis alasannya dalam satu kalimat, tanpa nama orang."


def cancel(run: PrintRun, *, reason: str, actor: Actor, at: datetime) -> PrintRun:
    """Cancel `run`, whose cards have not left the house; its cards may be frozen again.

    Raises `ReasonMissingError`, `NotNowError` after the release (cards may exist by then),
    `HeldElsewhereError` while it is drawn.
    """
    if not 0 < len(reason.strip()) <= REASON_LENGTH_MAX:
        raise ReasonMissingError(field="reason")
    with alone(run, State.FROZEN, State.DRAWING, State.CHECKED), transaction.atomic():
        PrintRow.objects.filter(run=run, left_out="").update(left_out="cancelled", name="")
        PrintChip.objects.filter(run=run).delete()
        run.state, run.cancelled_reason = State.CANCELLED, reason.strip()
        run.cancelled_at, run.cancelled_by_person = at, actor.person
        run.save(update_fields=["state", "cancelled_reason", "cancelled_at", "cancelled_by_person"])
        record("print.cancelled", run.uuid, actor=actor, at=at, area=run.area, count=run.count)
        transaction.on_commit(lambda: discard(run))
    return run
