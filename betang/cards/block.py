"""Blocking a card: it is trusted no more, online at once, offline with the next signed list."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from betang.cards.models import Card
from betang.core.actor import Actor
from betang.core.errors import NotFoundError, RefusedError
from betang.journal.record import Happening, record, record_many

#: Why a card is blocked; the field app offers the same (docs/protocols/event.md).
REASONS = ("lost", "stolen", "damaged", "deceased", "moved", "misused", "copied")

REVOKE = """
INSERT INTO cards_revocation (card_number, reason, at) VALUES (%s, %s, %s)
ON CONFLICT (card_number) DO UPDATE SET reason = excluded.reason, at = excluded.at
"""
TALLY_BLOCKED = """
INSERT INTO cards_tally AS t (village_id, issued, handed_over, blocked) VALUES (%s, 0, 0, 1)
ON CONFLICT (village_id) DO UPDATE SET blocked = t.blocked + 1
"""
# The conditional UPDATE decides; the rest follows from what it returned.
BLOCK_MANY = """
WITH given AS (
    SELECT DISTINCT ON (number) * FROM unnest(%s::text[], %s::text[], %s::timestamptz[], %s::int[])
        AS g(number, reason, at, n) ORDER BY number, n
), locked AS (
    SELECT c.id FROM cards_card c JOIN given g ON g.number = c.number
    ORDER BY c.id FOR NO KEY UPDATE OF c
), blocked AS (
    UPDATE cards_card c SET state = 'blocked', blocked_reason = g.reason, ended_at = g.at
    FROM given g, locked l
    WHERE l.id = c.id AND g.number = c.number
      AND c.state IN ('ordered', 'printed', 'in_custody', 'active')
    RETURNING c.id, c.uuid, c.number, c.village_id, g.reason, g.at, g.n
), revoked AS (
    INSERT INTO cards_revocation (card_number, reason, at)
    SELECT number, reason, at FROM blocked ORDER BY number
), tallied AS (
    INSERT INTO cards_tally AS t (village_id, issued, handed_over, blocked)
    SELECT village_id, 0, 0, count(*) FROM blocked GROUP BY village_id ORDER BY village_id
    ON CONFLICT (village_id) DO UPDATE SET blocked = t.blocked + excluded.blocked
)
SELECT n, uuid, village_id FROM blocked
"""


class NoSuchCardError(NotFoundError):
    """No card has this number."""

    code = "card.unknown"
    sentence = "Tidak ada kartu dengan nomor itu."
    do = "Periksa 14 angka pada kartu."


class BlockReasonError(RefusedError):
    """The reason is not one of the list."""

    code = "card.block_reason"
    sentence = "Alasan pemblokiran tidak dikenal."
    do = "Pilih salah satu alasan pada daftar."
    status = 422


class NotBlockableError(RefusedError):
    """The card is not in use any more."""

    code = "card.not_blockable"
    sentence = "Kartu ini sudah tidak berlaku (diblokir, diganti, dikembalikan atau rusak)."
    do = "Tidak ada yang perlu dilakukan."


class BlockRow(NamedTuple):
    """One blocking from the field: `at` is when it happened there."""

    number: str
    reason: str
    actor: Actor
    at: datetime


class BlockedRow(NamedTuple):
    """The answer to one row: `ok`, or why the card was not blocked."""

    number: str
    code: str


def block(number: str, *, reason: str, actor: Actor, at: datetime) -> Card:
    """Block a card; raises a refusal for an unknown one, a wrong reason, or one out of use."""
    if reason not in REASONS:
        raise BlockReasonError(field="reason")
    card = Card.objects.select_for_update().filter(number=number).first()
    if card is None:
        raise NoSuchCardError
    if card.state not in {"ordered", "printed", "in_custody", "active"}:
        raise NotBlockableError
    end_card(card, state="blocked", reason=reason, at=at)
    with connection.cursor() as cursor:
        cursor.execute(TALLY_BLOCKED, [card.village_id])
    facts = {"number": number, "reason": reason}
    record("card.blocked", card.uuid, actor=actor, at=at, area=card.village_id, **facts)
    return card


def block_many(rows: Sequence[BlockRow]) -> list[BlockedRow]:
    """Block the cards of field events, set-based; one answer a row, in order.

    A card that is out of use already is `card.blocked_before`: it changes nothing and harms nobody.
    """
    numbers, reasons = [r.number for r in rows], [r.reason for r in rows]
    with connection.cursor() as cursor:
        cursor.execute(BLOCK_MANY, [numbers, reasons, [r.at for r in rows], list(range(len(rows)))])
        blocked = {n: (uuid, village) for n, uuid, village in cursor.fetchall()}
        cursor.execute("SELECT number FROM cards_card WHERE number = ANY(%s)", [numbers])
        known = {number for (number,) in cursor.fetchall()}
    record_many(
        "card.blocked",
        [
            Happening(
                blocked[n][0],
                row.actor,
                row.at,
                blocked[n][1],
                {"number": row.number, "reason": row.reason},
            )
            for n, row in enumerate(rows)
            if n in blocked
        ],
    )
    return [BlockedRow(row.number, _answer(n, row, blocked, known)) for n, row in enumerate(rows)]


def end_card(card: Card, *, state: str, reason: str, at: datetime) -> None:
    """Take a locked card out of use and put it on the revocation list."""
    card.state, card.blocked_reason, card.ended_at = state, reason, at
    card.save(update_fields=["state", "blocked_reason", "ended_at"])
    with connection.cursor() as cursor:
        cursor.execute(REVOKE, [card.number, reason, at])


def _answer(n: int, row: BlockRow, blocked: dict[int, tuple[object, int]], known: set[str]) -> str:
    if n in blocked:
        return "ok"
    return "card.blocked_before" if row.number in known else "card.unknown"
