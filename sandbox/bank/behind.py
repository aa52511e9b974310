"""What lies behind the counter: opening accounts from a file, and making the bank misbehave.

None of it is SNAP BI. Only the sandbox has these paths.
"""

import csv
import io
import json
import time
from typing import Any

from sandbox.bank.book import ACCOUNT_FAULTS, TRANSFER_FAULTS, Book
from sandbox.bank.http import Reply, Request


class BehindTheCounter:
    """Answers `/sandbox/...`."""

    def __init__(self, book: Book) -> None:
        """Work on the bank's book."""
        self._book = book

    def answer(self, request: Request) -> Reply | None:
        """Do what is asked; None where there is no such path."""
        try:
            with self._book.page():
                return self._answer(request)
        except (ValueError, KeyError, TypeError, UnicodeDecodeError) as wrong:
            return Reply(400, json.dumps({"error": str(wrong)}).encode())

    def _answer(self, request: Request) -> Reply | None:  # noqa: PLR0911 - one a path
        match request.method, request.path:
            case "GET", "/sandbox/counts":
                return _json(self._book.counts())
            case "POST", "/sandbox/burekol":
                return Reply(200, self._burekol(request.body), "text/csv; charset=utf-8")
            case "POST", "/sandbox/faults":
                return self._faults(json.loads(request.body))
            case "POST", "/sandbox/funds":
                self._book.set_funds(int(json.loads(request.body)["amount_rupiah"]))
                return _json({"set": True})
            case "POST", "/sandbox/debits":
                value = f"{int(json.loads(request.body)['amount_rupiah'])}.00"
                booked = self._book.book(None, "fee", value, time.time_ns() // 1_000_000)
                return _json({"referenceNo": booked.bank_reference})
        if request.method == "POST" and request.path.startswith("/sandbox/accounts/"):
            number = request.path.rsplit("/", 1)[1]
            body = json.loads(request.body)
            changed = self._book.change_account(
                number, holder=body.get("holder"), state=body.get("state")
            )
            return _json({"changed": changed})
        return None

    def _faults(self, body: dict[str, Any]) -> Reply:
        fault = str(body["fault"])
        if fault not in TRANSFER_FAULTS and fault not in ACCOUNT_FAULTS:
            raise ValueError(f"unknown fault {fault}")
        if "share" in body:
            self._book.set_share(fault, float(body["share"]))
        self._book.set_faults(fault, list(body.get("references", [])), int(body.get("times", 1)))
        return _json({"set": True})

    def _burekol(self, body: bytes) -> bytes:
        rows = csv.DictReader(io.StringIO(body.decode("utf-8-sig")))
        answer = io.StringIO()
        writer = csv.writer(answer, lineterminator="\n")
        writer.writerow(["nomor_keluarga", "nomor_rekening", "nama_pemilik", "keterangan"])
        for row in rows:
            number, holder = self._book.open_account(row["nomor_keluarga"], row["nama"])
            why = "" if number else "gagal burekol: data tidak padan"
            writer.writerow([row["nomor_keluarga"], number, holder, why])
        return answer.getvalue().encode()


def _json(content: dict[str, object]) -> Reply:
    return Reply(200, json.dumps(content, separators=(",", ":")).encode())
