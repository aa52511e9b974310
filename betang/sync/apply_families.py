"""Apply what devices say of families, stock, problems and their own leases."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from betang.accounts.admit import Holder
from betang.core.clock import WIB
from betang.core.event.said.days import Stock
from betang.core.event.said.families import Geotagged, Verified
from betang.core.event.said.leases import Closed
from betang.core.event.said.members import MalformedDataError
from betang.core.event.said.reports import Reported
from betang.core.event.said.shapes import point_of
from betang.distribution import lease as leases
from betang.distribution.models import Lease
from betang.distribution.stock import Told, count_stock
from betang.distribution.taken_over import families_taken, villages_taken
from betang.grievances.open import Opening, open_cases
from betang.journal.record import Happening, record_many
from betang.registry.dwelling import Dwelling, tell_dwellings
from betang.registry.follow_up import Wanted, open_follow_ups
from betang.registry.geotag import geotag_many
from betang.registry.presence import Presence, report_presence
from betang.sync.decisions import Decided
from betang.sync.homes import anchor_of, custodian_of, home_of, home_point, want
from betang.sync.portraits import tell_visits_portraits
from betang.sync.read_said import Heard

#: What a visit found of a member, as the registry says it.
PRESENCE = frozenset({"deceased", "moved"})
#: What a visit leaves for the office to do, whatever it found.
LEFT_TO_DO = frozenset({"deceased", "moved", "not_found", "refused"})
#: The UUID of no household.
NOBODY = UUID(int=0)

#: The households of the device's own areas.
MINE = """
SELECT h.uuid, h.id, h.village_id FROM registry_household h
JOIN accounts_devicearea d ON d.device_id = %s
JOIN areas_area a ON a.code = d.area_id
WHERE h.uuid = ANY(%s)
  AND h.village_id::text LIKE a.code::text || '%%'
