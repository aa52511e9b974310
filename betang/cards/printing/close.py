"""Close a run though the bureau owes cards: they are trusted no more, wherever they are."""

from datetime import datetime

from django.db import connection, transaction

from betang.cards.models import PrintRow, PrintRun
from betang.cards.printing.cancel import REASON_LENGTH_MAX, ReasonMissingError
from betang.cards.printing.runs import alone
from betang.core.actor import Actor
from betang.core.errors import NotAllowedError, SamePersonError
from betang.journal.record import record

State = PrintRun.State
#: Nobody of ours ever saw these cards, so the ledger of custody never counts them as printed.
END = """
WITH owed AS (
    SELECT c.id FROM cards_card c JOIN cards_printrow p ON p.card_id = c.id
    WHERE p.run_id = %(run)s AND p.left_out = '' AND p.result = '' AND c.state = 'ordered'
    ORDER BY c.id FOR NO KEY UPDATE OF c
), ended AS (
    UPDATE cards_card c SET state = 'spoilt', ended_at = %(at)s, blocked_reason = 'missing'
    FROM owed WHERE owed.id = c.id RETURNING c.number
)
INSERT INTO cards_revocation (card_number, reason, at)
SELECT number, 'missing', %(at)s FROM ended ORDER BY number
ON CONFLICT (card_number) DO NOTHING
"""


def close(run: PrintRun, *, reason: str, actor: Actor, at: datetime) -> int:
    """Close `run`: what the bureau owes is revoked, and its families wait for a next card.

    By another person than who released it. Gives how many were missing. Raises
    `ReasonMissingError`, `SamePersonError`, `NotNowError`.
    """
    if not 0 < len(reason.strip()) <= REASON_LENGTH_MAX:
        raise ReasonMissingError(field="reason")
    if actor.person is None:
        raise NotAllowedError
    with alone(run, State.RELEASED), transaction.atomic():
        if actor.person == run.released_by_person:
            raise SamePersonError
        with connection.cursor() as cursor:
            cursor.execute(END, {"run": run.pk, "at": at})
        owed = PrintRow.objects.filter(run=run, left_out="", result="")
        count = owed.update(result="missing")
        run.state, run.returned_at = State.RETURNED, at
        run.save(update_fields=["state", "returned_at"])
        record(
            "print.closed", run.uuid, actor=actor, at=at, area=run.area, missing=count,
            reason_length=len(reason.strip()),
        )  # fmt: skip
    return count
