"""Base45 (RFC 9285): what a QR code's alphanumeric mode holds densest.

Strict: upper case only, no other character, no value out of range, no dangling character.
"""

from functools import cache
from struct import pack

import numpy as np
from numpy.typing import NDArray

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

_NONE = 0xFF
_VALUES = bytes(ALPHABET.find(chr(code)) & 0xFF for code in range(256))  # -1 becomes _NONE


def encode(data: bytes) -> str:
    """Write bytes as Base45, two bytes in three characters."""
    even = len(data) // 2
    triples = _triples()
    text = triples.take(np.frombuffer(data, ">u2", even)).tobytes().decode("ascii")
    if len(data) % 2 == 0:
        return text
    return text + ALPHABET[data[-1] % 45] + ALPHABET[data[-1] // 45]


def decode(text: str) -> bytes:
    """Read Base45; raises `ValueError` for anything that `encode` would not have written."""
    if len(text) % 3 == 1:
        raise ValueError("a dangling character")
    # A character beyond ASCII becomes "?", which is not of the alphabet either.
    values = text.encode("ascii", "replace").translate(_VALUES)
    if _NONE in values:
        raise ValueError("a character outside the alphabet")
    whole = len(values) - len(values) % 3
    firsts, seconds, thirds = values[:whole:3], values[1:whole:3], values[2:whole:3]
    pairs = [a + 45 * b + 2025 * c for a, b, c in zip(firsts, seconds, thirds, strict=True)]
    if any(pair > 0xFFFF for pair in pairs):
        raise ValueError("three characters above two bytes")
    data = pack(f">{len(pairs)}H", *pairs)
    if whole == len(values):
        return data
    last = values[whole] + 45 * values[whole + 1]
    if last > 0xFF:
        raise ValueError("two characters above one byte")
    return data + bytes([last])


@cache
def _triples() -> NDArray[np.bytes_]:
    """Prepare the three characters of each pair of bytes: 133,000 tokens are written in one run.

    One block of 200 kB: as 65,536 strings, fetching them cost a token a quarter of its time.
    """
    letters = np.frombuffer(ALPHABET.encode(), "S1")
    pairs = np.arange(0x10000)
    digits = np.stack([pairs % 45, pairs // 45 % 45, pairs // 2025], axis=1)
    return letters[digits].view("S3").reshape(-1)
