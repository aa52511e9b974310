"""Ordering cards: a number and a signed QR for every enrolled household that never had a card.

A household whose card was blocked, replaced or lost gets its next one by `cards.replace`, where
somebody decides; the bulk run gives first cards only (and those after a spoilt or returned one).
"""

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from django.db import connection

from betang.cards import token
from betang.cards.within import WITHIN
from betang.core.actor import Actor
from betang.core.identifiers import new_uuid
from betang.core.identity.card_number import card_number
from betang.journal.record import record

PROVINCE = 62
#: Rows a COPY: large enough to cost nothing, small enough for a smooth progress bar.
CHUNK = 2_000
#: NXP's manufacturer byte (ISO/IEC 7816-6), as the chips that will follow have.
UID_FIRST_BYTE = b"\x04"

# One issuing run at a time; the second waits and then finds nothing left to do.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('betang.cards.issue'))"
WAITING = f"""
SELECT h.id, h.number, h.head_name, h.village_id,
       1 + coalesce((SELECT max(c.issue) FROM cards_card c WHERE c.household_id = h.id), 0)
FROM registry_household h
WHERE h.state = 'active'
  AND {WITHIN.format("h.village_id")}
  AND EXISTS (SELECT FROM eligibility_enrolment e
              WHERE e.household_id = h.id AND e.until_on IS NULL)
  AND NOT EXISTS (SELECT FROM cards_card c
                  WHERE c.household_id = h.id AND c.state NOT IN ('spoilt', 'returned')
                  AND NOT (c.grade <> 'ours' AND c.state = 'replaced'))
ORDER BY h.village_id, h.number
"""
COPY = """
COPY cards_card (uuid, number, household_id, issue, village_id, state, chip_uid, counter,
    public_counter, key_version, qr, issued_at, expires_on, blocked_reason) FROM STDIN
"""
TALLY = """
INSERT INTO cards_tally AS t (village_id, issued, handed_over, blocked)
SELECT g.village, g.n, 0, 0 FROM unnest(%s::bigint[], %s::int[]) AS g(village, n)
ORDER BY g.village
ON CONFLICT (village_id) DO UPDATE SET issued = t.issued + excluded.issued
"""

Waiting = tuple[int, str, str, int, int]


@dataclass(frozen=True, slots=True)
class IssuedRun:
    """What one run issued; `rows_sha256` is over number and QR of each card, in order."""

    uuid: UUID
    count: int
    rows_sha256: bytes


def issue_cards(
    *,
    actor: Actor,
    at: datetime,
    area: int | None = None,
    virtual_chips: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> IssuedRun:
    """Order a first card for every enrolled household of `area` that waits for one.

    `virtual_chips` binds a random UID at once, for demonstrations: a real chip's UID is bound when
    it is personalised. `progress` is told (done, all).
    """
    run, digest = new_uuid(), sha256()
    tally: Counter[int] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
        cursor.execute(WAITING, {"area": area})
        waiting: list[Waiting] = cursor.fetchall()
        for start in range(0, len(waiting), CHUNK):
            chunk = waiting[start : start + CHUNK]
            rows = list(signed_rows(chunk, at=at, chips=_random_uids() if virtual_chips else None))
            with cursor.copy(COPY) as copy:
                for row in rows:
                    copy.write_row(row)
            for row in rows:
                digest.update(f"{row[1]}|{row[10]}\n".encode())
                tally[row[4]] += 1
            if progress is not None:
                progress(start + len(chunk), len(waiting))
        cursor.execute(TALLY, [list(tally), list(tally.values())])
    issued = IssuedRun(run, len(waiting), digest.digest())
    if issued.count:
        facts = {"count": issued.count, "rows_sha256": issued.rows_sha256.hex()}
        record("cards.issued", run, actor=actor, at=at, area=area or PROVINCE, **facts)
    return issued


def signed_rows(
    waiting: Iterable[Waiting], *, at: datetime, chips: Iterator[bytes] | None
) -> Iterator[
    tuple[UUID, str, int, int, int, str, bytes | None, int, int, int, str, datetime, date, str]
]:
    """Give the rows of new cards, each with its signed QR."""
    write, last_day = token.writer(), token.expires_on(at)
    for household, household_number, name, village, issue in waiting:
        number = card_number(household_number, issue)
        claims = token.claims(
            number=number, name=name, village=village, issued_at=at, last_day=last_day
        )
        qr, uid = write.token(claims), next(chips) if chips else None
        yield (
            *(new_uuid(), number, household, issue, village, "ordered", uid),
            *(0, 0, 1, qr, at, last_day, ""),
        )


def _random_uids() -> Iterator[bytes]:
    """Give UIDs of chips that do not exist; 48 random bits do not meet in a province."""
    while True:
        yield UID_FIRST_BYTE + secrets.token_bytes(6)
