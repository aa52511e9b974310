"""What sync asks of `cards`: was the card that a device was shown right, for that family.

Each raw tap is verified again here, with the keys that no phone has: that is where a copied card is
noticed, days after it was shown.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from betang.accounts.admit import Holder
from betang.cards.present import PresentedRow, record_presentations
from betang.cards.tap import Where
from betang.core.card import chip
from betang.core.event import kinds
from betang.journal.prepared import array_text, fetch

#: Two look-ups by a unique index for each row; as a join, the planner reads all cards.
FAMILIES = """
SELECT g.n FROM unnest(%s::int[], %s::text[], %s::uuid[]) AS g(n, number, entitlement)
WHERE (SELECT household_id FROM cards_card WHERE number = g.number)
   <> (SELECT household_id FROM distribution_entitlement WHERE uuid = g.entitlement)
"""


class Shown(NamedTuple):
    """A card as a device saw it; `entitlement` is the right for which it was shown, if any."""

    n: int
    at: datetime
    act: str
    card: kinds.Shown
    entitlement: UUID | None
    point: kinds.Point | None


def show_cards(shown: Sequence[Shown], *, holder: Holder, at: datetime) -> dict[int, str]:
    """Keep each presentation, verify its taps; give the numbers that are refused, with a reason."""
    if not shown:
        return {}
    verdicts = record_presentations([_row(one, holder) for one in shown], heard_at=at)
    refused = {
        one.n: verdict.reason
        for one, verdict in zip(shown, verdicts, strict=True)
        if verdict.colour == "red"
    }
    about = [one for one in shown if one.entitlement is not None]
    others = fetch(
        FAMILIES,
        array_text(one.n for one in about),
        array_text(one.card.number for one in about),
        array_text(one.entitlement for one in about),
    )
    for (n,) in others:
        refused.setdefault(n, "card.other_family")
    return refused


def _row(one: Shown, holder: Holder) -> PresentedRow:
    point = one.point
    return PresentedRow(
        one.card.number,
        one.act,
        one.card.colour,
        one.card.reason,
        [chip.Tap(tap.uid, tap.counter, tap.mac) for tap in one.card.taps],
        holder.uuid,
        holder.actor,
        one.at,
        Where(None, point.lat, point.lng) if point else Where(),
    )
