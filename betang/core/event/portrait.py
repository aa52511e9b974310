"""The family's portrait in an event: which of its photos, and that the family agreed to it.

Normative: docs/protocols/event.md, section 4.2. Reading never raises: a portrait that cannot be
read is none, and the visit that it came with stands.
"""

from typing import Any, NamedTuple

from betang.core.event.kinds import photos_of
from betang.core.event.said.members import MalformedDataError


class Portrait(NamedTuple):
    """A photo of who collects for the family; `consent` is what the companion ticked."""

    photo: bytes
    consent: bool


def portrait_of(data: dict[str, Any]) -> Portrait | None:
    """Give the portrait that `data` marks among its `photos`; None where there is none."""
    told = data.get("portrait")
    if not isinstance(told, dict):
        return None
    try:
        photos = photos_of(data)
    except MalformedDataError:
        return None
    place = told.get("photo")
    if not isinstance(place, int) or isinstance(place, bool) or not 0 <= place < len(photos):
        return None
    # Nothing but `true` is consent: not 1, not "yes".
    return Portrait(photos[place], told.get("consent") is True)
