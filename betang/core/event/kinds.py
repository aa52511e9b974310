"""Each kind of field event, and what it says: read without trust into small tuples, or refused.

Normative: docs/protocols/event.md, section 4. Old versions stay readable for ever. What a subject
says stands in `betang.core.event.said`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from betang.core.event.said import benefits, cards, days, families, leases, members, reports
from betang.core.event.said.benefits import Delivered, NotDelivered
from betang.core.event.said.cards import CardsReceived, CardTold, HandedOver
from betang.core.event.said.days import DayClosed, DayOpened, Stock
from betang.core.event.said.families import Geotagged, NeedsHome, Registered, Verified
from betang.core.event.said.leases import Closed, Received, Transferred
from betang.core.event.said.reports import Reported

PHOTOS_MAX = 8

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

_READERS: Mapping[str, Callable[[dict[str, Any]], Said]] = {
    **benefits.READERS,
    **cards.READERS,
    **families.READERS,
    **reports.READERS,
    **days.READERS,
    **leases.READERS,
}
KINDS = frozenset(_READERS)


class UnknownKindError(ValueError):
    """No such kind of event."""


def read(kind: str, data: dict[str, Any]) -> Said:
    """Read the data of `kind`; raises `members.MalformedDataError` or `UnknownKindError`."""
    reader = _READERS.get(kind)
    if reader is None:
        raise UnknownKindError(kind)
    return reader(data)


def attachment_of(data: dict[str, Any]) -> bytes | None:
    """Give the hash of the attachment that `data` names; raises `members.MalformedDataError`."""
    name = data.get("attachment")
    if name is None:
        return None
    if not isinstance(name, str) or not members.HASH.fullmatch(name):
        raise members.MalformedDataError("attachment")
    return bytes.fromhex(name)


def photos_of(data: dict[str, Any]) -> tuple[bytes, ...]:
    """Give the hashes of the photos that `data` names; raises `members.MalformedDataError`."""
    names = data.get("photos")
    if names is None:
        return ()
    if not isinstance(names, list) or len(names) > PHOTOS_MAX:
        raise members.MalformedDataError("photos")
    if not all(isinstance(name, str) and members.HASH.fullmatch(name) for name in names):
        raise members.MalformedDataError("photos")
    return tuple(bytes.fromhex(name) for name in names)
