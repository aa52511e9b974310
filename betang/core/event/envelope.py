"""The envelope of a field event: written once, read without trust (docs/protocols/event.md)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from betang.core import jose
from betang.core.clock import from_wire, to_wire
from betang.core.crypto.signing import PrivateKey

TYP = "betang-event+jws"
VERSION = 1
#: A delivery with a raw tap is about 700 bytes; this bounds what one event can cost us.
PAYLOAD_BYTES_MAX = 16 * 1024
#: Signing input and signature in base64url, with a header of at most 200 bytes.
JWS_BYTES_MAX = PAYLOAD_BYTES_MAX * 4 // 3 + 512
#: `prev` of the first event.
NO_PREVIOUS = bytes(32)
#: The greatest whole number that every JSON reader keeps exact (RFC 8259, section 6).
SEQ_MAX = 2**53 - 1

_TYPE = re.compile(r"[a-z_]{1,20}\.[a-z_]{1,20}")
_HASH = re.compile(r"[0-9a-f]{64}")
#: A phone's clock may be wrong by years; beyond these it is no time at all.
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Event:
    """A payload as far as it could be read.

    `seq` is None where the event has no place in the chain; `problem` names the first member that
    does not fit (None: the envelope is whole; the data are judged by their kind).
    """

    seq: int | None
    prev: bytes | None
    id: UUID | None
    type: str
    at: datetime | None
    mono_ms: int
    lease: UUID | None
    data: dict[str, Any]
    problem: str | None


def payload(
    *,
    dev: str,
    seq: int,
    prev: bytes,
    id: UUID,  # noqa: A002 - the member's own name
    type: str,  # noqa: A002
    at: datetime,
    data: dict[str, Any],
    mono_ms: int = 0,
    lease: UUID | None = None,
) -> bytes:
    """Write the bytes that a device signs. They are never written a second time."""
    return orjson.dumps(
        {
            "v": VERSION,
            "dev": dev,
            "seq": seq,
            "prev": prev.hex(),
            "id": str(id),
            "type": type,
            "at": to_wire(at),
            "mono_ms": mono_ms,
            "lease": str(lease) if lease else None,
            "data": data,
        }
    )


def sign(key: PrivateKey, dev: str, content: bytes) -> str:
    """Sign a payload as device `dev` and give the compact JWS."""
    return jose.make(key, {"alg": "ES256", "kid": dev, "typ": TYP}, content)


def hash_of(content: bytes) -> bytes:
    """Give the hash that the next event's `prev` names: of the payload, never of the signature."""
    return sha256(content).digest()


def read(content: bytes, dev: str) -> Event:
    """Read an authentic payload of device `dev`, however malformed it is. Never raises."""
    try:
        body = orjson.loads(content)
    except ValueError:
        return _unreadable("json")
    if not isinstance(body, dict):
        return _unreadable("json")
    if body.get("dev") != dev:
        return _unreadable("dev")
    seq, prev = body.get("seq"), body.get("prev")
    if type(seq) is not int or not 1 <= seq <= SEQ_MAX:
        return _unreadable("seq")
    if not isinstance(prev, str) or not _HASH.fullmatch(prev):
        return _unreadable("prev")
    return _placed(body, seq, bytes.fromhex(prev))


def _placed(body: dict[str, Any], seq: int, prev: bytes) -> Event:
    """Read the rest of a payload that has its place."""
    problem = None if body.get("v") == VERSION else "v"
    kind = body.get("type")
    if not isinstance(kind, str) or not _TYPE.fullmatch(kind):
        kind, problem = "unknown", problem or "type"
    event_id = uuid_or_none(body.get("id"))
    if event_id is None:
        problem = problem or "id"
    at = time_or_none(body.get("at"))
    if at is None:
        problem = problem or "at"
    mono = body.get("mono_ms")
    if type(mono) is not int or not 0 <= mono <= SEQ_MAX:
        mono, problem = 0, problem or "mono_ms"
    lease = body.get("lease")
    lease_id = uuid_or_none(lease)
    if lease is not None and lease_id is None:
        problem = problem or "lease"
    data = body.get("data")
    if not isinstance(data, dict):
        data, problem = {}, problem or "data"
    return Event(seq, prev, event_id, kind, at, mono, lease_id, data, problem)


def uuid_or_none(value: object) -> UUID | None:
    """Read a UUID in its canonical form (36 characters), or None."""
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        return UUID(value)
    except ValueError:
        return None


def time_or_none(value: object) -> datetime | None:
    """Read an RFC 3339 UTC time that a database can hold, or None."""
    if not isinstance(value, str):
        return None
    try:
        at = from_wire(value)
        return at.astimezone(UTC) if _EARLIEST <= at <= _LATEST else None
    except (ValueError, OverflowError, TypeError):
        return None


def _unreadable(problem: str) -> Event:
    return Event(None, None, None, "unknown", None, 0, None, {}, problem)
