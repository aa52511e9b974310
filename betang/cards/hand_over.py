"""Handing a card to its household: the card becomes active.

The office hands over one card and is refused by an exception; the field's hand-overs come set-based
through `sync`, and each gets a verdict row.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from betang.cards.block import NoSuchCardError
from betang.cards.models import Card
from betang.core.actor import Actor
from betang.core.errors import RefusedError
from betang.journal.record import Happening, record_many

# First the conditional UPDATE, then everything else from what it returned.
HAND_OVER = """
WITH given AS (
    SELECT DISTINCT ON (number) *
    FROM unnest(%s::text[], %s::uuid[], %s::uuid[], %s::timestamptz[], %s::int[])
        AS g(number, device, hand, at, n)
    ORDER BY number, n
), locked AS (
    SELECT c.id FROM cards_card c JOIN given g ON g.number = c.number
    ORDER BY c.id FOR NO KEY UPDATE OF c
), handed AS (
    UPDATE cards_card c
    SET state = 'active', handed_over_at = g.at, handed_over_by = g.hand, custodian_device = NULL
    FROM given g, locked l
    WHERE l.id = c.id AND g.number = c.number AND c.state = 'in_custody'
      AND c.custodian_device IS NOT DISTINCT FROM g.device
    RETURNING c.uuid, c.number, c.village_id, g.n
), tallied AS (
    INSERT INTO cards_tally AS t (village_id, issued, handed_over, blocked)
    SELECT village_id, 0, count(*), 0 FROM handed GROUP BY village_id ORDER BY village_id
    ON CONFLICT (village_id) DO UPDATE SET handed_over = t.handed_over + excluded.handed_over
)
SELECT n, uuid, village_id FROM handed
"""
STANDS = "SELECT number, state FROM cards_card WHERE number = ANY(%s)"

#: Why a card in another state cannot be handed over.
REASONS = {
    "ordered": "card.not_printed",
    "printed": "card.not_in_custody",
    "in_custody": "card.not_in_custody",
    "active": "card.already_handed_over",
    "blocked": "card.revoked",
    "replaced": "card.superseded",
    "returned": "card.not_active",
    "spoilt": "card.not_active",
}


class AlreadyHandedOverError(RefusedError):
    """The card was handed over before."""

    code = "card.already_handed_over"
    sentence = "Kartu ini sudah diserahkan."
    do = "Periksa riwayat kartu; bila keluarga belum menerima, blokir dan ganti."


class NotWaitingError(RefusedError):
    """The card is not in custody, or is with a device."""

    code = "card.not_waiting"
    sentence = "Kartu ini tidak sedang menunggu diserahkan di kantor."
    do = "Periksa di mana kartu itu sekarang; yang dibawa petugas diserahkan lewat HP petugas."


class HandOverRow(NamedTuple):
    """One hand-over from the field: `at` is when it happened in the village (UTC)."""

    number: str
    device: UUID | None
    actor: Actor
    at: datetime


class HandOverVerdict(NamedTuple):
    """The answer to one row: `ok`, or why the card was not handed over."""

    number: str
    code: str


def hand_over(number: str, *, actor: Actor, at: datetime) -> Card:
    """Hand over one card from the office's stock.

    Raises `NoSuchCardError`, `AlreadyHandedOverError` or `NotWaitingError`.
    """
    (verdict,) = hand_over_many([HandOverRow(number, None, actor, at)])
    if verdict.code == "card.unknown":
        raise NoSuchCardError
    if verdict.code == "card.already_handed_over":
        raise AlreadyHandedOverError
    if verdict.code != "ok":
        raise NotWaitingError
    return Card.objects.get(number=number)


def hand_over_many(rows: Sequence[HandOverRow]) -> list[HandOverVerdict]:
    """Hand over the cards of field events, set-based; one verdict a row, in order.

    Only a card in the custody of the row's device is handed over. Of two rows with one card, the
    first counts. Nothing is raised: a wrong row is told by its code.
    """
    if not rows:
        return []
    numbers = [row.number for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            HAND_OVER,
            [
                numbers,
                [row.device for row in rows],
                [row.actor.uuid for row in rows],
                [row.at for row in rows],
                list(range(len(rows))),
            ],
        )
        handed = {n: (uuid, village) for n, uuid, village in cursor.fetchall()}
        cursor.execute(STANDS, [numbers])
        stands = dict(cursor.fetchall())
    record_many(
        "card.handed_over",
        [
            Happening(
                handed[n][0],
                row.actor,
                row.at,
                handed[n][1],
                {"number": row.number, "device": str(row.device) if row.device else None},
            )
            for n, row in enumerate(rows)
            if n in handed
        ],
    )
    return [
        HandOverVerdict(row.number, "ok" if n in handed else _reason(stands.get(row.number)))
        for n, row in enumerate(rows)
    ]


def _reason(state: str | None) -> str:
    return "card.unknown" if state is None else REASONS[state]
