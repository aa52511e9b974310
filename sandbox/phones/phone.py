"""One virtual device: a key, a chain, a queue, and nothing that a real phone has not.

It marks as sent only what an answer names, and sends the same bytes again when an answer is lost.
"""

import copy
import gzip
import os
import time
import uuid as uuids
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

import httpx
import orjson

from betang.core import jose
from betang.core.card.verdict import NONE, Verdict
from betang.core.crypto import signing
from betang.core.crypto.sealing import seal_to
from betang.core.event import courier, envelope
from betang.core.identifiers import new_uuid
from betang.core.lease import grant
from sandbox.phones.sealing import BLOB_CONTEXT, BLOB_KEY_CONTEXT, BatchKey, Sealed, seal
from sandbox.phones.tickets import Tickets
from sandbox.phones.trust import Trust

BATCH = 100
#: Answers after which a record may be forgotten.
RECEIVED = frozenset({"stored", "again"})
PONG = "pong"
#: What is smaller travels in the packet of its headers, packed or not.
PACKED_BYTES_MIN = 400
#: Sections of a bundle that this device keeps, and need not be sent twice.
KEPT_SECTIONS = (
    *("areas", "programmes", "cycles", "benefits"),
    *("leases", "households", "entitlements", "cards", "days"),
)


class RefusedByServerError(Exception):
    """The server refused a request; `code` and `status` say why."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status = status
        self.code = str(body.get("code"))
        self.body = body
        super().__init__(f"{status} {self.code}: {body.get('sentence')}")


class OfflineError(Exception):
    """No answer came; whether the server heard is unknown."""


class Wire(Protocol):
    """What a phone needs of a network: `httpx.Client`, or one that loses answers on purpose."""

    def get(self, url: str) -> httpx.Response:
        """Ask."""

    def request(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Send a request and give its answer; raises `httpx.TransportError`."""


@dataclass(slots=True)
class Queued:
    """A signed event that waits to be acknowledged."""

    seq: int
    id: UUID
    type: str
    jws: str
    payload: bytes
    attachment: Sealed | None
    provisional: str = ""


