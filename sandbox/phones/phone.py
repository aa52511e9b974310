"""One virtual device: a key, a chain, a queue, and nothing that a real phone has not.

What it is made of, each on the one before: `wire` (speaks), `chain` (signs), `keys` (believes),
`bundle` (holds), `sending` (sends). Here is what a companion does with it.
"""

import copy
import os
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from betang.core.card.verdict import NONE, Verdict
from sandbox.phones.chain import Queued
from sandbox.phones.sending import Sender
from sandbox.phones.wire import OfflineError


@dataclass
class Phone(Sender):
    """A device with its memory, and its companion's hands."""

    delivered: set[tuple[str, int]] = field(default_factory=set)

    def show(self, qr: str, *, at: datetime | None = None, taps: str = NONE) -> Verdict:
        """Show a card for a delivery, without a network: what this phone would say."""
        moment = at or self.now()
        state, number = self.believed.read(qr, self.bundle["issuer"], moment)
        family = {c["household"] for c in self.bundle["cards"] if c["number"] == number}
        lease = any(
            e["household"] in family and e["uuid"] in self.rights
            for e in self.bundle["entitlements"]
        )
        return self.believed.verdict(qr=state, taps=taps, lease=lease, nfc=self.has_nfc, at=moment)

    def deliver(self, right: str, **more: Any) -> Queued:
        """Deliver a right: once for each part, as an honest phone does."""
        part = int(more.pop("part", 1))
        private = more.pop("private", {"collector_name": "Warga", "note": ""})
        at = more.pop("at", None)
        self.delivered.add((right, part))
        data = {"entitlement": right, "part": part, "collector": "head", "mode": "point"}
        lease = self.rights.get(right)
        return self.sign("benefit.delivered", data | more, private=private, at=at, lease=lease)

    def register(self, village: int, private: dict[str, Any], **more: Any) -> Queued:
        """Register a family under the next number of the pool; raises IndexError where none is."""
        number = more.pop("provisional", None) or self.numbers.pop(0)
        data = {"provisional": number, "village": str(village)} | more
        queued = self.sign("household.registered", data, private=private)
        queued.provisional = number
        return queued

    def visit(self, household: str, photos: list[str], **portrait: Any) -> Queued:
        """Tell that a family was found; `consent` marks the first of its photos as its portrait."""
        data: dict[str, Any] = {"household": household, "outcome": "found", "photos": photos}
        if portrait:
            data["portrait"] = {"photo": 0} | portrait
        return self.sign("household.verified", data)

    def synchronise(self) -> None:
        """Make one round as the app does: ping, send, bundle, and decisions if there are new ones.

        Every request is a second on 2G, so nothing is asked that an answer said already.
        """
        if not self.ping():
            return
        self.push()
        told = self.fetch()
        if told["newest_decision"] > (self.decisions[-1]["number"] if self.decisions else 0):
            self.pull()

    def tap(self, uid: str, counter: int, mac: str, act: str = "look") -> dict[str, Any]:
        """Present a tap online."""
        told: dict[str, Any] = self.call(
            "POST", "/api/v1/taps", {"uid": uid, "counter": counter, "mac": mac, "act": act}
        )
        return told

    def reserve(self, **what: str) -> dict[str, Any]:
        """Take a right online, by `entitlement` or by `card`.

        What was handed on is told first: the server would else give a right back to its giver.
        """
        if any(one.type == "lease.transferred" for one in self.queue):
            self.push()
        if any(one.type == "lease.transferred" for one in self.queue):
            raise OfflineError("a hand-over is not told yet")
        told: dict[str, Any] = self.call("POST", "/api/v1/claims/reserve", what)
        return told

    def clone(self) -> "Phone":
        """Copy the profile, key and all, as a thief or a backup does."""
        other = copy.copy(self)
        other.queue, other.decisions = list(self.queue), list(self.decisions)
        other.numbers = list(self.numbers)
        other.delivered, other.counts = set(self.delivered), {}
        other.portraits = dict(self.portraits)
        other.handed_on, other.taken = set(self.handed_on), dict(self.taken)
        return other


def photo(size: int = 40_000) -> bytes:
    """Make the bytes of a photo (what they show does not matter to the protocol)."""
    return os.urandom(size)
