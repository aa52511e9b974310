"""A day beside the books: who serves it, what each device told of it, what goods should be left."""

from typing import NamedTuple
from uuid import UUID

from django.db import connection

from betang.distribution.day_models import Day, DayPart

#: Devices that hold rights of the families invited, and for how many families.
SERVING = """
SELECT v.uuid, v.short_id, u.full_name, count(DISTINCT i.household_id)
FROM distribution_invitation i
JOIN distribution_entitlement e ON e.household_id = i.household_id AND e.cycle_id = i.cycle_id
    AND e.channel = 'hand' AND e.holder_id IS NOT NULL AND e.state IN ('open', 'reserved')
JOIN accounts_device v ON v.id = e.holder_id
JOIN accounts_user u ON u.id = v.owner_id
WHERE i.day_id = %s AND i.ended IS NULL GROUP BY v.id, u.id ORDER BY 4 DESC, 2
"""
#: How many families of the day each device served, as far as it counts.
COUNTED = """
SELECT d.device, count(DISTINCT i.household_id) FROM distribution_invitation i
JOIN distribution_entitlement e ON e.household_id = i.household_id AND e.cycle_id = i.cycle_id
JOIN distribution_delivery d ON d.entitlement_id = e.id AND d.counted
WHERE i.day_id = %s GROUP BY d.device
"""
#: Goods of the village in the cycle: what arrived, and what the counted deliveries took away, here
#: and on the other days of the village. What was given short stands in the events alone.
GOODS = """
WITH named AS (
    SELECT DISTINCT g->>'item' AS item, g->>'unit' AS unit
    FROM programmes_cycle c
    JOIN programmes_benefit b ON b.programme_id = c.programme_id AND b.channel = 'hand'
    CROSS JOIN jsonb_array_elements(b.goods) AS g WHERE c.id = %(cycle)s
), handed AS (
    SELECT g->>'item' AS item, max(g->>'unit') AS unit, sum((g->>'quantity')::bigint) AS village,
           sum((g->>'quantity')::bigint) FILTER (WHERE EXISTS (
               SELECT FROM distribution_invitation i WHERE i.day_id = %(day)s
               AND i.household_id = e.household_id AND i.ended IS NULL)) AS day
    FROM distribution_entitlement e
    JOIN distribution_delivery d ON d.entitlement_id = e.id AND d.counted
    JOIN programmes_benefit b ON b.id = e.benefit_id
    CROSS JOIN jsonb_array_elements(b.goods) AS g
    WHERE e.cycle_id = %(cycle)s AND e.village_id = %(village)s GROUP BY 1
), arrived AS (
    SELECT item, max(unit) AS unit, sum(quantity) AS quantity, sum(short) AS short
    FROM distribution_stockcount
    WHERE cycle_id = %(cycle)s AND village_id = %(village)s AND kind = 'received' GROUP BY 1
), told AS (
    SELECT g->>'item' AS item, max(g->>'unit') AS unit, sum((g->>'quantity')::bigint) AS quantity
    FROM distribution_daypart p CROSS JOIN jsonb_array_elements(p.left_told) AS g
    WHERE p.day_id = %(day)s GROUP BY 1
)
SELECT coalesce(n.item, h.item, a.item, t.item), coalesce(n.unit, h.unit, a.unit, t.unit),
       a.quantity::bigint, a.short::bigint, coalesce(h.day, 0)::bigint,
       coalesce(h.village, 0)::bigint, t.quantity::bigint
FROM named n FULL JOIN handed h ON h.item = n.item
FULL JOIN arrived a ON a.item = coalesce(n.item, h.item)
FULL JOIN told t ON t.item = coalesce(n.item, h.item, a.item) ORDER BY 1
"""


class Serving(NamedTuple):
    """A device that holds rights of families of the day."""

    uuid: UUID
    short_id: str
    owner: str
    families: int


class Told(NamedTuple):
    """What a device told of its part, and how many families it served as far as it counts."""

    part: DayPart
    counted: int

    @property
    def differs(self) -> bool:
        """Say whether told and counted are not the same."""
        return self.part.closed_at is not None and self.part.served_told != self.counted


class Goods(NamedTuple):
    """One good of the day's village: None where nobody told."""

    item: str
    unit: str
    arrived: int | None
    short: int | None
    handed_here: int
    handed: int
    left_told: int | None

    @property
    def left(self) -> int | None:
        """Give what should be left in the village, where an arrival was told."""
        return None if self.arrived is None else self.arrived - self.handed

    @property
    def differs(self) -> bool:
        """Say whether another amount was told than should be left."""
        return None not in {self.left, self.left_told} and self.left != self.left_told


def serving(day: Day) -> list[Serving]:
    """Give the devices that hold rights of the families invited."""
    with connection.cursor() as cursor:
        cursor.execute(SERVING, [day.pk])
        return [Serving._make(row) for row in cursor.fetchall()]


def told(day: Day) -> list[Told]:
    """Give what each device told, beside what counts, the first opening first."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, [day.pk])
        counted = dict(cursor.fetchall())
    parts = DayPart.objects.filter(day=day).select_related("device__owner").order_by("opened_at")
    return [Told(part, counted.get(part.device.uuid, 0)) for part in parts]


def goods(day: Day) -> list[Goods]:
    """Give what arrived in the day's village, what was handed over, and what should be left."""
    given = {"day": day.pk, "cycle": day.cycle_id, "village": day.point.village_id}
    with connection.cursor() as cursor:
        cursor.execute(GOODS, given)
        return [Goods._make(row) for row in cursor.fetchall()]
