"""What becomes of a lease: `lease.closed`, `lease.transferred`, `lease.received` (lease.md)."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from betang.core.device import short_id
from betang.core.event.said import members
from betang.core.lease.rights import read_rights

_CHALLENGE = re.compile(r"[0-9a-f]{32}")
_JWS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


class Closed(NamedTuple):
    """`lease.closed`."""

    lease: UUID
    last_seq: int


class Transferred(NamedTuple):
    """`lease.transferred`: the giver's word, for one receiver only (lease.md, section 3)."""

    lease: UUID
    to: str
    to_key: bytes
    challenge: bytes
    rights: tuple[UUID, ...]
    families: bytes


class Received(NamedTuple):
    """`lease.received`: the receiver's word, around the giver's own signed one."""

    transfer: str


def _closed(data: dict[str, Any]) -> Closed:
    last_seq = members.whole(data.get("last_seq"), "last_seq", 0, 2**53 - 1)
    return Closed(members.uuid(data, "lease"), last_seq)


def _transferred(data: dict[str, Any]) -> Transferred:
    rights = data.get("rights")
    try:
        named = read_rights(rights) if isinstance(rights, str) else ()
    except ValueError:
        named = ()
    if not named:
        raise members.MalformedDataError("rights")
    return Transferred(
        lease=members.uuid(data, "lease"),
        to=members.text(data, "to", short_id.FORM),
        to_key=bytes.fromhex(members.text(data, "to_key", members.HASH)),
        challenge=bytes.fromhex(members.text(data, "challenge", _CHALLENGE)),
        rights=named,
        families=bytes.fromhex(members.text(data, "families", members.HASH)),
    )


def _received(data: dict[str, Any]) -> Received:
    return Received(members.text(data, "transfer", _JWS))


READERS: dict[str, Callable[[dict[str, Any]], Closed | Transferred | Received]] = {
    "lease.closed": _closed,
    "lease.transferred": _transferred,
    "lease.received": _received,
}
