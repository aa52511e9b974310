"""The terminal: enrols, and serves whoever shows a card, with or without a network."""

import hashlib
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sandbox.edc import drawn, rounds, sealing
from sandbox.edc.card import RefusedError, read_qr
from sandbox.edc.client import Client, OfflineError, ServerRefusedError
from sandbox.edc.memory import Event, Memory
from sandbox.edc.receipt import receipt
from sandbox.edc.trust import Lease, Ring, first_ring, read_lease
from sandbox.edc.verdict import Verdict, decide
from sandbox.edc.wire import (
    NotSignedError,
    from_time,
    make_jws,
    six_words,
    thumbprint,
    to_time,
    un_b64u,
    uuid7,
)

#: After one of these there is nothing of the families left to keep here.
WIPED_BY = frozenset({"device.revoked", "device.wipe_ordered", "proof.unknown_device"})
#: Requests that a device may no longer make, and goes on without.
STOPPED_BY = frozenset({"device.not_confirmed", "device.suspended", "device.frozen",
                        "device.too_old"})  # fmt: skip


#: A right: its next part, and the lease that names it (None: it was reserved online).
Due = dict[str, tuple[int, Lease | None]]


class Served(NamedTuple):
    """What became of a card that was shown."""

    verdict: Verdict
    receipts: list[str]
    events: list[Event]
    #: What the server denies, though a lease here names it; in its words.
    denials: tuple[str, ...] = ()


