"""One device's life: it serves, it is away, it comes back and sends; what breaks is done to it.

It is honest unless a fault makes it lie: it delivers what a live lease names and nothing twice.
"""

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from sandbox.chaos.diary import DiaryPhone, Said
from sandbox.chaos.line import Clock, Line
from sandbox.chaos.notebook import Due, Notebook
from sandbox.clones.card import Card
from sandbox.phones.chain import Queued
from sandbox.phones.sealing import BLOB_CONTEXT, Sealed, seal
from sandbox.phones.wire import OfflineError, RefusedByServerError

PART_BYTES = 24
PHOTO_BYTES = 60
#: The share of deliveries with a photo, of families that bring less home than is due.
PHOTOS, LESS = 0.015, 0.04


@dataclass
class Device:
    """A phone, its line, its owner's habits."""

    number: int
    phone: DiaryPhone
    line: Line
    clock: Clock
    cards: dict[str, Card]
    nfc: bool
    #: How far its clock is wrong, in seconds.
    offset: float = 0.0
    away_until: float = 0.0
    #: Why its life ended, and "" while it lives.
    ended: str = ""
    #: Since when its owner may not be believed: a copy of it exists.
    copied_at: float = 0.0
    working: bool = False
    given_back: set[str] = field(default_factory=set)
    blobs: list[Sealed] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)
    card_of: dict[str, str] = field(default_factory=dict)
    acknowledged: list[Queued] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    book: Notebook = field(default_factory=Notebook)

    # --- time ---------------------------------------------------------------------------------

    def own_time(self) -> float:
        """Give what its clock says."""
        return self.clock.now + self.offset

    def believed(self) -> float:
        """Give the later of its clock and the last server time plus what passed (lease.md)."""
        return max(self.own_time(), self.clock.now)

    # --- the network --------------------------------------------------------------------------

    @property
    def online(self) -> bool:
        """Say whether there is a signal where it is."""
        return not self.ended and self.clock.now >= self.away_until

    def sync(self, *, fetch: bool = True) -> bool:
        """Send everything, read the decisions, take the bundle; say whether all of it went."""
        self.line.up = self.online
        if not self.line.up:
            return False
        try:
            self.phone.nonce = ""
            newest = self.push()
            if newest is None or newest > self.read:
                self.phone.pull()
                self.book.heed(self.phone)
            if fetch or not self.working:
                self.fetch()
            self.upload()
        except OfflineError:
            self.count("offline")
            return False
        except RefusedByServerError as refused:
            self.refused(refused)
            return False
        return True

    @property
    def read(self) -> int:
        """Give the number of the newest decision that it read."""
        told = self.phone.decisions
        return int(told[-1]["number"]) if told else 0

    def push(self) -> int | None:
        """Send the queue; what is acknowledged stays known, to be sent again by some fault.

        Gives the number of the newest decision, where an answer told it.
        """
        self.phone.newest = None
        before = {one.seq: one for one in self.phone.queue}
        self.phone.push()
        left = {one.seq for one in self.phone.queue}
        self.acknowledged += [one for seq, one in before.items() if seq not in left]
        return self.phone.newest

    def upload(self, *, stop_after: int | None = None) -> None:
        """Go on sending photos; one is forgotten when the server has the whole of it."""
        while self.blobs:
            sealed = self.blobs[0]
            self.phone.upload_sealed(sealed, part=PART_BYTES, stop_after=stop_after)
            head = self.phone.request("HEAD", f"/api/v1/blobs/{sealed.sha256.hex()}")
            if stop_after is not None or head.headers.get("Upload-Complete") != "?1":
                return
            self.phone.diary.blobs[sealed.sha256.hex()] = True
            self.blobs.pop(0)

    def fetch(self) -> None:
        """Take the bundle, and give back the leases that are no longer in it."""
        held = dict(self.phone.leases)
        version = self.phone.bundle.get("version")
        self.phone.fetch()
        self.working = True
        if version != self.phone.bundle.get("version"):
            self._read_bundle()
        for gone in [name for name in held if name not in self.phone.leases]:
            self.give_back(gone)
        for name in self.given_back & self.phone.leases.keys():
            del self.phone.leases[name]
        for name, lease in self.phone.leases.items():
            if name not in held or held[name].not_after != lease.not_after:
                rights = frozenset(map(str, lease.rights))
                told = (self.clock.now, name, lease.not_after.timestamp(), rights)
                self.phone.diary.leases.append(told)
        self.phone.diary.numbers.update(self.phone.numbers)
        known = self.phone.believed.cards
        for number in self.card_of.values():
            if known and number not in self.phone.diary.ended and known.says(number):
                self.phone.diary.ended[number] = self.clock.now

    def give_back(self, lease: str) -> None:
        """Close a lease: nothing is delivered under it any more."""
        if lease not in self.given_back:
            self.given_back.add(lease)
            self.phone.leases.pop(lease, None)
            self.book.until.pop(lease, None)
            self.sign("lease.closed", {"lease": lease, "last_seq": self.phone.seq})

    def refused(self, refused: RefusedByServerError) -> None:
        """Stop working when the server says so; the queue stays."""
        self.count(refused.code)
        if refused.code.startswith("device."):
            self.working = False
        elif refused.status >= 500 or refused.code.startswith(("proof.", "events.", "batch_key")):
            self.phone.diary.wrong.append(str(refused))

    def _read_bundle(self) -> None:
        bundle = self.phone.bundle
        self.card_of = {
            card["household"]: card["number"]
            for card in bundle["cards"]
            if card["state"] in {"active", "blocked"}
        }
        self.due = [
            Due(right["uuid"], right["household"], right["parts_allowed"], right["parts_delivered"])
            for right in bundle["entitlements"]
            if right["uuid"] in self.phone.rights and right["state"] != "delivered"
        ]
        shown = {right["uuid"] for right in bundle["entitlements"]}
        self.due += [due for due in self.book.due if due.right not in shown]
        self.card_of = self.book.cards | self.card_of
        self.phone.diary.days.update(day["uuid"] for day in bundle["days"])
        self.phone.diary.families.update(family["uuid"] for family in bundle["households"])

    def copy(self) -> "Device":
        """Copy the phone, key and all: two devices that both believe to be the one."""
        phone = self.phone.clone()
        line = Line(self.line.server)
        phone.client = line
        other = replace(
            self, phone=phone, line=line, due=list(self.due), card_of=dict(self.card_of),
            given_back=set(self.given_back), blobs=list(self.blobs),
            acknowledged=list(self.acknowledged), counts={}, away_until=0.0,
            book=self.book.copy(),
        )  # fmt: skip
        phone.clock = other.own_time
        return other

    # --- the work -----------------------------------------------------------------------------

    def serve(self, count: int, random: Random) -> None:
        """Serve the next families that come, under a live lease."""
        for due in list(self.due):
            if not self.working or count <= 0:
                return
            part = self._next_part(due)
            if part > due.parts:
                self.due.remove(due)
            elif self.may(due.right) and random.random() < 0.9:
                count -= 1
                self.deliver(due.right, due.household, part=part, random=random)

    def may(self, right: str) -> bool:
        """Say whether a live lease names this right, by all that this device knows."""
        name = self.phone.rights.get(right, "")
        lease = self.phone.leases.get(name)
        until = lease.not_after.timestamp() if lease else self.book.until.get(name)
        return until is not None and self.believed() <= until

    def deliver(
        self,
        right: str,
        household: str,
        *,
        random: Random,
        part: int = 1,
        online: bool = False,
        cheat: str = "",
        number: str = "",
    ) -> Said | None:
        """Deliver a right, if its card is not red here; `cheat` says what the device hides."""
        number = number or self.card_of.get(household, "")
        known = self.phone.believed.cards
        if not cheat and known and known.says(number):
            self.count("red")
            return None
        card = self.cards.get(number)
        taps = card.taps(2) if card and self.nfc else []
        told: dict[str, Any] = {"collector": "head", "online": online}
        if card:
            colour = ("green", "tap.genuine") if taps else ("amber", "qr.valid")
            told["card"] = {
                "number": number, "colour": colour[0], "reason": colour[1], "qr": True,
                "taps": [
                    {"uid": tap.uid.hex(), "counter": tap.counter, "mac": tap.mac.hex()}
                    for tap in taps
                ],
            }  # fmt: skip
        if random.random() < LESS:
            told["goods"] = [{"item": "beras", "quantity": 3, "unit": "kg"}]
        if random.random() < PHOTOS:
            photo = seal(random.randbytes(PHOTO_BYTES), BLOB_CONTEXT)
            self.blobs.append(photo)
            self.phone.diary.blobs[photo.sha256.hex()] = False
            told["photos"] = [photo.sha256.hex()]
        lease = None if online else self.phone.rights.get(right)
        self.phone.delivered.add((right, part))
        self.book.served.add(household)
        data = {"entitlement": right, "part": part, "mode": "point"} | told
        said = self.sign(
            "benefit.delivered", data, {"collector_name": "Warga", "note": ""}, lease=lease
        )
        said.right, said.part, said.card, said.online = right, part, number if card else "", online
        said.counter = taps[-1].counter if taps else 0
        said.honest, said.why = not cheat, cheat
        return said

    def sign(
        self,
        kind: str,
        data: dict[str, Any],
        private: dict[str, Any] | None = None,
        *,
        lease: str | None = None,
    ) -> Said:
        """Sign an event; give what the diary says of it."""
        queued = self.phone.sign(kind, data, private=private, lease=lease)
        self.count(kind)
        return self.phone.said(queued)

    def count(self, what: str) -> None:
        """Count what was done or met."""
        self.counts[what] = self.counts.get(what, 0) + 1

    def _next_part(self, due: Due) -> int:
        part = due.given + 1
        while (due.right, part) in self.phone.delivered:
            part += 1
        return part
