"""Write the return file of a run, well or badly: every mistake a bureau can make, on request."""

import random
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from betang.core.bureau.return_file import OK, SPOILT, return_lines

Row = tuple[str, bytes | None, int, str, str]
#: A card that no province issued: its household number fails its check digit.
FOREIGN = "62000000000099"


def chip_stock(count: int, *, seed: int) -> list[bytes]:
    """Make up the UIDs of `count` blank chips."""
    random_bytes = random.Random(seed).randbytes
    return [b"\x04" + random_bytes(6) for _ in range(count)]


def honest(
    cards: Sequence[str],
    chips: Sequence[bytes],
    *,
    spoilt: Iterable[int] = (),
    key_version: int = 1,
) -> list[Row]:
    """Give the rows of a bureau that did its work: a chip a card, some of them spoilt."""
    bad = set(spoilt)
    return [
        (number, None, key_version, SPOILT, "print") if n in bad
        else (number, uid, key_version, OK, "")
        for n, (number, uid) in enumerate(zip(cards, chips, strict=False))
    ]  # fmt: skip


def written(
    run: UUID, made_at: datetime, rows: Sequence[Row], *, count: int | None = None
) -> bytes:
    """Write a return file."""
    told = len(rows) if count is None else count
    return b"".join(return_lines(run, made_at, rows, told))


def _without_first(rows: list[Row]) -> list[Row]:
    return rows[1:]


def _uid_twice(rows: list[Row]) -> list[Row]:
    (number, _, version, *rest) = rows[1]
    return [rows[0], (number, rows[0][1], version, rest[0], rest[1]), *rows[2:]]


def _card_twice(rows: list[Row]) -> list[Row]:
    return [*rows, rows[0]]


def _foreign_card(rows: list[Row]) -> list[Row]:
    return [(FOREIGN, *rows[0][1:]), *rows[1:]]


def _key_version(rows: list[Row]) -> list[Row]:
    number, uid, version, *rest = rows[0]
    return [(number, uid, version + 1, rest[0], rest[1]), *rows[1:]]


#: Mistakes in the rows, each in a file that is whole.
ROWS_WRONG: dict[str, Callable[[list[Row]], list[Row]]] = {
    "missing": _without_first,
    "uid-twice": _uid_twice,
    "card-twice": _card_twice,
    "foreign-card": _foreign_card,
    "key-version": _key_version,
}


def _altered(content: bytes) -> bytes:
    """Turn the first card that is well into a spoilt one, behind the sum's back."""
    return content.replace(b",ok,\n", b",spoilt,print\n", 1)


def _truncated(content: bytes) -> bytes:
    return content[: 2 * len(content) // 3]


#: Mistakes in the file as a whole.
FILE_WRONG: dict[str, Callable[[bytes], bytes]] = {"altered": _altered, "truncated": _truncated}


def answer(run: UUID, made_at: datetime, rows: list[Row], *, wrong: str = "") -> bytes:
    """Write the return file; `wrong` names a mistake, `wrong-count` among them."""
    if wrong == "wrong-count":
        return written(run, made_at, rows, count=len(rows) + 1)
    content = written(run, made_at, ROWS_WRONG.get(wrong, list)(rows))
    return FILE_WRONG.get(wrong, bytes)(content)
