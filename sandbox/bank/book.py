"""What the bank remembers: accounts, transfers, used ids and how it shall misbehave.

One SQLite file in WAL mode. Every transfer is committed before it is answered, so a restart, also
by kill -9, forgets nothing; tokens alone live in memory.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: Misbehaviours of one transfer, on its first try.
TRANSFER_FAULTS = (
    "timeout_after_booking",
    "timeout_before_booking",
    "lost_answer",
    "error_after_booking",
    "error_before_booking",
    "gateway_timeout",
    "in_progress",
    "slow",
    "wrong_amount_in_history",
    "missing_in_history",
)
#: Misbehaviours at the opening of an account.
ACCOUNT_FAULTS = ("name_mismatch", "dormant", "burekol_refused")

SCHEMA = """
CREATE TABLE IF NOT EXISTS account (
    number TEXT PRIMARY KEY, holder TEXT NOT NULL, state TEXT NOT NULL, opened_for TEXT UNIQUE);
CREATE TABLE IF NOT EXISTS transfer (
    id INTEGER PRIMARY KEY AUTOINCREMENT, reference TEXT UNIQUE, account TEXT NOT NULL,
    value TEXT NOT NULL, shown_value TEXT NOT NULL, shown INTEGER NOT NULL DEFAULT 1,
    state TEXT NOT NULL, booked_ms INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS transfer_time ON transfer (booked_ms);
CREATE TABLE IF NOT EXISTS used (day TEXT, external_id TEXT, PRIMARY KEY (day, external_id))
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS attempt (reference TEXT PRIMARY KEY, times INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS fault (reference TEXT PRIMARY KEY, fault TEXT NOT NULL,
    times INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS share (fault TEXT PRIMARY KEY, share REAL NOT NULL);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One booked or half-done transfer."""

    id: int
    reference: str | None
    account: str
    value: str
    shown_value: str
    state: str
    booked_ms: int

    @property
    def bank_reference(self) -> str:
        """Give the bank's own number of the transfer."""
        return f"BK{self.id:014d}"


COLUMNS = "id, reference, account, value, shown_value, state, booked_ms"


class Book:
    """The bank's book in one file."""

    def __init__(self, path: Path, *, seed: int = 1) -> None:
        """Open the book, or begin a new one."""
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + SCHEMA)
        self._seed = seed

    @contextmanager
    def page(self) -> Iterator[None]:
        """Make what happens inside one all-or-nothing change of the book."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # Accounts

    def account(self, number: str) -> tuple[str, str] | None:
        """Give holder and state of an account."""
        row = self._db.execute(
            "SELECT holder, state FROM account WHERE number = ?", (number,)
        ).fetchone()
        return (row[0], row[1]) if row else None

    def open_account(self, opened_for: str, holder: str) -> tuple[str, str]:
        """Open a family's account or find it; gives number and holder."""
        row = self._db.execute(
            "SELECT number, holder FROM account WHERE opened_for = ?", (opened_for,)
        ).fetchone()
        if row:
            return row[0], row[1]
        count = self._db.execute("SELECT count(*) FROM account").fetchone()[0]
        number = f"2001{count + 1:08d}"
        odd = self._by_share(opened_for, ACCOUNT_FAULTS)
        if odd == "burekol_refused":
            return "", ""
        if odd == "name_mismatch":
            holder = f"{holder.split(' ', 1)[0]} SIMPANAN LAIN"
        state = "dormant" if odd == "dormant" else "active"
        self._db.execute(
            "INSERT INTO account VALUES (?, ?, ?, ?)", (number, holder, state, opened_for)
        )
        return number, holder

    def change_account(self, number: str, *, holder: str | None, state: str | None) -> bool:
        """Rename the holder of an account or change its state."""
        return bool(
            self._db.execute(
                "UPDATE account SET holder = coalesce(?, holder), state = coalesce(?, state)"
                " WHERE number = ?",
                (holder, state, number),
            ).rowcount
        )

    # Transfers

    def use(self, day: str, external_id: str) -> bool:
        """Remember an external id; false if it was used that day before."""
        return bool(
            self._db.execute(
                "INSERT OR IGNORE INTO used VALUES (?, ?)", (day, external_id)
            ).rowcount
        )

    def transfer(self, reference: str) -> Transfer | None:
        """Find a transfer by the partner's reference."""
        row = self._db.execute(
            f"SELECT {COLUMNS} FROM transfer WHERE reference = ?", (reference,)
        ).fetchone()
        return Transfer(*row) if row else None

    def book(
        self, reference: str | None, account: str, value: str, at_ms: int, fault: str | None = None
    ) -> Transfer:
        """Move the money."""
        shown_value = (
            f"{float(value) + 10_000:.2f}" if fault == "wrong_amount_in_history" else value
        )
        cursor = self._db.execute(
            "INSERT INTO transfer (reference, account, value, shown_value, shown, state, booked_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                reference, account, value, shown_value, int(fault != "missing_in_history"),
                "in_progress" if fault == "in_progress" else "booked", at_ms,
            ),
        )  # fmt: skip
        state = "in_progress" if fault == "in_progress" else "booked"
        return Transfer(
            int(cursor.lastrowid or 0), reference, account, value, shown_value, state, at_ms
        )

    def finish(self, transfer: Transfer) -> None:
        """Book a transfer that was in progress."""
        self._db.execute("UPDATE transfer SET state = 'booked' WHERE id = ?", (transfer.id,))

    def history(self, from_ms: int, to_ms: int, limit: int, offset: int) -> list[Transfer]:
        """List booked transfers of a time, newest first."""
        rows = self._db.execute(
            f"SELECT {COLUMNS} FROM transfer WHERE booked_ms BETWEEN ? AND ? AND shown"
            " AND state = 'booked' ORDER BY booked_ms DESC, id DESC LIMIT ? OFFSET ?",
            (from_ms, to_ms, limit, offset),
        ).fetchall()
        return [Transfer(*row) for row in rows]

    def counts(self) -> dict[str, object]:
        """Count what was booked: the truth that tests compare with."""
        booked, total = self._db.execute(
            "SELECT count(*), coalesce(sum(CAST(value AS REAL)), 0) FROM transfer"
            " WHERE state = 'booked'"
        ).fetchone()
        again = self._db.execute(
            "SELECT count(*) FROM (SELECT account FROM transfer WHERE reference IS NOT NULL"
            " GROUP BY account HAVING count(*) > 1)"
        ).fetchone()[0]
        accounts = self._db.execute("SELECT count(*) FROM account").fetchone()[0]
        tries = self._db.execute("SELECT coalesce(sum(times), 0) FROM attempt").fetchone()[0]
        return {
            "accounts": accounts,
            "transfers": booked,
            "total_rupiah": round(total),
            "accounts_paid_twice": again,
            "transfer_requests": tries,
        }

    # Balance and misbehaviour

    def balance(self) -> int | None:
        """Give what is left on the source account; None where nobody set a limit."""
        row = self._db.execute("SELECT value FROM setting WHERE name = 'funds'").fetchone()
        if row is None:
            return None
        spent = self._db.execute(
            "SELECT coalesce(sum(CAST(value AS REAL)), 0) FROM transfer"
        ).fetchone()[0]
        return int(row[0]) - int(spent)

    def set_funds(self, amount_rupiah: int) -> None:
        """Say how much money there is on the source account in all."""
        self._db.execute(
            "INSERT OR REPLACE INTO setting VALUES ('funds', ?)", (str(amount_rupiah),)
        )

    def set_faults(self, fault: str, references: list[str], times: int) -> None:
        """Make transfers with these references fail so many times."""
        self._db.executemany(
            "INSERT OR REPLACE INTO fault VALUES (?, ?, ?)",
            [(reference, fault, times) for reference in references],
        )

    def set_share(self, fault: str, share: float) -> None:
        """Make a share of all references fail at the first try."""
        self._db.execute("INSERT OR REPLACE INTO share VALUES (?, ?)", (fault, share))

    def next_fault(self, reference: str) -> str | None:
        """Count a try and say what shall go wrong with it."""
        self._db.execute(
            "INSERT INTO attempt VALUES (?, 1) ON CONFLICT (reference) DO UPDATE"
            " SET times = times + 1",
            (reference,),
        )
        row = self._db.execute(
            "UPDATE fault SET times = times - 1 WHERE reference = ? AND times > 0 RETURNING fault",
            (reference,),
        ).fetchone()
        if row:
            return str(row[0])
        times = self._db.execute(
            "SELECT times FROM attempt WHERE reference = ?", (reference,)
        ).fetchone()[0]
        return self._by_share(reference, TRANSFER_FAULTS) if times == 1 else None

    def _by_share(self, key: str, faults: tuple[str, ...]) -> str | None:
        """Choose by the key's hash alone, so that the same demo misbehaves the same."""
        digest = hashlib.sha256(f"{self._seed}:{key}".encode()).digest()
        point = int.from_bytes(digest[:8], "big") / 2**64
        shares = dict(self._db.execute("SELECT fault, share FROM share").fetchall())
        for fault in faults:
            point -= shares.get(fault, 0.0)
            if point < 0:
                return fault
        return None
