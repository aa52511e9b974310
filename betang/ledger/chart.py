"""The chart of accounts: which accounts there are, and opening those that are missing.

Money has four accounts. A good has three, named by the good, so that a new programme's goods need
no code: what came in, what is in stock, what was given. A goods account counts in the unit of its
benefit.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from betang.core.actor import Actor
from betang.core.identifiers import new_uuid
from betang.journal.record import record

#: Rupiah, as ISO 4217 names them.
RUPIAH = "IDR"

TREASURY = "kas.daerah"
BANK = "bank.sumber"
OWED = "terutang.tunai"
AID = "beban.tunai"


class Line(NamedTuple):
    """One account of the chart."""

    code: str
    name: str
    commodity: str
    kind: str


MONEY = (
    Line(TREASURY, "Kas daerah (RKUD)", RUPIAH, "equity"),
    Line(BANK, "Rekening sumber di bank", RUPIAH, "asset"),
    Line(OWED, "Bantuan tunai terutang", RUPIAH, "liability"),
    Line(AID, "Beban bantuan tunai", RUPIAH, "expense"),
)


def supplied(item: str) -> str:
    """Name the account that a good comes from."""
    return f"pasokan.{item}"


def stock(item: str) -> str:
    """Name the account of a good that is in stock."""
    return f"persediaan.{item}"


def given(item: str) -> str:
    """Name the account of a good that families received."""
    return f"beban.{item}"


def lines_for(item: str) -> tuple[Line, Line, Line]:
    """List the three accounts of one good."""
    return (
        Line(supplied(item), f"Pasokan {item}", item, "equity"),
        Line(stock(item), f"Persediaan {item}", item, "asset"),
        Line(given(item), f"Beban bantuan {item}", item, "expense"),
    )


def open_chart(items: Iterable[str], *, actor: Actor, at: datetime) -> int:
    """Open the money accounts and those of the goods `items`, and say how many were new.

    Accounts that exist are left alone, so it may run at every start of a cycle.
    """
    lines = [*MONEY, *(line for item in sorted(set(items)) for line in lines_for(item))]
    columns = [list(column) for column in zip(*lines, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_account (code, name, commodity, kind)"
            " SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])"
            " ON CONFLICT (code) DO NOTHING",
            columns,
        )
        opened: int = cursor.rowcount
    if opened:
        record("chart.opened", new_uuid(), actor=actor, at=at, count=opened)
    return opened
