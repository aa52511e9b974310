"""The services of SNAP BI that the stand-in offers: 73, 15, 17, 36 and 12."""

import json
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from sandbox.bank.book import Book, Transfer
from sandbox.bank.http import Reply, Request
from sandbox.bank.partner import Door

WIB = timezone(timedelta(hours=7))
PAGE_SIZE_MAX = 50
PAGES_MAX = 100_000
AMOUNT = re.compile(r"[0-9]{1,13}\.[0-9]{2}")
STATES = {"dormant": "4031709", "inactive": "4031718", "abnormal": "4031705"}
#: What the bank does before, and after, the money has moved.
LOSE_BEFORE = "timeout_before_booking"


class Services:
    """Answers the partner's requests from the book."""

    def __init__(self, book: Book, door: Door, *, hang_s: float, slow_s: float) -> None:
        """Answer; `hang_s` is how long a request hangs whose answer never comes."""
        self._book = book
        self._door = door
        self._hang_s = hang_s
        self._slow_s = slow_s
        self._paths: dict[str, tuple[str, Callable[[dict[str, Any]], Reply]]] = {
            "/v1.0/account-inquiry-internal": ("15", self._inquire),
            "/v1.0/transfer-intrabank": ("17", self._transfer),
            "/v1.0/transfer/status": ("36", self._status),
            "/v1.0/transaction-history-list": ("12", self._history),
        }

    def answer(self, request: Request) -> Reply | None:  # noqa: PLR0911 - one a refusal
        """Answer a SNAP BI request; None where the path is none of the standard's."""
        if request.path == "/v1.0/access-token/b2b":
            return self._token(request)
        known = self._paths.get(request.path)
        if known is None:
            return None
        service, work = known
        if request.method != "POST":
            return said(f"405{service}00", "Requested Function Is Not Supported")
        case = self._door.refusal(request.method, request.path, request.headers, request.body)
        if case:
            return said(f"401{service}{case}", "Unauthorized. Signature or token")
        external_id = request.headers.get("x-external-id", "")
        if not re.fullmatch(r"[0-9]{1,36}", external_id):
            return said(f"400{service}01", "Invalid Field Format X-EXTERNAL-ID")
        try:
            body = json.loads(request.body)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return said(f"400{service}00", "Bad Request")
        with self._book.page():
            day = datetime.now(WIB).date().isoformat()
            if not self._book.use(day, external_id):
                return said(f"409{service}00", "Conflict")
            return work(body)

    def _token(self, request: Request) -> Reply:
        headers = request.headers
        token = self._door.token(
            headers.get("x-client-key", ""),
            headers.get("x-timestamp", ""),
            headers.get("x-signature", ""),
        )
        if token is None:
            return said("4017300", "Unauthorized. Signature")
        return said("2007300", accessToken=token, tokenType="Bearer", expiresIn="900")

    def _inquire(self, body: dict[str, Any]) -> Reply:
        number = body.get("beneficiaryAccountNo")
        if not isinstance(number, str) or not number.isdecimal():
            return said("4001502", "Invalid Mandatory Field beneficiaryAccountNo")
        account = self._book.account(number)
        if account is None:
            return said("4041511", "Invalid Account")
        holder, state = account
        if state != "active":
            return said(STATES[state].replace("17", "15", 1), "Dormant Account")
        return said(
            "2001500",
            beneficiaryAccountName=holder,
            beneficiaryAccountNo=number,
            beneficiaryAccountStatus="Rekening aktif",
            beneficiaryAccountType="S",
            currency="IDR",
        )

    def _transfer(self, body: dict[str, Any]) -> Reply:  # noqa: PLR0911 - one a refusal
        reference, number = body.get("partnerReferenceNo"), body.get("beneficiaryAccountNo")
        amount = body.get("amount")
        if not isinstance(reference, str) or not 1 <= len(reference) <= 64:
            return said("4001702", "Invalid Mandatory Field partnerReferenceNo")
        if not isinstance(number, str) or not isinstance(amount, dict):
            return said("4001702", "Invalid Mandatory Field")
        value = amount.get("value")
        if amount.get("currency") != "IDR" or not AMOUNT.fullmatch(str(value)):
            return said("4001701", "Invalid Field Format amount")
        if body.get("sourceAccountNo") != self._door.partner.source_account:
            return said("4001701", "Invalid Field Format sourceAccountNo")
        fault = self._book.next_fault(reference)
        if fault == LOSE_BEFORE:
            return Reply(504, wait_s=self._hang_s, lost=True)
        if fault == "error_before_booking":
            return said("5001700", "General Error")
        refused = self._refused(reference, number, str(value))
        if refused:
            return refused
        booked = self._book.book(reference, number, str(value), _now_ms(), fault)
        return self._tell(booked, fault)

    def _refused(self, reference: str, number: str, value: str) -> Reply | None:
        before = self._book.transfer(reference)
        if before:
            if (before.account, before.value) == (number, value):
                return said("4091701", "Duplicate partnerReferenceNo")
            return said("4041718", "Inconsistent Request")
        account = self._book.account(number)
        if account is None:
            return said("4041711", "Invalid Account")
        if account[1] != "active":
            return said(STATES[account[1]], "Account is not active")
        left = self._book.balance()
        if left is not None and left < float(value):
            return said("4031714", "Insufficient Funds")
        return None

    def _tell(self, booked: Transfer, fault: str | None) -> Reply:
        match fault:
            case "timeout_after_booking":
                return Reply(504, wait_s=self._hang_s, lost=True)
            case "lost_answer":
                return Reply(504, lost=True)
            case "error_after_booking":
                return said("5001701", "Internal Server Error")
            case "gateway_timeout":
                return said("5041700", "Timeout")
            case "in_progress":
                return said("2021700", "Request In Progress")
        return said(
            "2001700",
            wait_s=self._slow_s if fault == "slow" else 0.0,
            referenceNo=booked.bank_reference,
            partnerReferenceNo=booked.reference,
            amount={"value": booked.value, "currency": "IDR"},
            beneficiaryAccountNo=booked.account,
        )

    def _status(self, body: dict[str, Any]) -> Reply:
        reference = body.get("originalPartnerReferenceNo")
        if not isinstance(reference, str) or body.get("serviceCode") != "17":
            return said("4003602", "Invalid Mandatory Field")
        transfer = self._book.transfer(reference)
        if transfer is None:
            return said("4043601", "Transaction Not Found", latestTransactionStatus="07")
        status = "00"
        if transfer.state == "in_progress":
            # The first question finds it at work; asking again finds it done.
            self._book.finish(transfer)
            status = "03"
        return said(
            "2003600",
            originalReferenceNo=transfer.bank_reference,
            originalPartnerReferenceNo=reference,
            serviceCode="17",
            latestTransactionStatus=status,
            amount={"value": transfer.value, "currency": "IDR"},
        )

    def _history(self, body: dict[str, Any]) -> Reply:
        try:
            from_ms, to_ms = _ms(body["fromDateTime"]), _ms(body["toDateTime"])
            size, page = int(body.get("pageSize", 10)), int(body.get("pageNumber", 0))
        except (KeyError, TypeError, ValueError):
            return said("4001201", "Invalid Field Format")
        if not (1 <= size <= PAGE_SIZE_MAX and 0 <= page <= PAGES_MAX):
            return said("4001201", "Invalid Field Format pageSize")
        # The time has whole seconds: the last one counts to its end.
        lines = self._book.history(from_ms, to_ms + 999, size, page * size)
        return said("2001200", detailData=[_line(transfer) for transfer in lines])


def said(code: str, message: str = "Successful", *, wait_s: float = 0.0, **fields: object) -> Reply:
    """Make an answer whose HTTP status is the first three digits of its code."""
    body = {"responseCode": code, "responseMessage": message, **fields}
    return Reply(int(code[:3]), json.dumps(body, separators=(",", ":")).encode(), wait_s=wait_s)


def _line(transfer: Transfer) -> dict[str, Any]:
    at = datetime.fromtimestamp(transfer.booked_ms / 1000, WIB)
    return {
        "dateTime": at.isoformat(timespec="seconds"),
        "amount": {"value": transfer.shown_value, "currency": "IDR"},
        "remark": transfer.reference or "BIAYA ADMINISTRASI",
        "status": "SUCCESS",
        "type": "DISBURSEMENT",
        "additionalInfo": {
            "referenceNo": transfer.bank_reference,
            "partnerReferenceNo": transfer.reference,
        },
    }


def _ms(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return int(moment.timestamp()) * 1000


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
