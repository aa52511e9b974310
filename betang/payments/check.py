"""Ask the bank who holds each account, before any money moves (service 15)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from betang.core.actor import Actor
from betang.core.identifiers import new_uuid
from betang.journal.record import record
from betang.keys.sealing import open_sealed
from betang.payments.bank import Bank
from betang.payments.holder import is_same_holder
from betang.payments.send import Transaction, silent

CHUNK = 1_000
ACTIVE = "Rekening aktif"
#: Answers that say something of the account itself; all others leave it unchecked.
DEFINITE = {"40305": "do_not_honor", "40309": "dormant", "40318": "inactive", "40411": "unknown"}
SELECT = """
SELECT a.id, h.head_name, a.number_sealed FROM payments_bankaccount a
JOIN registry_household h ON h.id = a.household_id
WHERE a.state = ANY(%s) AND a.id > %s ORDER BY a.id LIMIT %s
"""
UPDATE = """
UPDATE payments_bankaccount a SET state = v.state, failure = v.failure, checked_at = %s
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS v(id, state, failure) WHERE a.id = v.id
"""


@dataclass(slots=True)
class Checked:
    """What the bank said of the holders; `unknown` ones wait for another run."""

    run: UUID
    verified: int = 0
    failed: int = 0
    unknown: int = 0


def to_check(*, again: bool = False) -> int:
    """Count the accounts that a run would ask about."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM payments_bankaccount WHERE state = ANY(%s)", [_states(again)]
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def check_names(
    bank: Bank,
    *,
    actor: Actor,
    clock: Callable[[], datetime],
    transaction: Transaction,
    again: bool = False,
    progress: Callable[[int], None] = silent,
) -> Checked:
    """Compare the bank's holder of each unchecked account with our head of household.

    `again` also asks about those that failed before. Running it twice changes nothing more.
    """
    checked = Checked(new_uuid())
    last = 0
    with ThreadPoolExecutor(bank.connections, thread_name_prefix="bank") as threads:
        while rows := _chunk(_states(again), last):
            last = rows[-1][0]
            numbers = [open_sealed(sealed).decode() for _, _, sealed in rows]
            names = [name for _, name, _ in rows]
            told = list(
                threads.map(lambda pair: _ask(bank, *pair), zip(numbers, names, strict=True))
            )
            states = [
                (row[0], state, failure)
                for row, (state, failure) in zip(rows, told, strict=True)
                if state != "none"
            ]
            with transaction():
                _write(states, at=clock())
                counts = _counted(checked, [state for state, _ in told])
                record("accounts.checked", checked.run, actor=actor, at=clock(), **counts)
            progress(len(rows))
    return checked


def _ask(bank: Bank, number: str, ours: str) -> tuple[str, str]:
    answer = bank.inquire(number)
    if answer.code == "2001500":
        if answer.fields.get("beneficiaryAccountStatus", ACTIVE) != ACTIVE:
            return "failed", "not_active"
        banks = str(answer.fields.get("beneficiaryAccountName", ""))
        return ("verified", "") if is_same_holder(ours, banks) else ("failed", "name_mismatch")
    failure = DEFINITE.get(answer.code[:3] + answer.code[5:])
    return ("failed", failure) if failure else ("none", "")


def _chunk(states: list[str], last: int) -> list[tuple[int, str, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(SELECT, [states, last, CHUNK])
        return list(cursor.fetchall())


def _write(states: list[tuple[int, str, str]], *, at: datetime) -> None:
    if states:
        with connection.cursor() as cursor:
            cursor.execute(UPDATE, [at, *map(list, zip(*states, strict=True))])


def _counted(checked: Checked, states: list[str]) -> dict[str, int]:
    counts = {
        "verified": states.count("verified"),
        "failed": states.count("failed"),
        "unknown": states.count("none"),
    }
    checked.verified += counts["verified"]
    checked.failed += counts["failed"]
    checked.unknown += counts["unknown"]
    return counts


def _states(again: bool) -> list[str]:  # noqa: FBT001 - private
    return ["none", "failed"] if again else ["none"]
