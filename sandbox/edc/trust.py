"""What the terminal believes: the ring of keys and its leases (keys.md, lease.md)."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from sandbox.edc.wire import (
    NotSignedError,
    b64u,
    from_time,
    look_into,
    open_jws,
    public_key,
    un_b64u,
)

RING = "betang-ring+jws"
LEASE = "betang-lease+jws"


@dataclass
class Ring:
    """The keys of the newest ring that was believed; `text` is how it was signed."""

    text: str = ""
    issued_at: datetime | None = None
    keys: dict[int, dict[str, Any]] = field(default_factory=dict)

    def key(self, kid: int, purpose: str) -> ec.EllipticCurvePublicKey:
        """Give a key that may verify what has this purpose; raises `NotSignedError`."""
        found = self.keys.get(kid)
        if found is None or found["purpose"] != purpose or found["state"] == "revoked":
            raise NotSignedError(f"no {purpose} key {kid}")
        return public_key(point(found))

    def active(self, purpose: str) -> tuple[int, ec.EllipticCurvePublicKey]:
        """Give the key that is used for `purpose` now."""
        for kid, found in self.keys.items():
            if found["purpose"] == purpose and found["state"] == "active":
                return kid, public_key(point(found))
        raise NotSignedError(f"no active {purpose} key")


def point(told: dict[str, Any]) -> bytes:
    """Give the 65 bytes of a key of the ring."""
    return b"\x04" + un_b64u(told["x"]) + un_b64u(told["y"])


def first_ring(text: str, keyhash: str) -> Ring:
    """Believe the ring of the enrolment: its signer's hash stood in the code."""
    ring = _read(text)
    kid = int(look_into(text).header["kid"])
    signer = ring.key(kid, "enrolment")
    if b64u(hashlib.sha256(point(ring.keys[kid])).digest()) != keyhash:
        raise NotSignedError("the ring is not signed by the key of the code")
    open_jws(text, signer, RING)
    return ring


def next_ring(text: str, held: Ring) -> Ring:
    """Believe a later ring: signed by the `ring` or `enrolment` key of the one held, not older."""
    kid = int(look_into(text).header["kid"])
    purpose = held.keys.get(kid, {}).get("purpose", "ring")
    if purpose not in {"ring", "enrolment"}:
        raise NotSignedError("the ring is signed by a key that may not")
    open_jws(text, held.key(kid, purpose), RING)
    ring = _read(text)
    if held.issued_at and ring.issued_at and ring.issued_at < held.issued_at:
        raise NotSignedError("an older ring")
    return ring


def _read(text: str) -> Ring:
    told = json.loads(look_into(text).payload)
    keys = {int(key["kid"]): key for key in told["keys"]}
    return Ring(text, from_time(told["issued_at"]), keys)


@dataclass(frozen=True)
class Lease:
    """A signed permission, verified: which rights, from when, until when."""

    uuid: str
    issued_at: datetime
    not_after: datetime
    rights: frozenset[str]


def read_lease(text: str, ring: Ring, *, dev: str, thumbprint: bytes) -> Lease:
    """Believe a lease that is this terminal's own; raises `NotSignedError`."""
    kid = int(look_into(text).header["kid"])
    told = json.loads(open_jws(text, ring.key(kid, "lease"), LEASE).payload)
    if told["dev"] != dev or told["thumbprint"] != thumbprint.hex():
        raise NotSignedError("a lease of another device")
    return Lease(
        told["lease"],
        from_time(told["issued_at"]),
        from_time(told["not_after"]),
        frozenset(told["rights"]),
    )
