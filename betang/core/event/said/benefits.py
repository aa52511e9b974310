"""What a family was given, or was not: `benefit.delivered`, `benefit.not_delivered`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from betang.core.event.said import members
from betang.core.event.said.shapes import (
    COLLECTORS,
    HOME_POINTS,
    Goods,
    Point,
    Shown,
    items_of,
    point_of,
    shown_of,
)

PART_MAX = 99
#: Why less was given than is due.
LESS = ("stock_short", "damaged", "asked_less", "other")
#: What a family's receipt on paper bears, from who cannot write too.
MARKS = ("signature", "stamp", "thumbprint")
NOT_DELIVERED = frozenset(
    {"family_refused", "wrong_person", "goods_gone", "goods_damaged", "unsafe", "other"}
)


class Delivered(NamedTuple):
    """`benefit.delivered`."""

    entitlement: UUID
    part: int
    collector: str
    member: UUID | None
    online: bool
    home: bool
    source: str
    card: Shown | None
    point: Point | None
    goods: tuple[Goods, ...]
    less: str | None = None
    home_point: str | None = None
    paper_at: datetime | None = None
    mark: str | None = None


class NotDelivered(NamedTuple):
    """`benefit.not_delivered`: the family refused, or the companion had to; the right stays due."""

    entitlement: UUID
    reason: str
    point: Point | None


def _delivered(data: dict[str, Any]) -> Delivered:
    source = data.get("source", "phone")
    mode = data.get("mode", "point")
    return Delivered(
        entitlement=members.uuid(data, "entitlement"),
        part=members.whole(data.get("part", 1), "part", 1, PART_MAX),
        collector=members.one_of(data, "collector", COLLECTORS),
        member=members.optional_uuid(data, "member"),
        online=members.flag(data, "online"),
        home=members.among(mode, "mode", ("point", "home")) == "home",
        source=members.among(source, "source", ("phone", "paper")),
        card=shown_of(data.get("card")),
        point=point_of(data.get("point")),
        goods=items_of(data["goods"], "goods") if data.get("goods") else (),
        less=members.optional_among(data, "less", LESS),
        home_point=members.optional_among(data, "home_point", HOME_POINTS),
        paper_at=members.time(data, "paper_at") if source == "paper" else None,
        mark=members.optional_among(data, "mark", MARKS) if source == "paper" else None,
    )


def _not_delivered(data: dict[str, Any]) -> NotDelivered:
    return NotDelivered(
        entitlement=members.uuid(data, "entitlement"),
        reason=members.one_of(data, "reason", NOT_DELIVERED),
        point=point_of(data.get("point")),
    )


READERS: dict[str, Callable[[dict[str, Any]], Delivered | NotDelivered]] = {
    "benefit.delivered": _delivered,
    "benefit.not_delivered": _not_delivered,
}
