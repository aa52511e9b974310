"""Apply what devices say of cards: handed over, not handed over, blocked."""

from collections.abc import Sequence
from datetime import datetime

from betang.accounts.admit import Holder
from betang.core.event.kinds import CardTold
from betang.journal.record import Happening, record_many
from betang.sync.decisions import Decided
from betang.sync.read_said import Heard


def hand_over_cards(items: Sequence[Heard], holder: Holder, at: datetime) -> list[Decided]:
    """Apply hand-overs."""
    return [item.decide("ok") for item in items]


def tell_cards(items: Sequence[Heard], holder: Holder, at: datetime) -> list[Decided]:
    """Apply cards not handed over (an entry each) and cards blocked in the field."""
    record_many(
        "card.not_handed_over",
        [
            Happening(
                item.id,
                holder.actor,
                item.at,
                None,
                {"card": item.said.card, "reason": item.said.reason, "device": holder.short_id},
            )
            for item in items
            if isinstance(item.said, CardTold) and item.type == "card.not_handed_over"
        ],
    )
    return [item.decide("ok") for item in items]
