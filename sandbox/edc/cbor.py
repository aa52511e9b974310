"""The strict CBOR of cards and lists (card.md, section 2): shortest form, definite, no float."""

from typing import Any

DEPTH = 6
FALSE, TRUE = 20, 21


class NotCborError(ValueError):
    """Not of the part of CBOR that cards are written in."""


class Tag:
    """A tagged item."""

    def __init__(self, number: int, item: Any) -> None:
        self.number, self.item = number, item


class Flag:
    """True or false: never to be taken for a number."""

    def __init__(self, value: bool) -> None:  # noqa: FBT001 - it is what it holds
        self.value = value


def read(data: bytes) -> Any:
    """Read the one item that fills `data`."""
    item, end = _item(data, 0, DEPTH)
    if end != len(data):
        raise NotCborError("something follows")
    return item


def write_bytes(data: bytes) -> bytes:
    """Write a byte string."""
    return _head(2, len(data)) + data


def write_text(text: str) -> bytes:
    """Write a text string."""
    return _head(3, len(text.encode())) + text.encode()


def _head(major: int, n: int) -> bytes:
    if n < 24:
        return bytes([major << 5 | n])
    size = next(size for size in (1, 2, 4, 8) if n < 1 << 8 * size)
    return bytes([major << 5 | 23 + size.bit_length()]) + n.to_bytes(size, "big")


def _number(data: bytes, at: int) -> tuple[int, int, int]:
    if at >= len(data):
        raise NotCborError("too short")
    major, low = data[at] >> 5, data[at] & 31
    if major == 7 and low not in {FALSE, TRUE}:
        raise NotCborError("a float, or another simple value")
    if low < 24:
        return major, low, at + 1
    if low > 27:
        raise NotCborError("a form that is not used")
    size = 1 << low - 24
    n = int.from_bytes(data[at + 1 : at + 1 + size], "big")
    if at + 1 + size > len(data) or n < (24 if size == 1 else 1 << 4 * size):
        raise NotCborError("too short, or not the shortest form")
    return major, n, at + 1 + size


def _item(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    if depth == 0:
        raise NotCborError("too deep")
    major, n, at = _number(data, at)
    if major < 2:
        return (n if major == 0 else -1 - n), at
    if major < 4:
        return _string(data, at, n, text=major == 3), at + n
    if major == 6:
        item, at = _item(data, at, depth - 1)
        return Tag(n, item), at
    if major == 7:
        return Flag(n == TRUE), at
    return _several(data, at, n, depth, pairs=major == 5)


def _string(data: bytes, at: int, size: int, *, text: bool) -> bytes | str:
    if at + size > len(data):
        raise NotCborError("too short")
    try:
        return data[at : at + size].decode() if text else data[at : at + size]
    except UnicodeDecodeError as error:
        raise NotCborError("no UTF-8") from error


def _several(data: bytes, at: int, n: int, depth: int, *, pairs: bool) -> tuple[Any, int]:
    """Read the items of an array, or the keys and values of a map."""
    items: list[Any] = []
    for _ in range(2 * n if pairs else n):
        item, at = _item(data, at, depth - 1)
        items.append(item)
    if not pairs:
        return items, at
    keys = items[::2]
    if any(not isinstance(key, int | str) for key in keys) or len(set(keys)) != n:
        raise NotCborError("a key twice, or of another kind")
    return dict(zip(keys, items[1::2], strict=True)), at
