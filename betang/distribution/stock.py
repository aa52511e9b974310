"""Goods that a device received or counted at a village's point."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from betang.core.actor import Actor
from betang.core.event.said.shapes import Goods
from betang.core.identifiers import new_uuid
from betang.journal.record import Happening, record_many

COUNT = """
WITH told AS (
    SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::uuid[], %s::text[], %s::text[], %s::bigint[],
                         %s::bigint[], %s::text[], %s::uuid[], %s::uuid[], %s::timestamptz[])
    AS t(uuid, village, cycle, kind, item, quantity, short, unit, device, event, at)
)
INSERT INTO distribution_stockcount (uuid, village_id, cycle_id, kind, item, quantity, short, unit,
                                     device, event, at, heard_at)
SELECT t.uuid, a.code, c.id, t.kind, t.item, t.quantity, t.short, t.unit, t.device, t.event, t.at,
       %s
FROM told t JOIN areas_area a ON a.code = t.village JOIN programmes_cycle c ON c.uuid = t.cycle
RETURNING event
"""


class Told(NamedTuple):
    """One report of stock: `kind` is received or counted."""

    kind: str
    village: int
    cycle: UUID
    items: Sequence[Goods]
    device: UUID
    event: UUID
    at: datetime
    actor: Actor


def count_stock(reports: Sequence[Told], *, at: datetime) -> set[UUID]:
    """Keep the reports; give the events whose village and cycle are known.

    The balance of a point is the ledger's; a count is what somebody saw.
    """
    rows = [
        (new_uuid(), told.village, told.cycle, told.kind, goods.item, goods.quantity, goods.short,
         goods.unit, told.device, told.event, told.at)
        for told in reports
        for goods in told.items
    ]  # fmt: skip
    if not rows:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [*(list(column) for column in zip(*rows, strict=True)), at])
        known = {row[0] for row in cursor.fetchall()}
    for kind in ("received", "counted"):
        record_many(
            f"stock.{kind}",
            [
                Happening(
                    told.event,
                    told.actor,
                    told.at,
                    told.village,
                    {
                        "item": goods.item,
                        "quantity": goods.quantity,
                        "short": goods.short,
                        "unit": goods.unit,
                    },
                )
                for told in reports
                if told.kind == kind and told.event in known
                for goods in told.items
            ],
        )
    return known
