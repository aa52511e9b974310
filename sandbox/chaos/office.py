"""What the harness needs of an office and of the machines: whoever plays it provides both.

`sandbox` speaks to Betang over HTTP alone, so the acts of people at desks are given from outside
(docs/decisions/0117). An act that a rule refuses gives the refusal's code; one that was done, "".
"""

from typing import NamedTuple, Protocol

from sandbox.clones.card import Card


class Free(NamedTuple):
    """A right that no device holds, with the card of its family."""

    right: str
    household: str
    number: str


class Office(Protocol):
    """The desks. Devices are named by their short ids, rights by their uuids."""

    def code(self, number: int) -> str:
        """Issue an enrolment code to the facilitator of device `number`."""

    def confirm(self, short_id: str, words: list[str], number: int) -> None:
        """Compare the six words; give the device its village."""

    def grant(self, short_id: str) -> str:
        """Lease the device what is free in its areas."""

    def grant_there(self, short_id: str, number: int) -> str:
        """Give a device the village of device `number` as well, and lease it what is free there."""

    def morning(self, *, draw: float) -> None:
        """Do what an office does each day: renew, close gaps, look at frozen devices."""

    def renew(self, short_id: str, days: int) -> str:
        """Renew the device's leases."""

    def revoke_leases(self, short_id: str) -> str:
        """Take the device's leases back; its rights wait until it gives them back."""

    def move(self, short_id: str, to: str) -> str:
        """Move the device's leases to another, by two persons."""

    def override(self, right: str) -> str:
        """Free a right that a device holds, by two persons."""

    def suspend(self, short_id: str) -> str:
        """Stop a device for now."""

    def reinstate(self, short_id: str) -> str:
        """Let a suspended device work again, and release what waits of it."""

    def revoke(self, short_id: str) -> str:
        """End a device for good."""

    def settle(self, short_id: str, *, release: bool) -> str:
        """Release or refuse, by two persons, whatever waits of a device, its second branch too."""

    def close_gaps(self) -> int:
        """Give up what will never come, for every device that waits for it."""

    def block(self, number: str) -> str:
        """Block a card."""

    def judge(self, *, draw: float) -> str:
        """Decide one open case of a contested delivery, by two persons where it takes two."""

    def plan_days(self, *, per_day: int) -> str:
        """Plan days at points from today on, for every family that is invited nowhere."""

    def cancel_day(self, day: str) -> str:
        """Cancel a day that nobody opened."""

    def move_day(self, day: str, by: int) -> str:
        """Move a day that nobody opened, some days on."""

    def invite(self, household: str, day: str) -> str:
        """Give a family a place in another day."""

    def answer(self, *, draw: float) -> None:
        """Decide what the field asked for: some families that were registered, hand-overs."""

    def free(self) -> list[Free]:
        """Give the rights of the village that no device is leased."""

    def cards(self) -> dict[str, Card]:
        """Give every family's card, by its number."""


class Machines(Protocol):
    """The servers, and what a power cut does to them."""

    def set_clock(self, now: float) -> None:
        """Tell every process what time it is."""

    def kill_site(self) -> None:
        """End the site at once, whatever it is doing."""

    def start_site(self) -> None:
        """Start it again, and wait until it answers."""

    def kill_worker(self) -> None:
        """End the worker at once."""

    def start_worker(self) -> None:
        """Start it again."""
