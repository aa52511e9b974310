"""What each kind of field event says: read without trust into small tuples, or refused.

Normative: docs/protocols/event.md, section 4. Old versions stay readable for ever.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from betang.core.device import short_id
from betang.core.event.envelope import time_or_none, uuid_or_none
from betang.core.lease.rights import read_rights

PHOTOS_MAX = 8
TAPS_MAX = 4
ITEMS_MAX = 20
PART_MAX = 99
#: Of a parcel of cards, how many may be named as missing or as too much: it fits the payload.
CARDS_NAMED_MAX = 500
#: A parcel holds the cards of a facilitator's villages.
CARDS_COUNTED_MAX = 100_000
#: More than anybody asked of a family; a typing mistake in an amount of money.
LEVY_RUPIAH_MAX = 100_000_000
#: A family's parcel is some kilograms; a point's stock some tonnes.
QUANTITY_MAX = 10_000_000
#: The chip's counter has three bytes (NTAG 424 DNA).
COUNTER_MAX = 0xFFFFFF
#: Where a phone is wrong by more than this it knows nothing.
ACCURACY_M_MAX = 100_000.0

COLLECTORS = frozenset({"head", "member", "representative"})
NOT_HANDED_OVER = frozenset(
    {"absent", "moved", "deceased", "refused", "data_wrong", "damaged", "other"}
)
BLOCK_REASONS = frozenset({"lost", "stolen", "damaged", "deceased", "moved", "misused"})
OUTCOMES = frozenset({"found", "moved", "deceased", "not_found", "refused"})
DWELLINGS = frozenset({"own", "rent", "shared", "river", "camp", "none"})
PROBLEMS = frozenset({"goods_short", "goods_damaged", "family_absent", "device", "safety", "other"})
GRIEVANCES = frozenset({"complaint", "levy", "objection"})
HOME_REASONS = frozenset({"sick", "elderly", "disabled"})
#: No point of the province serves more families; a bigger number is a slip of the thumb.
FAMILIES_MAX = 100_000
#: Why less was given than is due.
LESS = ("stock_short", "damaged", "asked_less", "other")
#: What a family's receipt on paper bears, from who cannot write too.
MARKS = ("signature", "stamp", "thumbprint")
#: Whether a home point came with the deed, was known before, or is still wanted ("belum ada").
HOME_POINTS = ("taken", "known", "none")
NOT_DELIVERED = frozenset(
    {"family_refused", "wrong_person", "goods_gone", "goods_damaged", "unsafe", "other"}
)
#: Who asked a family for money.
ASKED_BY = ("village_officer", "neighbourhood", "companion", "agent", "seller", "other", "unknown")
COUNT_REASONS = ("not_packed", "lost", "packed_extra", "unknown")

_CARD = re.compile(r"62[0-9]{12}")
_VILLAGE = re.compile(r"62[0-9]{8}")
_UID = re.compile(r"[0-9a-f]{14}")
_MAC = re.compile(r"[0-9a-f]{16}")
_HASH = re.compile(r"[0-9a-f]{64}")
_REASON = re.compile(r"[a-z0-9_.]{1,40}")
_PROVISIONAL = re.compile(r"[A-Z0-9-]{1,24}")
_DATE = re.compile(r"(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_CHALLENGE = re.compile(r"[0-9a-f]{32}")
_JWS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_WORD = re.compile(r"[a-z0-9_ ]{1,32}")


class MalformedDataError(ValueError):
    """The data do not fit their kind; the text names the member."""


class UnknownKindError(ValueError):
    """No such kind of event."""


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


class HandedOver(NamedTuple):
    """`card.handed_over`."""

    card: str
    collector: str
    member: UUID | None
    qr: bool
    taps: tuple[Tap, ...]
    point: Point | None
    home_point: str | None = None


class CardsReceived(NamedTuple):
    """`cards.received`: a parcel of cards, counted by who carries it."""

    transfer: UUID
    counted: int
    missing: tuple[int, ...]
    extra: tuple[int, ...]
    reason: str


class CardTold(NamedTuple):
    """`card.not_handed_over` and `card.blocked`."""

    card: str
    reason: str


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


class Reported(NamedTuple):
    """`problem.reported` and `grievance.opened`."""

    code: str
    household: UUID | None
    village: int | None
    amount_rupiah: int | None = None
    asked_by: str | None = None
    on: date | None = None
    anonymous: bool = False


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


class NeedsHome(NamedTuple):
    """`household.needs_home_delivery`."""

    household: UUID
    reason: str
    day: UUID | None


class Closed(NamedTuple):
    """`lease.closed`."""

    lease: UUID
    last_seq: int


class Transferred(NamedTuple):
    """`lease.transferred`: the giver's word, for one receiver only (lease.md, section 3)."""

    lease: UUID
    to: str
    to_key: bytes
    challenge: bytes
    rights: tuple[UUID, ...]
    families: bytes