@dataclass
class Phone:
    """A device with its memory. `client` speaks to the server; None means there is no network."""

    origin: str
    client: Wire | None
    key: signing.PrivateKey = field(default_factory=signing.new_private_key)
    app_version: str = "0.1-sandbox"
    has_nfc: bool = False
    short_id: str = ""
    uuid: str = ""
    words: list[str] = field(default_factory=list)
    ring: dict[int, dict[str, Any]] = field(default_factory=dict)
    nonce: str = ""
    unpacks: bool = False
    #: Ask for answers without what this phone knows itself, as the app does.
    brief: bool = False
    seq: int = 0
    head: bytes = envelope.NO_PREVIOUS
    queue: list[Queued] = field(default_factory=list)
    bundle: dict[str, Any] = field(default_factory=dict)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    rights: dict[str, str] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    leases: dict[str, grant.Lease] = field(default_factory=dict)
    tickets: Tickets = field(default_factory=Tickets)
    believed: Trust = field(default_factory=Trust)
    #: (lease, right) that went to another phone; right -> (lease, seq) that came from one.
    handed_on: set[tuple[str, str]] = field(default_factory=set)
    taken: dict[str, tuple[str, int]] = field(default_factory=dict)
    delivered: set[tuple[str, int]] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    batch_key: BatchKey | None = None
    stopped: bool = False
    #: Seconds since 1970 as this phone believes, and seconds since it was switched on.
    clock: Callable[[], float] = time.time
    ticks: Callable[[], float] = time.monotonic
    started: float = -1.0

    def __post_init__(self) -> None:
        """Begin to count."""
        if self.started < 0:
            self.started = self.ticks()

    # --- speaking -----------------------------------------------------------------------------

    def request(
        self, method: str, path: str, body: bytes = b"", *, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Send a request with a fresh proof; take a fresh nonce once if the server asks."""
        for _ in range(2):
            if not self.nonce:
                self.ping()
            answer = self._send(method, path, body, headers or {})
            if answer.status_code != 401 or "proof.use_nonce" not in answer.text:
                return answer
        return answer

    def call(self, method: str, path: str, content: Any = None) -> Any:
        """Send JSON and give the answer's JSON; raises `RefusedByServerError`."""
        answer = self._post(method, path, b"" if content is None else orjson.dumps(content))
        told = orjson.loads(answer.content) if answer.content else {}
        if answer.status_code >= 400:
            raise RefusedByServerError(answer.status_code, told)
        return told

    def proof(self, method: str, path: str, body: bytes) -> str:
        """Sign a `DPoP` proof for a request (RFC 9449)."""
        claims = {
            "jti": str(uuids.uuid4()),
            "htm": method,
            "htu": self.origin + path.partition("?")[0],
            "iat": int(self.clock()),
            "nonce": self.nonce,
        }
        if body:
            claims["body_sha256"] = sha256(body).hexdigest()
        if path.startswith("/api/v1/bundle"):
            claims["report"] = self.report()
        jwk = jose.jwk_of(self.key.public_key())
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}
        return jose.make(self.key, header, orjson.dumps(claims))

    def report(self) -> dict[str, Any]:
        """Tell of itself, at the end of a round of synchronisation."""
        told = {"app": self.app_version, "kind": "phone", "unsent": len(self.queue)}
        return told | ({"list": self.believed.cards.seq} if self.believed.cards else {})

    def ping(self) -> bool:
        """Ask whether the server is there; online means that it said our literal."""
        try:
            answer = self._client().get("/api/v1/ping")
        except httpx.TransportError as error:
            raise OfflineError(str(error)) from error
        self.nonce = answer.headers.get("DPoP-Nonce", "")
        self.unpacks = answer.headers.get("Accept-Encoding", "") == "gzip"
        return bool(orjson.loads(answer.content).get("betang") == PONG)

    # --- enrolment and bundle -----------------------------------------------------------------

    def enrol(self, code: str, key_hash: str | None = None) -> list[str]:
        """Enrol with a code (or the whole text of its QR) and give the six words."""
        if "#enrol=" in code:
            code, _, key_hash = code.partition("#enrol=")[2].partition(".")
        told = self.call(
            "POST",
            "/api/v1/devices/enrol",
            {"code": code, "app_version": self.app_version, "has_nfc": self.has_nfc},
        )
        self.short_id, self.uuid = told["device"]["short_id"], told["device"]["uuid"]
        self.words = told["words"]
        self.trust(told["ring"], key_hash)
        return self.words

    def trust(self, text: str, key_hash: str | None) -> None:
        """Take the keys of a signed ring: by the code's hash at first, by the ring key later."""
        parts = jose.split(text)
        body = orjson.loads(parts.payload)
        keys = {int(key["kid"]): key for key in body["keys"]}
        kid = int(parts.header["kid"])
        # At first the code's hash vouches for the signer; later only a key that is known already.
        signer = keys[kid] if key_hash else self.ring.get(kid, {} if self.ring else keys[kid])
        if signer.get("purpose") not in {"ring", "enrolment"} or signer["state"] == "revoked":
            raise ValueError("the ring is signed by a key that may not")
        point = _point(signer)
        if key_hash and jose.to_b64u(sha256(point).digest()) != key_hash:
            raise ValueError("the ring is not signed by the key of the code")
        if not jose.signed_by(signing.load_public_key(point), parts):
            raise ValueError("the ring's signature is wrong")
        self.ring = keys
        self.believed.take_keys(body)
        seal_key = self._key("seal")
        self.batch_key = BatchKey(seal_key[0], seal_key[1])

    def state(self) -> dict[str, Any]:
        """Ask where this device stands."""
        told: dict[str, Any] = self.call("GET", "/api/v1/device")
        return told

    def fetch(self) -> dict[str, Any]:
        """Fetch the bundle, if it changed, and read its leases."""
        held = f"&list={self.believed.cards.seq}" if self.believed.cards else ""
        told = self.call(
            "GET",
            f"/api/v1/bundle?since={self.bundle.get('version', '')}{held}"
            f"&keep={','.join(KEPT_SECTIONS)}&ring={self.believed.ring_version}",
        )
        if told["ring"]:
            self.trust(told["ring"], None)
            self.believed.ring_version = told["ring_version"]
        if told["unchanged"]:
            self.bundle["newest_decision"] = told["newest_decision"]
        else:
            self.bundle = told | {name: self.bundle[name] for name in told["kept"]}
        queued = {one.provisional for one in self.queue}
        self.numbers = [one for one in told["registration_numbers"] if one not in queued]
        if refused := self.believed.take_list(told["revocation"], self.bundle["issuer"]):
            self._count(f"refused_{refused}", 1)
        self._read_leases()
        if self.has_nfc and told.get("tickets", 0) != self.tickets.revision:
            self.tickets.fetch(self._page)
        return self.bundle

    def _read_leases(self) -> None:
        """Hold the rights of those leases whose key may still vouch for them."""
        self.rights, self.leases = {}, {}
        for one in self.bundle["leases"]:
            key = self.lease_key(grant.key_named(one["jws"]))
            if key is None:
                self._count("leases_refused", 1)
                continue
            lease = grant.read(one["jws"], key)
            self.leases[str(lease.uuid)] = lease
            self.rights |= {
                str(right): str(lease.uuid)
                for right in lease.rights if (str(lease.uuid), str(right)) not in self.handed_on
            }  # fmt: skip
        # What came from another phone holds until the server has decided about it.
        decided = {one["seq"] for one in self.decisions}
        self.rights |= {
            right: lease for right, (lease, seq) in self.taken.items() if seq not in decided
        }

    def lease_key(self, kid: int) -> signing.PublicKey | None:
        """Give the lease key of that number, if it may still vouch for a lease."""
        key = self.ring.get(kid, {})
        if key.get("purpose") != "lease" or key["state"] == "revoked":
            return None
        return signing.load_public_key(_point(key))

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

    def _page(self, since: int) -> bytes:
        answer = self.request("GET", f"/api/v1/tickets?since={since}")
        if answer.status_code >= 400:
            raise RefusedByServerError(answer.status_code, orjson.loads(answer.content))
        return answer.content

    def now(self) -> datetime:
        """Give this phone's own time, right or wrong."""
        return datetime.fromtimestamp(self.clock(), UTC)

    # --- events -------------------------------------------------------------------------------

    def sign(
        self,
        kind: str,
        data: dict[str, Any],
        *,
        private: dict[str, Any] | None = None,
        at: datetime | None = None,
        lease: str | None = None,
    ) -> Queued:
        """Sign an event into the chain and put it into the queue."""
        sealed = seal(private) if private is not None else None
        if sealed:
            data = data | {"attachment": sealed.sha256.hex()}
        self.seq += 1
        event_id = new_uuid()
        payload = envelope.payload(
            dev=self.short_id,
            seq=self.seq,
            prev=self.head,
            id=event_id,
            type=kind,
            at=at or self.now(),
            data=data,
            mono_ms=int((self.ticks() - self.started) * 1000),
            lease=UUID(lease) if lease else None,
        )
        jws = envelope.sign(self.key, self.short_id, payload)
        queued = Queued(self.seq, event_id, kind, jws, payload, sealed)
        self.head = envelope.hash_of(payload)
        self.queue.append(queued)
        return queued

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

    def body(self, events: list[Queued]) -> bytes:
        """Write the body of `POST /events`."""
        told: dict[str, Any] = {"events": []}
        for one in events:
            item: dict[str, Any] = {"jws": one.jws}
            if one.attachment and self.batch_key:
                item["attachment"] = self.batch_key.wrap(one.attachment)
                told["batch_key"] = self.batch_key.as_json()
            told["events"].append(item)
        return orjson.dumps(told)

    def export(self) -> bytes:
        """Write everything unsent into a file that somebody else carries; forget nothing."""
        bodies = [
            orjson.loads(self.body(self.queue[at : at + BATCH]))
            for at in range(0, len(self.queue), BATCH)
        ]
        kid, key = self._key("seal")
        told = courier.Export(self.short_id, self.now(), bodies)
        return courier.write_export(told, kid=kid, seal_key=key)

    def acknowledge(self, file: bytes) -> int:
        """Forget what a signed acknowledgement names; give how many."""
        _, key = self._key("acknowledgement")
        told = courier.read_acknowledgement(file, key)
        names = {(seq, digest) for seq, digest, answer, _ in told.answers if answer in RECEIVED}
        kept = [
            one for one in self.queue
            if (one.seq, sha256(one.payload).digest()) not in names
        ]  # fmt: skip
        forgotten, self.queue = len(self.queue) - len(kept), kept
        return forgotten

    def push(self, *, lose_answers: bool = False, size: int = BATCH) -> list[dict[str, Any]]:
        """Send the queue in batches; forget only what an answer names.

        With `lose_answers` the server hears and commits, and the answer never arrives: nothing is
        forgotten.
        """
        answers: list[dict[str, Any]] = []
        at = 0
        while at < len(self.queue) and not self.stopped:
            batch = self.queue[at : at + size]
            told = self.send(batch)
            if lose_answers:
                self._count("answers_lost", len(batch))
                at += size
                continue
            answers += told["answers"]
            done = self._heed(batch, told["answers"])
            self.queue = [one for one in self.queue if one.seq not in done]
            at = 0 if done else at + size
        return answers

    def send(self, batch: list[Queued]) -> Any:
        """Send these events, whatever was said of them before."""
        answer = self._post("POST", f"/api/v1/events{self._brief('?')}", self.body(batch))
        told = orjson.loads(answer.content)
        if answer.status_code >= 400:
            raise RefusedByServerError(answer.status_code, told)
        self._count("events_sent", len(batch))
        return told

    def pull(self) -> list[dict[str, Any]]:
        """Read the new decisions."""
        fresh: list[dict[str, Any]] = []
        while True:
            after = self.decisions[-1]["number"] if self.decisions else 0
            told = self.call("GET", f"/api/v1/decisions?after={after}{self._brief('&')}")
            self.decisions += told["decisions"]
            fresh += told["decisions"]
            if not told["more"]:
                return fresh

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

    # --- online acts --------------------------------------------------------------------------

    def tap(self, uid: str, counter: int, mac: str, act: str = "look") -> dict[str, Any]:
        """Present a tap online."""
        told: dict[str, Any] = self.call(
            "POST", "/api/v1/taps", {"uid": uid, "counter": counter, "mac": mac, "act": act}
        )
        return told

    def reserve(self, **what: str) -> dict[str, Any]:
        """Take a right online, by `entitlement` or by `card`."""
        told: dict[str, Any] = self.call("POST", "/api/v1/claims/reserve", what)
        return told

    def upload(self, photo: bytes, *, part: int = 64 * 1024, stop_after: int | None = None) -> str:
        """Send a photo sealed, in parts, from where the server says; give its name."""
        sealed = seal(photo, BLOB_CONTEXT)
        return self.upload_sealed(sealed, part=part, stop_after=stop_after)

    def upload_sealed(
        self, sealed: Sealed, *, part: int = 64 * 1024, stop_after: int | None = None
    ) -> str:
        """Send or go on sending a sealed photo."""
        kid, public = self._key("seal")
        key = f"{kid}.{jose.to_b64u(seal_to(public, sealed.key, context=BLOB_KEY_CONTEXT))}"
        path = f"/api/v1/blobs/{sealed.sha256.hex()}"
        head = self.request("HEAD", path)
        at = int(head.headers.get("Upload-Offset", 0)) if head.status_code == 200 else 0
        sent = 0
        while at < len(sealed.ciphertext) and sent != stop_after:
            headers = {
                "Upload-Offset": str(at),
                "Upload-Length": str(len(sealed.ciphertext)),
                "Content-Type": "application/octet-stream",
                "Blob-Key": key,
            }
            answer = self.request("PATCH", path, sealed.ciphertext[at : at + part], headers=headers)
            if answer.status_code >= 400:
                raise RefusedByServerError(answer.status_code, orjson.loads(answer.content))
            at = int(answer.headers["Upload-Offset"])
            sent += 1
        return sealed.sha256.hex()

    # --- clones -------------------------------------------------------------------------------

    def clone(self) -> "Phone":
        """Copy the profile, key and all, as a thief or a backup does."""
        other = copy.copy(self)
        other.queue, other.decisions = list(self.queue), list(self.decisions)
        other.numbers = list(self.numbers)
        other.delivered, other.counts = set(self.delivered), {}
        other.handed_on, other.taken = set(self.handed_on), dict(self.taken)
        return other

    # --- inside -------------------------------------------------------------------------------

    def _heed(self, batch: list[Queued], answers: list[dict[str, Any]]) -> set[int]:
        done: set[int] = set()
        for one, answer in zip(batch, answers, strict=True):
            self._count(f"answer_{answer['answer']}", 1)
            if answer["answer"] in {"stored", "again"}:
                done.add(one.seq)
            elif answer["answer"] == "fork":
                self.stopped = True
        return done

    def _count(self, name: str, by: int) -> None:
        self.counts[name] = self.counts.get(name, 0) + by

    def _key(self, purpose: str) -> tuple[int, signing.PublicKey]:
        kid, key = next(
            (kid, key) for kid, key in self.ring.items()
            if key["purpose"] == purpose and key["state"] == "active"
        )  # fmt: skip
        return kid, signing.load_public_key(_point(key))

    def _brief(self, sign: str) -> str:
        return f"{sign}brief=1" if self.brief else ""

    def _post(self, method: str, path: str, body: bytes) -> httpx.Response:
        """Send JSON, packed where the server said that it unpacks."""
        headers = {"Content-Type": "application/json"}
        if self.unpacks and len(body) >= PACKED_BYTES_MIN:
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body, 6)
        return self.request(method, path, body, headers=headers)

    def _send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
        headers = headers | {"DPoP": self.proof(method, path, body)}
        try:
            answer = self._client().request(method, path, content=body or None, headers=headers)
        except httpx.TransportError as error:
            raise OfflineError(str(error)) from error
        self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
        return answer

    def _client(self) -> Wire:
        if self.client is None:
            raise OfflineError("no network")
        return self.client


def _point(key: dict[str, Any]) -> bytes:
    return b"\x04" + jose.from_b64u(key["x"]) + jose.from_b64u(key["y"])


def photo(size: int = 40_000) -> bytes:
    """Make the bytes of a photo (what they show does not matter to the protocol)."""
    return os.urandom(size)
