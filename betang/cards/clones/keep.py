"""Keep what the rules saw: suspicions, the investigations they open, and their journal entries."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from betang.core.actor import Actor, ActorKind
from betang.core.identifiers import new_uuids
from betang.journal.record import Happening, record_many

#: The rules themselves, as the actor of what they find.
RULES = Actor(ActorKind.SYSTEM, UUID("00000000-0000-7000-8000-000063617264"), None)
#: Reasons of a card's end after which showing it is a person's business. The others are mostly a
#: family that found its old card again: kept and told, without an investigation.
GRAVE_ENDS = frozenset({"stolen", "misused", "copied", "lost"})

# In the order of cards, so that two of these never wait for each other.
OPEN = """
INSERT INTO cards_investigation (uuid, card_id, cause, state, opened_at, finding)
SELECT g.uuid, g.card, g.cause, 'open', %s, ''
FROM unnest(%s::uuid[], %s::bigint[], %s::text[]) AS g(uuid, card, cause) ORDER BY g.card
ON CONFLICT (card_id) WHERE state = 'open' DO NOTHING
RETURNING uuid, card_id, cause
"""
KNOWN = """
SELECT s.rule, s.second_id FROM cards_suspicion s
JOIN unnest(%s::text[], %s::bigint[]) AS g(rule, second)
  ON g.rule = s.rule AND g.second = s.second_id
"""
KEEP = """
WITH kept AS (
    INSERT INTO cards_suspicion
        (uuid, rule, card_id, investigation_id, first_id, second_id, device, at, facts)
    SELECT g.uuid, g.rule, g.card, i.id, g.first, g.second, p.device, %s,
           CASE WHEN g.rule = 'shown_after_end'
                THEN jsonb_build_object('blocked_reason', c.blocked_reason)
                ELSE '{}'::jsonb END
    FROM unnest(%s::uuid[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[])
        AS g(uuid, rule, card, first, second)
    JOIN cards_card c ON c.id = g.card
    JOIN cards_presentation p ON p.id = g.second
    LEFT JOIN cards_investigation i ON i.card_id = g.card AND i.state = 'open'
    ON CONFLICT DO NOTHING
    RETURNING rule, card_id, first_id, second_id, device, facts
)
SELECT k.rule, c.uuid, c.number, c.village_id, f.uuid, s.uuid, k.device, k.facts
FROM kept k JOIN cards_card c ON c.id = k.card_id
JOIN cards_presentation s ON s.id = k.second_id
LEFT JOIN cards_presentation f ON f.id = k.first_id
ORDER BY k.second_id
"""
KEEP_DAYS = """
WITH kept AS (
    INSERT INTO cards_suspicion (uuid, rule, device, day, at, facts)
    SELECT g.uuid, g.rule, g.device, g.day, %s, g.facts
    FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::date[], %s::jsonb[])
        AS g(uuid, rule, device, day, facts)
    ON CONFLICT DO NOTHING
    RETURNING rule, device, day, facts
)
SELECT k.rule, k.device, k.day, k.facts,
       (SELECT min(a.area_id) FROM accounts_devicearea a WHERE a.device_id = d.id)
FROM kept k JOIN accounts_device d ON d.uuid = k.device
ORDER BY k.device, k.day, k.rule
"""


class Sight(NamedTuple):
    """What a rule of cards found: row ids."""

    rule: str
    card: int
    first: int | None
    second: int


class DaySight(NamedTuple):
    """What a rule of days found; `facts` is JSON text, as the database gives it."""

    rule: str
    device: UUID
    day: date
    facts: str


def keep(sights: Sequence[Sight], *, at: datetime) -> list[str]:
    """Keep what is new, open an investigation where a person must look, and record both."""
    if not sights:
        return []
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [[one.rule for one in sights], [one.second for one in sights]])
        known = set(cursor.fetchall())
        new = [one for one in sights if (one.rule, one.second) not in known]
        if not new:
            return []
        _open(cursor, new, at=at)
        columns = [list(column) for column in zip(*new, strict=True)]
        cursor.execute(KEEP, [at, new_uuids(len(new)), *columns])
        kept = cursor.fetchall()
    told = [
        Happening(
            card,
            RULES,
            at,
            village,
            {
                "rule": rule,
                "number": number,
                "first": first,
                "second": second,
                "device": device,
                **orjson.loads(facts),
            },
        )
        for rule, card, number, village, first, second, device, facts in kept
        if rule != "sample"
    ]
    record_many("card.suspected", told)
    return [row[0] for row in kept]


def keep_days(found: Sequence[DaySight], *, at: datetime) -> list[str]:
    """Keep the days that are new, and record them."""
    if not found:
        return []
    rules, devices, days, facts = (list(column) for column in zip(*found, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(KEEP_DAYS, [at, new_uuids(len(found)), rules, devices, days, facts])
        kept = cursor.fetchall()
    record_many(
        "device.suspected",
        [
            Happening(
                device, RULES, at, area, {"rule": rule, "day": str(day), **orjson.loads(told)}
            )
            for rule, device, day, told, area in kept
        ],
    )
    return [row[0] for row in kept]


def _open(cursor: Any, new: Sequence[Sight], *, at: datetime) -> None:
    """Open an investigation for each card that needs one and has none open."""
    cursor.execute(
        "SELECT id, uuid, number, village_id, blocked_reason FROM cards_card WHERE id = ANY(%s)",
        [[one.card for one in new]],
    )
    cards = {row[0]: row[1:] for row in cursor.fetchall()}
    causes: dict[int, str] = {}
    for one in new:
        if one.rule == "shown_after_end" and cards[one.card][3] not in GRAVE_ENDS:
            continue
        cause = "sample" if one.rule == "sample" else "flagged"
        causes[one.card] = "flagged" if "flagged" in {cause, causes.get(one.card)} else "sample"
    if not causes:
        return
    uuids = new_uuids(len(causes))
    cursor.execute(OPEN, [at, uuids, list(causes), list(causes.values())])
    record_many(
        "investigation.opened",
        [
            Happening(uuid, RULES, at, cards[card][2], {"number": cards[card][1], "cause": cause})
            for uuid, card, cause in cursor.fetchall()
        ],
    )
