"""What the raw taps of a device bear out, days after it showed its verdict.

Pure but for the chips' keys: whose tap it is, whether it verifies, who had it before.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from betang.cards.tap import OUT_OF_USE
from betang.core.card.chip import Tap, are_rising
from betang.core.clock import WIB
from betang.keys import chip_master

#: A tap goes with several events of one visit (hand-over, two benefits), told online and again at
#: sync, by a clock that may be wrong for a week. Later, from the same device too, it was recorded.
ONE_PRESENTATION = timedelta(days=14)


class CardFacts(NamedTuple):
    """What the rows say of a card."""

    number: str
    id: int
    uuid: UUID
    state: str
    chip_uid: bytes | None
    key_version: int
    village_id: int
    ended_at: datetime | None
    expires_on: date
    household: int


class Taken(NamedTuple):
    """Who presented a tap before, when that was by his clock, and what was said of it."""

    device: UUID | None
    at: datetime
    reason: str


def genuine(taps: Sequence[Tap], card: CardFacts | None) -> bool | None:
    """Say whether all taps are this chip's; None where this server holds no master key."""
    if card is None:
        return False
    proofs = {chip_master.is_genuine_tap(tap, version=card.key_version) for tap in taps}
    return False if False in proofs else None if None in proofs else True


def red(
    taps: Sequence[Tap],
    card: CardFacts | None,
    taken: Mapping[tuple[bytes, int], Taken],
    *,
    device: UUID,
    at: datetime,
    verified: bool | None,
) -> str | None:
    """Give the reason why a card that `device` was shown at `at` is red, or None."""
    if card is None:
        return "card.unknown"
    if any(card.chip_uid is None or tap.uid != bytes(card.chip_uid) for tap in taps):
        return "tap.other_card"
    if verified is False:
        return "tap.forged"
    for tap in taps:
        before = taken.get((tap.uid, tap.counter))
        if before is not None and (
            before.device != device or abs(at - before.at) > ONE_PRESENTATION
        ):
            return "tap.replayed"
    # What ended after the moment of the row was good then; that it is not now is told elsewhere.
    ended = card.ended_at is None or at > card.ended_at
    if ended and card.state in OUT_OF_USE:
        return OUT_OF_USE[card.state]
    return "card.expired" if at.astimezone(WIB).date() > card.expires_on else None


def weighed(
    colour: str, reason: str, taps: Sequence[Tap], *, known: Taken | None, verified: bool | None
) -> tuple[str, str]:
    """Give the device's own verdict, as far as the taps that it sent bear it out.

    `known`: what was said of its last tap when it was presented before. A phone that says
    `tap.genuine` found two rising taps among its tickets, or the server told it so.
    """
    if reason.startswith("tap.") and not taps:
        return "amber", "nothing.shown"
    if reason != "tap.genuine" or (known is not None and known.reason == "tap.genuine"):
        return colour, reason
    if verified is None:
        return "amber", "tap.past_window"
    return (colour, reason) if are_rising(taps) else ("amber", "tap.only_one")
