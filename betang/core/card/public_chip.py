"""A tap that the chip signed: a public-key chip, whose taps anybody can verify (layer L2).

Normative: `docs/protocols/chip.md`; cases: `vectors/public_chip.json`. The chip holds a
P-256 key that never leaves it; the QR's `cnf` or the roster says the public half. No shared master,
no ticket roster, no window: what is genuine is told without a network, and only a replay needs
memory. **U:** no real chip confirmed the form. Where a maker's chip signs other bytes than ours,
`signed_message` is the one function to replace (and its twin).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from betang.core.card import ticket
from betang.core.card.chip import COUNTER_MAX, UID_BYTES
from betang.core.card.verdict import NONE, PAST_WINDOW
from betang.core.crypto.signing import SIGNATURE_BYTES, load_public_key, verifies

OTHER_CARD: Final = "tap.other_card"

_QUERY: Final = re.compile(
    r"/t\?u=([0-9A-Fa-f]{14})&n=([0-9A-Fa-f]{6})&s=([0-9A-Fa-f]{128})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class SignedTap:
    """What one reading of the chip says, raw: not verified by anybody yet.

    It is named by chip and counter, never by its signature: ECDSA is randomised and malleable, so
    one reading can have several that are good.
    """

    uid: bytes
    counter: int
    signature: bytes


@dataclass(frozen=True, slots=True)
class ExpectedChip:
    """The chip that belongs to a card. The QR knows its key alone, the roster its UID as well."""

    point: bytes
    uid: bytes | None = None


class Weighed(NamedTuple):
    """`taps` of the verdict, and the highest genuine reading to remember of this chip."""

    taps: str
    high: int


def signed_message(host: str, uid: bytes, counter: int) -> bytes:
    """Give the bytes that the chip signs (U: to be replaced by what a real one signs).

    They are the characters of the NDEF file up to the signature, as an NTAG 424 DNA takes the
    input of its MAC (AN12196 section 3.4): HOST is among them, so that another issuer's chip with a
    key of ours, or ours in another system, says nothing here.
    """
    return _beginning(host, uid, counter).encode()


def tap_url(host: str, tap: SignedTap) -> str:
    """Write the URL that the chip shows for a tap."""
    return f"https://{_beginning(host, tap.uid, tap.counter)}{tap.signature.hex().upper()}"


def read_tap_url(url: str, *, host: str) -> SignedTap | None:
    """Read a signed tap from its URL; None where it is not, letter by letter, one of `host`'s.

    The host is compared, never opened: a tag may hold any address. Nothing is unescaped.
    """
    origin = f"https://{host}"
    if not url.startswith(origin):
        return None
    read = _QUERY.fullmatch(url, len(origin))
    if read is None:
        return None
    uid, counter, signature = read.groups()
    return SignedTap(bytes.fromhex(uid), int(counter, 16), bytes.fromhex(signature))


def is_genuine(point: bytes, tap: SignedTap, *, host: str) -> bool:
    """Say whether the chip of this key made the tap. It does not say when, nor how often shown.

    Either of the two s of a signature is good: chips do not choose the lower, and a reading that
    comes again with the other s has the same counter. Raises `ValueError` where `point` is none.
    """
    fits = len(tap.uid) == UID_BYTES and 0 <= tap.counter <= COUNTER_MAX
    if not fits or len(tap.signature) != SIGNATURE_BYTES:
        return False
    message = signed_message(host, tap.uid, tap.counter)
    return verifies(load_public_key(point), message, tap.signature)


def weigh(tap: SignedTap, chip: ExpectedChip | None, *, host: str, high: int) -> str:
    """Say what one tap is: `fresh`, `past_window` or a red `tap.*`, as `ticket.weigh` does.

    `chip` None: neither a verified QR nor the roster says which chip this is: cannot tell. `high`:
    the highest genuine reading of this chip that is known here. A signature that is not the
    expected chip's is another card's where no UID is known to be right: a QR names a key, no UID.
    """
    if chip is None:
        return PAST_WINDOW
    if chip.uid is not None and tap.uid != chip.uid:
        return OTHER_CARD
    if not is_genuine(chip.point, tap, host=host):
        return OTHER_CARD if chip.uid is None else ticket.FORGED
    return ticket.REPLAYED if tap.counter <= high else ticket.FRESH


def weigh_all(
    taps: Iterable[SignedTap], chip: ExpectedChip | None, *, host: str, high: int
) -> Weighed:
    """Give the state of all taps of one showing, as the verdict wants it, oldest tap first.

    Only a genuine tap raises what is remembered. The caller joins taps of a few minutes at most.
    """
    state = NONE
    for tap in taps:
        seen = weigh(tap, chip, host=host, high=high)
        if seen == ticket.FRESH:
            high = tap.counter
        state = ticket.join(state, seen)
    return Weighed(state, high)


def _beginning(host: str, uid: bytes, counter: int) -> str:
    return f"{host}/t?u={uid.hex().upper()}&n={counter:06X}&s="
