"""A server of a few families, for the screens: the device protocol with nothing behind it.

The journeys run against the real server; this one puts the phone into states that a real day
rarely shows at once (a revoked card, a contested record, a lease that ended), for the pictures and
for tests of single screens. It signs with keys of its own, made at start.
"""

import json
import re
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from benchmarks.served import free_port
from betang.core import jose
from betang.core.card.qr import CardClaims, sign_token
from betang.core.card.revocation import sign_list
from betang.core.card.ticket import segment
from betang.core.card.ticket_page import Page, write_page
from betang.core.clock import to_wire
from betang.core.crypto.signing import PrivateKey, dump_public_key, new_private_key, sign
from betang.core.device.words import six_words
from betang.core.identifiers import new_uuid
from betang.core.identity.check_digit import luhn_digit
from betang.web.fieldapp import BUILT, POLICY, TYPES
from sandbox.chip.virtual_chip import VirtualChip

PURPOSES = ("enrolment", "card", "list", "lease", "seal", "ring")
HOST = "kartu.betang.example"
SHORT_ID = "7K3M9QXA"
CODE = "A" * 22

FAMILIES = [
    ("Sumiati", "003", "Jl. Tjilik Riwut Gg. Keluarga", "own", None),
    ("Yanto Dehen", "003", "Jl. Bukit Raya 14", "rent", None),
    ("Ratna Sari Uning", "001", None, "river", "Lanting ketiga dari dermaga Flamboyan"),
    ("Bambang", "002", "Barak PT, blok C", "camp", "Barak lama di belakang pabrik"),
    ("Nyai Undang Binti Abdurrahman", "001", "Jl. Kahayan", "shared", None),
    ("Herman Tuah", "004", None, "none", "Biasa di pasar subuh, lapak Bu Iyah"),
    ("Siti Aminah", "002", "Jl. Mendawai 7", "own", None),
    ("Lukas Djaga", "004", "Jl. Murjani", "own", None),
]
VILLAGES = [("6271031001", "Langkai"), ("6271031002", "Panarung"), ("6271031003", "Pahandut")]


