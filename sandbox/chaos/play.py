"""Play a plan: days of simulated time, each device at its own work, and the faults when they come.

At the end all faults are off and every device that still lives comes back until nothing is left.
"""

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from math import ceil
from random import Random
from typing import Any

import httpx

from sandbox.chaos import points, registering
from sandbox.chaos.device import Device
from sandbox.chaos.diary import DiaryPhone
from sandbox.chaos.faults import FAULTS
from sandbox.chaos.line import Clock, Line
from sandbox.chaos.meeting import Handing
from sandbox.chaos.office import Machines, Office
from sandbox.chaos.plan import Fault, Plan
from sandbox.clones.card import Card

MINUTE = 60.0
#: Rounds of coming back at the end; a gap, a suspension and a fork need a few.
ROUNDS = 8
#: Work, then the way to a signal: minutes of the day.
SESSIONS = (10 * 60, 15 * 60)
EVENING = 18 * 60


@dataclass
class Play:
    """One run of a plan, with everything that came of it."""

    plan: Plan
    origin: str
    start: float
    office: Office
    machines: Machines
    client: httpx.Client
    say: Callable[[str], None] = print
    clock: Clock = field(init=False)
    devices: list[Device] = field(default_factory=list)
    copies: list[Device] = field(default_factory=list)
    cards: dict[str, Card] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    #: What was handed from phone to phone, and rights that two phones may believe to hold.
    handings: list[Handing] = field(default_factory=list)
    disputed: set[str] = field(default_factory=set)
    did: Counter[str] = field(default_factory=Counter)
    log: list[str] = field(default_factory=list)
    _due: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _order: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        """Begin at the start."""
        self.clock = Clock(self.start)

    # --- time ---------------------------------------------------------------------------------

    def later(self, minutes: float, act: Callable[[], None]) -> None:
        """Do something `minutes` after now."""
        self._at(self.clock.now + minutes * MINUTE, act)

    def run(self) -> None:
        """Enrol, live through the days, come back."""
        self.machines.set_clock(self.start)
        self.cards = self.office.cards()
        if self.plan.field:
            families = self.plan.households / self.plan.devices
            self.office.plan_days(per_day=ceil(families / self.plan.days))
        for number in range(self.plan.devices):
            self.devices.append(self._enrolled(number))
        for fault in self.plan.faults:
            self._at(self.start + fault.minute * MINUTE, self._bound(fault))
        for day in range(self.plan.days):
            self._plan_day(day)
        end = self.start + self.plan.days * 86_400
        while self._due and self._due[0][0] < end:
            at, _, act = heapq.heappop(self._due)
            self._move_to(at)
            act()
        self._move_to(end)
        self.drain()

    def drain(self) -> None:
        """Take all faults off and let every living device come back until nothing is left."""
        late = [act for _, _, act in sorted(self._due, key=lambda due: due[:2])]
        for act in late:  # suspensions end, lost phones are replaced
            act()
        for turn in range(ROUNDS):
            self._move_to(self.clock.now + 3_600)
            self.office.morning(draw=0.0)
            self.office.close_gaps()
            if self.plan.field:
                self.office.answer(draw=0.0)
            for device in [*self.devices, *self.copies]:
                if device.ended == "lost":
                    continue
                device.away_until, device.offset = 0.0, 0.0
                device.line.lose = device.line.drop = device.line.twice = 0
                device.sync(fetch=turn % 2 == 1)
            for device in self.devices:
                if device.copied_at or device.ended:
                    self.office.settle(device.phone.short_id, release=device.number % 2 == 0)

    # --- devices ------------------------------------------------------------------------------

    def random(self, *what: object) -> Random:
        """Draw from the seed and a name, so that leaving one thing out moves no other."""
        return Random(":".join(map(str, (self.plan.seed, *what))))

    def _enrolled(self, number: int) -> Device:
        line = Line(self.client)
        phone = DiaryPhone(self.origin, line, app_version="chaos-1", ticks=self.clock.ticks)
        nfc = self.random("nfc", number).random() < 0.6
        device = Device(number, phone, line, self.clock, self.cards, nfc)
        phone.clock = device.own_time
        words = phone.enrol(self.office.code(number))
        self.office.confirm(phone.short_id, words, number)
        if refused := self.office.grant(phone.short_id):
            self.wrong.append(f"the first lease was refused: {refused}")
        device.sync()
        self.stock(device)
        return device

    def stock(self, device: Device, *, short: int = 0) -> None:
        """Say what goods arrived at the device's point."""
        bundle = device.phone.bundle
        if not bundle or not bundle["cycles"]:
            return
        goods = [
            {"item": good["item"], "quantity": good["quantity"] * len(device.due), "short": short,
             "unit": good["unit"]}
            for benefit in bundle["benefits"] if benefit["channel"] == "hand"
            for good in benefit["goods"]
        ]  # fmt: skip
        village = bundle["device"]["areas"][0]
        cycle = bundle["cycles"][0]["uuid"]
        device.sign("stock.received", {"village": village, "cycle": cycle, "items": goods})

    # --- the days -----------------------------------------------------------------------------

    def _plan_day(self, day: int) -> None:
        begins = self.start + day * 86_400
        draw = self.random("office", day).random()
        self._at(begins + 6 * 3_600, lambda: self._morning(draw))
        for number in range(self.plan.devices):
            random = self.random("day", day, number)
            for minute in SESSIONS:
                at = begins + (minute + random.uniform(0, 60)) * MINUTE
                self._at(at, self._session(number, day, minute))
            if random.random() < 0.65:
                at = begins + (EVENING + random.uniform(0, 120)) * MINUTE
                self._at(at, self._evening(number, fetch=random.random() < 0.4))

    def _morning(self, draw: float) -> None:
        self.office.morning(draw=draw)
        if self.plan.field:
            self.office.answer(draw=draw)
        self.did["judged " + (self.office.judge(draw=draw) or "done")] += 1
        for device in self.devices:
            if not device.ended and not device.copied_at and not device.phone.leases:
                self.office.grant(device.phone.short_id)

    def _session(self, number: int, day: int, minute: int) -> Callable[[], None]:
        def work() -> None:
            for device in self.alive(number):
                random = self.random("work", day, minute, number)
                if self.plan.field:
                    self._in_the_field(device, day, minute)
                rights = self.plan.households / self.plan.devices
                device.serve(round(rights / self.plan.days * random.uniform(0.5, 1.1)), random)
                self._beside(device, random)
                if self.plan.field and minute == SESSIONS[-1]:
                    points.end(device, self.random("close", day, number))

        return work

    def _in_the_field(self, device: Device, day: int, minute: int) -> None:
        """Open the day at the point and register who is in no list."""
        random = self.random("field", day, minute, device.number)
        points.begin(device, random)
        registering.meet(device, random)

    def _beside(self, device: Device, random: Random) -> None:
        """Do what a companion does besides delivering."""
        families = device.phone.bundle.get("households") or []
        if not families or not device.working:
            return
        family = random.choice(families)["uuid"]
        drawn = random.random()
        if drawn < 0.2:
            device.sign("household.verified", {"household": family, "outcome": "found"})
        elif drawn < 0.3:
            home = {"lat": -2.2, "lng": 113.9, "accuracy_m": 9.0}
            told = {"household": family, "dwelling": "own"}
            device.sign("household.geotagged", told, {"home": home, "anchor": ""})
        elif drawn < 0.35:
            device.sign("problem.reported", {"code": "safety", "household": family}, {"note": "x"})

    def _evening(self, number: int, *, fetch: bool) -> Callable[[], None]:
        def come_back() -> None:
            for device in self.alive(number):
                device.sync(fetch=fetch)

        return come_back

    def note(self, what: str) -> None:
        """Count what came of an act that was left for later."""
        self.did["later: " + (what or "done")] += 1

    def alive(self, number: int) -> list[Device]:
        """Give the device of that number and its copies, as far as they live."""
        copies = [copy for copy in self.copies if copy.number == number]
        return [one for one in (self.devices[number], *copies) if not one.ended]

    # --- inside -------------------------------------------------------------------------------

    def _bound(self, fault: Fault) -> Callable[[], None]:
        def come() -> None:
            what = FAULTS[fault.kind](self, fault, self.random("fault", fault.n))
            self.did[fault.kind + (": " + what if what else "")] += 1
            self.log.append(f"{fault.minute} {fault.kind} {fault.device} {fault.n}: {what}")

        return come

    def _at(self, at: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (at, next(self._order), act))

    def _move_to(self, at: float) -> None:
        if at > self.clock.now:
            self.clock.now = at
            self.machines.set_clock(at)
