"""Presentations that a device made itself, offline, told at sync: verified again from the raw tap.

Set-based, for `sync`. The counter of each card rises to the highest genuine tap (high water). A
lower counter is no replay by itself: the days arrive in any order. The same tap from another hand
is one.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from betang.cards.borne_out import CardFacts, Taken, genuine, red, weighed
from betang.cards.models.card import NO_KEY
from betang.cards.tap import COPIED, NOWHERE, Where
from betang.core.actor import Actor
from betang.core.card.chip import Tap
from betang.core.identifiers import new_uuid
from betang.journal.prepared import array_text, fetch
from betang.journal.record import Happening, record_many

CARDS = """
SELECT number, id, uuid, state, chip_uid, key_version, village_id, ended_at, expires_on,
       household_id
FROM cards_card WHERE number = ANY(%s::text[])
"""
# Taps that somebody presented before and that were not refused then.
TAKEN = """
SELECT p.uid, p.counter, p.device, p.at, p.reason FROM cards_presentation p
JOIN unnest(%s::bytea[], %s::int[]) AS g(uid, counter) ON g.uid = p.uid AND g.counter = p.counter
WHERE p.colour <> 'red'
"""
KEEP = """
INSERT INTO cards_presentation (uuid, card_id, card_number, act, online, device, actor, at,
    heard_at, uid, counter, mac, colour, reason, village_id, lat, lng, clock_ahead_s)
SELECT uuid, card, number, act, false, device, actor, at, %s, decode(uid, 'hex'), counter,
       decode(mac, 'hex'), colour, reason, village, lat, lng, clock_ahead_s
FROM json_to_recordset(%s::json) AS t(uuid uuid, card bigint, number text, act text, device uuid,
    actor uuid, at timestamptz, uid text, counter int, mac text, colour text, reason text,
    village bigint, lat float8, lng float8, clock_ahead_s int)
