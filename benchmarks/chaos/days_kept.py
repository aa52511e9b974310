"""Days at a point: what the paper says is what was counted, and a day is what its parts are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from benchmarks.chaos.ask import rows
from benchmarks.chaos.events_kept import DECIDED
from betang.distribution import day_books
from betang.distribution.day_models import Day

if TYPE_CHECKING:
    from benchmarks.chaos.check import Check

PARTS = """
SELECT d.uuid::text, a.short_id, p.closed_at IS NOT NULL, p.served_told, p.absent_told, p.left_told
FROM distribution_daypart p JOIN distribution_day d ON d.id = p.day_id
JOIN accounts_device a ON a.id = p.device_id
"""
DAYS = "SELECT uuid::text, state FROM distribution_day"
#: Whoever was ever invited to a day; one who was invited elsewhere since is counted here as well.
INVITED = """
SELECT d.uuid::text, h.uuid::text FROM distribution_invitation i
JOIN distribution_day d ON d.id = i.day_id JOIN registry_household h ON h.id = i.household_id
"""
FAMILIES = """
SELECT e.uuid::text, h.uuid::text FROM distribution_entitlement e
JOIN registry_household h ON h.id = e.household_id
"""
LIVE_TWICE = """
SELECT household_id, count(*) FROM distribution_invitation WHERE ended IS NULL
GROUP BY cycle_id, household_id HAVING count(*) > 1
"""
#: Decisions that say of something shown to a phone that it has no business with it.
NOT_YOURS = frozenset({"day.unknown", "household.unknown"})


def check(check: Check) -> None:
    """Check every day."""
    decided = {(row[0], row[1]): (row[2], row[3]) for row in rows(DECIDED)}
    parts = {(row[0], row[1]): tuple(row[2:]) for row in rows(PARTS)}
    _states(check, parts)
    _told(check, parts, decided)
    _counted(check, decided)
    for household, count in rows(LIVE_TWICE):
        check.broken("a_family_is_invited_once", f"{household}: {count}")
    for device in check.living():
        diary = device.phone.diary
        for said in diary.said.values():
            code = decided.get((device.phone.short_id, said.sha256), ("", ""))[1]
            if code in NOT_YOURS and said.honest:
                data = orjson.loads(said.payload)["data"]
                shown = {data.get("day"), data.get("household")} & (diary.days | diary.families)
                if shown:
                    check.broken(
                        "what_a_phone_is_shown_it_may_tell_of",
                        f"device {device.number} #{said.seq} {said.type}: {code}",
                    )
    check.facts |= {"day_parts": len(parts), "parts_closed": sum(row[0] for row in parts.values())}


def _states(check: Check, parts: dict[tuple[str, str], tuple[Any, ...]]) -> None:
    """See that a day is open while one of its parts is, and that what was cancelled stays so."""
    for day, state in rows(DAYS):
        closed = [row[0] for (of, _), row in parts.items() if of == day]
        wanted = "planned" if not closed else "closed" if all(closed) else "opened"
        if state not in {"cancelled", wanted}:
            check.broken("a_day_is_what_its_parts_are", f"{day}: {state}, parts closed: {closed}")


def _told(
    check: Check,
    parts: dict[tuple[str, str], tuple[Any, ...]],
    decided: dict[tuple[str, str], tuple[str, str]],
) -> None:
    """See that each part says what its phone told last, in the order of its chain."""
    for device in check.play.devices:
        if device.copied_at:
            continue
        short_id, last = device.phone.short_id, {}
        for said in sorted(device.phone.diary.said.values(), key=lambda one: one.seq):
            accepted = decided.get((short_id, said.sha256), ("", ""))[0] == "accepted"
            if said.type in {"day.opened", "day.closed"} and accepted:
                last[orjson.loads(said.payload)["data"]["day"]] = said
        for day, said in last.items():
            data = orjson.loads(said.payload)["data"]
            wanted: tuple[Any, ...] = (False, None, None, "[]")
            if said.type == "day.closed":
                left = orjson.dumps(data["left"]).decode()
                wanted = (True, len(said.served), data["absent"], left)
            stands = parts.get((day, short_id))
            if stands is None or _as_told(stands) != wanted:
                check.broken(
                    "a_part_says_what_its_phone_told",
                    f"device {device.number} #{said.seq}: {stands}, told {wanted}",
                )


def _counted(check: Check, decided: dict[tuple[str, str], tuple[str, str]]) -> None:
    """See that the paper counts the families of whom each phone was told that its claim counts."""
    families = dict(rows(FAMILIES))
    invited: dict[str, set[str]] = {}
    for day, family in rows(INVITED):
        invited.setdefault(day, set()).add(family)
    agree = 0
    by_name: dict[str, set[str]] = {}
    for device in check.everybody():
        for said in device.phone.diary.said.values():
            outcome = decided.get((device.phone.short_id, said.sha256), ("", ""))[0]
            if said.right and outcome == "accepted":
                by_name.setdefault(device.phone.short_id, set()).add(families[said.right])
    for day in Day.objects.all():
        for part in day_books.told(day):
            name = part.part.device.short_id
            counted = by_name.get(name, set()) & invited.get(str(day.uuid), set())
            agree += not part.differs
            if part.counted != len(counted):
                check.broken(
                    "the_paper_says_what_was_counted",
                    f"{day.uuid} {name}: {part.counted}, told as counting {len(counted)}",
                )
    check.facts["parts_agree"] = agree


def _as_told(stands: tuple[Any, ...]) -> tuple[Any, ...]:
    """Give a part's row with its goods as they are written in an event."""
    *told, left = stands
    goods = orjson.loads(left) if isinstance(left, str) else left
    kept = [{"item": g["item"], "quantity": g["quantity"], "unit": g["unit"]} for g in goods]
    return (*told, orjson.dumps(kept).decode())
