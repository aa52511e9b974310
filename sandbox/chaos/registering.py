"""Families registered without a network, under the numbers that a phone was given beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.chaos.tries import HOUR, NOTHING, copied

if TYPE_CHECKING:
    from random import Random

    from sandbox.chaos.device import Device
    from sandbox.chaos.plan import Fault
    from sandbox.chaos.play import Play

#: How often a companion meets a family that is in no list.
MEETS = 0.3


def meet(device: Device, random: Random) -> None:
    """Register a family, if the phone has a number left."""
    if device.working and random.random() < MEETS:
        register(device, random)


def register(device: Device, random: Random, *, number: str = "") -> str:
    """Register a family under the next free number; gives it, or "" where none is left."""
    free = [one for one in device.phone.numbers if one not in device.book.numbers]
    chosen = number or (free[0] if free else "")
    areas = (device.phone.bundle.get("device") or {}).get("areas")
    if not chosen or not areas:
        device.count("no number left")
        return ""
    device.book.numbers.add(chosen)
    device.phone.numbers = [one for one in device.phone.numbers if one != chosen]
    # One family in some meets two companions: the office sees the same number of its head twice.
    born, serial = random.randint(10, 28), random.choice([random.randint(1, 9_999), 7])
    nik = f"62010{random.randint(1, 9)}{born}0{random.randint(1, 9)}80{serial:04d}"
    private = {"head_name": f"Warga {chosen}", "head_nik": nik if random.random() < 0.5 else ""}
    said = device.phone.register(areas[0], private, provisional=chosen, size=random.randint(1, 6))
    device.phone.said(said).honest = not number
    device.count("household.registered")
    return chosen


def clone_registers(play: Play, fault: Fault, random: Random) -> str:
    """Copy a phone; both register families under the same numbers."""
    both = copied(play, play.devices[fault.device])
    for one in both:
        for _ in range(2):
            register(one, random)
        one.serve(2, random)
    return "" if both else NOTHING


def wrong_number(play: Play, fault: Fault, random: Random) -> str:
    """Register a family, by an altered app, under another's number or under a used one."""
    device, other = play.devices[fault.device], play.devices[fault.other]
    used, others = sorted(device.book.numbers), other.phone.numbers
    if device.ended or not (used or others):
        return NOTHING
    number = random.choice(used) if used and random.random() < 0.5 else (others or used)[0]
    register(device, random, number=number)
    return "used before" if number in used else "another's"


def pool_runs_dry(play: Play, fault: Fault, random: Random) -> str:
    """Stay away and register families until no number is left: the next one is not registered."""
    device = play.devices[fault.device]
    if device.ended or not device.phone.numbers:
        return NOTHING
    device.away_until = max(device.away_until, play.clock.now + random.choice([8, 30]) * HOUR)
    while register(device, random):
        pass
    signed = device.phone.seq
    if register(device, random) or device.phone.seq != signed:
        play.wrong.append(f"device {device.number} registers without a number")
    return ""
