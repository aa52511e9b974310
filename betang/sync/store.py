"""Keep events as they were signed: one hand-written, set-based statement for a batch."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import orjson
from django.db import connection

from betang.accounts.admit import Holder
from betang.core.event import envelope, kinds
from betang.core.event.said.members import MalformedDataError
from betang.journal.prepared import fetch
from betang.sync.arrive import Arrived

#: The row of the cursor is the lock of the device's sync; its state is read under it.
LOCK = """
SELECT c.applied_seq, c.applied_sha256, c.held_count, c.first_fork_seq, d.state
FROM sync_devicecursor c JOIN accounts_device d ON d.id = c.device_id
WHERE c.device_id = %s FOR NO KEY UPDATE OF c
"""

BEGIN_CURSOR = """
INSERT INTO sync_devicecursor (device_id, applied_seq, applied_sha256, held_count)
VALUES (%s, 0, %s, 0) ON CONFLICT (device_id) DO NOTHING
"""

#: Duplicates inside the batch are gone before this: a statement does not see its own rows.
STORE = """
WITH told AS (
    SELECT * FROM json_to_recordset(%s::json) AS t(seq bigint, uuid uuid, type text,
        protected text, payload text, signature text, sha256 text, prev text, at timestamptz,
        named text, state text, n int)
), sealed AS (
    INSERT INTO sync_attachment (sha256, device_id, wrapped_key, ciphertext, heard_at)
    SELECT decode(sha256, 'hex'), %s, decode(wrapped, 'hex'), decode(ciphertext, 'hex'), %s
    FROM json_to_recordset(%s::json) AS a(sha256 text, wrapped text, ciphertext text)
    ON CONFLICT (sha256) DO NOTHING
)
INSERT INTO {table} (device_id, seq, uuid, type, protected, payload, signature, payload_sha256,
                     prev, at, heard_at, attachment_sha256{state})
SELECT %s, seq, uuid, type, protected, decode(payload, 'hex'), decode(signature, 'hex'),
       decode(sha256, 'hex'), decode(prev, 'hex'), at, %s, decode(named, 'hex'){state_value}
FROM told ORDER BY n{conflict}
"""
_OR_KEPT = "\nON CONFLICT DO NOTHING RETURNING payload_sha256"
_EVENTS = {"table": "sync_fieldevent", "state": ", state", "state_value": ", state"}
#: Places were asked for under the device's lock, so a conflict there would be a bug.
STORE_PLACED = STORE.format(**_EVENTS, conflict="")
STORE_UNPLACED = STORE.format(**_EVENTS, conflict=_OR_KEPT)
STORE_FORKS = STORE.format(table="sync_fieldeventfork", state="", state_value="", conflict=_OR_KEPT)

KNOWN = """
SELECT seq, payload_sha256 FROM sync_fieldevent WHERE device_id = %s AND seq = ANY(%s)
"""
KNOWN_FORKS = """
SELECT seq, payload_sha256 FROM sync_fieldeventfork WHERE device_id = %s AND seq = ANY(%s)
"""
HELD = """
SELECT protected, payload, signature, payload_sha256 FROM sync_fieldevent
WHERE device_id = %s AND state = 'held' AND seq > %s ORDER BY seq LIMIT %s
"""
CHANGE_STATE = """
UPDATE sync_fieldevent SET state = %s WHERE device_id = %s AND seq = ANY(%s)
"""
CHANGE_FORKS = """
UPDATE sync_fieldeventfork SET state = %s
WHERE device_id = %s AND payload_sha256 = ANY(%s) AND state = 'waiting'
"""
UNHOLD = """
DELETE FROM sync_fieldevent WHERE device_id = %s AND state = 'held' AND seq = ANY(%s)
"""


class Cursor(NamedTuple):
    """A device's place in its chain, read under lock, and its state at that moment."""

    seq: int
    sha256: bytes
    held: int
    fork_seq: int | None
    device_state: str

    @property
    def head(self) -> tuple[int, bytes]:
        """Give the last applied place and its hash: what is decided later does not move it."""
        return self.seq, self.sha256