"""
MY_VILLAGES = """
SELECT v.code FROM areas_area v
JOIN accounts_devicearea d ON d.device_id = %s
WHERE v.code = ANY(%s) AND v.code::text LIKE d.area_id::text || '%%'
"""


def families(items: Sequence[Heard], holder: Holder, at: datetime) -> list[Decided]:
    """Apply visits and home points."""
    mine = mine_of(holder, [_household(item) for item in items])
    kin = _families_of(
        [
            member
            for item in items
            if isinstance(item.said, Verified)
            for member in (item.said.member, item.said.successor)
            if member
        ]
    )
    # By the payload's hash: the id is the device's own word, and may stand in two events.
    codes = {item.arrived.sha256: _code(item, mine, kin) for item in items}
    good = [item for item in items if codes[item.arrived.sha256] == "ok"]
    _tell_visits([item for item in good if isinstance(item.said, Verified)], mine, holder, at)
    _tell_homes([item for item in good if isinstance(item.said, Geotagged)], holder, at)
    return [item.decide(codes[item.arrived.sha256], member="home") for item in items]


def _code(item: Heard, mine: dict[UUID, tuple[int, int]], kin: dict[UUID, int]) -> str:
    """Say what becomes of one event: `ok`, or why it cannot stand."""
    said = item.said
    family = mine.get(_household(item) or NOBODY)
    if family is None:
        return "household.unknown"
    named = (said.member, said.successor) if isinstance(said, Verified) else ()
    if any(member and kin.get(member) != family[0] for member in named):
        return "household.unknown"  # a member of another family, perhaps of another regency
    if isinstance(said, Geotagged):
        try:
            point_of(item.private.get("home"))
        except MalformedDataError:
            return "event.malformed"
    return "ok"


def _tell_visits(
    items: Sequence[Heard], mine: dict[UUID, tuple[int, int]], holder: Holder, at: datetime
) -> None:
    """Record visits; who died or moved is told to the registry."""
    visits, seen = [], []
    todo: list[Wanted] = []
    for item in items:
        said = item.said
        assert isinstance(said, Verified)
        facts = {"outcome": said.outcome, "device": holder.short_id, **_told_more(said)}
        village = mine[said.household][1]
        visits.append(Happening(said.household, holder.actor, item.at, village, facts))
        if said.outcome in LEFT_TO_DO:
            todo.append(want(item, said.household, said.outcome, holder, **_told_more(said)))
        if said.outcome in PRESENCE:
            members = [said.member] if said.member else _members(mine[said.household][0])
            # Nobody dies or moves after we heard of it.
            on = min(said.on or item.at.date(), item.at.astimezone(WIB).date())
            seen += [Presence(one, said.outcome, on, said.left_province) for one in members]
    record_many("household.visited", visits)
    tell_visits_portraits(items, holder, at)
    open_follow_ups(todo)
    if seen:
        report_presence(seen, actor=holder.actor, at=at)


def _told_more(said: Verified) -> dict[str, Any]:
    """Give what a visit told beyond its outcome: codes and identifiers."""
    more: dict[str, Any] = {"to_village": said.to_village, "successor": said.successor}
    told = {name: str(value) for name, value in more.items() if value}
    return told | {"left_province": True} if said.left_province else told


def _tell_homes(items: Sequence[Heard], holder: Holder, at: datetime) -> None:
    """Keep home points, dwellings, and the landmarks of families without a house."""
    if not items:
        return
    dwellings, points = [], []
    missing: list[Wanted] = []
    for item in items:
        said = item.said
        assert isinstance(said, Geotagged)
        anchor, custodian = anchor_of(item.private), custodian_of(item.private)
        dwellings.append(Dwelling(said.household, said.dwelling, anchor, *custodian))
        home = home_of(item.private)
        if home:
            points.append(home_point(item, said.household, home, holder))
        elif item.private or not item.arrived.named:  # else its attachment is still to come
            missing.append(want(item, said.household, "home_missing", holder))
    open_follow_ups(missing)
    tell_dwellings(dwellings, actor=holder.actor, at=at)
    geotag_many(points, at=at)


def _families_of(members: Sequence[UUID]) -> dict[UUID, int]:
    """Give the household (row id) of each member that is known."""
    if not members:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT uuid, household_id FROM registry_member WHERE uuid = ANY(%s)", [list(members)]
        )
        return dict(cursor.fetchall())


def _members(household: int) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT uuid FROM registry_member WHERE household_id = %s", [household])
        return [row[0] for row in cursor.fetchall()]


def tell_stock(items: Sequence[Heard], holder: Holder, at: datetime) -> list[Decided]:
    """Apply goods received and counted."""
    told = [(item, item.said) for item in items if isinstance(item.said, Stock)]
    here = villages_of(holder, [said.village for _, said in told])
    known = count_stock(
        [
            Told(
                item.type.removeprefix("stock."),
                said.village,
                said.cycle,
                said.items,
                holder.uuid,
                item.id,
                item.at,
                holder.actor,
            )
            for item, said in told
            if said.village in here
        ],
        at=at,
    )
    return [item.decide("ok" if item.id in known else "stock.unknown") for item, _ in told]


def report_problems(items: Sequence[Heard], holder: Holder, at: datetime) -> list[Decided]:
    """Apply problems (an entry each) and grievances (a case each)."""
    told = [(item, item.said) for item in items if isinstance(item.said, Reported)]
    mine = mine_of(holder, [said.household for _, said in told])
    here = villages_of(holder, [said.village for _, said in told if said.village])
    decisions, problems, cases = [], [], []
    for item, said in told:
        family = mine.get(said.household) if said.household else None
        village = said.village if said.village in here else family[1] if family else None
        if (said.household and not family) or (said.village and said.village not in here):
            decisions.append(item.decide("household.unknown"))
            continue
        decisions.append(item.decide("ok"))
        facts: dict[str, Any] = {"code": said.code, "device": holder.short_id}
        facts |= _told_of(said)
        if item.arrived.named:
            facts["attachment"] = item.arrived.named.hex()
        if item.type == "grievance.opened" and village is not None:
            cases.append(
                Opening(
                    said.code,
                    item.id,
                    village,
                    family[0] if family and not said.anonymous else None,
                    facts,
                    holder.actor,
                    item.at,
                )
            )
        else:
            problems.append(Happening(item.id, holder.actor, item.at, village, facts))
    open_cases(cases)
    record_many("problem.reported", problems)
    return decisions


def _told_of(said: Reported) -> dict[str, Any]:
    """Give what was told of an illegal levy: how much, who asked, when; and a wish for silence."""
    facts: dict[str, Any] = {
        "amount_rupiah": said.amount_rupiah,
        "asked_by": said.asked_by,
        "on": said.on.isoformat() if said.on else None,
        "anonymous": said.anonymous or None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def close_leases(items: Sequence[Heard], holder: Holder, at: datetime) -> list[Decided]:
    """Apply `lease.closed`: what was not delivered is free again."""
    decisions = []
    for item in items:
        assert isinstance(item.said, Closed)
        lease = (
            Lease.objects.select_related("device")
            .filter(uuid=item.said.lease, device_id=holder.id, state__in=["live", "revoked"])
            .first()
        )
        if lease is None:
            decisions.append(item.decide("lease.unknown"))
            continue
        leases.close(lease, last_seq=item.said.last_seq, actor=holder.actor, at=item.at)
        decisions.append(item.decide("ok"))
    return decisions


def _household(item: Heard) -> UUID | None:
    said = item.said
    return said.household if isinstance(said, Verified | Geotagged) else None


def mine_of(holder: Holder, wanted: Sequence[UUID | None]) -> dict[UUID, tuple[int, int]]:
    """Give (row id, village) of those households that the device may speak of.

    Those of its areas, and those that it took over from another phone, wherever they live.
    """
    uuids = [uuid for uuid in wanted if uuid]
    if not uuids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(MINE, [holder.id, uuids])
        own = {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
    return own | families_taken(holder.id, [uuid for uuid in uuids if uuid not in own])


def villages_of(holder: Holder, wanted: Sequence[int | None]) -> set[int]:
    """Give those of the villages that lie in the device's areas, or have families it took over."""
    codes = {code for code in wanted if code}
    if not codes:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(MY_VILLAGES, [holder.id, list(codes)])
        own = {row[0] for row in cursor.fetchall()}
    return own if own == codes else own | codes & villages_taken(holder.id)
