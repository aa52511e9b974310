"""Identifiers that sort by the time they were made."""

import os
import time
from uuid import UUID


def new_uuid() -> UUID:
    """Make a UUIDv7 (RFC 9562 section 5.7): 48 bits of Unix milliseconds, then random bits.

    It sorts roughly by time of making, which keeps indexes dense. It does not prove when a thing
    was made: whoever makes the identifier chooses the clock.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76
    value |= (random >> 62 & 0xFFF) << 64
    value |= 0b10 << 62
    value |= random & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=value)