class Received(NamedTuple):
    """`lease.received`: the receiver's word, around the giver's own signed one."""

    transfer: str


Said = (
    Delivered
    | NotDelivered
    | HandedOver
    | CardsReceived
    | CardTold
    | Verified
    | Geotagged
    | Registered
    | Reported
    | Stock
    | DayOpened
    | DayClosed
    | NeedsHome
    | Closed
    | Transferred
    | Received
)


def read(kind: str, data: dict[str, Any]) -> Said:
    """Read the data of `kind`; raises `MalformedDataError` or `UnknownKindError`."""
    reader = _READERS.get(kind)
    if reader is None:
        raise UnknownKindError(kind)
    return reader(data)


def attachment_of(data: dict[str, Any]) -> bytes | None:
    """Give the hash of the attachment that `data` names; raises `MalformedDataError`."""
    name = data.get("attachment")
    if name is None:
        return None
    if not isinstance(name, str) or not _HASH.fullmatch(name):
        raise MalformedDataError("attachment")
    return bytes.fromhex(name)


def photos_of(data: dict[str, Any]) -> tuple[bytes, ...]:
    """Give the hashes of the photos that `data` names; raises `MalformedDataError`."""
    names = data.get("photos")
    if names is None:
        return ()
    if not isinstance(names, list) or len(names) > PHOTOS_MAX:
        raise MalformedDataError("photos")
    if not all(isinstance(name, str) and _HASH.fullmatch(name) for name in names):
        raise MalformedDataError("photos")
    return tuple(bytes.fromhex(name) for name in names)


def _delivered(data: dict[str, Any]) -> Delivered:
    source = data.get("source", "phone")
    mode = data.get("mode", "point")
    return Delivered(
        entitlement=_uuid(data, "entitlement"),
        part=_whole(data.get("part", 1), "part", 1, PART_MAX),
        collector=_one_of(data, "collector", COLLECTORS),
        member=_optional_uuid(data, "member"),
        online=_flag(data, "online"),
        home=_among(mode, "mode", ("point", "home")) == "home",
        source=_among(source, "source", ("phone", "paper")),
        card=_shown(data.get("card")),
        point=_point(data.get("point")),
        goods=_items(data["goods"], "goods") if data.get("goods") else (),
        less=_optional_among(data, "less", LESS),
        home_point=_optional_among(data, "home_point", HOME_POINTS),
        paper_at=_time(data, "paper_at") if source == "paper" else None,
        mark=_optional_among(data, "mark", MARKS) if source == "paper" else None,
    )


def _not_delivered(data: dict[str, Any]) -> NotDelivered:
    return NotDelivered(
        entitlement=_uuid(data, "entitlement"),
        reason=_one_of(data, "reason", NOT_DELIVERED),
        point=_point(data.get("point")),
    )


def _cards_received(data: dict[str, Any]) -> CardsReceived:
    return CardsReceived(
        transfer=_uuid(data, "transfer"),
        counted=_whole(data.get("counted"), "counted", 0, CARDS_COUNTED_MAX),
        missing=_cards(data, "missing"),
        extra=_cards(data, "extra"),
        reason=_optional_among(data, "reason", COUNT_REASONS) or "",
    )


def _cards(data: dict[str, Any], name: str) -> tuple[int, ...]:
    numbers = data.get(name)
    if numbers is None:
        return ()
    if not isinstance(numbers, list) or len(numbers) > CARDS_NAMED_MAX:
        raise MalformedDataError(name)
    if not all(isinstance(number, str) and _CARD.fullmatch(number) for number in numbers):
        raise MalformedDataError(name)
    return tuple(int(number) for number in numbers)


def _handed_over(data: dict[str, Any]) -> HandedOver:
    return HandedOver(
        card=_text(data, "card", _CARD),
        collector=_one_of(data, "collector", COLLECTORS),
        member=_optional_uuid(data, "member"),
        qr=_flag(data, "qr"),
        taps=_taps(data.get("taps")),
        point=_point(data.get("point")),
        home_point=_optional_among(data, "home_point", HOME_POINTS),
    )