def lock_cursor(device: int) -> Cursor:
    """Lock the device's cursor, making it for its first event."""
    rows = fetch(LOCK, device)
    if not rows:
        fetch(BEGIN_CURSOR, device, envelope.NO_PREVIOUS)
        rows = fetch(LOCK, device)
    seq, sha256, held_count, fork_seq, state = rows[0]
    return Cursor(seq, bytes(sha256), held_count, fork_seq, state)


def known(device: int, seqs: Collection[int]) -> dict[int, bytes]:
    """Give the hash of each place of `seqs` that is taken."""
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [device, list(seqs)])
        return {seq: bytes(sha) for seq, sha in cursor.fetchall()}


def known_forks(device: int, seqs: Collection[int]) -> frozenset[tuple[int, bytes]]:
    """Give the forks that are kept at the places `seqs`."""
    with connection.cursor() as cursor:
        cursor.execute(KNOWN_FORKS, [device, list(seqs)])
        return frozenset((seq, bytes(sha)) for seq, sha in cursor.fetchall())


def held(device: int, dev: str, after: int, limit: int) -> dict[int, Arrived]:
    """Give the first `limit` events that wait for a predecessor, by place."""
    with connection.cursor() as cursor:
        cursor.execute(HELD, [device, after, limit])
        rows = cursor.fetchall()
    found = (again(*row, dev=dev) for row in rows)
    return {event.seq: event for event in found}


def again(protected: str, payload: bytes, signature: bytes, sha256: bytes, *, dev: str) -> Arrived:
    """Read an event back from its own bytes; its attachment stays where it is."""
    event = envelope.read(bytes(payload), dev)
    try:
        named = kinds.attachment_of(event.data)
    except MalformedDataError:
        named = None
    return Arrived(
        -1, event, protected, bytes(payload), bytes(signature), bytes(sha256), named, None
    )


def keep(
    holder: Holder,
    events: Sequence[tuple[Arrived, str]],
    *,
    attachments: Sequence[Arrived],
    at: datetime,
) -> set[bytes]:
    """Store events with their states, and the attachments.

    Of events without a place, gives the hashes that were new; places were asked for before.
    """
    unplaced = any(event.event.seq is None for event, _ in events)
    statement = STORE_UNPLACED if unplaced else STORE_PLACED
    return _store(statement, holder, events, attachments, at)


def keep_forks(holder: Holder, events: Sequence[Arrived], *, at: datetime) -> set[bytes]:
    """Store events whose place was taken, with their attachments."""
    return _store(STORE_FORKS, holder, [(event, "") for event in events], events, at)


def change_state(device: int, seqs: Collection[int], state: str) -> None:
    """Change the state of stored events."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGE_STATE, [state, device, list(seqs)])


def change_forks(device: int, hashes: Collection[bytes], state: str) -> None:
    """Decide about events of a second branch."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGE_FORKS, [state, device, list(hashes)])


def unhold(device: int, seqs: Collection[int]) -> None:
    """Take events that wait out of the chain: they become forks in the same transaction."""
    with connection.cursor() as cursor:
        cursor.execute(UNHOLD, [device, list(seqs)])


def _store(
    statement: str,
    holder: Holder,
    events: Sequence[tuple[Arrived, str]],
    attachments: Sequence[Arrived],
    at: datetime,
) -> set[bytes]:
    sealed = {e.attachment.sha256: e.attachment for e in attachments if e.attachment}
    told = [
        {
            "seq": e.event.seq,
            "uuid": e.event.id,
            "type": e.event.type,
            "protected": e.protected,
            "payload": e.payload.hex(),
            "signature": e.signature.hex(),
            "sha256": e.sha256.hex(),
            "prev": e.event.prev.hex() if e.event.prev else None,
            "at": e.event.at,
            "named": e.named.hex() if e.named else None,
            "state": state,
            "n": n,
        }
        for n, (e, state) in enumerate(events)
    ]
    kept = [
        {
            "sha256": one.sha256.hex(),
            "wrapped": one.wrapped_key.hex(),
            "ciphertext": one.ciphertext.hex(),
        }
        for one in sealed.values()
    ]
    rows = fetch(
        statement,
        orjson.dumps(told).decode(),
        holder.id,
        at,
        orjson.dumps(kept).decode(),
        holder.id,
        at,
    )
    return {bytes(row[0]) for row in rows}
