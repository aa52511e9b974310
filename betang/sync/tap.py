"""A tap presented online by a device."""

from datetime import datetime
from typing import Any

from betang.accounts.admit import Holder
from betang.cards.tap import Where, present
from betang.core.card.verdict_texts import TEXTS
from betang.core.errors import FieldsError
from betang.core.event.said.members import MalformedDataError
from betang.core.event.said.shapes import point_of, tap_of
from betang.journal.prepared import fetch

ACTS = frozenset({"deliver", "hand_over", "look"})

#: Does this device hold a right of this card's family, and does its programme insist on the chip?
HOLDS = """
SELECT bool_or(e.holder_id = %s AND e.state IN ('open', 'reserved')
               AND e.held_until >= %s),
       bool_or(p.tap_required)
FROM cards_card k
JOIN distribution_entitlement e ON e.household_id = k.household_id AND e.channel = 'hand'
JOIN programmes_cycle c ON c.id = e.cycle_id AND c.state = 'open'
JOIN programmes_programme p ON p.id = c.programme_id
WHERE k.chip_uid = %s
"""


class TapFieldsError(FieldsError):
    """A member of the tap is missing or impossible."""

    code = "tap.fields"
    sentence = "Data kartu yang ditempelkan tidak lengkap."
    do = "Tempelkan kartunya sekali lagi."


def present_tap(given: dict[str, Any], *, holder: Holder, at: datetime) -> dict[str, Any]:
    """Present a raw tap; give colour, reason, sentence and what to do, also when red."""
    try:
        tap = tap_of(given)
        point = point_of(given.get("point"))
    except MalformedDataError as error:
        raise TapFieldsError(field=str(error).removeprefix("taps.")) from None
    act = given.get("act")
    if not isinstance(act, str) or act not in ACTS:
        raise TapFieldsError(field="act")
    ((holds, required),) = fetch(HOLDS, holder.id, at, tap.uid)
    shown = present(
        tap.uid,
        tap.counter,
        tap.mac,
        act=act,
        actor=holder.actor,
        at=at,
        device=holder.uuid,
        lease=bool(holds),
        tap_required=bool(required),
        where=Where(None, point.lat, point.lng) if point else Where(),
    )
    text = TEXTS[shown.reason]
    return {
        "colour": shown.colour,
        "reason": shown.reason,
        "sentence": text.sentence,
        "do": text.do,
        "card": shown.card_number if shown.colour != "red" else None,
        "presentation": str(shown.uuid),
    }
