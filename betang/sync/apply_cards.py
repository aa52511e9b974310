"""Apply what devices say of cards: handed over, not handed over, blocked."""

from collections.abc import Sequence
from datetime import datetime

from betang.accounts.admit import Holder
from betang.cards.block import BlockRow, block_many
from betang.cards.hand_over import HandOverRow, hand_over_many
from betang.core.event import kinds
from betang.core.event.kinds import CardTold, HandedOver
from betang.journal.record import Happening, record_many
from betang.sync.ask_cards import Shown, show_cards
from betang.sync.decisions import Decided
from betang.sync.read_said import Heard

#: Codes of `cards` that say the same to a companion.
SAME = {
    "card.not_printed": "card.not_in_custody",
    "card.already_handed_over": "card.not_waiting",
    "card.revoked": "card.not_waiting",
    "card.superseded": "card.not_waiting",
    "card.not_active": "card.not_waiting",
    "card.blocked_before": "ok",
}


def hand_over_cards(items: Sequence[Heard], holder: Holder, at: datetime) -> list[Decided]:
    """Apply hand-overs: a card whose tap is not its own stays where it is."""
    told = [(item, item.said) for item in items if isinstance(item.said, HandedOver)]
    refused = show_cards(
        [
            Shown(n, item.at, "hand_over", _shown(said), None, said.point)
            for n, (item, said) in enumerate(told)
            if said.taps
        ],
        holder=holder,
        at=at,
    )
    good = [pair for n, pair in enumerate(told) if n not in refused]
    verdicts = hand_over_many(
        [HandOverRow(said.card, holder.uuid, holder.actor, item.at) for item, said in good]
    )
    decisions = [told[n][0].decide("card.refused", reason=why) for n, why in refused.items()]
    for (item, _), verdict in zip(good, verdicts, strict=True):
        decisions.append(item.decide(SAME.get(verdict.code, verdict.code)))
    return decisions


def tell_cards(items: Sequence[Heard], holder: Holder, at: datetime) -> list[Decided]:
    """Apply cards blocked in the field, and cards not handed over (an entry each)."""
    told = [(item, item.said) for item in items if isinstance(item.said, CardTold)]
    kept = [(item, said) for item, said in told if item.type == "card.not_handed_over"]
    record_many(
        "card.not_handed_over",
        [
            Happening(
                item.id,
                holder.actor,
                item.at,
                None,
                {"card": said.card, "reason": said.reason, "device": holder.short_id},
            )
            for item, said in kept
        ],
    )
    blocked = [(item, said) for item, said in told if item.type == "card.blocked"]
    verdicts = block_many(
        [BlockRow(said.card, said.reason, holder.actor, item.at) for item, said in blocked]
    )
    decisions = [item.decide("ok") for item, _ in kept]
    for (item, _), verdict in zip(blocked, verdicts, strict=True):
        decisions.append(item.decide(SAME.get(verdict.code, verdict.code)))
    return decisions


def _shown(said: HandedOver) -> kinds.Shown:
    reason = "tap.genuine" if said.taps else "qr.valid"
    return kinds.Shown(said.card, "green", reason, said.qr, said.taps)
