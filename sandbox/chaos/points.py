"""Days at a point: each device opens and closes its own part, and the office changes its plans."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.chaos.tries import HOUR, NOTHING

if TYPE_CHECKING:
    from random import Random

    from sandbox.chaos.device import Device
    from sandbox.chaos.plan import Fault
    from sandbox.chaos.play import Play

WIB = timedelta(hours=7)
#: How often a companion forgets to close, and how often a family cannot come.
FORGETS, STAYS_HOME = 0.1, 0.25
REASONS = ("sick", "elderly", "disabled")


def begin(device: Device, random: Random) -> None:
    """Open the days of today, as far as this phone's own clock says what today is."""
    today = (datetime.fromtimestamp(device.own_time(), UTC) + WIB).date().isoformat()
    for day in device.phone.bundle.get("days") or []:
        if day["date"] == today and device.working and day["uuid"] not in device.book.parts:
            _open(device, day)
            if random.random() < STAYS_HOME:
                _needs_home(device, day, random)


def end(device: Device, random: Random) -> None:
    """Close what is open: forgotten once in a while, and closed another day."""
    for day, phase in list(device.book.parts.items()):
        if phase == "opened" and random.random() >= FORGETS:
            close(device, day)


def close(device: Device, day: str, *, left: int = 0) -> None:
    """Close the device's part of a day with what it counted itself."""
    invited = device.book.invited.get(day, [])
    served = device.book.served & set(invited)
    goods = [{"item": "beras", "quantity": left, "unit": "kg"}]
    told = {"day": day, "served": len(served), "absent": len(invited) - len(served), "left": goods}
    said = device.sign("day.closed", told, {"note": "", "witness_name": "Saksi"})
    said.served = frozenset(served)
    device.book.parts[day] = "closed"


def day_called_off(play: Play, fault: Fault, random: Random) -> str:
    """Cancel or move a day while its phone is away, which holds it all the same."""
    device = play.devices[fault.device]
    days = [day for day in _days(device) if day["uuid"] not in device.book.parts]
    if not days:
        return NOTHING
    day = random.choice(days)
    device.away_until = max(device.away_until, play.clock.now + random.choice([2, 30, 60]) * HOUR)
    if random.random() < 0.6:
        return play.office.cancel_day(day["uuid"])
    return play.office.move_day(day["uuid"], random.randint(1, 4))


def day_told_again(play: Play, fault: Fault, random: Random) -> str:
    """Open again, close again with another count, or close what was never opened."""
    device = play.devices[fault.device]
    days = _days(device)
    if device.ended or not days:
        return NOTHING
    day = random.choice(days)
    how = random.choice(["open", "open and close", "close", "close twice"])
    device.book.invited.setdefault(day["uuid"], [one["household"] for one in day["invitations"]])
    if "open" in how:
        _open(device, day)
    for _ in range(2 if "twice" in how else "close" in how):
        close(device, day["uuid"], left=random.randint(0, 30))
        device.serve(2, random)
    return how


def share_a_day(play: Play, fault: Fault, random: Random) -> str:
    """Let a second device open and close a part of the same day, knowing nothing of the first."""
    device, other = play.devices[fault.device], play.devices[fault.other]
    days = _days(device)
    if other.ended or not days:
        return NOTHING
    play.office.grant_there(other.phone.short_id, device.number)
    other.sync()
    day = random.choice(days)["uuid"]
    known = [one for one in _days(other) if one["uuid"] == day]
    if not known:
        return "not told"
    _open(other, known[0])
    other.serve(2, random)
    close(other, day)
    return ""


def invite_elsewhere(play: Play, fault: Fault, random: Random) -> str:
    """Give a family a place in another day of its village."""
    days = [day for day in _days(play.devices[fault.device]) if day["invitations"]]
    if len(days) < 2:
        return NOTHING
    first, second = random.sample(days, 2)
    family = random.choice(first["invitations"])["household"]
    return play.office.invite(family, second["uuid"])


def _open(device: Device, day: dict[str, Any]) -> None:
    device.book.parts[day["uuid"]] = "opened"
    device.book.invited[day["uuid"]] = [one["household"] for one in day["invitations"]]
    device.sign("day.opened", {"day": day["uuid"], "point": None})


def _needs_home(device: Device, day: dict[str, Any], random: Random) -> None:
    if not day["invitations"]:
        return
    family = random.choice(day["invitations"])["household"]
    told = {"household": family, "reason": random.choice(REASONS), "day": day["uuid"]}
    device.sign("household.needs_home_delivery", told, {"note": "x"})


def _days(device: Device) -> list[dict[str, Any]]:
    """Give the days that a device's bundle names."""
    return list(device.phone.bundle.get("days") or []) if device.working else []
