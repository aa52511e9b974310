"""Alerts from journal entries: what must reach a person's eye as soon as it happens.

An alert is always made here, never by the package that saw the fault (settled.md). A second entry
about the same subject while the alert is open raises its count instead of making another.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from betang.core.actor import Actor, ActorKind
from betang.core.identifiers import new_uuid
from betang.journal.feed import FeedEntry
from betang.journal.record import record
from betang.monitoring.models import Severity

#: The watch itself, as the actor of the alerts that it opens and closes.
WATCH = Actor(ActorKind.SYSTEM, UUID("00000000-0000-7000-8000-00006d6f6e69"), None)

RAISE = """
INSERT INTO monitoring_alert (uuid, kind, severity, subject, area, at, last_at, times, state,
                              position, facts, closing_reason)
VALUES (%s, %s, %s, %s, %s, %s, %s, 1, 'open', %s, %s::jsonb, '')
ON CONFLICT (kind, subject) WHERE state = 'open' DO UPDATE
SET times = monitoring_alert.times + 1, last_at = excluded.last_at,
    position = coalesce(excluded.position, monitoring_alert.position),
    facts = monitoring_alert.facts || excluded.facts
RETURNING uuid, times = 1
"""


class Cause(NamedTuple):
    """Which alert an entry makes, and how urgent it is."""

    alert: str
    severity: Severity


#: Journal kind -> alert. `betang/wiring.py` sends the entries of these kinds to `follow`.
CAUSES: dict[str, Cause] = {
    "delivery.contested": Cause("double_claim", Severity.WARNING),
    "claim.refused": Cause("double_claim", Severity.WARNING),
    "card.copied": Cause("card_copied", Severity.CRITICAL),
    "cards.book_differs": Cause("card_book_differs", Severity.CRITICAL),
    "device.frozen": Cause("device_frozen", Severity.CRITICAL),
    "device.nfc_changed": Cause("nfc_changed", Severity.WARNING),
    "event.parked": Cause("event_parked", Severity.WARNING),
    "day.differs": Cause("day_differs", Severity.WARNING),
    "day.opened_though_cancelled": Cause("day_though_cancelled", Severity.WARNING),
    "disbursement.failed": Cause("payment_failed", Severity.WARNING),
    "disbursement.mismatched": Cause("payment_mismatched", Severity.CRITICAL),
}

#: What the rules of cards and of devices' days found (`betang/cards/clones/`), by its rule. A tap
#: that was forged or shown twice is not here: `card.copied` told it when it was refused.
SUSPECTED: dict[str, Cause] = {
    "counter_down": Cause("card_counter_down", Severity.CRITICAL),
    "two_places": Cause("card_two_places", Severity.CRITICAL),
    "shown_after_end": Cause("card_shown_after_end", Severity.WARNING),
    "amber_day": Cause("amber_day", Severity.WARNING),
    "fast_day": Cause("fast_day", Severity.WARNING),
    "nfc_changed": Cause("nfc_changed", Severity.WARNING),
}
#: Every kind that `follow` understands.
WATCHED = (*CAUSES, "card.suspected", "device.suspected")
#: A card whose end was nobody's fault is mostly an old one that a family found again.
HARMLESS_ENDS = frozenset({"superseded", "damaged", "moved", "deceased"})


def cause_of(entry: FeedEntry) -> Cause | None:
    """Say which alert an entry makes, or None."""
    if entry.kind in CAUSES:
        return CAUSES[entry.kind]
    cause = SUSPECTED.get(str(entry.facts.get("rule", "")))
    if cause and entry.facts.get("blocked_reason") in HARMLESS_ENDS:
        return cause._replace(severity=Severity.INFO)
    return cause


def follow(entries: Sequence[FeedEntry]) -> None:
    """Make or raise the alerts of these entries. Runs inside the worker's transaction."""
    for entry in entries:
        cause = cause_of(entry)
        if cause is None:
            continue
        raise_alert(
            cause.alert,
            entry.subject,
            severity=cause.severity,
            area=entry.area,
            at=entry.recorded_at,
            position=entry.position,
            facts={**entry.facts, "entry": entry.kind},
        )


def raise_alert(
    kind: str,
    subject: UUID,
    *,
    severity: Severity,
    area: int | None,
    at: datetime,
    position: int | None = None,
    facts: dict[str, Any] | None = None,
) -> UUID:
    """Open an alert, or count the repeat of an open one. Returns the alert's uuid.

    Only the opening is recorded in the journal, so that a flood of repeats stays one line.
    """
    values: list[Any] = [
        new_uuid(), kind, severity.value, subject, area, at, at, position,
        orjson.dumps(facts or {}, default=str).decode(),
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(RAISE, values)
        uuid, opened = cursor.fetchone()
    if opened:
        record(
            "alert.opened", uuid, actor=WATCH, at=at, area=area, alert=kind, severity=severity.value
        )
    return UUID(str(uuid))
