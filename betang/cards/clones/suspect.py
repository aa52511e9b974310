"""Look at what was shown since the last look, and keep what cannot be right with its evidence.

The worker calls `follow` with the journal entries that tell of presentations (`betang/wiring.py`).
Running again over what was seen finds the same things and keeps none of them twice. Each new
suspicion is one journal entry, from which `monitoring` makes the alert.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from betang.cards.clones import card_rules, day_rules
from betang.cards.clones.keep import DaySight, Sight, keep, keep_days
from betang.core.clock import WIB
from betang.journal.feed import FeedEntry

#: Journal kinds that tell of presentations.
TOLD_TOGETHER = "cards.presented"
TOLD = (TOLD_TOGETHER, "card.presented", "card.copied")
#: Nothing is compared over a longer time: a cycle is a quarter of a year.
LOOK_BACK = timedelta(days=100)
#: One in a hundred deliveries by phones without NFC is looked at by a person: at 300,000 families
#: and half of the phones some 100 for each regency and cycle.
SAMPLE_SHARE = 0.01

CARDS_TOLD = """
SELECT DISTINCT p.card_id FROM cards_presentation p
JOIN unnest(%s::uuid[], %s::timestamptz[]) AS g(device, heard_at)
  ON g.device = p.device AND g.heard_at = p.heard_at
WHERE p.card_id IS NOT NULL
UNION
SELECT id FROM cards_card WHERE uuid = ANY(%s::uuid[])
"""
DAYS_TOLD = """
SELECT DISTINCT p.device, (p.at AT TIME ZONE 'Asia/Jakarta')::date FROM cards_presentation p
JOIN unnest(%s::uuid[], %s::timestamptz[]) AS g(device, heard_at)
  ON g.device = p.device AND g.heard_at = p.heard_at
"""


def follow(entries: Sequence[FeedEntry]) -> None:
    """Look at the cards and days that these entries tell of. Runs in the worker's transaction."""
    together = [entry for entry in entries if entry.kind == TOLD_TOGETHER]
    batches = [
        (entry.subject, datetime.fromisoformat(entry.facts["heard_at"])) for entry in together
    ]
    single = [entry.subject for entry in entries if entry.kind != TOLD_TOGETHER]
    devices = [
        (UUID(str(entry.facts["device"])), entry.at)
        for entry in entries
        if entry.kind != TOLD_TOGETHER and entry.facts.get("device")
    ]
    at = max((entry.recorded_at for entry in entries), default=None)
    if at is not None:
        look(batches, cards=single, single_days=devices, at=at)


def look(
    batches: Sequence[tuple[UUID, datetime]],
    *,
    cards: Sequence[UUID] = (),
    single_days: Sequence[tuple[UUID, datetime]] = (),
    at: datetime,
    share: float = SAMPLE_SHARE,
) -> list[str]:
    """Run every rule over the presentations of `batches` (device, heard at) and over `cards`.

    Gives the rules of what was new. `share`: how many deliveries without NFC are sampled.
    """
    devices, heard = [device for device, _ in batches], [moment for _, moment in batches]
    with connection.cursor() as cursor:
        cursor.execute(CARDS_TOLD, [devices, heard, list(cards)])
        touched: dict[str, Any] = {
            "cards": [row[0] for row in cursor.fetchall()],
            "since": at - LOOK_BACK,
        }
        sights: list[Sight] = []
        for rule in card_rules.RULES:
            cursor.execute(rule, touched)
            sights += map(Sight._make, cursor.fetchall())
        if batches:
            cursor.execute(card_rules.SAMPLE, {"devices": devices, "heard": heard, "share": share})
            sights += map(Sight._make, cursor.fetchall())
    found = keep(sights, at=at)
    return found + keep_days(_days(devices, heard, single_days), at=at)


def _days(
    devices: Sequence[UUID], heard: Sequence[datetime], single: Sequence[tuple[UUID, datetime]]
) -> list[DaySight]:
    """Run the rules of a device's day over each day that was told of."""
    with connection.cursor() as cursor:
        cursor.execute(DAYS_TOLD, [list(devices), list(heard)])
        pairs = set(cursor.fetchall()) | {
            (device, at.astimezone(WIB).date()) for device, at in single
        }
        if not pairs:
            return []
        asked: dict[str, Any] = {
            "devices": [device for device, _ in pairs],
            "days": [day for _, day in pairs],
        }
        found: list[DaySight] = []
        for rule in day_rules.RULES:
            cursor.execute(rule, asked)
            found += map(DaySight._make, cursor.fetchall())
    return found
