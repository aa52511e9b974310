"""Home points and landmarks, as they lie in attachments."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from betang.accounts.admit import Holder
from betang.core.event.said.benefits import Delivered
from betang.core.event.said.cards import HandedOver
from betang.core.event.said.members import MalformedDataError
from betang.core.event.said.shapes import Point, point_of
from betang.core.geo.point import Point as Place
from betang.registry.follow_up import Wanted, open_follow_ups
from betang.registry.geotag import HomePoint
from betang.sync.read_said import Heard

#: A landmark is a line of text: "di belakang gereja, perahu biru".
ANCHOR_LENGTH_MAX = 200
#: A name, or a telephone number and when to call.
CUSTODIAN_LENGTH_MAX = 80


def home_of(private: dict[str, Any]) -> Point | None:
    """Read the home point of an attachment; None where there is none that can be read."""
    try:
        return point_of(private.get("home"))
    except MalformedDataError:
        return None


def anchor_of(private: dict[str, Any]) -> str:
    """Read the landmark of an attachment."""
    return _line(private, "anchor", ANCHOR_LENGTH_MAX)


def custodian_of(private: dict[str, Any]) -> tuple[str, str]:
    """Read who takes messages for a family, and how to reach them; '' where it is not told."""
    name = _line(private, "custodian_name", CUSTODIAN_LENGTH_MAX)
    return name, _line(private, "custodian_contact", CUSTODIAN_LENGTH_MAX) if name else ""


def _line(private: dict[str, Any], name: str, longest: int) -> str:
    """Read a line of text, without what a database cannot hold."""
    text = private.get(name)
    return text.replace("\0", "").strip()[:longest] if isinstance(text, str) else ""


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


def want_home_points(told: Sequence[tuple[Heard, int]], holder: Holder) -> None:
    """Open a follow-up for each family (row id) of which a deed says "belum ada"."""
    wanted = [
        (item, family)
        for item, family in told
        if isinstance(item.said, Delivered | HandedOver) and item.said.home_point == "none"
    ]
    if not wanted:
        return
    uuids = uuids_of([family for _, family in wanted])
    open_follow_ups([want(item, uuids[family], "home_missing", holder) for item, family in wanted])


def want(item: Heard, household: UUID, kind: str, holder: Holder, **facts: Any) -> Wanted:
    """Write what an event leaves for the office to do about a household.

    It names the event's attachment, where names and free text are.
    """
    if item.arrived.named:
        facts["attachment"] = item.arrived.named.hex()
    return Wanted(household, kind, facts, holder.actor, item.at, holder.uuid, item.id)


def uuids_of(families: Sequence[int]) -> dict[int, UUID]:
    """Give the uuid of each household (row id)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, uuid FROM registry_household WHERE id = ANY(%s)", [list(families)]
        )
        return dict(cursor.fetchall())
