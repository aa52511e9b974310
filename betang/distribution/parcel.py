"""What a parcel holds, and what of it left the stock when a device says it gave less."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import orjson

from betang.core.event.said.shapes import Goods as Given


@lru_cache(maxsize=64)
def goods_of(text: str) -> tuple[tuple[str, int], ...]:
    """Read the goods of a benefit, as its row holds them (JSON)."""
    return tuple((one["item"], int(one["quantity"])) for one in orjson.loads(text))


def handed(told: Sequence[Given], due: Sequence[tuple[str, int]]) -> Iterable[tuple[str, int]]:
    """Give what left the stock: all that is due, or less where the device says so, never more."""
    if not told:
        return due
    said: dict[str, int] = {}
    for one in told:
        said[one.item] = said.get(one.item, 0) + one.quantity
    return [(item, min(quantity, said.get(item, 0))) for item, quantity in due]
