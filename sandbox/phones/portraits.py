"""Portraits of a device's families (docs/protocols/device.md, section 16)."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from betang.core import jose

DIGEST_BYTES = 8


class Portrait(NamedTuple):
    """A picture and what it is known by."""

    digest: bytes
    picture: bytes


def asked(held: Mapping[str, Portrait]) -> dict[str, Any]:
    """Write the body of a request by who holds these."""
    return {"have": jose.to_b64u(b"".join(one.digest for one in held.values()))}


def take(held: dict[str, Portrait], told: dict[str, Any]) -> None:
    """Keep what came, forget what is gone. Raises ValueError for a picture under a false digest."""
    for household, one in list(held.items()):
        if one.digest.hex() in told["gone"]:
            del held[household]
    for one in told["portraits"]:
        picture = jose.from_b64u(one["webp"])
        digest = sha256(UUID(one["household"]).bytes + picture).digest()[:DIGEST_BYTES]
        if digest.hex() != one["digest"]:
            raise ValueError("a picture is not what its digest says")
        held[one["household"]] = Portrait(digest, picture)