@dataclass
class StandIn:
    """What the stand-in knows. Change it between requests to bring the phone into a state."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    #: The time is always `now`, for pictures that are the same tomorrow.
    still: bool = False
    #: What the phone is told of itself once it is confirmed.
    state: str = "active"
    confirmed: bool = True
    #: Answer the service worker as if a newer version had been built.
    newer: bool = False
    lease_days: int = 6
    list_age_days: int = 1
    list_revokes: list[str] = field(default_factory=list)
    #: Enrol the phone as one that reads chips, and give every card one.
    nfc: bool = False
    #: Entrust a parcel of cards that the companion did not count yet.
    parcel: bool = False
    contested: set[int] = field(default_factory=set)
    #: Records that are received and not decided yet.
    undecided: set[int] = field(default_factory=set)
    #: Tell nothing new of the families: ring and list come all the same.
    unchanged: bool = False
    #: Purposes whose key the ring revokes.
    revoked_keys: set[str] = field(default_factory=set)
    #: The code with which everything but ping, state and events is refused.
    refuses: str = ""
    #: Bundles wait for this before they are answered, as on a slow network.
    bundles: threading.Event = field(default_factory=threading.Event)
    #: The app's own files wait for this.
    files: threading.Event = field(default_factory=threading.Event)
    #: The paths that were asked for, in their order.
    asked: list[str] = field(default_factory=list)
    jwk: dict[str, str] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    keys: dict[str, PrivateKey] = field(
        default_factory=lambda: {purpose: new_private_key() for purpose in PURPOSES}
    )
    origin: str = ""
    port: int = 0
    server: ThreadingHTTPServer | None = None

    def __post_init__(self) -> None:
        """Make the families, once."""
        self.bundles.set()
        self.files.set()
        self.cycle, self.programme, self.benefit, self.lease = (str(new_uuid()) for _ in range(4))
        self.families = [self._family(place) for place in range(len(FAMILIES))]

    def time(self) -> str:
        """Say what time it is here."""
        return to_wire(self.now if self.still else datetime.now(UTC))

    def start(self) -> "StandIn":
        """Answer on a free port; after a stop, on the same one."""
        stand_in = self

        class Handler(_Handler):
            known = stand_in

        self.port = self.port or free_port()
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.origin = f"http://localhost:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self) -> None:
        """Answer no more."""
        self.bundles.set()
        self.files.set()
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def code(self) -> str:
        """The enrolment code, as the administrator's QR holds it."""
        point = dump_public_key(self.keys["enrolment"].public_key())
        key_hash = jose.to_b64u(sha256(point).digest())
        return f"{self.origin}/lapangan/#enrol={CODE}.{key_hash}"

    def card_text(self, place: int) -> str:
        """The text of a family's QR."""
        household, card = self.families[place]["household"], self.families[place]["card"]
        claims = CardClaims(
            HOST, self.now - timedelta(days=30), self.now + timedelta(days=1800),
            card["number"], household["head_name"][:40], 6271,
        )  # fmt: skip
        return sign_token(claims, kid=2, sign=lambda message: sign(self.keys["card"], message))

    def chip(self, place: int) -> VirtualChip:
        """The chip in a family's card, which was never read."""
        uid = b"\x04" + place.to_bytes(6, "big")
        return VirtualChip.of(uid, master=bytes(16), host=HOST)

    def tickets(self) -> bytes:
        """The whole roster in one page: eight readings of each card."""
        salt = bytes(range(16))
        chips = [self.chip(place) for place in range(len(FAMILIES))]
        parts = tuple(segment(chip.file_read_key, chip.uid, 1, 8, salt=salt) for chip in chips)
        return write_page(Page(salt, 0, 1, 1, parts))

    def ring(self, by: str = "ring") -> str:
        """The ring: the first is signed by the enrolment key, later ones by the ring's own."""
        keys = []
        for kid, purpose in enumerate(PURPOSES, start=1):
            point = dump_public_key(self.keys[purpose].public_key())
            keys.append(
                {
                    "kid": kid,
                    "purpose": purpose,
                    "alg": "ECDH-P256" if purpose == "seal" else "ES256",
                    "x": jose.to_b64u(point[1:33]),
                    "y": jose.to_b64u(point[33:]),
                    "not_before": to_wire(self.now - timedelta(days=90)),
                    "not_after": to_wire(self.now + timedelta(days=2000)),
                    "state": "revoked" if purpose in self.revoked_keys else "active",
                }
            )
        payload = {"v": 1, "issued_at": to_wire(self.now), "keys": keys}
        kid = str(PURPOSES.index(by) + 1)
        header = {"alg": "ES256", "kid": kid, "typ": "betang-ring+jws"}
        return jose.make(self.keys[by], header, json.dumps(payload).encode())

    def bundle(self) -> dict[str, Any]:
        """All that the device may know, or that nothing changed; ring and list with both."""
        listed = {"seq": 2, "issued_at": to_wire(self.now), "list": self._list()}
        trust = {
            "ring": self.ring(),
            "ring_version": str(new_uuid()),
            "revocation": listed,
            "tickets": int(self.nfc),
        }
        if self.unchanged:
            return {"v": 1, "version": "", "unchanged": True, **trust}
        return trust | {
            "v": 1, "version": self.time(), "unchanged": False,
            "at": self.time(), "owner_name": "Sari",
            "areas": [{"code": code, "name": name, "level": 4, "parent": code[:6]}
                      for code, name in VILLAGES],
            "programmes": [{"uuid": self.programme, "code": "KHBS", "name": "KHBS",
                            "card_name": "Kartu Huma Betang Sejahtera", "tap_required": False}],
            "cycles": [{"uuid": self.cycle, "programme": self.programme, "code": "202601",
                        "name": "Tahap I 2026", "closes_on": "2026-12-31"}],
            "benefits": [{"uuid": self.benefit, "programme": self.programme, "code": "parcel",
                          "name": "Paket sembako", "channel": "hand", "amount_rupiah": 150000,
                          "goods": [{"item": "beras", "quantity": 5, "unit": "kg"},
                                    {"item": "minyak_goreng", "quantity": 1, "unit": "liter"},
                                    {"item": "gula", "quantity": 1, "unit": "kg"}]}],
            "households": [family["household"] for family in self.families],
            "entitlements": [family["right"] for family in self.families],
            "cards": [family["card"] for family in self.families],
            "leases": [{"uuid": self.lease, "not_after": to_wire(self._not_after()),
                        "jws": self._lease()}],
            "days": self._days(),
            "numbers_version": "1", "registration_numbers": ["S-6562-3076", "S-3124-6143"],
            "parcels": self.parcels(),
            "decisions_after": 0,
        }  # fmt: skip

    def parcels(self) -> list[dict[str, Any]]:
        """The card that waits to be handed over, as it was sent, where the test asked for it."""
        numbers = [
            family["card"]["number"] for family in self.families if family["card"]["custody"]
        ]
        parcel = {"uuid": self.lease, "sent_at": to_wire(self.now), "count": len(numbers),
                  "numbers": numbers}  # fmt: skip
        return [parcel] if self.parcel else []

    def answer(self, jws: str, place: int) -> dict[str, Any]:
        """Keep an event that the enrolled key signed; say `again` to one that is here already."""
        parts = jose.split(jws)
        assert jose.signed_by(jose.key_of(self.jwk), parts), "the phone's own key signs its events"
        payload = json.loads(parts.payload)
        self.digests[payload["id"]] = sha256(parts.payload).hexdigest()
        known = any(event["id"] == payload["id"] for event in self.events)
        if not known:
            self.events.append(payload)
        told = "again" if known else "stored"
        return {"n": place, "seq": payload["seq"], "id": payload["id"], "answer": told}

    def decisions(self, after: int) -> dict[str, Any]:
        """One decision an event: accepted, or contested where the test asked for it."""
        rows = []
        for event in self.events:
            if event["seq"] in self.undecided:
                continue
            bad = event["seq"] in self.contested
            rows.append(
                {
                    "number": event["seq"], "seq": event["seq"], "event": event["id"],
                    "event_sha256": self.digests[event["id"]],
                    "outcome": "contested" if bad else "accepted",
                    "code": "claim.already_delivered" if bad else "ok",
                    "sentence": "Bantuan ini sudah diambil pada 12 November 2026 di Kelurahan "
                    "Panarung." if bad else "Sah.",
                    "do": "Jika keluarga merasa belum menerima, silakan buat pengaduan."
                    if bad else "", "at": self.time(),
                }
            )  # fmt: skip
        return {"decisions": [row for row in rows if row["number"] > after], "more": False}

    def _days(self) -> list[dict[str, Any]]:
        """Today at the village hall: all but the last family, the fifth at home."""
        today = (self.now + timedelta(hours=7)).date().isoformat()
        point = {"uuid": str(UUID(int=8)), "name": "Balai Kelurahan Langkai",
                 "village": VILLAGES[0][0], "lat": -2.21, "lng": 113.92}  # fmt: skip
        invited = [
            {"household": family["household"]["uuid"], "queue": place + 1, "slot": "09:30",
             "mode": "home" if place == 4 else "point"}
            for place, family in enumerate(self.families[:-1])
        ]  # fmt: skip
        return [{"uuid": str(UUID(int=9)), "point": point, "cycle": self.cycle, "date": today,
                 "opens": "08:00", "closes": "12:00", "state": "planned",
                 "invitations": invited}]  # fmt: skip

    def _not_after(self) -> datetime:
        return self.now + timedelta(days=self.lease_days)

    def _lease(self) -> str:
        payload = {
            "v": 1, "lease": self.lease, "dev": SHORT_ID, "cycle": self.cycle,
            "thumbprint": jose.thumbprint(self.jwk).hex(),
            "issued_at": to_wire(self.now - timedelta(days=20)),
            "not_after": to_wire(self._not_after()),
            "rights": [family["right"]["uuid"] for family in self.families[:-1]],
        }  # fmt: skip
        header = {"alg": "ES256", "kid": "4", "typ": "betang-lease+jws"}
        return jose.make(self.keys["lease"], header, json.dumps(payload).encode())

    def _list(self) -> str:
        signed = sign_list(
            issuer=HOST, seq=2, issued_at=self.now - timedelta(days=self.list_age_days), since=0,
            revoked=self.list_revokes, superseded=[], kid=3,
            sign=lambda message: sign(self.keys["list"], message),
        )  # fmt: skip
        return jose.to_b64u(signed)

    def _family(self, place: int) -> dict[str, Any]:
        name, rt, address, dwelling, anchor = FAMILIES[place]
        nine = f"27065{place:04d}"
        number = nine + luhn_digit(nine)
        uuid, head = str(new_uuid()), str(new_uuid())
        home = {"lat": -2.21, "lng": 113.92, "accuracy_m": 8.0, "grade": "good"}
        members = [("Kepala keluarga", name, True), ("istri", "Aminah", False),
                   ("anak", "Rudi", False)]  # fmt: skip
        return {
            "household": {
                "uuid": uuid, "number": number, "village": VILLAGES[place % 3][0],
                "head_name": name, "rt": rt, "rw": "001", "address": address,
                "dwelling": dwelling, "anchor": anchor, "home": home if address else None,
                "members": [{"uuid": head if is_head else str(new_uuid()), "name": called,
                             "last4": f"{place:02d}{len(called):02d}", "relation": relation,
                             "head": is_head, "presence": "alive"}
                            for relation, called, is_head in members],
            },
            "right": {"uuid": str(new_uuid()), "household": uuid, "cycle": self.cycle,
                      "benefit": self.benefit, "parts_allowed": 1, "parts_delivered": 0,
                      "state": "open"},
            "card": {"number": f"62{number}01", "household": uuid, "counter": 0,
                     "uid": self.chip(place).uid.hex() if self.nfc else None,
                     "custody": place == 2,
                     "state": "in_custody" if place == 2 else "active",
                     "expires_on": "2031-01-01"},
        }  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    """The paths of the device protocol, and the app's own files."""

    known: StandIn

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        self.known.asked.append(path)
        if path.startswith("/lapangan/"):
            self._file(path.removeprefix("/lapangan/") or "index.html")
        elif path == "/api/v1/ping":
            self._json({"betang": "pong", "v": 1, "at": self.known.time()})
        elif self.known.refuses and path != "/api/v1/device":
            self._json({"code": self.known.refuses, "sentence": "", "do": ""}, 403)
        elif path == "/api/v1/device":
            self._json({"device": self._device()})
        elif path == "/api/v1/decisions":
            after = parse_qs(query).get("after", ["0"])[0]
            self._json(self.known.decisions(int(after)))
        elif path == "/api/v1/bundle" and not self.known.confirmed:
            self._json({"code": "device.not_confirmed", "sentence": "", "do": ""}, 409)
        elif path == "/api/v1/tickets":
            nonce = {"DPoP-Nonce": "n" * 20}
            self._send(200, "application/octet-stream", self.known.tickets(), nonce)
        elif path == "/api/v1/bundle":
            self.known.bundles.wait()
            self._json(self.known.bundle())
        else:
            self._json({"code": "not_found", "sentence": "", "do": ""}, 404)

    def do_POST(self) -> None:
        self.known.asked.append(self.path)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/api/v1/devices/enrol":
            proof = jose.split(self.headers["DPoP"])
            self.known.jwk = proof.header["jwk"]
            words = six_words(jose.thumbprint(self.known.jwk))
            answer = {"device": self._device(), "owner_name": "Sari", "words": words,
                      "ring": self.known.ring("enrolment")}  # fmt: skip
            self._json(answer, 201)
            return
        if self.path == "/api/v1/device/wiped":
            self._json({})
            return
        answers = [self.known.answer(event["jws"], n) for n, event in enumerate(body["events"])]
        self._json({"answers": answers, "expected_seq": 0, "state": self.known.state})

    def _device(self) -> dict[str, Any]:
        state = self.known.state if self.known.confirmed else "pending"
        device = UUID(int=7)
        return {
            "uuid": str(device),
            "short_id": SHORT_ID,
            "state": state,
            "has_nfc": self.known.nfc,
        }

    def _file(self, name: str) -> None:
        if name != "sw.js":
            self.known.files.wait()
        path = BUILT / name
        if not path.is_file():
            self._json({"code": "not_found"}, 404)
            return
        kind = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css",
                ".svg": "image/svg+xml", ".png": "image/png", **TYPES}[path.suffix]  # fmt: skip
        content = path.read_bytes()
        if name == "sw.js" and self.known.newer:
            content = re.sub(rb"[0-9a-f]{12}", b"0123456789ab", content, count=1)
        self._send(200, kind, content, {"Content-Security-Policy": POLICY})

    def _json(self, value: object, status: int = 200) -> None:
        self._send(status, "application/json", json.dumps(value).encode(), {"DPoP-Nonce": "n" * 20})

    def _send(self, status: int, kind: str, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