def _not_handed_over(data: dict[str, Any]) -> CardTold:
    return CardTold(_text(data, "card", _CARD), _one_of(data, "reason", NOT_HANDED_OVER))


def _blocked(data: dict[str, Any]) -> CardTold:
    return CardTold(_text(data, "card", _CARD), _one_of(data, "reason", BLOCK_REASONS))


def _verified(data: dict[str, Any]) -> Verified:
    return Verified(
        household=_uuid(data, "household"),
        outcome=_one_of(data, "outcome", OUTCOMES),
        member=_optional_uuid(data, "member"),
        point=_point(data.get("point")),
        on=_day(data),
        to_village=_village(data, "to_village"),
        left_province=_flag(data, "left_province"),
        successor=_optional_uuid(data, "successor"),
    )


def _geotagged(data: dict[str, Any]) -> Geotagged:
    return Geotagged(_uuid(data, "household"), _one_of(data, "dwelling", DWELLINGS))


def _registered(data: dict[str, Any]) -> Registered:
    size = data.get("size")
    return Registered(
        provisional=_text(data, "provisional", _PROVISIONAL),
        village=int(_text(data, "village", _VILLAGE)),
        size=None if size is None else _whole(size, "size", 1, 99),
        dwelling=None if data.get("dwelling") is None else _one_of(data, "dwelling", DWELLINGS),
    )


def _problem(data: dict[str, Any]) -> Reported:
    return Reported(
        _one_of(data, "code", PROBLEMS), _optional_uuid(data, "household"), _village(data)
    )


def _grievance(data: dict[str, Any]) -> Reported:
    amount = data.get("amount_rupiah")
    return Reported(
        code=_one_of(data, "kind", GRIEVANCES),
        household=_optional_uuid(data, "household"),
        village=int(_text(data, "village", _VILLAGE)),
        amount_rupiah=(
            None if amount is None else _whole(amount, "amount_rupiah", 0, LEVY_RUPIAH_MAX)
        ),
        asked_by=_optional_among(data, "asked_by", ASKED_BY),
        on=_day(data),
        anonymous=_flag(data, "anonymous"),
    )


def _stock(data: dict[str, Any]) -> Stock:
    return Stock(
        village=int(_text(data, "village", _VILLAGE)),
        cycle=_uuid(data, "cycle"),
        items=_items(data.get("items"), "items"),
    )


def _day_opened(data: dict[str, Any]) -> DayOpened:
    return DayOpened(_uuid(data, "day"), _point(data.get("point")))


def _day_closed(data: dict[str, Any]) -> DayClosed:
    return DayClosed(
        day=_uuid(data, "day"),
        served=_whole(data.get("served"), "served", 0, FAMILIES_MAX),
        absent=_whole(data.get("absent"), "absent", 0, FAMILIES_MAX),
        left=_items(data["left"], "left") if data.get("left") else (),
    )


def _needs_home(data: dict[str, Any]) -> NeedsHome:
    return NeedsHome(
        household=_uuid(data, "household"),
        reason=_one_of(data, "reason", HOME_REASONS),
        day=_optional_uuid(data, "day"),
    )


def _closed(data: dict[str, Any]) -> Closed:
    return Closed(_uuid(data, "lease"), _whole(data.get("last_seq"), "last_seq", 0, 2**53 - 1))


def _transferred(data: dict[str, Any]) -> Transferred:
    rights = data.get("rights")
    try:
        named = read_rights(rights) if isinstance(rights, str) else ()
    except ValueError:
        named = ()
    if not named:
        raise MalformedDataError("rights")
    return Transferred(
        lease=_uuid(data, "lease"),
        to=_text(data, "to", short_id.FORM),
        to_key=bytes.fromhex(_text(data, "to_key", _HASH)),
        challenge=bytes.fromhex(_text(data, "challenge", _CHALLENGE)),
        rights=named,
        families=bytes.fromhex(_text(data, "families", _HASH)),
    )


def _received(data: dict[str, Any]) -> Received:
    return Received(_text(data, "transfer", _JWS))


def _shown(value: object) -> Shown | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise MalformedDataError("card")
    return Shown(
        number=_text(value, "number", _CARD, "card.number"),
        colour=_among(value.get("colour"), "card.colour", ("green", "amber", "red")),
        reason=_text(value, "reason", _REASON, "card.reason"),
        qr=_flag(value, "qr"),
        taps=_taps(value.get("taps")),
    )


