"""The terminal's memory: one SQLite file, flushed at each step, so that a power cut loses nothing.

The key lies in it in the clear: a real terminal has a secure element for it, this one has not.
"""

import json
import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox.edc.sealing import Sealed

TABLES = """
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY, id TEXT, type TEXT, jws TEXT,
    payload BLOB, name BLOB, ciphertext BLOB, key BLOB, sent INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS served (entitlement TEXT, part INTEGER, PRIMARY KEY (entitlement, part));
CREATE TABLE IF NOT EXISTS decision (number INTEGER PRIMARY KEY, sha256 TEXT, told TEXT);
CREATE TABLE IF NOT EXISTS blob (name BLOB PRIMARY KEY, ciphertext BLOB, key BLOB);
"""


class Event(NamedTuple):
    """A signed event, and what travels beside it."""

    seq: int
    id: str
    type: str
    jws: str
    payload: bytes
    attachment: Sealed | None


class Memory:
    """What survives a restart."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.executescript(TABLES)

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def get(self, name: str, default: Any = None) -> Any:
        """Read a fact."""
        row = self.db.execute("SELECT value FROM fact WHERE name = ?", [name]).fetchone()
        return json.loads(row[0]) if row else default

    def put(self, name: str, value: Any) -> None:
        """Keep a fact."""
        self.db.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", [name, json.dumps(value)])

    def key(self) -> ec.EllipticCurvePrivateKey:
        """Give the terminal's key; make it the first time."""
        text = self.get("key")
        if text is None:
            made = ec.generate_private_key(ec.SECP256R1())
            pem = made.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            self.put("key", pem.decode())
            return made
        found = serialization.load_pem_private_key(text.encode(), None)
        assert isinstance(found, ec.EllipticCurvePrivateKey)
        return found

    def last(self) -> Event | None:
        """Give the newest event of the chain."""
        row = self.db.execute("SELECT * FROM event ORDER BY seq DESC LIMIT 1").fetchone()
        return _event(row) if row else None

    def keep(self, event: Event, marks: list[tuple[str, int]], blobs: list[Sealed]) -> None:
        """Keep an event, what it delivered and its blobs, in one step; a right's part only once."""
        sealed = event.attachment or (None, None, None)
        with self.db:
            self.db.execute("BEGIN IMMEDIATE")
            self.db.executemany("INSERT INTO served VALUES (?, ?)", marks)
            self.db.execute(
                "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)", [*event[:5], *sealed]
            )
            self.db.executemany("INSERT INTO blob VALUES (?, ?, ?)", blobs)

    def served(self, entitlement: str) -> int:
        """Count the parts of a right that were delivered here."""
        rows = self.db.execute("SELECT count(*) FROM served WHERE entitlement = ?", [entitlement])
        return int(rows.fetchone()[0])

    def unsent(self, since: int = 0, limit: int = 100) -> list[Event]:
        """Give events that no answer named, in their order."""
        rows = self.db.execute(
            "SELECT * FROM event WHERE sent = 0 AND seq >= ? ORDER BY seq LIMIT ?", [since, limit]
        )
        return [_event(row) for row in rows.fetchall()]

    def count_unsent(self) -> int:
        """Count them."""
        return int(self.db.execute("SELECT count(*) FROM event WHERE sent = 0").fetchone()[0])

    def sent(self, seqs: list[int], *, kept: bool = True) -> None:
        """Mark events as kept by the server, or as to be sent again."""
        self.db.executemany(
            "UPDATE event SET sent = ? WHERE seq = ?", [(int(kept), seq) for seq in seqs]
        )

    def send_again_from(self, seq: int) -> None:
        """Have everything from a place on sent again: the server misses it."""
        self.db.execute("UPDATE event SET sent = 0 WHERE seq >= ?", [seq])

    def decide(self, told: list[dict[str, Any]]) -> None:
        """Keep decisions."""
        self.db.executemany(
            "INSERT OR REPLACE INTO decision VALUES (?, ?, ?)",
            [(one["number"], one["event_sha256"], json.dumps(one)) for one in told],
        )

    def decisions(self) -> list[dict[str, Any]]:
        """Give the newest decision of each event."""
        newest = "SELECT max(number) FROM decision GROUP BY sha256"
        rows = self.db.execute(f"SELECT told FROM decision WHERE number IN ({newest})")
        return [json.loads(row[0]) for row in rows.fetchall()]

    def newest_decision(self) -> int:
        """Give the number of the last decision that was read."""
        return int(self.db.execute("SELECT coalesce(max(number), 0) FROM decision").fetchone()[0])

    def blobs(self) -> list[Sealed]:
        """Give the blobs that wait."""
        return [Sealed(*row) for row in self.db.execute("SELECT * FROM blob").fetchall()]

    def forget_blob(self, name: bytes) -> None:
        """Forget a blob that the server has whole."""
        self.db.execute("DELETE FROM blob WHERE name = ?", [name])

    def wipe(self) -> None:
        """Destroy families, leases and key; unsent events and blobs stay, sealed."""
        self.db.execute("DELETE FROM fact WHERE name IN ('key', 'bundle', 'list')")
        self.db.execute("VACUUM")


def _event(row: tuple[Any, ...]) -> Event:
    seq, id_, type_, jws, payload, name, ciphertext, key, _ = row
    sealed = Sealed(name, ciphertext, key) if name is not None else None
    return Event(seq, id_, type_, jws, payload, sealed)
