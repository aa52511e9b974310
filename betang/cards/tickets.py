"""Ticket rosters: made by the worker for the cards that a device may meet, read by the device.

Normative: `docs/protocols/tickets.md`. `cards` knows nothing of leases: which cards a device gets,
the caller says (`betang.sync.tickets`).
"""

import os
import secrets
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from betang.cards.models import TicketRoster
from betang.core.card.chip import COUNTER_MAX
from betang.core.card.ticket import SALT_BYTES, Segment, segment
from betang.core.card.ticket_page import COUNT_MAX, Page, write_page
from betang.keys import chip_master

#: Cards of which the tickets are computed and committed at once: a second of work, and a page.
CHUNK = 32
#: What a device is given at once (docs/protocols/tickets.md, section 4); one revision at least.
PAGE_BYTES = 34_000
#: Threads that hash: OpenSSL's PBKDF2 lets go of the interpreter's lock.
THREADS = 2
#: How far these threads stand behind the site and the database for a core.
NICE = 10

#: A part is made when an eighth of the window was consumed, so that nothing is made for one tap.
MISSING = f"""
WITH held AS (
    SELECT card_id, max(first + count - 1) AS last FROM cards_ticketsegment
    WHERE roster_id = %(roster)s AND count > 0 GROUP BY card_id
), wanted AS (
    SELECT c.id, c.chip_uid, c.key_version, greatest(coalesce(h.last, 0), c.counter) + 1 AS first,
           least(c.counter + %(window)s, {COUNTER_MAX}) AS last
    FROM cards_card c LEFT JOIN held h ON h.card_id = c.id
    WHERE c.id = ANY(%(cards)s::bigint[]) AND c.chip_uid IS NOT NULL
)
SELECT id, chip_uid, key_version, first, last - first + 1 FROM wanted
WHERE last - first + 1 >= %(step)s ORDER BY id LIMIT %(limit)s
"""
#: Of cards that are no longer this device's, and of chips that changed or were written anew.
STRAY = """
t.roster_id = %(roster)s AND t.count > 0 AND c.id = t.card_id
AND (t.card_id <> ALL(%(cards)s::bigint[]) OR c.chip_uid IS DISTINCT FROM t.uid
     OR c.key_version <> t.key_version)
"""
HAS_STRAY = f"SELECT EXISTS (SELECT FROM cards_ticketsegment t, cards_card c WHERE {STRAY})"
WITHDRAW = f"""
WITH gone AS (
    DELETE FROM cards_ticketsegment t USING cards_card c WHERE {STRAY}
    RETURNING t.card_id, t.uid, t.key_version
)
INSERT INTO cards_ticketsegment
    (roster_id, card_id, uid, key_version, first, count, tickets, revision)
SELECT DISTINCT ON (uid) %(roster)s, card_id, uid, key_version, 0, 0, ''::bytea, %(revision)s
FROM gone ORDER BY uid, card_id
ON CONFLICT (roster_id, uid, first) DO UPDATE SET revision = excluded.revision
"""
CONSUMED = """
DELETE FROM cards_ticketsegment t USING cards_card c
WHERE t.roster_id = %s AND c.id = t.card_id AND t.count > 0 AND t.first + t.count - 1 <= c.counter
"""
NEXT_REVISION = """
UPDATE cards_ticketroster SET revision = revision + 1 WHERE id = %s RETURNING revision
"""
#: Not for a chip that changed while we computed.
KEEP = """
INSERT INTO cards_ticketsegment
    (roster_id, card_id, uid, key_version, first, count, tickets, revision)
SELECT %s, g.card, g.uid, g.version, g.first, octet_length(g.tickets) / 8, g.tickets, %s
FROM unnest(%s::bigint[], %s::bytea[], %s::int[], %s::int[], %s::bytea[])
    AS g(card, uid, version, first, tickets)
JOIN cards_card c ON c.id = g.card AND c.chip_uid = g.uid AND c.key_version = g.version
"""
ROSTER = "SELECT id, salt, revision FROM cards_ticketroster WHERE device = %s"
#: Whole revisions, the oldest first, as many as fit.
UP_TO = """
WITH sized AS (
    SELECT revision, sum(octet_length(tickets) + 12) AS bytes FROM cards_ticketsegment
    WHERE roster_id = %(roster)s AND revision > %(since)s AND revision <= %(newest)s
    GROUP BY revision
), paged AS (SELECT revision, sum(bytes) OVER (ORDER BY revision) AS upto FROM sized)
SELECT coalesce(max(revision) FILTER (WHERE upto <= %(limit)s), min(revision)), max(revision)
FROM paged
"""
PART = """
SELECT uid, first, tickets FROM cards_ticketsegment
WHERE roster_id = %s AND revision > %s AND revision <= %s AND (count > 0 OR %s > 0)
ORDER BY uid, first
"""


