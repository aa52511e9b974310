"""What must hold after a run, whatever went wrong in it: asked of the tables and of the diaries.

Nothing here calls what is being checked: it reads rows, and what each phone was told.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from benchmarks.chaos import (
    books_balance,
    claims_settled,
    days_kept,
    events_kept,
    hand_overs_kept,
    registrations_kept,
)
from benchmarks.chaos.office import Desk
from sandbox.chaos.device import Device
from sandbox.chaos.play import Play


class Violation(NamedTuple):
    """An invariant that does not hold, and where it was seen."""

    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}"


@dataclass
class Check:
    """The checks of one run."""

    play: Play
    desk: Desk
    violations: list[Violation] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def all(self) -> "Check":
        """Check everything."""
        for number, said in enumerate(self.play.wrong):
            self.broken("as_it_went", f"{number}: {said}")
        for device in self.everybody():
            for said in device.phone.diary.wrong:
                self.broken("as_it_went", f"device {device.number}: {said}")
        events_kept.check(self)
        claims_settled.check(self)
        books_balance.check(self)
        if self.play.plan.field:
            hand_overs_kept.check(self)
            days_kept.check(self)
            registrations_kept.check(self)
        self.facts["requests"] = sum(device.line.requests for device in self.everybody())
        self.facts["answers_lost"] = sum(device.line.lost for device in self.everybody())
        return self

    def broken(self, rule: str, what: str) -> None:
        """Note that an invariant does not hold."""
        self.violations.append(Violation(rule, what))

    def told(self) -> list[str]:
        """Give a few violations of each rule."""
        few: dict[str, list[str]] = {}
        for violation in self.violations:
            few.setdefault(violation.rule, []).append(str(violation))
        return [line for lines in few.values() for line in lines[:4]]

    def everybody(self) -> list[Device]:
        """Give all devices and their copies."""
        return [*self.play.devices, *self.play.copies]

    def living(self) -> Iterator[Device]:
        """Give the devices that nobody ended, copied or revoked."""
        for device in self.play.devices:
            if not device.ended and not device.copied_at:
                yield device
