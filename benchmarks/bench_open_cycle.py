"""Open a cycle: entitlements of every enrolled household, against two floors in the same run.

Floors: the same SELECT into a plain table without index or foreign key, and into a table with the
same constraints and indexes. Ours also keeps the village tallies, the digest and the journal entry.
"""

import resource
import time
from typing import Any

from django.db import transaction
from django.utils import timezone

from benchmarks import field_world
from benchmarks.row import Row
from betang.distribution.open_cycle import open_cycle

SIZE = 300_000
#: The median of so many floors; one alone jumps with the machine.
FLOORS = 3

COLUMNS = """
SELECT (%(prefix)s || lpad(to_hex(d.n >> 12 & 4095), 3, '0') || '-8'
        || lpad(to_hex(d.n & 4095), 3, '0') || substr(gen_random_uuid()::text, 24))::uuid,
       d.household, %(cycle)s, d.benefit, d.village, d.channel, d.amount_rupiah, 1, 0, 'open'
FROM (
    SELECT h.id AS household, b.id AS benefit, h.village_id AS village, b.channel,
           b.amount_rupiah, row_number() OVER (ORDER BY h.village_id, h.id) AS n
    FROM eligibility_enrolment e
    JOIN registry_household h ON h.id = e.household_id
    JOIN programmes_benefit b ON b.programme_id = %(programme)s
    WHERE e.programme_id = %(programme)s AND e.until_on IS NULL AND h.state = 'active'
) d
ORDER BY d.n
"""
PLAIN = """
CREATE TABLE floor_plain (uuid uuid, household_id bigint, cycle_id bigint, benefit_id bigint,
    village_id bigint, channel varchar(4), amount_rupiah bigint, parts_allowed smallint,
    parts_delivered smallint, state varchar(9))
"""
CONSTRAINED = """
CREATE TABLE floor_constrained (LIKE distribution_entitlement INCLUDING ALL);
ALTER TABLE floor_constrained SET (fillfactor = 80);
ALTER TABLE floor_constrained ADD FOREIGN KEY (household_id) REFERENCES registry_household (id)
"""
INTO = """
INSERT INTO {table} (uuid, household_id, cycle_id, benefit_id, village_id, channel, amount_rupiah,
    parts_allowed, parts_delivered, state) {columns}
"""


def run(size: int = SIZE) -> list[Row]:
    """Measure opening a cycle of `size` entitlements (two a household)."""
    at = timezone.now()
    cycle = field_world.make(size // 2, at=at)
    given = {"prefix": "01900000-0000-7", "cycle": cycle.pk, "programme": cycle.programme_id}
    plain = _floor("floor_plain", PLAIN, given)
    constrained = _floor("floor_constrained", CONSTRAINED, given)
    began = time.perf_counter()
    with transaction.atomic():
        opened = open_cycle(cycle, actor=field_world.CLERK, at=at)
    took = time.perf_counter() - began
    assert opened.entitlements == size // 2 * 2
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows: list[Row] = []
    for name, floor in (("plain", plain), ("constrained", constrained)):
        rows.append(
            {
                "name": f"open_cycle vs {name}",
                "value": took,
                "unit": "s",
                "floor": floor,
                "ratio": took / floor,
                "peak_mb": peak,
                "size": size,
            }
        )
    return rows


def _floor(table: str, create: str, given: dict[str, Any]) -> float:
    """Measure the same SELECT into `table`: the median of some runs into it when empty."""
    taken = []
    with field_world.owner() as connection:
        for _ in range(FLOORS):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
            connection.execute(create)
            began = time.perf_counter()
            connection.execute(INTO.format(table=table, columns=COLUMNS), given)
            taken.append(time.perf_counter() - began)
        connection.execute(f"DROP TABLE {table}")
    return sorted(taken)[FLOORS // 2]
