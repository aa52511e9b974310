"""Shapes that several kinds share: where a device was, a chip's words, a card shown, goods."""

import re
from typing import NamedTuple

from betang.core.event.said import members

TAPS_MAX = 4
ITEMS_MAX = 20
#: A family's parcel is some kilograms; a point's stock some tonnes.
QUANTITY_MAX = 10_000_000
#: The chip's counter has three bytes (NTAG 424 DNA).
COUNTER_MAX = 0xFFFFFF
#: Where a phone is wrong by more than this it knows nothing.
ACCURACY_M_MAX = 100_000.0
#: Who took it for the family.
COLLECTORS = frozenset({"head", "member", "representative"})
#: Whether a home point came with the deed, was known before, or is still wanted ("belum ada").
HOME_POINTS = ("taken", "known", "none")
_UID = re.compile(r"[0-9a-f]{14}")
_MAC = re.compile(r"[0-9a-f]{16}")
_REASON = re.compile(r"[a-z0-9_.]{1,40}")
_WORD = re.compile(r"[a-z0-9_ ]{1,32}")


class Point(NamedTuple):
    """Where the device was."""

    lat: float
    lng: float
    accuracy_m: float | None


class Tap(NamedTuple):
    """What a chip said: 7-byte uid, counter, 8-byte MAC."""

    uid: bytes
    counter: int
    mac: bytes


class Shown(NamedTuple):
    """The card that was shown, and what the device said of it."""

    number: str
    colour: str
    reason: str
    qr: bool
    taps: tuple[Tap, ...]


class Goods(NamedTuple):
    """An amount of one good."""

    item: str
    quantity: int
    unit: str
    short: int


def point_of(value: object) -> Point | None:
    """Read one point or null; raises `MalformedDataError`."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise members.MalformedDataError("point")
    accuracy = value.get("accuracy_m")
    return Point(
        members.real(value.get("lat"), "point.lat", -90.0, 90.0),
        members.real(value.get("lng"), "point.lng", -180.0, 180.0),
        None
        if accuracy is None
        else members.real(accuracy, "point.accuracy_m", 0.0, ACCURACY_M_MAX),
    )


def tap_of(value: object) -> Tap:
    """Read one raw tap; raises `MalformedDataError`."""
    if not isinstance(value, dict):
        raise members.MalformedDataError("taps")
    return Tap(
        uid=bytes.fromhex(members.text(value, "uid", _UID, "taps.uid")),
        counter=members.whole(value.get("counter"), "taps.counter", 0, COUNTER_MAX),
        mac=bytes.fromhex(members.text(value, "mac", _MAC, "taps.mac")),
    )


def taps_of(value: object) -> tuple[Tap, ...]:
    """Read the taps of one showing, or null; raises `MalformedDataError`."""
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > TAPS_MAX:
        raise members.MalformedDataError("taps")
    return tuple(tap_of(tap) for tap in value)


def shown_of(value: object) -> Shown | None:
    """Read the card that was shown, or null; raises `MalformedDataError`."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise members.MalformedDataError("card")
    return Shown(
        number=members.text(value, "number", members.CARD, "card.number"),
        colour=members.among(value.get("colour"), "card.colour", ("green", "amber", "red")),
        reason=members.text(value, "reason", _REASON, "card.reason"),
        qr=members.flag(value, "qr"),
        taps=taps_of(value.get("taps")),
    )


def items_of(value: object, name: str) -> tuple[Goods, ...]:
    """Read the goods of the member `name`; raises `MalformedDataError`."""
    if not isinstance(value, list) or not 1 <= len(value) <= ITEMS_MAX:
        raise members.MalformedDataError(name)
    return tuple(_goods(item, name) for item in value)


def _goods(value: object, name: str) -> Goods:
    if not isinstance(value, dict):
        raise members.MalformedDataError(name)
    return Goods(
        item=members.text(value, "item", _WORD, name),
        quantity=members.whole(value.get("quantity"), name, 0, QUANTITY_MAX),
        unit=members.text(value, "unit", _WORD, name),
        short=members.whole(value.get("short", 0), name, 0, QUANTITY_MAX),
    )
