"""The verdict on a card that is shown: one pure function, with a twin in TypeScript.

Normative: `docs/protocols/verdict.md`. Rows: `vectors/verdict.json`, which both twins run.
A verdict never raises: whatever is shown, somebody stands there and needs an answer.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

LIST_OLD_DAYS = 14
LIST_TOO_OLD_DAYS = 30
#: Above this share of amber 2 in a facilitator's day, the office is alerted.
AMBER_2_SHARE_MAX = 0.05


class Act(StrEnum):
    """What the person who shows the card wants."""

    DELIVER = "deliver"
    HAND_OVER = "hand_over"
    LOOK = "look"


class Colour(StrEnum):
    """Green: do it. Amber: cannot tell, or not here. Red: this card is not good."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


NONE = "none"
VALID = "valid"
ONE = "one"
TWO_RISING = "two_rising"
PAST_WINDOW = "past_window"

#: What reading the QR can say besides `none` and `valid`: each is red.
QR_RED = (
    "qr.not_ours",
    "qr.malformed",
    "qr.bad_signature",
    "qr.other_issuer",
    "key.unknown",
    "key.other_purpose",
    "key.rotated_out",
    "key.not_valid_then",
    "card.expired",
    "card.revoked",
    "card.superseded",
    "card.unknown",
    "card.not_active",
)
QR_STATES = (NONE, VALID, *QR_RED)

#: What the chip's taps can say besides `none`, `one`, `two_rising`, `past_window`: each is red.
TAPS_RED = (
    "tap.replayed",
    "tap.forged",
    "tap.other_card",
    "card.revoked",
    "card.superseded",
    "card.unknown",
    "card.not_active",
)
TAPS_STATES = (NONE, ONE, TWO_RISING, PAST_WINDOW, *TAPS_RED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is known when a card is shown.

    `online`: the server itself was asked about this card just now. `lease`: this device holds the
    right of this card's family (for online service: it was reserved). `custody`: the card was
    entrusted to this device for handing over. `qr` is one of `QR_STATES`, `taps` of `TAPS_STATES`.
    `nfc`: the device was enrolled as one that can read chips. `list_age_days` is the age of the
    newest verified revocation list, None where the device has none; online it is not looked at.
    """

    act: Act
    online: bool
    lease: bool
    custody: bool
    qr: str
    taps: str
    nfc: bool
    list_age_days: int | None
    tap_required: bool


class Verdict(NamedTuple):
    """The answer. `level` is 0, or 1 or 2 for amber that may be served with a photo (and reason).

    `allowed`: the act may be done now. `needs`: what must be taken with it. `name_shown`: the
    family's name may be shown. `alert`: counts towards `AMBER_2_SHARE_MAX`.
    """

    colour: Colour
    level: int
    allowed: bool
    reason: str
    needs: tuple[str, ...]
    name_shown: bool
    alert: bool


def decide(shown: Shown) -> Verdict:
    """Say what to do with the card that is shown.

    It does not prove that the person who holds the card is of the family: no card can.
    """
    red = _red(shown)
    if red is not None:
        return _refused(red)
    if shown.qr == NONE and shown.taps == NONE:
        return _not_now("nothing.shown", name_shown=False)
    graded = _graded(shown)
    if shown.act is Act.LOOK:
        return graded._replace(allowed=False, needs=(), alert=False)
    stopped = _stopped(shown)
    return graded if stopped is None else _not_now(stopped)


def _red(shown: Shown) -> str | None:
    """Give the reason why what is shown is red; the QR's comes first."""
    if shown.qr in QR_RED:
        return shown.qr
    return shown.taps if shown.taps in TAPS_RED else None


def _stopped(shown: Shown) -> str | None:
    """Give the reason why a genuine card cannot be served here and now."""
    if shown.act is Act.HAND_OVER and not shown.custody:
        return "custody.none"
    if shown.act is Act.DELIVER and not shown.lease:
        return "lease.reserve_first" if shown.online else "lease.none"
    if not shown.online and _older(shown, LIST_TOO_OLD_DAYS):
        return "list.too_old"
    return None


def _graded(shown: Shown) -> Verdict:
    """Grade a genuine card by how strongly it was proved, then by the age of the list."""
    if shown.taps == TWO_RISING:
        graded = _served(Colour.GREEN, 0, "tap.genuine")
    elif shown.qr == VALID and not shown.tap_required:
        graded = _served(Colour.GREEN, 0, "qr.valid")
    elif shown.taps == ONE:
        graded = _served(Colour.AMBER, 2, "tap.only_one")
    elif shown.taps == PAST_WINDOW:
        graded = _served(Colour.AMBER, 2, "tap.past_window")
    elif shown.nfc:
        graded = _served(Colour.AMBER, 2, "qr.tap_missing")
    else:
        graded = _served(Colour.AMBER, 1, "qr.without_nfc")
    if graded.colour is Colour.GREEN and not shown.online and _older(shown, LIST_OLD_DAYS):
        return _served(Colour.AMBER, 1, "list.old")
    return graded


def _older(shown: Shown, days: int) -> bool:
    """Say whether the list is older than `days`; no list at all is older than anything."""
    return shown.list_age_days is None or shown.list_age_days > days


def _served(colour: Colour, level: int, reason: str) -> Verdict:
    needs = ((), ("photo",), ("photo", "reason"))[level]
    return Verdict(
        colour, level, allowed=True, reason=reason, needs=needs, name_shown=True, alert=level == 2
    )


def _not_now(reason: str, *, name_shown: bool = True) -> Verdict:
    return Verdict(
        Colour.AMBER, 0, allowed=False, reason=reason, needs=(), name_shown=name_shown, alert=False
    )


def _refused(reason: str) -> Verdict:
    return Verdict(
        Colour.RED, 0, allowed=False, reason=reason, needs=(), name_shown=False, alert=False
    )
