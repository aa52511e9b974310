"""Base45 (RFC 9285): what a QR code's alphanumeric mode holds densest.

Strict: upper case only, no other character, no value out of range, no dangling character.
"""

from functools import cache
from struct import unpack

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

_VALUES = {character: value for value, character in enumerate(ALPHABET)}


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
    try:
        values = [_VALUES[character] for character in text]
    except KeyError:
        raise ValueError("a character outside the alphabet") from None
    whole = len(values) - len(values) % 3
    data = bytearray()
    for i in range(0, whole, 3):
        pair = values[i] + 45 * values[i + 1] + 2025 * values[i + 2]
        if pair > 0xFFFF:
            raise ValueError("three characters above two bytes")
        data += pair.to_bytes(2, "big")
    if whole < len(values):
        last = values[whole] + 45 * values[whole + 1]
        if last > 0xFF:
            raise ValueError("two characters above one byte")
        data.append(last)
    return bytes(data)


@cache
def _triples() -> list[str]:
    """Prepare the three characters of each pair of bytes: 133,000 tokens are written in one run."""
    return [
        ALPHABET[pair % 45] + ALPHABET[pair // 45 % 45] + ALPHABET[pair // 2025]
        for pair in range(0x10000)
    ]
