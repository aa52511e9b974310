"""Identifiers that sort by the time they were made."""

import os
import time
from uuid import UUID

_RANDOM_BYTES = 10
_VERSION_AND_VARIANT = 0x7 << 76 | 0b10 << 62
_RANDOM_BITS = 0xFFF << 64 | 0x3FFF_FFFF_FFFF_FFFF


def new_uuid() -> UUID:
    """Make a UUIDv7 (RFC 9562 section 5.7): 48 bits of Unix milliseconds, then random bits.

    It sorts roughly by time of making, which keeps indexes dense. It does not prove when a thing
    was made: whoever makes the identifier chooses the clock.
    """
    return new_uuids(1)[0]


def new_uuids(count: int) -> list[UUID]:
    """Make many as `new_uuid` does, of one moment; the kernel is asked once for their bits."""
    moment = (time.time_ns() // 1_000_000 & 0xFFFF_FFFF_FFFF) << 80 | _VERSION_AND_VARIANT
    bits = os.urandom(_RANDOM_BYTES * count)
    return [
        UUID(int=moment | int.from_bytes(bits[start : start + _RANDOM_BYTES], "big") & _RANDOM_BITS)
        for start in range(0, len(bits), _RANDOM_BYTES)
    ]
