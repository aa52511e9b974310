"""A companion's day: cards handed over and parcels delivered, hours from any signal.

What happens is drawn from a seed. Times are those of the phone: the day's hours, one family after
the other; nothing is sent before the evening.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from betang.core.card.verdict import VALID, Act, Shown, decide
from sandbox.phones.phone import Phone
from sandbox.phones.reader import Reader

#: A family is served in a minute or two.
BETWEEN = timedelta(seconds=75)
#: Why a card stays in the companion's bag.
NOT_HANDED_OVER = ("absent", "absent", "absent", "moved", "refused")


@dataclass
class Plan:
    """What share of the families meets which fate."""

    serve: float = 0.85
    hand_over: float = 0.9
    online: float = 0.12
    representative: float = 0.08
    geotag: float = 0.8
    homeless: float = 0.02
    hours: float = 7.0


@dataclass
class Day:
    """One phone's day, and what it did."""

    phone: Phone
    random: Random
    plan: Plan
    now: datetime
    reader: Reader | None = None
    did: dict[str, int] = field(default_factory=dict)
    families: list[dict[str, Any]] = field(default_factory=list)
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    rights: dict[str, list[str]] = field(default_factory=dict)

    def prepare(self) -> None:
        """Read the bundle as the app does: families, their card, their rights on this phone."""
        bundle = self.phone.bundle
        self.families = list(bundle["households"])
        self.cards = {}
        for card in bundle["cards"]:
            if card["state"] in {"in_custody", "active"}:
                self.cards[card["household"]] = dict(card)
        self.rights = {}
        for right in bundle["entitlements"]:
            open_here = right["uuid"] in self.phone.rights and right["state"] != "delivered"
            if open_here and (right["uuid"], 1) not in self.phone.delivered:
                self.rights.setdefault(right["household"], []).append(right["uuid"])

    def stock(self, kind: str) -> None:
        """Say what goods arrived at each village's point, or are left."""
        for village in sorted({family["village"] for family in self.families}):
            due = sum(len(self.rights.get(f["uuid"], ())) for f in self.families
                      if f["village"] == village)  # fmt: skip
            items = [
                {"item": goods["item"], "quantity": goods["quantity"] * due, "unit": goods["unit"]}
                for benefit in self.phone.bundle["benefits"]
                if benefit["channel"] == "hand"
                for goods in benefit["goods"]
            ]
            for cycle in self.phone.bundle["cycles"][:1]:
                if items:
                    data = {"village": village, "cycle": cycle["uuid"], "items": items}
                    self._sign(kind, data)

    def serve_offline(self, families: Sequence[dict[str, Any]]) -> None:
        """Serve families without a signal; whoever is absent is left over."""
        for family in families:
            if self.random.random() < self.plan.serve:
                self.serve(family)
            elif self._waits(family):
                card = self.cards[family["uuid"]]["number"]
                reason = self.random.choice(NOT_HANDED_OVER)
                self._sign("card.not_handed_over", {"card": card, "reason": reason}, {"note": ""})

    def serve(self, family: dict[str, Any], *, online: bool = False) -> None:
        """Hand over the card where it waits, deliver what is due, take the point of the home."""
        card = self.cards.get(family["uuid"])
        if card and self._waits(family):
            if self.random.random() >= self.plan.hand_over:
                return
            self._hand_over(family, card)
        for right in self.rights.pop(family["uuid"], []):
            if card and card["state"] == "active":
                self._deliver(family, card, right, online=online)
        if self.random.random() < self.plan.geotag:
            self._geotag(family)

    def shown(self, card: dict[str, Any], taps: list[dict[str, Any]] | None = None) -> Any:
        """Say what a phone saw of a card: its QR, the raw taps, and the verdict that it gave.

        The taps are judged as in the app: by the tickets that the phone carries.
        """
        if taps is None:
            taps = self.reader.tap(card["uid"], 2) if self.reader and card["uid"] else []
        required = any(one["tap_required"] for one in self.phone.bundle["programmes"])
        verdict = decide(
            Shown(
                act=Act.DELIVER,
                online=False,
                lease=True,
                custody=False,
                qr=VALID,
                taps=self.phone.tickets.see(taps, counter=card["counter"]),
                nfc=self.phone.has_nfc,
                list_age_days=0,
                tap_required=required,
            )
        )
        self.count(f"shown_{verdict.reason.replace('.', '_')}")
        return {
            "number": card["number"],
            "colour": verdict.colour.value,
            "reason": verdict.reason,
            "qr": True,
            "taps": taps,
        }

    def covered(self) -> bool:
        """Say whether the phone has tickets of every card that it may meet offline."""
        if self.reader is None:
            return True
        mine = {
            card["uid"]
            for family, card in self.cards.items()
            if card["uid"] and (family in self.rights or card["custody"])
        }
        return mine <= {uid.hex() for uid in self.phone.tickets.held}

    def wait(self) -> datetime:
        """Let a minute or two pass."""
        self.now += BETWEEN * self.random.uniform(0.6, 1.8)
        return self.now

    def count(self, what: str, by: int = 1) -> None:
        """Count what was done."""
        self.did[what] = self.did.get(what, 0) + by

    def _waits(self, family: dict[str, Any]) -> bool:
        card = self.cards.get(family["uuid"])
        return bool(card and card["state"] == "in_custody" and card["custody"])

    def _hand_over(self, family: dict[str, Any], card: dict[str, Any]) -> None:
        taps = self.reader.tap(card["uid"], 2) if self.reader and card["uid"] else []
        self.phone.tickets.see(taps, counter=card["counter"])
        data = {"card": card["number"], "collector": "head", "qr": True, "taps": taps}
        self._sign("card.handed_over", data, {"note": "", "signature": "M0 0L9 9"})
        card["state"] = "active"

    def _deliver(
        self, family: dict[str, Any], card: dict[str, Any], right: str, *, online: bool
    ) -> None:
        substitute = self.random.random() < self.plan.representative
        collector = "representative" if substitute else "head"
        self.phone.deliver(
            right,
            at=self.wait(),
            collector=collector,
            online=online,
            card=self.shown(card),
            point=self._point(family),
            private={"collector_name": family["head_name"], "note": "", "signature": "M0 0L9 9"},
        )
        self.count("delivered_online" if online else "delivered_offline")
        if substitute:
            self.count("representatives")

    def _geotag(self, family: dict[str, Any]) -> None:
        homeless = self.random.random() < self.plan.homeless
        dwelling = "none" if homeless else family["dwelling"] or "own"
        private: dict[str, Any] = {"home": None, "anchor": "dermaga desa, tanya ketua RT"}
        if not homeless:
            private = {"home": self._point(family), "anchor": ""}
        self._sign(
            "household.geotagged", {"household": family["uuid"], "dwelling": dwelling}, private
        )
        if homeless:
            self.count("families_without_a_house")

    def _point(self, family: dict[str, Any]) -> dict[str, float]:
        home = family["home"] or {"lat": -2.2083, "lng": 113.9160}
        return {
            "lat": round(home["lat"] + self.random.gauss(0, 0.0003), 6),
            "lng": round(home["lng"] + self.random.gauss(0, 0.0003), 6),
            "accuracy_m": round(self.random.uniform(4, 30), 1),
        }

    def _sign(self, kind: str, data: dict[str, Any], private: dict[str, Any] | None = None) -> None:
        self.phone.sign(kind, data, private=private, at=self.wait())
        self.count(kind.replace(".", "_"))
