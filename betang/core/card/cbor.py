"""The small part of CBOR (RFC 8949) that our tokens use: read strictly, the rest refused.

Integers, byte and text strings, arrays, maps, tags, true and false; definite lengths, shortest
form, no key twice, nothing after the end, nothing nested deeper than `DEPTH_MAX`. A general decoder
accepts many byte strings for one meaning and runs code for tags; a reader of strangers' bytes
should not.
"""

from enum import Enum
from typing import NamedTuple

DEPTH_MAX = 6

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)


class Tagged(NamedTuple):
    """An item with a tag."""

    tag: int
    item: object


class Truth(Enum):
    """True or false. Not `bool`, which is an `int`: a `true` would pass where a number is due."""

    FALSE = 20
    TRUE = 21


class NotOurCborError(ValueError):
    """The bytes are not of the part of CBOR read here."""


def byte_string(data: bytes) -> bytes:
    """Write a byte string of less than 4 GiB, its length in the shortest form."""
    size = len(data)
    if size < 24:
        return bytes((0x40 + size,)) + data
    if size < 0x100:
        return bytes((0x58, size)) + data
    if size < 0x10000:
        return b"\x59" + size.to_bytes(2, "big") + data
    return b"\x5a" + size.to_bytes(4, "big") + data


def decode(data: bytes) -> object:
    """Read exactly one item that fills `data`; raises `NotOurCborError`."""
    item, end = _item(data, 0, DEPTH_MAX)
    if end != len(data):
        raise NotOurCborError("bytes after the end")
    return item


def _item(data: bytes, at: int, depth: int) -> tuple[object, int]:
    if depth == 0:
        raise NotOurCborError("nested too deep")
    kind, number, at = _head(data, at)
    if kind in {_UNSIGNED, _NEGATIVE}:
        return (number if kind == _UNSIGNED else -1 - number), at
    if kind in {_BYTES, _TEXT}:
        return _string(data, at, number, text=kind == _TEXT)
    if kind == _ARRAY:
        return _array(data, at, number, depth)
    if kind == _MAP:
        return _map(data, at, number, depth)
    if kind == _SIMPLE:
        return Truth(number), at
    item, at = _item(data, at, depth - 1)
    return Tagged(number, item), at


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """Read an item's head: kind, number, where its content begins (RFC 8949 section 3)."""
    if at >= len(data):
        raise NotOurCborError("cut short")
    kind, short = data[at] >> 5, data[at] & 0x1F
    if kind == _SIMPLE and short not in {20, 21}:
        raise NotOurCborError("a float, or a simple value that is neither true nor false")
    if short < 24:
        return kind, short, at + 1
    if short > 27:
        raise NotOurCborError("an indefinite or reserved length")
    size = 1 << (short - 24)
    content = data[at + 1 : at + 1 + size]
    if len(content) < size:
        raise NotOurCborError("cut short")
    number = int.from_bytes(content, "big")
    if number < (24, 1 << 8, 1 << 16, 1 << 32)[short - 24]:
        raise NotOurCborError("not the shortest form")
    return kind, number, at + 1 + size


def _string(data: bytes, at: int, size: int, *, text: bool) -> tuple[object, int]:
    content = data[at : at + size]
    if len(content) < size:
        raise NotOurCborError("cut short")
    if not text:
        return content, at + size
    try:
        return content.decode(), at + size
    except UnicodeDecodeError:
        raise NotOurCborError("not UTF-8") from None


def _array(data: bytes, at: int, count: int, depth: int) -> tuple[object, int]:
    items = []
    for _ in range(count):  # an absurd count ends at once: every item needs a byte
        item, at = _item(data, at, depth - 1)
        items.append(item)
    return items, at


def _map(data: bytes, at: int, count: int, depth: int) -> tuple[object, int]:
    pairs: dict[int | str, object] = {}
    for _ in range(count):
        key, at = _item(data, at, depth - 1)
        if not isinstance(key, int | str) or key in pairs:
            raise NotOurCborError("a key twice, or not a number or text")
        pairs[key], at = _item(data, at, depth - 1)
    return pairs, at
