"""Signed Merkle checkpoints of the journal, and what an auditor proves with one.

Row-by-row hash chains would serialise every writer. Instead, the feed up to a position is hashed
into one tree (RFC 6962 section 2.1) whose root is signed and leaves the building together with the
leaf hashes of the entries since the checkpoint before. Whoever holds the file can show later that
an entry was edited, removed, inserted, reordered or backdated, and which. Form:
docs/protocols/checkpoint.md.

It protects against the keeper of the database, not against the application: what was recorded
falsely is sealed falsely. Entries after the last checkpoint are not protected yet.
"""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from betang.core.clock import from_wire, to_wire
from betang.core.crypto import signing
from betang.core.crypto.merkle import node_hash
from betang.core.errors import MalformedError, RefusedError
from betang.journal.models import Checkpoint

TYPE = "betang/checkpoint"
VERSION = 1
HASH_BYTES = 32
#: No transaction of ours lives longer. An entry that reached the feed after a checkpoint, and says
#: it was recorded longer before it than this, was put in later.
LATE = timedelta(hours=1)
#: Leaves read at once: bounds memory at any size of journal.
READ_AT_ONCE = 20_000

#: A leaf is SHA-256(0x00 || text), the text a JSON array of everything in the entry. Its place in
#: the tree is its position, which is therefore not in the text: so a moved entry is recognised.
LEAF_SQL = """
sha256('\\x00'::bytea || convert_to(jsonb_build_array(
    e.uuid, e.kind, e.subject, e.actor_kind, e.actor_uuid, e.person,
    (extract(epoch FROM e.at) * 1000000)::bigint,
    (extract(epoch FROM e.recorded_at) * 1000000)::bigint,
    e.area, e.facts)::text, 'UTF8'))
"""
LEAVES = f"""
SELECT f.position, {LEAF_SQL} FROM journal_feed f JOIN journal_entry e ON e.id = f.entry_id
WHERE f.position > %s AND f.position <= %s ORDER BY f.position
"""
BACKDATED = """
SELECT f.position, e.uuid FROM journal_feed f JOIN journal_entry e ON e.id = f.entry_id
WHERE f.position > %s AND e.recorded_at < %s ORDER BY f.position
"""
#: An entry that is neither in the feed nor waiting for it was put in behind the program.
UNLISTED = """
SELECT e.uuid FROM journal_entry e
WHERE NOT EXISTS (SELECT FROM journal_feed f WHERE f.entry_id = e.id)
  AND NOT EXISTS (SELECT FROM journal_outbox o WHERE o.entry_id = e.id)
ORDER BY e.id
"""

Signer = Callable[[bytes], bytes]


class NothingToSealError(RefusedError):
    """No entry has reached the feed since the last checkpoint."""

    code = "checkpoint.nothing_new"
    sentence = "Tidak ada catatan baru sejak segel terakhir ({size} catatan)."
    do = "Simpan berkas segel yang lama; ia masih berlaku."


class FeedHasGapsError(RefusedError):
    """The feed's positions are not 1 to n: entries were removed."""

    code = "checkpoint.gaps"
    sentence = "Urutan catatan tidak lengkap: posisi {position} hilang."
    do = "Jangan membuat segel baru. Periksa dengan `betang journal verify` dan segel terakhir."


class HistoryChangedError(RefusedError):
    """What was sealed before is not there any more as it was: it must not be sealed over."""

    code = "checkpoint.history_changed"
    sentence = "Catatan yang sudah disegel ({size}) tidak sama lagi dengan segelnya."
    do = "Jangan membuat segel baru. Periksa dengan `betang journal verify` dan segel terakhir."


class NotACheckpointError(MalformedError):
    """The file is none, or its signature is not the one of the key given."""

    code = "checkpoint.not_genuine"
    sentence = "Berkas ini bukan segel jurnal yang sah ({why})."
    do = "Gunakan berkas asli yang diterima saat segel dibuat, dan kunci publik yang benar."


