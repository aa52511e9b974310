"""Deliveries about which the server is asked first (docs/protocols/lease.md, section 6)."""

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sandbox.edc.client import OfflineError, ServerRefusedError
from sandbox.edc.trust import Lease

#: Three in a hundred, of the first two bytes of a digest.
BELOW = 1_966
DENIES = frozenset(
    {"right.unknown", "right.already_delivered", "right.held_elsewhere", "right.not_by_hand",
     "right.closed"}
)  # fmt: skip

Call = Callable[[str, str, dict[str, Any]], Any]


def is_drawn(lease: str, right: str) -> bool:
    """Say whether the delivery of a right under a lease is asked about."""
    if UUID(lease).version == 8:
        return False
    digest = hashlib.sha256(b"betang/drawn/1" + UUID(lease).bytes + UUID(right).bytes).digest()
    return int.from_bytes(digest[:2], "big") < BELOW


def denied(call: Call, right: str, lease: Lease | None) -> str | None:
    """Ask about a right that is drawn; give the server's sentence where it denies it."""
    if lease is None or not is_drawn(lease.uuid, right):
        return None
    try:
        call("POST", "/api/v1/claims/reserve", {"entitlement": right})
    except ServerRefusedError as refused:
        return refused.sentence if refused.code in DENIES else None
    except OfflineError:
        pass
    return None
