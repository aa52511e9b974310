"""Rights in a signed event: many uuids in few characters, and the lease that a transfer makes.

Normative: docs/protocols/lease.md, section 3.
"""

from collections.abc import Sequence
from itertools import pairwise
from uuid import UUID

from betang.core import jose

#: The giver's event travels inside the receiver's, whose payload has 16 KiB.
RIGHTS_MAX = 480
UUID_BYTES = 16


def write_rights(rights: Sequence[UUID]) -> str:
    """Write rights as base64url of their 16 bytes each, in rising order."""
    return jose.to_b64u(b"".join(sorted(right.bytes for right in rights)))


def read_rights(text: str) -> tuple[UUID, ...]:
    """Read rights; raises ValueError where they are none, too many, or not in rising order."""
    data = jose.from_b64u(text)
    if not data or len(data) % UUID_BYTES or len(data) > RIGHTS_MAX * UUID_BYTES:
        raise ValueError("not a list of rights")
    parts = [data[at : at + UUID_BYTES] for at in range(0, len(data), UUID_BYTES)]
    if any(one >= two for one, two in pairwise(parts)):
        raise ValueError("rights stand in rising order, each once")
    return tuple(UUID(bytes=part) for part in parts)


def lease_made_by(payload_sha256: bytes) -> UUID:
    """Name the lease that a transfer makes, by the hash of the giver's payload (RFC 9562: v8).

    Both phones and the server know it without asking, and nobody can choose it.
    """
    name = bytearray(payload_sha256[:UUID_BYTES])
    name[6] = name[6] & 0x0F | 0x80
    name[8] = name[8] & 0x3F | 0x80
    return UUID(bytes=bytes(name))
