"""What the books say: a balance is a sum over postings, never a stored figure."""

from typing import NamedTuple
from uuid import UUID

from django.db import connection


class Balance(NamedTuple):
    """What stands on one account."""

    code: str
    name: str
    kind: str
    commodity: str
    amount: int
    postings: int


class Imbalance(NamedTuple):
    """A transaction that does not sum to zero; there must never be one."""

    transaction: UUID
    commodity: str
    amount: int


def balances() -> list[Balance]:
    """Sum every account, those without a posting included, by code."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.code, a.name, a.kind, a.commodity, coalesce(s.amount, 0)::bigint,"
            " coalesce(s.postings, 0)"
            " FROM ledger_account a LEFT JOIN ("
            "  SELECT account_id, sum(amount) AS amount, count(*) AS postings"
            "  FROM ledger_posting GROUP BY account_id"
            " ) s ON s.account_id = a.id ORDER BY a.code"
        )
        return [Balance(*row) for row in cursor.fetchall()]


def balance(code: str) -> int:
    """Sum one account; zero if it is not in the chart."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(p.amount), 0)::bigint FROM ledger_posting p"
            " JOIN ledger_account a ON a.id = p.account_id WHERE a.code = %s",
            [code],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def imbalance() -> list[Imbalance]:
    """Find transactions that do not balance, without trusting the trigger: always empty.

    It proves arithmetic, not truth: two wrong legs that cancel out are found by reconciliation.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT transaction, commodity, sum(amount)::bigint FROM ledger_posting"
            " GROUP BY transaction, commodity HAVING sum(amount) <> 0 ORDER BY transaction"
        )
        return [Imbalance(*row) for row in cursor.fetchall()]
