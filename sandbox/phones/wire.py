"""How a virtual device speaks: every request with a proof, packed where the server unpacks.

Normative: docs/protocols/device.md, section 2.
"""

import gzip
import time
import uuid as uuids
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Protocol

import httpx
import orjson

from betang.core import jose
from betang.core.crypto import signing

PONG = "pong"
#: What is smaller travels in the packet of its headers, packed or not.
PACKED_BYTES_MIN = 400


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


@dataclass
class Speaker:
    """A key, a clock and a line. `client` speaks to the server; None means there is no network."""

    origin: str
    client: Wire | None
    key: signing.PrivateKey = field(default_factory=signing.new_private_key)
    app_version: str = "0.1-sandbox"
    nonce: str = ""
    unpacks: bool = False
    #: Ask for answers without what this phone knows itself, as the app does.
    brief: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    #: Seconds since 1970 as this phone believes, and seconds since it was switched on.
    clock: Callable[[], float] = time.time
    ticks: Callable[[], float] = time.monotonic
    started: float = -1.0

    def __post_init__(self) -> None:
        """Begin to count."""
        if self.started < 0:
            self.started = self.ticks()

    def now(self) -> datetime:
        """Give this phone's own time, right or wrong."""
        return datetime.fromtimestamp(self.clock(), UTC)

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
        return {"app": self.app_version, "kind": "phone"}

    def ping(self) -> bool:
        """Ask whether the server is there; online means that it said our literal."""
        try:
            answer = self._client().get("/api/v1/ping")
        except httpx.TransportError as error:
            raise OfflineError(str(error)) from error
        self.nonce = answer.headers.get("DPoP-Nonce", "")
        self.unpacks = answer.headers.get("Accept-Encoding", "") == "gzip"
        return bool(orjson.loads(answer.content).get("betang") == PONG)

    def _count(self, name: str, by: int) -> None:
        self.counts[name] = self.counts.get(name, 0) + by

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
