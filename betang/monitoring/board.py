"""The figures of the board: 1,571 rows of two tallies, and what is known about their age.

The tallies are kept in the transaction of each act, so reading them is exact and cheap (about a
millisecond); districts, regencies and the province are sums over them.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from betang.programmes.models import Cycle

VILLAGES = """
SELECT a.code, c.issued, c.handed_over,
       t.due, t.served_online + t.served_offline, t.contested, t.bank_due, t.paid
FROM areas_area a
LEFT JOIN cards_tally c ON c.village_id = a.code
LEFT JOIN distribution_villagetally t ON t.village_id = a.code AND t.cycle_id = %s
WHERE a.level = 4
ORDER BY a.code
"""

#: Rights that lie in a phone now: what it did with them is told only when it sends.
ON_PHONES = """
SELECT e.village_id, count(*), min(coalesce(d.last_seen_at, l.issued_at))
FROM distribution_leaseright r
JOIN distribution_lease l ON l.id = r.lease_id AND l.state = 'live' AND l.cycle_id = %s
JOIN accounts_device d ON d.id = l.device_id
JOIN distribution_entitlement e ON e.id = r.entitlement_id
WHERE r.ended_at IS NULL
GROUP BY e.village_id
"""

NAMES = "SELECT code, name, kind FROM areas_area WHERE level IN (2, 3, 4) ORDER BY code"


class Village(NamedTuple):
    """One village on the board. None is unknown; zero is a number.

    `served` counts deliveries by hand that stand, of `due`; `paid` those through the bank, of
    `bank_due`.
    """

    code: int
    issued: int | None
    handed_over: int | None
    due: int | None
    served: int | None
    contested: int | None
    bank_due: int | None
    paid: int | None


class OnPhones(NamedTuple):
    """Rights of a village that lie in phones, and when the longest silent of them last spoke."""

    rights: int
    heard_at: datetime


class Totals(NamedTuple):
    """Sums over villages; None where nothing is known of any of them."""

    villages: int
    issued: int | None
    handed_over: int | None
    due: int | None
    served: int | None
    contested: int | None
    bank_due: int | None
    paid: int | None


def shown_cycle() -> Cycle | None:
    """Give the cycle that the board shows: the open one, else the latest there is."""
    cycles = Cycle.objects.select_related("programme")
    opened = cycles.filter(state=Cycle.State.OPEN).order_by("-opens_on", "-id").first()
    closed = cycles.filter(state=Cycle.State.CLOSED).order_by("-opens_on", "-id").first()
    return opened or closed


def villages(cycle_id: int | None, areas: Iterable[int]) -> list[Village]:
    """Read the villages of `areas`, in the order of their codes."""
    with connection.cursor() as cursor:
        cursor.execute(VILLAGES, [cycle_id])
        rows = [Village(*row) for row in cursor.fetchall()]
    return inside(rows, list(areas))


def inside(rows: list[Village], areas: list[int]) -> list[Village]:
    """Keep the villages that lie in `areas`."""
    prefixes = tuple(str(area) for area in areas)
    return [row for row in rows if str(row.code).startswith(prefixes)] if prefixes else []


def on_phones(cycle_id: int | None, areas: Iterable[int]) -> dict[int, OnPhones]:
    """Read which villages of `areas` have rights in phones.

    Not for each tick: a few times a minute.
    """
    prefixes = tuple(str(area) for area in areas)
    with connection.cursor() as cursor:
        cursor.execute(ON_PHONES, [cycle_id])
        return {
            code: OnPhones(rights, heard_at)
            for code, rights, heard_at in cursor.fetchall()
            if str(code).startswith(prefixes)
        }


def names() -> dict[int, str]:
    """Give the names of regencies, districts and villages, with the word for what they are."""
    with connection.cursor() as cursor:
        cursor.execute(NAMES)
        return {code: called(name, kind) for code, name, kind in cursor.fetchall()}


def called(name: str, kind: str) -> str:
    """Name an area as people do: `Kab. Kapuas`, `Kota Palangka Raya`, `Desa Tumbang Malahoi`."""
    name = name.removeprefix("Kabupaten ").removeprefix("Kota ")
    word = {"kabupaten": "Kab.", "kota": "Kota", "kecamatan": "Kec.", "desa": "Desa"}.get(kind)
    word = word or {"kelurahan": "Kel.", "provinsi": "Provinsi"}.get(kind, "")
    return f"{word} {name}".strip()


def total(rows: Iterable[Village]) -> Totals:
    """Add villages up. A figure that is unknown everywhere stays unknown."""
    rows = list(rows)

    def add(position: int) -> int | None:
        known = [row[position] for row in rows if row[position] is not None]
        return sum(known) if known else None  # type: ignore[arg-type]

    return Totals(len(rows), *(add(position) for position in range(1, 8)))


def by_area(rows: Iterable[Village], level_digits: int) -> dict[int, list[Village]]:
    """Group villages by the area above them whose code has `level_digits` digits (4 or 6)."""
    grouped: dict[int, list[Village]] = {}
    for row in rows:
        grouped.setdefault(int(str(row.code)[:level_digits]), []).append(row)
    return grouped