def _taps(value: object) -> tuple[Tap, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > TAPS_MAX:
        raise MalformedDataError("taps")
    return tuple(_tap(tap) for tap in value)


def _tap(value: object) -> Tap:
    if not isinstance(value, dict):
        raise MalformedDataError("taps")
    return Tap(
        uid=bytes.fromhex(_text(value, "uid", _UID, "taps.uid")),
        counter=_whole(value.get("counter"), "taps.counter", 0, COUNTER_MAX),
        mac=bytes.fromhex(_text(value, "mac", _MAC, "taps.mac")),
    )


def tap_of(value: object) -> Tap:
    """Read one raw tap; raises `MalformedDataError`."""
    return _tap(value)


def point_of(value: object) -> Point | None:
    """Read one point or null; raises `MalformedDataError`."""
    return _point(value)


def _point(value: object) -> Point | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise MalformedDataError("point")
    accuracy = value.get("accuracy_m")
    return Point(
        _real(value.get("lat"), "point.lat", -90.0, 90.0),
        _real(value.get("lng"), "point.lng", -180.0, 180.0),
        None if accuracy is None else _real(accuracy, "point.accuracy_m", 0.0, ACCURACY_M_MAX),
    )


def _items(value: object, name: str) -> tuple[Goods, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= ITEMS_MAX:
        raise MalformedDataError(name)
    return tuple(_goods(item, name) for item in value)


def _goods(value: object, name: str) -> Goods:
    if not isinstance(value, dict):
        raise MalformedDataError(name)
    return Goods(
        item=_text(value, "item", _WORD, name),
        quantity=_whole(value.get("quantity"), name, 0, QUANTITY_MAX),
        unit=_text(value, "unit", _WORD, name),
        short=_whole(value.get("short", 0), name, 0, QUANTITY_MAX),
    )


def _village(data: dict[str, Any], name: str = "village") -> int | None:
    return None if data.get(name) is None else int(_text(data, name, _VILLAGE))


def _time(data: dict[str, Any], name: str) -> datetime | None:
    if data.get(name) is None:
        return None
    at = time_or_none(data[name])
    if at is None:
        raise MalformedDataError(name)
    return at


def _day(data: dict[str, Any]) -> date | None:
    """Read the calendar day `on`, as `2026-11-12`; None where nobody knows it."""
    text = data.get("on")
    if text is None:
        return None
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        raise MalformedDataError("on")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise MalformedDataError("on") from None


def _optional_among(data: dict[str, Any], name: str, allowed: tuple[str, ...]) -> str | None:
    return None if data.get(name) is None else _among(data[name], name, allowed)


def _uuid(data: dict[str, Any], name: str) -> UUID:
    value = uuid_or_none(data.get(name))
    if value is None:
        raise MalformedDataError(name)
    return value


def _optional_uuid(data: dict[str, Any], name: str) -> UUID | None:
    return None if data.get(name) is None else _uuid(data, name)


def _text(data: dict[str, Any], name: str, form: re.Pattern[str], called: str | None = None) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise MalformedDataError(called or name)
    return value


def _one_of(data: dict[str, Any], name: str, allowed: frozenset[str]) -> str:
    value = data.get(name)
    if not isinstance(value, str) or value not in allowed:
        raise MalformedDataError(name)
    return value


def _among(value: object, name: str, allowed: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise MalformedDataError(name)
    return value


def _flag(data: dict[str, Any], name: str) -> bool:
    value = data.get(name, False)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise MalformedDataError(name)
    return value


def _whole(value: object, name: str, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise MalformedDataError(name)
    return value


def _real(value: object, name: str, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise MalformedDataError(name)
    return float(value)


_READERS: dict[str, Callable[[dict[str, Any]], Said]] = {
    "benefit.delivered": _delivered,
    "benefit.not_delivered": _not_delivered,
    "cards.received": _cards_received,
    "card.handed_over": _handed_over,
    "card.not_handed_over": _not_handed_over,
    "card.blocked": _blocked,
    "household.verified": _verified,
    "household.geotagged": _geotagged,
    "household.registered": _registered,
    "problem.reported": _problem,
    "grievance.opened": _grievance,
    "stock.received": _stock,
    "stock.counted": _stock,
    "day.opened": _day_opened,
    "day.closed": _day_closed,
    "household.needs_home_delivery": _needs_home,
    "lease.closed": _closed,
    "lease.transferred": _transferred,
    "lease.received": _received,
}
KINDS = frozenset(_READERS)
