"""What devices say of a day: opened, closed, and who has to be served at home.

Each device has its own part of a day. The day's state is a function of its parts: opened while one
is open, closed when all are; so the order in which devices are heard changes nothing in the end.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from betang.core.actor import Actor
from betang.core.event.said.shapes import Goods
from betang.distribution.taken_over import villages_taken
from betang.journal.record import Happening, record_many

#: Days in id order, as everywhere: two devices that close one day wait for each other here, so that
#: the second sees the first one's part. `device` must serve an area with the day's point in it, or
#: have taken families of its village over from another phone.
LOCK = """
SELECT d.uuid, d.id, d.state, p.village_id FROM distribution_day d
JOIN areas_distributionpoint p ON p.id = d.point_id
WHERE d.uuid = ANY(%(days)s) AND (p.village_id = ANY(%(taken)s) OR EXISTS (
    SELECT FROM accounts_devicearea a WHERE a.device_id = %(device)s
    AND p.village_id::text LIKE a.area_id::text || '%%'))
ORDER BY d.id FOR NO KEY UPDATE OF d
"""
OPEN = """
INSERT INTO distribution_daypart AS p (day_id, device_id, opened_at, heard_at)
SELECT t.day, %(device)s, t.at, %(heard)s
FROM unnest(%(days)s::bigint[], %(ats)s::timestamptz[]) AS t(day, at)
ON CONFLICT (day_id, device_id) DO UPDATE SET
    opened_at = least(p.opened_at, excluded.opened_at), heard_at = excluded.heard_at,
    closed_at = NULL, served_told = NULL, absent_told = NULL, left_told = '[]', photos = '[]',
    closing_event = NULL, attachment_sha256 = NULL
"""
CLOSE = """
INSERT INTO distribution_daypart AS p (day_id, device_id, opened_at, closed_at, heard_at,
    served_told, absent_told, left_told, closing_event, attachment_sha256, photos)
VALUES (%(day)s, %(device)s, %(at)s, %(at)s, %(heard)s, %(served)s, %(absent)s, %(left)s::jsonb,
        %(event)s, %(attachment)s, %(photos)s::jsonb)
ON CONFLICT (day_id, device_id) DO UPDATE SET
    closed_at = excluded.closed_at, heard_at = excluded.heard_at,
    served_told = excluded.served_told, absent_told = excluded.absent_told,
    left_told = excluded.left_told, closing_event = excluded.closing_event,
    attachment_sha256 = excluded.attachment_sha256, photos = excluded.photos
"""
#: A day that the office cancelled stays so: what happened all the same stands in its parts.
SETTLE = """
UPDATE distribution_day d
SET state = CASE WHEN EXISTS (SELECT FROM distribution_daypart p
                              WHERE p.day_id = d.id AND p.closed_at IS NULL)
                 THEN 'opened' ELSE 'closed' END
WHERE d.id = ANY(%s) AND d.state <> 'cancelled'
"""
#: Families invited to the day, now or before, whose right this device delivered and it counts.
COUNTED = """
SELECT count(DISTINCT i.household_id) FROM distribution_invitation i
JOIN distribution_entitlement e ON e.household_id = i.household_id AND e.cycle_id = i.cycle_id
JOIN distribution_delivery v ON v.entitlement_id = e.id AND v.counted AND v.device = %(device)s
WHERE i.day_id = %(day)s
"""
NEED = """
INSERT INTO distribution_homeneed AS n (household_id, reason, told_at, device, event)
SELECT DISTINCT ON (t.household) t.household, t.reason, t.at, %(device)s, t.event
FROM unnest(%(households)s::bigint[], %(reasons)s::text[], %(ats)s::timestamptz[],
            %(events)s::uuid[]) WITH ORDINALITY AS t(household, reason, at, event, n)
ORDER BY t.household, t.n DESC
ON CONFLICT (household_id) WHERE ended_at IS NULL DO UPDATE SET
    reason = excluded.reason, told_at = excluded.told_at, device = excluded.device,
    event = excluded.event
"""
#: Only of cycles that run: what a closed one says is history.
AT_HOME = """
UPDATE distribution_invitation i SET mode = 'home', reason = n.reason
FROM distribution_homeneed n, programmes_cycle c
WHERE n.household_id = ANY(%s) AND n.ended_at IS NULL AND i.household_id = n.household_id
  AND i.ended IS NULL AND c.id = i.cycle_id AND c.state = 'open'
