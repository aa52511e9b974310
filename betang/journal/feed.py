"""The feed: entries in an order that readers can follow without losing one.

Identifiers are given before the commit, so "id greater than my last" loses entries whose
transaction ended late. One mover numbers what has been committed; readers follow its positions.
"""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection, transaction

#: The channel that wakes readers; the payload is the last position.
CHANNEL = "journal"
#: The key of the advisory lock that makes the mover single (any constant of our own does).
MOVER_LOCK = 0x62_65_74_61_6E_67
#: Entries moved at once: bounds the time the lock is held (about 20 ms here).
MOVE_AT_MOST = 5_000

MOVE = """
WITH taken AS (
    DELETE FROM journal_outbox WHERE entry_id IN (
        SELECT entry_id FROM journal_outbox ORDER BY entry_id LIMIT %s)
    RETURNING entry_id
), placed AS (
    INSERT INTO journal_feed (position, entry_id)
    SELECT (SELECT coalesce(max(position), 0) FROM journal_feed)
           + row_number() OVER (ORDER BY entry_id), entry_id
    FROM taken
    RETURNING position
)
SELECT count(*), max(position) FROM placed
"""

READ = """
SELECT f.position, e.uuid, e.kind, e.subject, e.actor_kind, e.actor_uuid, e.person, e.at,
       e.recorded_at, e.area, e.facts::text
FROM journal_feed f JOIN journal_entry e ON e.id = f.entry_id
WHERE f.position > %s ORDER BY f.position LIMIT %s
"""


class Moved(NamedTuple):
    """How many entries a move numbered, and the last position (0: none)."""

    entries: int
    position: int


class FeedEntry(NamedTuple):
    """An entry as a reader of the feed sees it."""

    position: int
    uuid: UUID
    kind: str
    subject: UUID
    actor_kind: str
    actor_uuid: UUID
    person: UUID | None
    at: datetime
    recorded_at: datetime
    area: int | None
    facts: dict[str, Any]


def move() -> Moved:
    """Number what is in the outbox and wake the readers once. Opens its own transaction.

    Of two movers at once the second does nothing: it would only wait.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [MOVER_LOCK])
        if not _first(cursor):
            return Moved(0, 0)
        cursor.execute(MOVE, [MOVE_AT_MOST])
        count, position = cursor.fetchone() or (0, None)
        if count:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(position)])
        return Moved(count, position or 0)


def waiting() -> bool:
    """Say whether the outbox holds something to move."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM journal_outbox)")
        return bool(_first(cursor))


def after(position: int, limit: int = 500) -> list[FeedEntry]:
    """Give the entries behind `position`, at most `limit`, in the order of the feed."""
    with connection.cursor() as cursor:
        cursor.execute(READ, [position, limit])
        return [FeedEntry._make((*row[:-1], orjson.loads(row[-1]))) for row in cursor.fetchall()]


def last_position() -> int:
    """Give the position of the newest entry in the feed (0: empty)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(position), 0) FROM journal_feed")
        return int(_first(cursor))


def position_of(consumer: str) -> int:
    """Give how far `consumer` has read, and lock it for this transaction.

    A second process with the same name waits here, so that no entry is followed up twice.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_consumer (name, position) VALUES (%s, 0) "
            "ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING position",
            [consumer],
        )
        return int(_first(cursor))


def advance(consumer: str, position: int) -> None:
    """Remember that `consumer` has dealt with everything up to `position`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE journal_consumer SET position = %s WHERE name = %s", [position, consumer]
        )


def _first(cursor: Any) -> Any:
    row = cursor.fetchone()
    return row[0] if row else None