"""
HIGH_WATER = """
WITH given AS (
    SELECT id, max(counter) AS counter FROM unnest(%s::bigint[], %s::int[]) AS g(id, counter)
    GROUP BY id
), locked AS (
    SELECT c.id FROM cards_card c JOIN given g ON g.id = c.id
    ORDER BY c.id FOR NO KEY UPDATE OF c
)
UPDATE cards_card c SET counter = g.counter FROM given g, locked l
WHERE l.id = c.id AND g.id = c.id AND c.counter < g.counter
"""


class PresentedRow(NamedTuple):
    """What a device says it saw: the verdict that it gave, and the raw taps, oldest first.

    `clock_ahead_s`: how far its clock was ahead of ours when it told us, None if nobody measured.
    """

    card_number: str
    act: str
    colour: str
    reason: str
    taps: Sequence[Tap]
    device: UUID
    actor: Actor
    at: datetime
    where: Where = NOWHERE
    clock_ahead_s: int | None = None


class PresentedVerdict(NamedTuple):
    """What the server makes of it: the device's verdict, or a red one with its reason.

    `household` is whose card it is; None where there is no such card.
    """

    card_number: str
    colour: str
    reason: str
    household: int | None


def record_presentations(
    rows: Sequence[PresentedRow], *, heard_at: datetime
) -> list[PresentedVerdict]:
    """Keep what devices saw, each with the server's own verdict; one answer a row, in order.

    Red for: an unknown card (`card.unknown`), one that was out of use before the moment of the row
    (`card.revoked`, `card.superseded`, `card.not_active`), a wrong MAC (`tap.forged`), a tap of
    another card (`tap.other_card`), one that another device presented, or this one long before
    (`tap.replayed`), a card past its last day (`card.expired`). A device that says more than its
    taps bear out is amber; so is one whose taps nobody here can verify. Only verified taps raise
    the counter.
    """
    numbers = array_text(row.card_number for row in rows)
    cards = {made.number: made for made in map(CardFacts._make, fetch(CARDS, numbers))}
    taken = _taken([tap for row in rows for tap in row.taps])
    verdicts: list[PresentedVerdict] = []
    kept: list[dict[str, Any]] = []
    verified = [genuine(row.taps, cards.get(row.card_number)) for row in rows]
    for row, proved in zip(rows, verified, strict=True):
        card = cards.get(row.card_number)
        reason = red(row.taps, card, taken, device=row.device, at=row.at, verified=proved)
        *first, last = row.taps or (None,)
        known = taken.get((last.uid, last.counter)) if last else None
        said = row.colour, row.reason
        colour, told = (
            ("red", reason) if reason else weighed(*said, row.taps, known=known, verified=proved)
        )
        if colour == "green" and card is not None and card.key_version == NO_KEY:
            colour, told = "amber", "tap.past_window" if row.taps else "nothing.shown"
        family = card.household if card else None
        verdicts.append(PresentedVerdict(row.card_number, colour, told, family))
        if colour != "red" and last is not None:
            if known:
                continue  # the same device told this tap before, online: it is that presentation
            # Each tap is kept, as online: the first of two can be recorded and played back as well.
            fresh = {(tap.uid, tap.counter): tap for tap in first if tap and tap != last}
            for key in fresh.keys() - taken.keys():
                kept.append(_presentation(row, card, "amber", "tap.only_one", fresh[key]))
                taken[key] = Taken(row.device, row.at, "tap.only_one")
            taken[last.uid, last.counter] = Taken(row.device, row.at, told)
        kept.append(_presentation(row, card, colour, told, last))
    fetch(KEEP, heard_at, orjson.dumps(kept).decode())
    _raise_counters(rows, cards, verdicts, verified)
    _tell(rows, cards, verdicts)
    _tell_together(rows, heard_at)
    return verdicts


def _taken(taps: Sequence[Tap]) -> dict[tuple[bytes, int], Taken]:
    """Give who presented each of these taps before, for those that somebody did."""
    if not taps:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(TAKEN, [[tap.uid for tap in taps], [tap.counter for tap in taps]])
        return {(bytes(row[0]), row[1]): Taken(*row[2:]) for row in cursor.fetchall()}


def _presentation(
    row: PresentedRow, card: CardFacts | None, colour: str, reason: str, tap: Tap | None
) -> dict[str, Any]:
    return {
        "uuid": new_uuid(),
        "card": card.id if card else None,
        "number": row.card_number,
        "act": row.act,
        "device": row.device,
        "actor": row.actor.uuid,
        "at": row.at,
        "uid": tap.uid.hex() if tap else None,
        "counter": tap.counter if tap else None,
        "mac": tap.mac.hex() if tap else None,
        "colour": colour,
        "reason": reason,
        "village": row.where.village,
        "lat": row.where.lat,
        "lng": row.where.lng,
        "clock_ahead_s": row.clock_ahead_s,
    }


def _raise_counters(
    rows: Sequence[PresentedRow],
    cards: dict[str, CardFacts],
    verdicts: Sequence[PresentedVerdict],
    verified: Sequence[bool | None],
) -> None:
    """Raise each card's counter to its highest genuine tap, in id order."""
    seen = [
        (cards[row.card_number].id, max(tap.counter for tap in row.taps))
        for row, verdict, proved in zip(rows, verdicts, verified, strict=True)
        if row.taps and proved and verdict.reason not in COPIED
    ]
    if seen:
        with connection.cursor() as cursor:
            cursor.execute(HIGH_WATER, [[card for card, _ in seen], [top for _, top in seen]])


def _tell(
    rows: Sequence[PresentedRow], cards: dict[str, CardFacts], verdicts: Sequence[PresentedVerdict]
) -> None:
    """Record the copies, which raise an alert. The others are told by the deliveries."""
    record_many(
        "card.copied",
        [
            Happening(
                cards[row.card_number].uuid,
                row.actor,
                row.at,
                row.where.village or cards[row.card_number].village_id,
                {"number": row.card_number, "reason": verdict.reason, "device": str(row.device)},
            )
            for row, verdict in zip(rows, verdicts, strict=True)
            if verdict.reason in COPIED and row.card_number in cards
        ],
    )


def _tell_together(rows: Sequence[PresentedRow], heard_at: datetime) -> None:
    """Record once for each device that it told of presentations: the watch looks at them then."""
    told = Counter(row.device for row in rows)
    actors = {row.device: row.actor for row in rows}
    record_many(
        "cards.presented",
        [
            Happening(
                device,
                actors[device],
                heard_at,
                None,
                {"count": count, "heard_at": heard_at.isoformat()},
            )
            for device, count in told.items()
        ],
    )
