"""The queue of a day as it stands now: who waits, who was served, who stayed away.

Read from the rights and from the day, never kept: a delivery that is heard a week late makes an
absent family a served one by itself (docs/decisions/0111).
"""

from collections.abc import Sequence
from datetime import datetime, time
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from betang.distribution.day_models import Day

#: `i` is a live invitation, `d` its day. Any counted part makes a family one that came.
SERVED = """
EXISTS (SELECT FROM distribution_entitlement e WHERE e.household_id = i.household_id
        AND e.cycle_id = i.cycle_id AND e.channel = 'hand' AND e.parts_delivered > 0)
"""
QUEUE = f"""
SELECT i.queue, i.slot, i.mode, coalesce(i.reason, ''), h.uuid, h.number, h.head_name, h.rt, h.rw,
       CASE WHEN {SERVED} THEN 'served' WHEN d.state = 'closed' THEN 'absent' ELSE 'waiting' END,
       (SELECT max(e.delivered_at) FROM distribution_entitlement e
        WHERE e.household_id = i.household_id AND e.cycle_id = i.cycle_id AND e.channel = 'hand'
          AND e.parts_delivered > 0)
FROM distribution_invitation i
JOIN distribution_day d ON d.id = i.day_id
JOIN registry_household h ON h.id = i.household_id
WHERE i.day_id = %s AND i.ended IS NULL ORDER BY i.queue
"""
#: What became of the invitations of days: those that ended as absent stayed away on that day.
COUNTS = f"""
SELECT i.day_id, count(*) FILTER (WHERE i.ended IS NULL),
       count(*) FILTER (WHERE i.ended IS NULL AND {SERVED}),
       count(*) FILTER (WHERE i.ended IS NULL AND i.mode = 'home'),
       count(*) FILTER (WHERE i.ended = 'absent')
FROM distribution_invitation i WHERE i.day_id = ANY(%s) GROUP BY i.day_id
"""


class Place(NamedTuple):
    """One place in the queue."""

    queue: int
    slot: time
    mode: str
    reason: str
    household: UUID
    number: str
    head_name: str
    rt: str
    rw: str
    state: str
    served_at: datetime | None


class Count(NamedTuple):
    """How many of a day's families are invited, served, served at home, absent, still awaited."""

    invited: int
    served: int
    home: int
    absent: int
    waiting: int


def queue_of(day: Day) -> list[Place]:
    """Give the live queue of a day, in the order of its numbers."""
    with connection.cursor() as cursor:
        cursor.execute(QUEUE, [day.pk])
        return [Place._make(row) for row in cursor.fetchall()]


def counts_of(days: Sequence[Day]) -> dict[int, Count]:
    """Count the queues of `days` in one statement, by row id."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [[day.pk for day in days]])
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    counted = {}
    for day in days:
        live, served, home, moved_on = rows.get(day.pk, (0, 0, 0, 0))
        left = live - served
        closed = day.state == "closed"
        absent = moved_on + (left if closed else 0)
        counted[day.pk] = Count(live + moved_on, served, home, absent, 0 if closed else left)
    return counted
