"""The client of the bank: services 73, 15, 17, 36 and 12 of SNAP BI over kept connections.

It says what the bank answered and decides nothing; `meaning.py` does. No account number and no name
leaves this module for a log: a message is kept by its digest.
"""

import hashlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import orjson

from betang.core.clock import WIB
from betang.payments.agreement import Agreement

INQUIRY, TRANSFER, STATUS, HISTORY = 15, 17, 36, 12
PATHS = {
    INQUIRY: "/v1.0/account-inquiry-internal",
    TRANSFER: "/v1.0/transfer-intrabank",
    STATUS: "/v1.0/transfer/status",
    HISTORY: "/v1.0/transaction-history-list",
}
TOKEN_PATH = "/v1.0/access-token/b2b"  # noqa: S105 - a path
#: A token is renewed this long before its end, so that none dies on the way.
TOKEN_MARGIN = timedelta(seconds=60)
TIMEOUT_S = 10.0
#: Codes of our own for answers that never came, in the place of the bank's.
NO_ANSWER, UNREADABLE = "timeout", "unreadable"
CUT, NOT_REACHED = "cut", "not_reached"


@dataclass(frozen=True, slots=True)
class Message:
    """One HTTP try, as it is kept: what was asked is only a digest."""

    external_id: str
    service: int
    request_digest: str
    response_code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """The bank's answer to one try; `code` is its responseCode or one of ours."""

    code: str
    message: Message
    fields: dict[str, Any] = field(default_factory=dict)


class Bank:
    """A bank that speaks SNAP BI. May be used from many threads at once."""

    def __init__(
        self,
        url: str,
        agreement: Agreement,
        *,
        clock: Callable[[], datetime],
        connections: int = 8,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """Speak to the bank at `url`; `clock` gives the time that is signed."""
        self.agreement = agreement
        self.connections = connections
        self._clock = clock
        # No proxy from the environment: money goes where the configuration says.
        self._http = httpx.Client(
            base_url=url.rstrip("/"),
            timeout=timeout_s,
            trust_env=False,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        )
        self._token = ""
        self._token_until: datetime | None = None
        self._token_lock = threading.Lock()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def inquire(self, number: str) -> Answer:
        """Ask for the holder of an account (service 15)."""
        return self.ask(INQUIRY, {"beneficiaryAccountNo": number})

    def transfer(self, reference: str, number: str, amount_rupiah: int) -> Answer:
        """Ask the bank to pay (service 17)."""
        return self.ask(
            TRANSFER,
            {
                "partnerReferenceNo": reference,
                "amount": {"value": f"{amount_rupiah}.00", "currency": "IDR"},
                "beneficiaryAccountNo": number,
                "sourceAccountNo": self.agreement.source_account,
                "transactionDate": snap_time(self._clock()),
                "remark": reference,
            },
        )

    def status(self, reference: str) -> Answer:
        """Ask what became of a transfer (service 36)."""
        return self.ask(STATUS, {"originalPartnerReferenceNo": reference, "serviceCode": "17"})

    def history(self, from_at: datetime, to_at: datetime, *, size: int, page: int) -> Answer:
        """Ask for a page of the source account's debits, newest first (service 12)."""
        return self.ask(
            HISTORY,
            {
                "fromDateTime": snap_time(from_at),
                "toDateTime": snap_time(to_at),
                "pageSize": size,
                "pageNumber": page,
            },
        )

    def ask(self, service: int, body: dict[str, Any]) -> Answer:
        """Send one request, with a fresh token once if the bank calls ours invalid."""
        content = orjson.dumps(body)
        answer = self._try(service, content)
        if answer.code == f"401{service}01":
            self._forget_token()
            answer = self._try(service, content)
        return answer

    def _try(self, service: int, content: bytes) -> Answer:  # noqa: PLR0911 - one a way to fail
        now, path = self._clock(), PATHS[service]
        external_id = _external_id(now)
        digest = hashlib.sha256(content).hexdigest()

        def answered(code: str, fields: dict[str, Any] | None = None) -> Answer:
            message = Message(external_id, service, digest, code[:12], now)
            return Answer(code, message, fields or {})

        try:
            token = self._bearer(now)
        except httpx.HTTPError:
            return answered(NOT_REACHED)
        if not token:
            return answered(f"401{service}00")
        timestamp = snap_time(now)
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {token}",
            "X-TIMESTAMP": timestamp,
            "X-SIGNATURE": self.agreement.sign_request("POST", path, token, content, timestamp),
            "X-PARTNER-ID": self.agreement.partner_id,
            "X-EXTERNAL-ID": external_id,
            "CHANNEL-ID": self.agreement.channel_id,
        }
        try:
            response = self._http.post(path, content=content, headers=headers)
        except httpx.ConnectError:
            return answered(NOT_REACHED)
        except httpx.TimeoutException:
            return answered(NO_ANSWER)
        except httpx.HTTPError:
            return answered(CUT)
        try:
            fields = orjson.loads(response.content)
        except orjson.JSONDecodeError:
            return answered(UNREADABLE)
        code = fields.get("responseCode") if isinstance(fields, dict) else None
        return answered(code, fields) if isinstance(code, str) else answered(UNREADABLE)

    def _bearer(self, now: datetime) -> str:
        with self._token_lock:
            if self._token_until is None or now >= self._token_until:
                timestamp = snap_time(now)
                response = self._http.post(
                    TOKEN_PATH,
                    content=b'{"grantType":"client_credentials"}',
                    headers={
                        "Content-Type": "application/json",
                        "X-TIMESTAMP": timestamp,
                        "X-CLIENT-KEY": self.agreement.client_id,
                        "X-SIGNATURE": self.agreement.sign_token_request(timestamp),
                    },
                )
                try:
                    given = orjson.loads(response.content)
                    seconds = int(given["expiresIn"])
                    self._token = str(given["accessToken"])
                except (ValueError, KeyError, TypeError):  # a refusal, or no answer of a bank
                    return ""
                self._token_until = now + timedelta(seconds=seconds) - TOKEN_MARGIN
            return self._token

    def _forget_token(self) -> None:
        with self._token_lock:
            self._token_until = None


def snap_time(moment: datetime) -> str:
    """Write a moment as SNAP BI does: `2026-11-12T12:00:00+07:00`."""
    return moment.astimezone(WIB).isoformat(timespec="seconds")


def _external_id(now: datetime) -> str:
    """Make a numeric id that no other try of the day has: milliseconds, then chance."""
    return f"{int(now.timestamp() * 1000):013d}{secrets.randbelow(10**20):020d}"
