"""What a visit found: a family verified, located, registered, or in need of a delivery at home."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from betang.core.event.said import members
from betang.core.event.said.shapes import Point, point_of

OUTCOMES = frozenset({"found", "moved", "deceased", "not_found", "refused"})
DWELLINGS = frozenset({"own", "rent", "shared", "river", "camp", "none"})
HOME_REASONS = frozenset({"sick", "elderly", "disabled"})
_PROVISIONAL = re.compile(r"[A-Z0-9-]{1,24}")


class Verified(NamedTuple):
    """`household.verified`."""

    household: UUID
    outcome: str
    member: UUID | None
    point: Point | None
    on: date | None = None
    to_village: int | None = None
    left_province: bool = False
    successor: UUID | None = None


class Geotagged(NamedTuple):
    """`household.geotagged`; the point itself lies in the attachment."""

    household: UUID
    dwelling: str


class Registered(NamedTuple):
    """`household.registered`; names lie in the attachment."""

    provisional: str
    village: int
    size: int | None
    dwelling: str | None


class NeedsHome(NamedTuple):
    """`household.needs_home_delivery`."""

    household: UUID
    reason: str
    day: UUID | None


def _verified(data: dict[str, Any]) -> Verified:
    return Verified(
        household=members.uuid(data, "household"),
        outcome=members.one_of(data, "outcome", OUTCOMES),
        member=members.optional_uuid(data, "member"),
        point=point_of(data.get("point")),
        on=members.day(data),
        to_village=members.village(data, "to_village"),
        left_province=members.flag(data, "left_province"),
        successor=members.optional_uuid(data, "successor"),
    )


def _geotagged(data: dict[str, Any]) -> Geotagged:
    return Geotagged(members.uuid(data, "household"), members.one_of(data, "dwelling", DWELLINGS))


def _registered(data: dict[str, Any]) -> Registered:
    size = data.get("size")
    return Registered(
        provisional=members.text(data, "provisional", _PROVISIONAL),
        village=int(members.text(data, "village", members.VILLAGE)),
        size=None if size is None else members.whole(size, "size", 1, 99),
        dwelling=(
            None if data.get("dwelling") is None else members.one_of(data, "dwelling", DWELLINGS)
        ),
    )


def _needs_home(data: dict[str, Any]) -> NeedsHome:
    return NeedsHome(
        household=members.uuid(data, "household"),
        reason=members.one_of(data, "reason", HOME_REASONS),
        day=members.optional_uuid(data, "day"),
    )


READERS: dict[str, Callable[[dict[str, Any]], Verified | Geotagged | Registered | NeedsHome]] = {
    "household.verified": _verified,
    "household.geotagged": _geotagged,
    "household.registered": _registered,
    "household.needs_home_delivery": _needs_home,
}
