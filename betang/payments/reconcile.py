"""Compare our books with the bank's own history of the source account (service 12)."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from betang.core.actor import Actor
from betang.core.errors import RefusedError
from betang.core.identifiers import new_uuid
from betang.journal.record import Happening, record, record_many
from betang.payments.bank import Bank
from betang.payments.meaning import rupiah_of
from betang.payments.send import silent
from betang.payments.settle import settle_states

#: SNAP BI allows no more lines a page.
PAGE_SIZE = 50
#: The standard gives a month of history at most.
HISTORY_DAYS = 30
#: A page that fails is asked for again so many times before the run is given up.
TRIES = 3


class NoHistoryError(RefusedError):
    """The bank did not give its history, or gave one that cannot be read."""

    code = "payments.no_history"
    sentence = "Riwayat rekening tidak dapat diambil dari bank (jawaban {answer})."
    do = "Coba lagi nanti. Tidak ada yang diubah."


class Line(NamedTuple):
    """One debit of the bank's history."""

    bank_reference: str
    reference: str
    amount_rupiah: int
    booked_at: datetime


@dataclass(slots=True)
class Reconciled:
    """How the two books compare."""

    run: UUID
    lines: int = 0
    new_lines: int = 0
    matched: int = 0
    different: int = 0
    unexpected: int = 0
    missing: int = 0
    settled: int = 0

    @property
    def clean(self) -> bool:
        """Say whether nothing is left for a person to look at."""
        return not (self.different or self.unexpected or self.missing)


#: A line is written once; what it means is decided when it is first read.
STORE = """
INSERT INTO payments_statementline (bank_reference, reference, amount_rupiah, booked_at,
                                    disbursement_id, result, heard_at)
SELECT g.bank_reference, g.reference, g.amount_rupiah, g.booked_at, d.id,
       CASE WHEN d.id IS NULL THEN 'unexpected'
            WHEN d.amount_rupiah <> g.amount_rupiah OR d.state = 'failed' THEN 'different'
            ELSE 'matched' END, %s
FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::timestamptz[])
     AS g(bank_reference, reference, amount_rupiah, booked_at)
LEFT JOIN payments_disbursement d ON d.reference = g.reference
ON CONFLICT (bank_reference) DO NOTHING
RETURNING bank_reference, reference, amount_rupiah, disbursement_id, result
"""
#: Booked by the bank, and still in the sender's hands with us: the bank's book decides.
TO_SETTLE = """
SELECT d.id, 'paid', '2001200', s.bank_reference FROM payments_statementline s
JOIN payments_disbursement d ON d.id = s.disbursement_id
WHERE s.result = 'matched' AND d.state IN ('sent', 'unknown') ORDER BY d.id
"""
#: Two debits under one reference are a double payment, whatever their amounts.
MARK = """
UPDATE payments_disbursement d SET reconciliation = s.result, reconciled_at = %s
FROM (
    SELECT disbursement_id,
           CASE WHEN count(*) > 1 OR bool_or(result <> 'matched') THEN 'different'
                ELSE 'matched' END AS result
    FROM payments_statementline WHERE disbursement_id IS NOT NULL GROUP BY disbursement_id
) s
WHERE d.id = s.disbursement_id AND d.reconciliation <> s.result
RETURNING d.uuid, d.village_id, d.amount_rupiah, d.reconciliation
"""
MISSING = """
UPDATE payments_disbursement d SET reconciliation = 'missing', reconciled_at = %s
WHERE d.state = 'paid' AND d.sent_at >= %s AND d.settled_at <= %s AND d.reconciliation = ''
  AND NOT EXISTS (SELECT FROM payments_statementline s WHERE s.disbursement_id = d.id)
RETURNING d.uuid, d.village_id, d.amount_rupiah, d.reconciliation
"""
COUNTS = """
SELECT count(*) FILTER (WHERE reconciliation = 'matched'),
       count(*) FILTER (WHERE reconciliation = 'different'),
       count(*) FILTER (WHERE reconciliation = 'missing')
FROM payments_disbursement
"""