class Finding(NamedTuple):
    """One thing that is not as it was sealed."""

    what: str
    position: int | None
    entry: UUID | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a checkpoint says: the tree of `size` entries, and the leaves after `start`."""

    size: int
    root: bytes
    at: datetime
    start: int
    kid: int
    leaves: list[bytes]


@dataclass(slots=True)
class Verified:
    """The outcome of a verification."""

    sealed: Sealed
    root_matches: bool = False
    findings: list[Finding] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        """Say whether the journal is as it was sealed."""
        return self.root_matches and not self.findings


def seal_journal(sign: Signer, *, kid: int, at: datetime, everything: bool = False) -> bytes:
    """Seal the feed as it stands and give the file that leaves the building.

    `sign` signs for the purpose `checkpoint` with the key `kid`. The file holds the leaves since
    the last checkpoint, or all of them (`everything`), which is a full one. Raises
    `NothingToSealError`, `HistoryChangedError`, `FeedHasGapsError`.
    """
    last = Checkpoint.objects.order_by("-size").first()
    before = last.size if last else 0
    leaves: list[bytes] = []
    for position, leaf in _leaves():
        if position != len(leaves) + 1:
            raise FeedHasGapsError(position=len(leaves) + 1)
        leaves.append(leaf)
    size = len(leaves)
    start = 0 if everything else before
    if last and tree_root(leaves[:before]) != bytes(last.root):
        raise HistoryChangedError(size=before)
    if size == start:
        raise NothingToSealError(size=size)
    root = tree_root(leaves)
    shown = b"".join(leaves[start:])
    head = json.dumps(
        {
            "typ": TYPE, "version": VERSION, "size": size, "root": root.hex(), "at": to_wire(at),
            "start": start, "leaves_sha256": sha256(shown).hexdigest(), "kid": kid,
        },
        separators=(",", ":"),
    )  # fmt: skip
    signature = sign(head.encode())
    Checkpoint.objects.get_or_create(
        size=size, defaults={"root": root, "at": at, "kid": kid, "signature": signature}
    )
    file = {
        "head": head,
        "signature": base64.b64encode(signature).decode(),
        "leaves": base64.b64encode(shown).decode(),
    }
    return json.dumps(file, indent=1).encode() + b"\n"


def kid_of(content: bytes) -> int:
    """Say which key a checkpoint file claims, before anything in it is believed."""
    return int(_head(_file(content))["kid"])


def read_checkpoint(content: bytes, public: bytes) -> Sealed:
    """Read a checkpoint file and check its signature with the 65-byte point `public`.

    The auditor brings the key from outside; a ring that lies in the database under audit proves
    nothing against the keeper of that database. Raises `NotACheckpointError`.
    """
    file = _file(content)
    head = _head(file)
    try:
        signature = base64.b64decode(file["signature"], validate=True)
        shown = base64.b64decode(file["leaves"], validate=True)
        key = signing.load_public_key(public)
    except (KeyError, TypeError, ValueError) as wrong:
        raise NotACheckpointError(why="bentuk") from wrong
    if not signing.verifies(key, file["head"].encode(), signature):
        raise NotACheckpointError(why="tanda tangan")
    if sha256(shown).hexdigest() != head["leaves_sha256"]:
        raise NotACheckpointError(why="isi")
    leaves = [shown[n : n + HASH_BYTES] for n in range(0, len(shown), HASH_BYTES)]
    try:
        sealed = Sealed(
            int(head["size"]), bytes.fromhex(head["root"]), from_wire(head["at"]),
            int(head["start"]), int(head["kid"]), leaves,
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as wrong:
        raise NotACheckpointError(why="kepala") from wrong
    if len(leaves) != sealed.size - sealed.start:
        raise NotACheckpointError(why="jumlah")
    return sealed


def verify(sealed: Sealed) -> Verified:
    """Compare the journal as it is now with what was sealed.

    Says for each entry under the file's own leaves whether it was edited, removed, inserted or
    reordered; changes before them show as a root that does not match, and are named by the file
    before. Also finds entries that were backdated to before the checkpoint, or hidden from the
    feed.
    """
    verified = Verified(sealed)
    found = dict(_leaves())
    end = max(sealed.size, max(found, default=0))
    now = [found.get(position, b"") for position in range(1, end + 1)]
    sealed_now = now[: sealed.size]
    verified.root_matches = all(sealed_now) and tree_root(sealed_now) == sealed.root
    if not verified.root_matches:
        verified.findings += _compare(sealed.leaves, now[sealed.start :], sealed.start)
        if not verified.findings:
            verified.findings.append(Finding("changed_before", None))
    with connection.cursor() as cursor:
        cursor.execute(BACKDATED, [sealed.size, sealed.at - LATE])
        verified.findings += [Finding("backdated", *row) for row in cursor.fetchall()]
        cursor.execute(UNLISTED)
        verified.findings += [Finding("unlisted", None, uuid) for (uuid,) in cursor.fetchall()]
    return verified


def tree_root(leaves: list[bytes]) -> bytes:
    """Hash leaf hashes into RFC 6962's root (of none: SHA-256 of nothing)."""
    if not leaves:
        return sha256(b"").digest()
    level = leaves
    while len(level) > 1:
        paired = [node_hash(level[n], level[n + 1]) for n in range(0, len(level) - 1, 2)]
        # An odd one is carried up, which gives the same tree as splitting at powers of two.
        level = [*paired, level[-1]] if len(level) % 2 else paired
    return level[0]


