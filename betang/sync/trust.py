"""What a phone believes in: the ring of keys and the list of revoked cards, sent as it lacks them.

Both are signed and dated, and both must reach a phone whose families did not change: they travel in
every answer to `bundle`, unless the phone says that it has them.
"""

from base64 import urlsafe_b64encode
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

from betang.cards import revocation
from betang.core.clock import WIB, to_wire
from betang.core.crypto.keyring import Purpose
from betang.keys import ring

#: The ring as this process signed it last, by its version.
_signed: dict[str, str] = {}


def list_part(held: int | None) -> dict[str, Any] | None:
    """Give the list, or the delta on `held`, that a phone lacks; None where it lacks nothing."""
    part = revocation.part_for(held)
    if part is None:
        return None
    text = urlsafe_b64encode(part.content).rstrip(b"=").decode()
    at = to_wire(part.issued_at)
    return {"seq": part.seq, "since": part.since, "issued_at": at, "list": text}


def ring_part(held: str | None, *, at: datetime) -> dict[str, Any]:
    """Give the ring's version and, unless the phone holds it, the signed ring.

    The version changes with any key and with the day, so that a phone learns of a revoked key at
    its next synchronisation, and knows each day that there was none. Who holds none of ours got
    one at enrolment, perhaps a moment ago, and refuses an older one: it is signed anew.
    """
    version = _version(at)
    if held == version:
        return {"ring_version": version, "ring": None}
    fresh = ring.signed_ring(at=at, by=Purpose.RING) if held is None else signed_ring(at=at)
    return {"ring_version": version, "ring": fresh}


def signed_ring(*, at: datetime) -> str:
    """Give the ring, signed by this process since it last changed, or today."""
    version = _version(at)
    signed = _signed.get(version)
    if signed is None:
        _signed.clear()
        signed = _signed[version] = ring.signed_ring(at=at, by=Purpose.RING)
    return signed


def _version(at: datetime) -> str:
    keys = [ring.as_json(key) for key in ring.public_ring()]
    day = at.astimezone(WIB).date().isoformat()
    return sha256(day.encode() + orjson.dumps(keys)).hexdigest()[:32]