class Built(NamedTuple):
    """What one visit made: tickets, cards that they are of, and whether nothing is left to make."""

    tickets: int
    cards: int
    whole: bool


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Tickets that are missing. The key is held in memory only."""

    card: int
    uid: bytes
    version: int
    first: int
    count: int
    key: bytes = field(repr=False)


def roster_of(device: UUID) -> TicketRoster:
    """Give the device's roster; a new one gets its salt."""
    salt = secrets.token_bytes(SALT_BYTES)
    return TicketRoster.objects.get_or_create(device=device, defaults={"salt": salt})[0]


def build(
    roster: TicketRoster,
    cards: Sequence[int],
    *,
    window: int,
    transaction: Callable[[], AbstractContextManager[None]],
    halted: Callable[[], bool] = lambda: False,
) -> Built:
    """Bring a roster to hold the next `window` readings of each of `cards`, and of no other card.

    Each part is a `transaction` of its own; after a halt or a kill the next call makes what is
    missing then. Not two of them for one roster at once: the caller sees to that. Raises
    `NoChipMasterError` where the chips' keys are not here; what is no longer the device's is
    withdrawn before.
    """
    facts: dict[str, Any] = {"roster": roster.pk, "cards": list(cards)}
    with transaction():
        _withdraw(facts)
    window = min(window, COUNT_MAX)
    facts |= {"window": window, "step": max(1, window // 8), "limit": CHUNK}
    made_of = partial(_made, salt=bytes(roster.salt))
    made_tickets, made_cards = 0, set[int]()
    with ThreadPoolExecutor(THREADS, "tickets", initializer=_stand_back) as hashers:
        while window and not halted():
            wanted = _missing(facts)
            if not wanted:
                return Built(made_tickets, len(made_cards), whole=True)
            made = list(hashers.map(made_of, wanted))
            with transaction():
                _keep(roster, wanted, made)
            made_tickets += sum(one.count for one in made)
            made_cards.update(one.card for one in wanted)
    return Built(made_tickets, len(made_cards), whole=not window)


def forget(device: UUID) -> None:
    """End the roster of a device that will never ask again."""
    TicketRoster.objects.filter(device=device).delete()


def newest(device: UUID) -> int:
    """Give the newest revision of the device's roster; 0 where it has none."""
    found = TicketRoster.objects.filter(device=device).values_list("revision", flat=True)
    return next(iter(found), 0)


def page_for(device: UUID, since: int) -> bytes:
    """Write what changed for the device since its revision `since`, as much as one page holds.

    A revision that was never given (of another roster, or before a restored backup) is answered
    from the beginning.
    """
    with connection.cursor() as cursor:
        cursor.execute(ROSTER, [device])
        roster, salt, last = cursor.fetchone() or (None, bytes(SALT_BYTES), 0)
        since = since if since <= last else 0
        facts = {"roster": roster, "since": since, "newest": last, "limit": PAGE_BYTES}
        cursor.execute(UP_TO, facts)
        fits, there = cursor.fetchone()
        revision = last if fits == there else fits
        cursor.execute(PART, [roster, since, revision, since])
        parts = tuple(Segment(bytes(uid), first, bytes(had)) for uid, first, had in cursor)
    return write_page(Page(bytes(salt), since, revision, last, parts))


def _withdraw(facts: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(CONSUMED, [facts["roster"]])
        cursor.execute(HAS_STRAY, facts)
        if cursor.fetchone()[0]:
            cursor.execute(WITHDRAW, facts | {"revision": _next_revision(facts["roster"])})


def _missing(facts: dict[str, Any]) -> list[_Wanted]:
    with connection.cursor() as cursor:
        cursor.execute(MISSING, facts)
        rows = cursor.fetchall()
    keys: dict[tuple[int, bytes], bytes] = {}
    for version in {row[2] for row in rows}:
        uids = [bytes(row[1]) for row in rows if row[2] == version]
        derived = chip_master.file_read_keys(uids, version=version)
        keys |= {(version, uid): key for uid, key in zip(uids, derived, strict=True)}
    return [
        _Wanted(card, bytes(uid), version, first, count, keys[version, bytes(uid)])
        for card, uid, version, first, count in rows
    ]


def _made(one: _Wanted, *, salt: bytes) -> Segment:
    return segment(one.key, one.uid, one.first, one.count, salt=salt)


def _keep(roster: TicketRoster, wanted: Sequence[_Wanted], made: Sequence[Segment]) -> None:
    revision = _next_revision(roster.pk)
    columns: list[Any] = [
        [one.card for one in wanted],
        [one.uid for one in wanted],
        [one.version for one in wanted],
        [one.first for one in wanted],
        [one.tickets for one in made],
    ]
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [roster.pk, revision, *columns])


def _next_revision(roster: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(NEXT_REVISION, [roster])
        return int(cursor.fetchone()[0])


def _stand_back() -> None:
    """Let whoever else waits for a core go first: in Linux a thread has a niceness of its own."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
