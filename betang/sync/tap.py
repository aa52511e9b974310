"""A tap presented online by a device."""

from datetime import datetime
from typing import Any

from betang.accounts.admit import Holder
from betang.core.errors import FieldsError
from betang.core.event import kinds

ACTS = frozenset({"deliver", "hand_over", "look"})


class TapFieldsError(FieldsError):
    """A member of the tap is missing or impossible."""

    code = "tap.fields"
    sentence = "Data kartu yang ditempelkan tidak lengkap."
    do = "Tempelkan kartunya sekali lagi."


def present_tap(given: dict[str, Any], *, holder: Holder, at: datetime) -> dict[str, Any]:
    """Present a raw tap; give colour, reason, sentence and what to do, also when red."""
    try:
        tap = kinds.tap_of(given)
        point = kinds.point_of(given.get("point"))
    except kinds.MalformedDataError as error:
        raise TapFieldsError(field=str(error).removeprefix("taps.")) from None
    act = given.get("act")
    if act not in ACTS:
        raise TapFieldsError(field="act")
    raise NotImplementedError(tap, point)