"""


class Opened(NamedTuple):
    """A device opened its part of a day."""

    event: UUID
    day: UUID
    at: datetime


class Closed(NamedTuple):
    """A device closed its part of a day."""

    event: UUID
    day: UUID
    at: datetime
    served: int
    absent: int
    left: Sequence[Goods]
    attachment: bytes | None
    photos: Sequence[bytes]


class Need(NamedTuple):
    """A family (row id) that cannot come to the point."""

    event: UUID
    household: int
    household_uuid: UUID
    village: int
    reason: str
    at: datetime


class Teller(NamedTuple):
    """The device that speaks."""

    id: int
    uuid: UUID
    code: str
    actor: Actor


class _Day(NamedTuple):
    uuid: UUID
    id: int
    state: str
    village: int


def open_parts(told: Sequence[Opened], *, by: Teller, at: datetime) -> set[UUID]:
    """Open the device's part of each day; give the events whose day it may speak of."""
    days = _lock([one.day for one in told], by)
    heard = [one for one in told if one.day in days]
    if not heard:
        return set()
    first: dict[int, datetime] = {}
    for one in heard:
        first.setdefault(days[one.day].id, one.at)
    given: dict[str, Any] = {"device": by.id, "heard": at}
    given |= {"days": list(first), "ats": list(first.values())}
    with connection.cursor() as cursor:
        cursor.execute(OPEN, given)
        cursor.execute(SETTLE, [list(first)])
    for kind, cancelled in (("day.opened", False), ("day.opened_though_cancelled", True)):
        record_many(
            kind,
            [
                Happening(one.day, by.actor, one.at, days[one.day].village, {"device": by.code})
                for one in heard
                if (days[one.day].state == "cancelled") is cancelled
            ],
        )
    return {one.event for one in heard}


def close_part(told: Closed, *, by: Teller, at: datetime) -> bool:
    """Close the device's part of a day, and the day with its last part; say whether it may.

    What the device counted is compared with its deliveries that count: `day.differs` tells the
    office. Its own earlier events are applied before this one, whatever was heard from others.
    """
    day = _lock([told.day], by).get(told.day)
    if day is None:
        return False
    left = [{"item": g.item, "quantity": g.quantity, "unit": g.unit} for g in told.left]
    given: dict[str, Any] = {
        "day": day.id,
        "device": by.id,
        "at": told.at,
        "heard": at,
        "served": told.served,
        "absent": told.absent,
        "left": orjson.dumps(left).decode(),
        "event": told.event,
        "attachment": told.attachment,
        "photos": orjson.dumps([photo.hex() for photo in told.photos]).decode(),
    }
    with connection.cursor() as cursor:
        cursor.execute(CLOSE, given)
        cursor.execute(SETTLE, [[day.id]])
        cursor.execute(COUNTED, {"day": day.id, "device": by.uuid})
        row = cursor.fetchone()
    counted = int(row[0]) if row else 0
    facts: dict[str, Any] = {"device": by.code, "served": told.served, "counted": counted}
    happened = Happening(told.day, by.actor, told.at, day.village, facts)
    record_many("day.closed", [happened._replace(facts=facts | {"absent": told.absent})])
    if counted != told.served:
        record_many("day.differs", [happened])
    return True


def need_home(told: Sequence[Need], *, by: Teller) -> None:
    """Keep that families are served at home, and make their live invitations so.

    The entry does not tell the reason: illness is nobody's business who reads the journal.
    """
    if not told:
        return
    given: dict[str, Any] = {
        "device": by.uuid,
        "households": [one.household for one in told],
        "reasons": [one.reason for one in told],
        "ats": [one.at for one in told],
        "events": [one.event for one in told],
    }
    with connection.cursor() as cursor:
        cursor.execute(NEED, given)
        cursor.execute(AT_HOME, [given["households"]])
    record_many(
        "household.needs_home",
        [
            Happening(one.household_uuid, by.actor, one.at, one.village, {"device": by.code})
            for one in told
        ],
    )


def known_days(days: Sequence[UUID]) -> set[UUID]:
    """Give those of `days` that there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT uuid FROM distribution_day WHERE uuid = ANY(%s)", [list(days)])
        return {row[0] for row in cursor.fetchall()}


def _lock(days: Sequence[UUID], by: Teller) -> dict[UUID, _Day]:
    given: dict[str, Any] = {"days": list(days), "device": by.id}
    with connection.cursor() as cursor:
        cursor.execute(LOCK, given | {"taken": list(villages_taken(by.id))})
        return {row[0]: _Day._make(row) for row in cursor.fetchall()}
