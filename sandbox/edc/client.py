"""Speaking with the server: a proof with each request, a fresh nonce once, refusals by code."""

import json
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox.edc.wire import proof

PONG = "pong"
JSON = {"Content-Type": "application/json"}


class OfflineError(Exception):
    """No answer came, or not our server's; whether it heard is unknown."""


class ServerRefusedError(Exception):
    """The server refused; `code` decides what to do, `sentence` and `do` are shown."""

    def __init__(self, status: int, told: dict[str, Any]) -> None:
        self.status, self.code = status, str(told.get("code", ""))
        self.sentence, self.do = str(told.get("sentence", "")), str(told.get("do", ""))
        super().__init__(f"{status} {self.code}: {self.sentence}")


class Client:
    """The one way to the server. `origin` is that of the enrolment code."""

    def __init__(
        self, origin: str, key: ec.EllipticCurvePrivateKey, *, transport: Any = None
    ) -> None:
        self.origin, self.key, self.nonce = origin, key, ""
        self.http = httpx.Client(base_url=origin, timeout=30, trust_env=False, transport=transport)

    def close(self) -> None:
        """Hang up."""
        self.http.close()

    def ping(self) -> bool:
        """Say whether the server itself is there."""
        try:
            answer = self.http.get("/api/v1/ping")
            told = answer.json()
        except (httpx.TransportError, ValueError):
            return False
        self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
        return isinstance(told, dict) and told.get("betang") == PONG

    def call(
        self, method: str, path: str, content: Any = None, *, report: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Send JSON, give the answer's JSON; raises `ServerRefusedError` or `OfflineError`."""
        body = b"" if content is None else json.dumps(content).encode()
        answer = self.send(method, path, body, headers=JSON if body else {}, report=report)
        try:
            told = answer.json()
        except ValueError as error:
            raise OfflineError("not our server") from error
        if answer.status_code >= 400:
            raise ServerRefusedError(answer.status_code, told)
        return dict(told)

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        report: dict[str, Any] | None = None,
    ) -> httpx.Response:
        """Send one request; prove again, once, where the nonce was too old."""
        if not self.nonce and not self.ping():
            raise OfflineError("no answer to ping")
        for _ in range(2):
            url = self.origin + path.partition("?")[0]
            shown = proof(
                self.key, method=method, url=url, nonce=self.nonce, body=body, report=report
            )
            told = {**(headers or {}), "DPoP": shown}
            try:
                answer = self.http.request(method, path, content=body or None, headers=told)
            except httpx.TransportError as error:
                raise OfflineError(str(error)) from error
            self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
            if "use_dpop_nonce" not in answer.headers.get("WWW-Authenticate", ""):
                return answer
        return answer
