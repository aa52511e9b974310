"""Base45 (RFC 9285): what a QR code's alphanumeric mode holds densest.

Strict: upper case only, no other character, no value out of range, no dangling character.
"""

from functools import cache
from struct import pack, unpack

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

_NONE = 0xFF
_VALUES = bytes(ALPHABET.find(chr(code)) & 0xFF for code in range(256))  # -1 becomes _NONE


def encode(data: bytes) -> str:
    """Write bytes as Base45, two bytes in three characters."""
    triples = _triples()
    even = len(data) // 2
    text = "".join([triples[pair] for pair in unpack(f">{even}H", data[: 2 * even])])
    return text + triples[data[-1]][:2] if len(data) % 2 else text


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
def _triples() -> list[str]:
    """Prepare the three characters of each pair of bytes: 133,000 tokens are written in one run."""
    return [
        ALPHABET[pair % 45] + ALPHABET[pair // 45 % 45] + ALPHABET[pair // 2025]
        for pair in range(0x10000)
    ]
