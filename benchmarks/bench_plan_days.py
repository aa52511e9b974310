"""Plan the days of a province: points, days and invitations of every family, in one act.

Floors: the same invitations copied by a bare INSERT SELECT into a plain table, and into a table
with the same constraints, indexes and references. Ours also finds who is due, shares villages
between points, makes the days, numbers the queues, and records digest and entry.
"""

import resource
import time
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from benchmarks import field_world
from benchmarks.row import Row
from betang.core.clock import WIB
from betang.distribution.models import Day
from betang.distribution.open_cycle import open_cycle
from betang.distribution.plan import Shape, Wave, plan_days, preview
from betang.distribution.queue import counts_of
from betang.programmes.models import Cycle

#: Families of the province that get something by hand.
SIZE = 133_000
FLOORS = 3

PLAIN = """
CREATE TABLE floor_plain (id bigint, day_id bigint, cycle_id bigint, household_id bigint,
    queue integer, slot time, mode varchar(5), reason varchar(8), ended varchar(9))
"""
CONSTRAINED = """
CREATE TABLE floor_constrained (LIKE distribution_invitation INCLUDING ALL);
ALTER TABLE floor_constrained
    ADD FOREIGN KEY (day_id, cycle_id) REFERENCES distribution_day (id, cycle_id),
    ADD FOREIGN KEY (household_id) REFERENCES registry_household (id)
"""
INTO = """
INSERT INTO {table} (id, day_id, cycle_id, household_id, queue, slot, mode, reason)
SELECT id, day_id, cycle_id, household_id, queue, slot, mode, reason FROM distribution_invitation
ORDER BY id
"""


def run(size: int = SIZE) -> list[Row]:
    """Measure planning the days of `size` families at 1,571 points, and showing it before."""
    at = timezone.now()
    today = at.astimezone(WIB).date()
    cycle = field_world.make(size, at=at)
    with transaction.atomic():
        open_cycle(cycle, actor=field_world.CLERK, at=at)
    with field_world.owner() as connection:
        field_world.analyse_what_is_filled(connection)
    waves = [Wave(62, today + timedelta(days=7)), Wave(6202, today + timedelta(days=21))]
    began = time.perf_counter()
    with transaction.atomic():
        done = plan_days(cycle, waves, Shape(), today=today, actor=field_world.CLERK, at=at)
    took = time.perf_counter() - began
    assert done.invitations == size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows: list[Row] = []
    for name, create in (("plain", PLAIN), ("constrained", CONSTRAINED)):
        floor = _floor(f"floor_{name}", create)
        rows.append(
            {
                "name": f"plan_days vs {name}",
                "value": took,
                "unit": "s",
                "floor": floor,
                "ratio": took / floor,
                "peak_mb": peak,
                "size": size,
            }
        )
    return [*rows, _shown(cycle, size), _listed(size)]


def _shown(before: Cycle, size: int) -> Row:
    """Measure the preview of a plan of the next cycle, where every village has its point."""
    at = timezone.now()
    today = at.astimezone(WIB).date()
    cycle = Cycle.objects.create(
        programme=before.programme,
        code="202602",
        name="Tahap II",
        opens_on=before.opens_on,
        closes_on=before.closes_on,
    )
    with transaction.atomic():
        open_cycle(cycle, actor=field_world.CLERK, at=at)
    began = time.perf_counter()
    with transaction.atomic():
        shown = preview(cycle, [Wave(62, today)], Shape(), today=today)
    took = time.perf_counter() - began
    assert shown.families == size
    return {
        "name": "plan_days preview",
        "value": took,
        "unit": "s",
        "floor": None,
        "ratio": None,
        "peak_mb": None,
        "size": size,
    }


def _listed(size: int) -> Row:
    """Measure counting the queues of one page of the list of days: the median of some."""
    with field_world.owner() as connection:
        field_world.analyse_what_is_filled(connection)
    days = list(Day.objects.order_by("held_on", "pk")[:50])
    taken = []
    for _ in range(21):
        began = time.perf_counter()
        counts_of(days)
        taken.append((time.perf_counter() - began) * 1000)
    return {
        "name": "plan_days page of 50 days",
        "value": sorted(taken)[10],
        "unit": "ms",
        "floor": None,
        "ratio": None,
        "peak_mb": None,
        "size": size,
    }


def _floor(table: str, create: str) -> float:
    taken = []
    with field_world.owner() as connection:
        for _ in range(FLOORS):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
            connection.execute(create)
            began = time.perf_counter()
            connection.execute(INTO.format(table=table))
            taken.append(time.perf_counter() - began)
        connection.execute(f"DROP TABLE {table}")
    return sorted(taken)[FLOORS // 2]