def _compare(then: list[bytes], now: list[bytes], start: int) -> Iterator[Finding]:
    """Name what differs: `then` were sealed, `now` is there (b"" where one is gone).

    `now` goes on behind what was sealed: an entry that was pushed back is not called removed.
    """
    was, present = set(then), {leaf for leaf in now if leaf}
    kept_then = [leaf for leaf in then if leaf in present]
    kept_now = [leaf for leaf in now if leaf in was]
    moved = {leaf for leaf, other in zip(kept_now, kept_then, strict=False) if leaf != other}
    for offset, leaf in enumerate(then):
        other = now[offset] if offset < len(now) else b""
        if leaf not in present:
            edited = bool(other) and other not in was
            yield Finding("edited" if edited else "removed", start + offset + 1)
        elif other and other in moved:
            yield Finding("reordered", start + offset + 1)
        elif other and other not in was:
            yield Finding("inserted", start + offset + 1)


def _leaves() -> Iterator[tuple[int, bytes]]:
    """Give position and leaf of the feed's entries, a piece at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(position), 0) FROM journal_feed")
        row = cursor.fetchone()
        end = row[0] if row else 0
        for start in range(0, end, READ_AT_ONCE):
            cursor.execute(LEAVES, [start, start + READ_AT_ONCE])
            for position, leaf in cursor.fetchall():
                yield position, bytes(leaf)


def _file(content: bytes) -> dict[str, Any]:
    try:
        file = json.loads(content)
    except ValueError as wrong:
        raise NotACheckpointError(why="bukan JSON") from wrong
    if not isinstance(file, dict) or not isinstance(file.get("head"), str):
        raise NotACheckpointError(why="bentuk")
    return file


def _head(file: dict[str, Any]) -> dict[str, Any]:
    try:
        head = json.loads(file["head"])
    except ValueError as wrong:
        raise NotACheckpointError(why="kepala") from wrong
    if not isinstance(head, dict) or (head.get("typ"), head.get("version")) != (TYPE, VERSION):
        raise NotACheckpointError(why="jenis")
    if not isinstance(head.get("kid"), int):
        raise NotACheckpointError(why="kepala")
    return head
