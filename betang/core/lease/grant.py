"""The lease as a device carries it: written, signed, read (docs/protocols/lease.md)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson

from betang.core import jose
from betang.core.clock import from_wire, to_wire
from betang.core.crypto.signing import PublicKey
from betang.core.event.envelope import uuid_or_none

TYP = "betang-lease+jws"


class NotALeaseError(ValueError):
    """The text is no lease, or not signed by that key."""


class Lease(NamedTuple):
    """Who may deliver what until when."""

    uuid: UUID
    dev: str
    thumbprint: bytes
    cycle: UUID
    issued_at: datetime
    not_after: datetime
    rights: Sequence[UUID]


def write(lease: Lease, kid: int, sign: Callable[[bytes], bytes]) -> str:
    """Write and sign `lease`; `sign` gives ES256 (r || s) by the lease key `kid`."""
    told = {
        "v": 1,
        "lease": str(lease.uuid),
        "dev": lease.dev,
        "thumbprint": lease.thumbprint.hex(),
        "cycle": str(lease.cycle),
        "issued_at": to_wire(lease.issued_at),
        "not_after": to_wire(lease.not_after),
        "rights": [str(right) for right in lease.rights],
    }
    return jose.by_our_key(kid, TYP, told, sign)


def key_named(text: str) -> int:
    """Give the number of the key that a lease of ours names, unverified."""
    return int(jose.split(text).header["kid"])


def read(text: str, key: PublicKey) -> Lease:
    """Read a lease signed by `key`; raises `NotALeaseError`."""
    try:
        parts = jose.split(text)
        if parts.header.get("typ") != TYP or not jose.signed_by(key, parts):
            raise NotALeaseError("not signed by this key for this purpose")
        body = orjson.loads(parts.payload)
        rights = [uuid_or_none(right) for right in body["rights"]]
        lease, cycle = uuid_or_none(body["lease"]), uuid_or_none(body["cycle"])
        if lease is None or cycle is None or None in rights:
            raise NotALeaseError("an identifier cannot be read")
        return Lease(
            lease,
            str(body["dev"]),
            bytes.fromhex(body["thumbprint"]),
            cycle,
            from_wire(body["issued_at"]),
            from_wire(body["not_after"]),
            [right for right in rights if right is not None],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NotALeaseError(str(error)) from error