class Terminal:
    """One EDC terminal with its memory."""

    def __init__(self, memory: Memory, origin: str, *, transport: Any = None) -> None:
        self.memory = memory
        self.key = memory.key()
        self.client = Client(origin, self.key, transport=transport)
        self.ring: Ring = Ring()
        self.forked = False
        if text := memory.get("ring"):
            self.ring = Ring(text, from_time(memory.get("ring_at")), _keys(text))

    # --- enrolment ----------------------------------------------------------------------------

    def enrol(self, code: str) -> list[str]:
        """Enrol with the text of a code's QR; give the six words, reckoned here."""
        code, _, keyhash = code.rpartition("#enrol=")[2].partition(".")
        told = self.client.call(
            "POST",
            "/api/v1/devices/enrol",
            {"code": code, "app_version": rounds.VERSION, "has_nfc": False, "kind": "edc"},
        )
        self.believe(first_ring(told["ring"], keyhash), "")
        self.memory.put("device", told["device"])
        return six_words(thumbprint(self.key.public_key()))

    @property
    def short_id(self) -> str:
        """Give the number that stands on the receipts."""
        return str(self.memory.get("device")["short_id"])

    # --- synchronisation ----------------------------------------------------------------------

    def synchronise(self) -> dict[str, Any]:
        """Send, fetch decisions and bundle; give where the terminal stands. Raises OfflineError."""
        state = "active"
        self.push()
        try:
            rounds.push_blobs(self)
            rounds.pull_decisions(self)
            rounds.pull_bundle(self)
        except ServerRefusedError as refused:
            if refused.code in WIPED_BY:
                rounds.wipe(self)
            elif refused.code not in STOPPED_BY:
                raise
            state = refused.code
        return {"state": state, "unsent": self.memory.count_unsent(), "rights": len(self.rights())}

    def push(self) -> list[dict[str, Any]]:
        """Send what no answer named."""
        return rounds.push(self)

    # --- serving ------------------------------------------------------------------------------

    def rights(self) -> dict[str, Lease]:
        """Give the rights that a lease lets this terminal deliver now."""
        held: dict[str, Lease] = {}
        for told in self.memory.get("bundle", {}).get("leases", []):
            try:
                lease = read_lease(
                    told["jws"],
                    self.ring,
                    dev=self.short_id,
                    thumbprint=thumbprint(self.key.public_key()),
                )
            except NotSignedError:
                continue
            if lease.issued_at <= self.now() <= lease.not_after:
                held |= dict.fromkeys(lease.rights, lease)
        return held

    def show(
        self,
        qr: str,
        *,
        collector: str = "head",
        signature: str | None = None,
        scan: bytes | None = None,
    ) -> Served:
        """Serve the family whose card is shown: deliver what is due, or say why not.

        `signature` is what the pad drew (an SVG path); `scan` a picture of a signed paper.
        """
        state, number = self._read(qr)
        due = self._due(number) if state == "valid" else {}
        verdict = self._verdict(state, online=False, lease=bool(due))
        if verdict.reason == "lease.none" and (due := self._reserve(number)):
            verdict = self._verdict(state, online=True, lease=True)
        # No camera: what asks for a photo needs a signature here, what asks for more is not done.
        if not verdict.allowed or verdict.level == 2 or (verdict.level == 1 and not signature):
            return Served(verdict._replace(allowed=False), [], [])
        private = {"collector_name": self._family(number).get("head_name", ""), "note": ""}
        if signature:
            private["signature"] = signature
        shown = {"number": number, "colour": verdict.colour, "reason": verdict.reason, "qr": True,
                 "taps": []}  # fmt: skip
        events, denials = [], []
        for right, (part, lease) in due.items():
            if told := drawn.denied(self.client.call, right, lease):
                denials.append(told)
                continue
            data = {
                "entitlement": right, "part": part, "collector": collector, "member": None,
                "online": lease is None, "mode": "point", "source": "phone", "card": shown,
                "point": None,
            }  # fmt: skip
            marks = [(right, part)]
            events.append(
                self.record("benefit.delivered", data, private, lease=lease, marks=marks, scan=scan)
            )
        receipts = [receipt(self, one, number) for one in events]
        return Served(verdict, receipts, events, tuple(denials))

    def record(
        self,
        kind: str,
        data: dict[str, Any],
        private: dict[str, Any] | None = None,
        *,
        lease: Lease | None = None,
        marks: list[tuple[str, int]] | None = None,
        scan: bytes | None = None,
    ) -> Event:
        """Sign an event behind the last one and keep it; when this returns it is on the disk."""
        attachment = sealing.seal_attachment(private) if private else None
        blobs = [sealing.seal(scan, sealing.BLOB)] if scan else []
        said = dict(data)
        if attachment:
            said["attachment"] = attachment.name.hex()
        if blobs:
            said["photos"] = [blob.name.hex() for blob in blobs]
        last = self.memory.last()
        payload = json.dumps(
            {
                "v": 1, "dev": self.short_id, "seq": last.seq + 1 if last else 1,
                "prev": hashlib.sha256(last.payload).hexdigest() if last else "0" * 64,
                "id": uuid7(), "type": kind, "at": to_time(datetime.now(UTC)),
                "mono_ms": self._since_lease(lease), "lease": lease.uuid if lease else None,
                "data": said,
            },
            separators=(",", ":"),
        ).encode()  # fmt: skip
        told = json.loads(payload)
        header = {"alg": "ES256", "kid": self.short_id, "typ": "betang-event+jws"}
        jws = make_jws(self.key, header, payload)
        event = Event(told["seq"], told["id"], kind, jws, payload, attachment)
        self.memory.keep(event, marks or [], blobs)
        return event

    def tap(self, uid: str, counter: int, mac: str) -> dict[str, Any]:
        """Present a tap of a card's chip to the server."""
        said = {"uid": uid, "counter": counter, "mac": mac, "act": "deliver", "point": None}
        return self.client.call("POST", "/api/v1/taps", said)

    def close_lease(self, lease: Lease) -> Event:
        """Give back what is left of a lease."""
        last = self.memory.last()
        return self.record(
            "lease.closed", {"lease": lease.uuid, "last_seq": last.seq if last else 0}
        )

    def now(self) -> datetime:
        """Give the time to judge by: the later of our clock and the server's, carried on."""
        heard = self.memory.get("heard")
        own = datetime.now(UTC)
        if not heard:
            return own
        return max(own, from_time(heard["at"]) + timedelta(seconds=time.monotonic() - heard["on"])
                   if time.monotonic() >= heard["on"] else from_time(heard["at"]))  # fmt: skip

    # --- inside -------------------------------------------------------------------------------

    def _read(self, qr: str) -> tuple[str, str]:
        """Read a QR: its state for the verdict, and the card's number."""
        issuer = self.memory.get("bundle", {}).get("issuer", "")
        try:
            number = read_qr(qr, self.ring, issuer=issuer, at=self.now()).number
        except RefusedError as refused:
            return str(refused), ""
        cards = rounds.held_list(self)
        known = self._card(number)
        if known and known["state"] != "active":
            return (cards.says(number) if cards else None) or "card.not_active", number
        return (cards.says(number) if cards else None) or "valid", number

    def _verdict(self, qr: str, *, online: bool, lease: bool) -> Verdict:
        cards = rounds.held_list(self)
        age = None
        if cards and self.ring.issued_at:
            since = min(cards.issued_at, self.ring.issued_at)
            age = max(0, (self.now() - since).days)
        required = any(
            one["tap_required"] for one in self.memory.get("bundle", {}).get("programmes", [])
        )
        return decide(
            act="deliver", online=online, lease=lease, custody=False, qr=qr, taps="none", nfc=False,
            list_age_days=age, tap_required=required,
        )  # fmt: skip

    def _due(self, number: str) -> Due:
        """Give the rights of a card's family that may be delivered here by lease now."""
        rights, card = self.rights(), self._card(number)
        return {
            right["uuid"]: (self._next_part(right["uuid"]), rights[right["uuid"]])
            for right in self.memory.get("bundle", {}).get("entitlements", [])
            if card
            and right["household"] == card["household"]
            and right["uuid"] in rights
            and right["state"] == "open"
            and self._next_part(right["uuid"]) <= right["parts_allowed"]
        }

    def _reserve(self, number: str) -> Due:
        """Take the rights of a card's family online; nothing where there is no network."""
        try:
            self.push()
            told = self.client.call("POST", "/api/v1/claims/reserve", {"card": number})
        except (OfflineError, ServerRefusedError):
            return {}
        return {
            right["entitlement"]: (right["part"], None)
            for right in told["rights"]
            if self.memory.served(right["entitlement"]) < right["part"]
        }

    def _next_part(self, right: str) -> int:
        rows = self.memory.get("bundle", {}).get("entitlements", [])
        known = next((one["parts_delivered"] for one in rows if one["uuid"] == right), 0)
        return max(int(known), self.memory.served(right)) + 1

    def _card(self, number: str) -> dict[str, Any] | None:
        rows = self.memory.get("bundle", {}).get("cards", [])
        return next((one for one in rows if one["number"] == number), None)

    def _family(self, number: str) -> dict[str, Any]:
        card = self._card(number) or {}
        rows = self.memory.get("bundle", {}).get("households", [])
        return next((one for one in rows if one["uuid"] == card.get("household")), {})

    def _since_lease(self, lease: Lease | None) -> int:
        if lease is None:
            return 0
        began = self.memory.get(f"leased {lease.uuid}", time.time())
        return max(0, int((time.time() - began) * 1000))

    def believe(self, ring: Ring, version: str) -> None:
        """Take a ring whose signature was verified."""
        self.ring = ring
        self.memory.put("ring", ring.text)
        self.memory.put("ring_at", to_time(ring.issued_at or datetime.now(UTC)))
        self.memory.put("ring_version", version)

    def heard(self, at: str) -> None:
        """Note the server's clock, beside our monotonic one."""
        self.memory.put("heard", {"at": at, "on": time.monotonic()})


def _keys(text: str) -> dict[int, dict[str, Any]]:
    told = json.loads(un_b64u(text.split(".")[1]))
    return {int(key["kid"]): key for key in told["keys"]}
