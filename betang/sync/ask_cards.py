"""What sync asks of `cards`: was the card that a device was shown right, for that family.

Each raw tap is verified again here, with the keys that no phone has: that is where a copied card is
noticed, days after it was shown.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from betang.accounts.admit import Holder
from betang.cards.present import PresentedRow, record_presentations
from betang.cards.tap import Where
from betang.core.card import chip
from betang.core.event.said import shapes


class Shown(NamedTuple):
    """A card as a device saw it."""

    n: int
    at: datetime
    act: str
    card: shapes.Shown
    point: shapes.Point | None


class Seen(NamedTuple):
    """What the server makes of the cards: the numbers refused, with a reason, and whose each is."""

    refused: dict[int, str]
    families: dict[int, int]


def show_cards(shown: Sequence[Shown], *, holder: Holder, at: datetime) -> Seen:
    """Keep each presentation and verify its taps; whose card it is, the caller compares."""
    seen = Seen({}, {})
    if not shown:
        return seen
    verdicts = record_presentations([_row(one, holder) for one in shown], heard_at=at)
    for one, verdict in zip(shown, verdicts, strict=True):
        if verdict.colour == "red":
            seen.refused[one.n] = verdict.reason
        if verdict.household is not None:
            seen.families[one.n] = verdict.household
    return seen


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
        holder.clock_ahead_s,
    )
