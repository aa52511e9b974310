"""Home points and landmarks, as they lie in attachments."""

from typing import Any
from uuid import UUID

from betang.accounts.admit import Holder
from betang.core.event.kinds import MalformedDataError, Point, point_of
from betang.core.geo.point import Point as Place
from betang.registry.geotag import HomePoint
from betang.sync.read_said import Heard

#: A landmark is a line of text: "di belakang gereja, perahu biru".
ANCHOR_LENGTH_MAX = 200


def home_of(private: dict[str, Any]) -> Point | None:
    """Read the home point of an attachment; None where there is none that can be read."""
    try:
        return point_of(private.get("home"))
    except MalformedDataError:
        return None


def anchor_of(private: dict[str, Any]) -> str:
    """Read the landmark of an attachment, without what a database cannot hold."""
    anchor = private.get("anchor")
    return anchor.replace("\0", "")[:ANCHOR_LENGTH_MAX] if isinstance(anchor, str) else ""


def home_point(item: Heard, household: UUID, home: Point, holder: Holder) -> HomePoint:
    """Write a home point as the registry keeps it, named by its event."""
    return HomePoint(
        uuid=item.id,
        household=household,
        point=Place(home.lat, home.lng),
        accuracy_m=home.accuracy_m,
        mocked=bool(item.arrived.event.data.get("mocked") is True),
        at=item.at,
        source="device",
        actor=holder.actor,
        device=holder.uuid,
    )
