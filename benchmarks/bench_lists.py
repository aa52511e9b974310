"""Pages and exports of a long list: the list of families, wherever one stands in it.

The floor of a page is what no page of ours can go below: the same fifty rows and the same count,
asked of PostgreSQL by hand. A page found by counting rows off (OFFSET) stands beside it.
"""

import resource
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.test import Client
from django.test.utils import setup_test_environment
from django.utils import timezone

from benchmarks import field_world
from benchmarks.row import Row
from betang.accounts.models import RoleGrant, User
from betang.core.identifiers import new_uuid
from betang.web.shell.paging import PER_PAGE

SIZE = 300_000
ROUNDS = 7

#: Names, sizes and deciles as a province has them: some of each unknown.
NAMED = """
UPDATE registry_household SET
    head_name = (ARRAY['Lamiang', 'Yanti', 'Tambun', 'Bungai', 'Sari'])[1 + abs(hashint8(id)) %% 5]
                || ' ' || md5(id::text),
    decile = nullif(abs(hashint8(id)) %% 11, 0), size = 1 + abs(hashint8(id + 7)) %% 9
"""
CARDS = """
INSERT INTO cards_card (uuid, number, household_id, issue, village_id, state, key_version, qr,
                        counter, public_counter, issued_at, handed_over_at, expires_on,
                        blocked_reason, place_id)
SELECT gen_random_uuid(), '62' || number || '01', id, 1, village_id, 'active', 1, '', 0, 0, now(),
       now(), '2036-01-01', '', cards_place_of('family', village_id, NULL) FROM registry_household
"""
COUNTED = (
    "SELECT count(*) FROM registry_household WHERE village_id BETWEEN 6200000000 AND 6299999999"
)
SHOWN = """
SELECT h.*, (SELECT state FROM cards_card c WHERE c.household_id = h.id LIMIT 1),
       (SELECT from_on FROM eligibility_enrolment e WHERE e.household_id = h.id LIMIT 1)
FROM registry_household h WHERE village_id BETWEEN 6200000000 AND 6299999999
"""


def run(size: int) -> list[Row]:
    """Measure the first, the middle and the last pages in each order, and a whole export."""
    settings.ALLOWED_HOSTS = ["*"]
    setup_test_environment()
    field_world.make(size, at=timezone.now())
    with field_world.owner() as connection:
        connection.execute("ALTER TABLE cards_card DISABLE TRIGGER USER")
        connection.execute(NAMED.replace("%%", "%"))
        connection.execute(CARDS)
        connection.execute("ALTER TABLE cards_card ENABLE TRIGGER USER")
        field_world.analyse_what_is_filled(connection)
        middle = connection.execute(
            "SELECT number FROM registry_household ORDER BY number OFFSET %s LIMIT 1", [size // 2]
        ).fetchone()
        assert middle
        by_hand = f"{SHOWN} AND number > %s ORDER BY number LIMIT {PER_PAGE + 1}"

        def floor() -> None:
            connection.execute(COUNTED).fetchall()
            connection.execute(by_hand, middle).fetchall()

        counted_off = f"{SHOWN} ORDER BY number OFFSET {size - 2 * PER_PAGE} LIMIT {PER_PAGE}"
        bare = _milliseconds(floor)
        rows = [
            *_pages(_clerk(), size, bare),
            _row("lists.offset", _milliseconds(lambda: connection.execute(counted_off).fetchall()),
                 size, None),
        ]  # fmt: skip
    return [*rows, _export(_clerk(), size)]


def _clerk() -> Client:
    user, _ = User.objects.get_or_create(
        username="lists", defaults={"full_name": "Lists", "person": new_uuid()}
    )
    RoleGrant.objects.get_or_create(
        user=user, role="auditor",
        defaults={
            "proposed_by_person": new_uuid(), "approved_by_person": new_uuid(),
            "from_at": timezone.now(),
        },
    )  # fmt: skip
    client = Client()
    client.force_login(user)
    return client


def _pages(clerk: Client, size: int, floor: float) -> list[Row]:
    rows = []
    for order in ("nomor", "kepala", "desa", "jiwa", "-desil"):
        path = f"/keluarga/?urut={order}"
        page = clerk.get(f"{path}&hal=akhir").context["page"]
        last_but_one = f"{path}&hal={page.previous}"
        places = {"first": path, "last": f"{path}&hal=akhir", "last_but_one": last_but_one}
        for name, address in places.items():
            taken = _milliseconds(lambda: _opened(clerk, address))  # noqa: B023 - called at once
            rows.append(_row(f"lists.{order}.{name}", taken, size, floor))
    return rows


def _opened(clerk: Client, address: str) -> None:
    answer = clerk.get(address)
    assert answer.status_code == 200, answer.status_code


def _export(clerk: Client, size: int) -> Row:
    """Take the whole list, and look at how much memory that took on top."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    answer: Any = clerk.get("/keluarga/?bentuk=csv")
    lines = sum(part.count(b"\n") for part in answer)
    taken = time.perf_counter() - began
    assert lines == size + 1, lines
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    row = _row("lists.export", taken * 1000, size, None)
    row["peak_mb"] = round(grown, 1)
    return row


def _milliseconds(doing: Callable[[], Any]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        doing()
        best = min(best, time.perf_counter() - began)
    return best * 1000


def _row(name: str, value: float, size: int, floor: float | None) -> Row:
    return Row(
        name=name,
        value=round(value, 1),
        unit="ms",
        floor=round(floor, 1) if floor else None,
        ratio=round(value / floor, 2) if floor else None,
        peak_mb=None,
        size=size,
    )
