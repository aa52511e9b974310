"""Which deliveries under a lease are asked about before they are made, where there is a network.

Normative: docs/protocols/lease.md, section 6. Device and office draw alike, so the office knows
which questions it should have heard.
"""

from hashlib import sha256
from uuid import UUID

#: Three in a hundred: some five questions a village and cycle.
SHARE = 0.03
_SCALE = 1 << 16
LABEL = b"betang/drawn/1"


#: A lease that a transfer made: the office may not have heard of it, and would deny it.
FROM_A_PHONE = 8


def below() -> int:
    """Give the number below which the first 16 bits of a drawn digest are."""
    return round(SHARE * _SCALE)


def is_drawn(lease: UUID, entitlement: UUID) -> bool:
    """Say whether the delivery of this right under this lease of the office is drawn."""
    if lease.version == FROM_A_PHONE:
        return False
    digest = sha256(LABEL + lease.bytes + entitlement.bytes).digest()
    return int.from_bytes(digest[:2]) < below()
