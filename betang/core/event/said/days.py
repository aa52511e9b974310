"""A day at a point and its goods: `stock.received`, `stock.counted`, `day.opened`, `day.closed`."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from betang.core.event.said import members
from betang.core.event.said.shapes import Goods, Point, items_of, point_of

#: No point of the province serves more families; a bigger number is a slip of the thumb.
FAMILIES_MAX = 100_000


class Stock(NamedTuple):
    """`stock.received` and `stock.counted`."""

    village: int
    cycle: UUID
    items: tuple[Goods, ...]


class DayOpened(NamedTuple):
    """`day.opened`."""

    day: UUID
    point: Point | None


class DayClosed(NamedTuple):
    """`day.closed`: what the device says of its own part of the day."""

    day: UUID
    served: int
    absent: int
    left: tuple[Goods, ...]


def _stock(data: dict[str, Any]) -> Stock:
    return Stock(
        village=int(members.text(data, "village", members.VILLAGE)),
        cycle=members.uuid(data, "cycle"),
        items=items_of(data.get("items"), "items"),
    )


def _day_opened(data: dict[str, Any]) -> DayOpened:
    return DayOpened(members.uuid(data, "day"), point_of(data.get("point")))


def _day_closed(data: dict[str, Any]) -> DayClosed:
    return DayClosed(
        day=members.uuid(data, "day"),
        served=members.whole(data.get("served"), "served", 0, FAMILIES_MAX),
        absent=members.whole(data.get("absent"), "absent", 0, FAMILIES_MAX),
        left=items_of(data["left"], "left") if data.get("left") else (),
    )


READERS: dict[str, Callable[[dict[str, Any]], Stock | DayOpened | DayClosed]] = {
    "stock.received": _stock,
    "stock.counted": _stock,
    "day.opened": _day_opened,
    "day.closed": _day_closed,
}
