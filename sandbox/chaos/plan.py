"""What will go wrong, drawn from a seed and written down, so that it can be played again and cut.

A plan holds no identifier of any run: devices, families and moments are numbers. Honest work is not
in it: each device draws its own day from the seed, so that leaving a fault out moves nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import orjson

MINUTES_A_DAY = 24 * 60
#: Faults a device and day; a small run has at least so many that each kind can come.
RATE = 0.14
LEAST = 44
#: With the faults of the field there are more kinds, and so more faults.
FIELD_RATE, FIELD_LEAST = 0.2, 64
#: At most this share of the devices is taken away for good: the rest must have a life.
ENDED_SHARE = 0.3

#: Every kind of fault and how often it comes; what each does is in `faults.py`.
WEIGHTS = {
    "partition": 14,
    "lose_answers": 12,
    "lose_request": 6,
    "repeat": 6,
    "reorder": 8,
    "parallel": 6,
    "network_repeats": 4,
    "clock": 8,
    "crash_before_sending": 6,
    "crash_in_upload": 4,
    "clone": 3,
    "lost_phone": 3,
    "kill_site": 3,
    "kill_worker": 3,
    "suspend": 4,
    "revoke_device": 2,
    "revoke_lease": 3,
    "renew": 4,
    "renew_briefly": 2,
    "move_lease": 3,
    "lease_again": 6,
    "close_lease": 3,
    "override": 5,
    "wrong_point": 6,
    "twice": 7,
    "rush": 4,
    "block_card": 4,
    "serve_revoked": 4,
    "play_back_tap": 5,
    "courier": 5,
    "stock_short": 4,
    "gap": 3,
}
#: What else goes wrong where phones meet, days are held at points and families are registered. A
#: plan has these only where it was asked for (`field`): a seed drawn before them stays what it was.
FIELD_WEIGHTS = {
    "hand_over_by_qr": 16,
    "hand_over_and_die": 4,
    "take_over_and_die": 3,
    "replay_hand_over": 6,
    "hand_over_delivered": 4,
    "hand_over_twice": 4,
    "keep_handed_over": 4,
    "ask_for_handed_over": 4,
    "day_called_off": 6,
    "day_told_again": 6,
    "share_a_day": 4,
    "invite_elsewhere": 3,
    "clone_registers": 3,
    "wrong_number": 4,
    "pool_runs_dry": 3,
}
#: Kinds that end the life of their device.
ENDING = frozenset({
    *("clone", "lost_phone", "revoke_device"),
    *("hand_over_and_die", "take_over_and_die", "clone_registers"),
})  # fmt: skip
#: Kinds that need no device.
OF_NOBODY = frozenset({"kill_worker"})


class Fault(NamedTuple):
    """One thing that goes wrong: when (minutes from the start), what, to which devices.

    `n` is a number that the act uses for its own choices, and names the fault in reports.
    """

    minute: int
    kind: str
    device: int
    other: int
    n: int

    def as_json(self) -> dict[str, Any]:
        """Write it for a plan file."""
        return self._asdict()


@dataclass(frozen=True)
class Plan:
    """A whole run: its size and its faults, in the order of time."""

    seed: int
    devices: int
    households: int
    days: int
    faults: Sequence[Fault]
    mutant: str = ""
    #: Whether phones meet, hold days and register families (docs/chaos.md).
    field: bool = False

    def as_bytes(self) -> bytes:
        """Write the plan as a file that replays it."""
        told = {
            "seed": self.seed,
            "devices": self.devices,
            "households": self.households,
            "days": self.days,
            "mutant": self.mutant,
            "field": self.field,
            "faults": [fault.as_json() for fault in self.faults],
        }
        return orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n"

    def smaller(self, *, devices: int | None = None, days: int | None = None) -> "Plan":
        """Give the plan of fewer devices (with their families) or fewer days."""
        count, length = devices or self.devices, days or self.days
        faults = [
            fault
            for fault in self.faults
            if max(fault.device, fault.other) < count and fault.minute < length * MINUTES_A_DAY
        ]
        families = self.households * count // self.devices
        return replace(self, devices=count, days=length, households=families, faults=faults)

    def only(self, faults: Sequence[Fault]) -> "Plan":
        """Give the plan with these of its faults."""
        return replace(self, faults=list(faults))


def kinds_of(*, field: bool) -> dict[str, int]:
    """Give the kinds that a plan is drawn from, and how often each comes."""
    return WEIGHTS | FIELD_WEIGHTS if field else WEIGHTS


def draw(
    seed: int, *, devices: int, households: int, days: int, mutant: str = "", field: bool = False
) -> Plan:
    """Draw a plan from a seed; `field` adds the kinds of `FIELD_WEIGHTS`."""
    random = Random(f"faults:{seed}")
    least, rate = (FIELD_LEAST, FIELD_RATE) if field else (LEAST, RATE)
    count = max(least, round(devices * days * rate))
    weighted = kinds_of(field=field)
    kinds, weights = list(weighted), list(weighted.values())
    ended: set[int] = set()
    faults = []
    for n in range(count):
        kind = random.choices(kinds, weights)[0]
        device, other = random.randrange(devices), random.randrange(devices - 1)
        other += other >= device
        minute = random.randrange(6 * 60, days * MINUTES_A_DAY)
        if kind in ENDING:
            if device not in ended and len(ended) >= devices * ENDED_SHARE:
                continue
            ended.add(device)
        faults.append(Fault(minute, kind, device, other, n))
    return Plan(seed, devices, households, days, sorted(faults), mutant, field)


def read(path: Path) -> Plan:
    """Read a plan file."""
    told = orjson.loads(path.read_bytes())
    faults = [Fault(**one) for one in told.pop("faults")]
    return Plan(**told, faults=faults)
