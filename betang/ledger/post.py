"""Post whole transactions, many at once."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from betang.core.errors import RefusedError
from betang.journal.prepared import fetch
from betang.ledger.chart import given, stock, supplied


class UnknownAccountError(RefusedError):
    """A posting names an account that the chart does not have."""

    code = "ledger.unknown_account"
    sentence = "Akun {account} belum ada di bagan akun."
    do = "Jalankan `betang ledger open` atau buka kembali tahap penyaluran, lalu ulangi."


class Posting(NamedTuple):
    """One leg: a debit of `account` is positive, a credit negative."""

    transaction: UUID
    account: str
    amount: int
    at: datetime
    subject: UUID
    kind: str


class Goods(NamedTuple):
    """So much of one good, handed over or taken in under one transaction."""

    transaction: UUID
    item: str
    quantity: int
    at: datetime
    subject: UUID


INSERT = """
INSERT INTO ledger_posting (transaction, account_id, amount, commodity, at, subject, kind)
SELECT r.transaction, a.id, r.amount, a.commodity, r.at, r.subject, r.kind
FROM unnest(%s::uuid[], %s::text[], %s::bigint[], %s::timestamptz[], %s::uuid[], %s::text[])
     AS r(transaction, account, amount, at, subject, kind)
JOIN ledger_account a ON a.code = r.account
RETURNING 1
"""
MISSING = """
SELECT c FROM unnest(%s::text[]) AS c
WHERE NOT EXISTS (SELECT FROM ledger_account a WHERE a.code = c) LIMIT 1
"""


def post_many(rows: Iterable[Posting | Sequence[object]]) -> int:
    """Post all `rows` in one statement and say how many there were.

    The rows of one transaction must all be in this call: the database refuses a statement in which
    a transaction does not sum to zero in each commodity (IntegrityError `ledger_posting_balances`,
    a bug of the caller). Zero amounts are left out. Raises `UnknownAccountError`.
    """
    legs = [row for row in rows if row[2]]
    if not legs:
        return 0
    columns = [list(column) for column in zip(*legs, strict=True)]
    posted = len(fetch(INSERT, *columns))
    if posted != len(legs):
        missing = fetch(MISSING, columns[1])
        raise UnknownAccountError(account=missing[0][0] if missing else "?")
    return posted


def give_goods(rows: Iterable[Goods]) -> int:
    """Post goods handed to families: out of stock, into aid given."""
    return _move(rows, "given", into=given, out_of=stock)


def take_back_goods(rows: Iterable[Goods]) -> int:
    """Post goods that were not given after all: out of aid given, back into stock.

    A posting is never changed; this is the opposite one, under a transaction of its own.
    """
    return _move(rows, "taken_back", into=stock, out_of=given)


def supply_goods(rows: Iterable[Goods]) -> int:
    """Post goods that came into stock."""
    return _move(rows, "supplied", into=stock, out_of=supplied)


def _move(
    rows: Iterable[Goods],
    kind: str,
    *,
    into: Callable[[str], str],
    out_of: Callable[[str], str],
) -> int:
    """Post each quantity of a good from one account into another."""
    return post_many(
        leg
        for goods in rows
        for leg in (
            Posting(
                goods.transaction, into(goods.item), goods.quantity,
                goods.at, goods.subject, kind,
            ),
            Posting(
                goods.transaction, out_of(goods.item), -goods.quantity,
                goods.at, goods.subject, kind,
            ),
        )
    )  # fmt: skip