def fetch_history(
    bank: Bank,
    from_at: datetime,
    to_at: datetime,
    *,
    progress: Callable[[int], None] = silent,
) -> list[Line]:
    """Read all debits between two moments, page by page. Raises `NoHistoryError`."""
    lines: dict[str, Line] = {}
    for page in _pages(bank, from_at, to_at):
        for row in page:
            line = _line(row)
            lines[line.bank_reference] = line
        progress(len(page))
    return list(lines.values())


def reconcile(
    lines: list[Line], from_at: datetime, to_at: datetime, *, actor: Actor, at: datetime
) -> Reconciled:
    """Compare `lines` (all of the bank's between the two moments) with our disbursements.

    Reading the same history again changes nothing; a line that turns up later clears its `missing`.
    """
    done = Reconciled(new_uuid(), lines=len(lines))
    columns = [list(column) for column in zip(*lines, strict=True)] or [[], [], [], []]
    with connection.cursor() as cursor:
        cursor.execute(STORE, [at, *columns])
        new = cursor.fetchall()
        cursor.execute(TO_SETTLE)
        ends = cursor.fetchall()
    done.new_lines = len(new)
    done.settled = settle_states(ends, ["sent", "unknown"], actor=actor, at=at)["paid"]
    with connection.cursor() as cursor:
        cursor.execute(MARK, [at])
        marked = cursor.fetchall()
        cursor.execute(MISSING, [at, from_at, to_at])
        marked += cursor.fetchall()
        cursor.execute(COUNTS)
        row = cursor.fetchone()
        assert row is not None
        done.matched, done.different, done.missing = row
        cursor.execute("SELECT count(*) FROM payments_statementline WHERE result = 'unexpected'")
        row = cursor.fetchone()
        done.unexpected = row[0] if row else 0
    _tell(done, new, marked, actor=actor, at=at)
    digest = hashlib.sha256(
        "\n".join(sorted(f"{one.bank_reference}:{one.amount_rupiah}" for one in lines)).encode()
    ).hexdigest()
    record(
        "disbursement.reconciled", done.run, actor=actor, at=at, lines=done.lines,
        matched=done.matched, different=done.different, unexpected=done.unexpected,
        missing=done.missing, settled=done.settled, digest=digest,
    )  # fmt: skip
    return done


def _tell(
    done: Reconciled,
    new: list[tuple[Any, ...]],
    marked: list[tuple[Any, ...]],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Put each thing that does not fit into the journal, when it is first seen."""
    happenings = [
        Happening(uuid, actor, at, village, {"result": result, "amount_rupiah": amount})
        for uuid, village, amount, result in marked
        if result != "matched"
    ]
    happenings += [
        Happening(done.run, actor, at, None, {"result": "unexpected", "booked_rupiah": amount})
        for _, _, amount, _, result in new
        if result == "unexpected"
    ]
    record_many("disbursement.mismatched", happenings)


def _pages(bank: Bank, from_at: datetime, to_at: datetime) -> Iterator[list[Any]]:
    page = 0
    while True:
        for _ in range(TRIES):
            answer = bank.history(from_at, to_at, size=PAGE_SIZE, page=page)
            rows = answer.fields.get("detailData")
            if answer.code == "2001200" and isinstance(rows, list):
                break
        else:
            raise NoHistoryError(answer=answer.code)
        if rows:
            yield rows
        if len(rows) < PAGE_SIZE:
            return
        page += 1


def _line(row: Any) -> Line:
    try:
        more = row.get("additionalInfo") or {}
        amount = int(rupiah_of(row["amount"]) or "not whole rupiah")
        reference = more.get("partnerReferenceNo") or row.get("remark") or ""
        booked_at = datetime.fromisoformat(row["dateTime"])
        # Without a number of the bank's own, time, reference and amount stand for it.
        number = more.get("referenceNo") or f"{row['dateTime']}/{reference}/{amount}"
        return Line(str(number)[:64], str(reference)[:64], amount, booked_at)
    except (AttributeError, KeyError, TypeError, ValueError) as wrong:
        raise NoHistoryError(answer="unreadable") from wrong
