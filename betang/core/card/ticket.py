"""Tickets: how a phone that holds no key recognises a genuine tap without a network.

Normative: `docs/protocols/tickets.md`; cases: `vectors/ticket.json`. For each card and its next
readings the server writes down a slow hash of what the chip will say, salted for one device.
Whoever steals the phone cannot go back from a ticket to the message: the MAC is a uniform 64-bit
secret.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import pbkdf2_hmac
from typing import NamedTuple

from betang.core.card.chip import COUNTER_MAX, UID_BYTES, Tap, sun_mac
from betang.core.card.verdict import ONE, PAST_WINDOW, TAPS_RED, TWO_RISING

SALT_BYTES = 16
TICKET_BYTES = 8
ITERATIONS = 1_000

#: What one tap can say on the phone, besides `past_window` and the red `tap.*` of the verdict.
FRESH = "fresh"
REPLAYED, FORGED = "tap.replayed", "tap.forged"


@dataclass(frozen=True, slots=True)
class Segment:
    """Tickets of one card for the readings `first`, `first` + 1, and so on.

    Without tickets (and then `first` is 0) it says that the card's earlier ones are withdrawn.
    """

    uid: bytes
    first: int
    tickets: bytes

    @property
    def count(self) -> int:
        """How many readings it covers."""
        return len(self.tickets) // TICKET_BYTES

    def at(self, counter: int) -> bytes | None:
        """Give the ticket of the reading `counter`; None where it is not covered."""
        place = (counter - self.first) * TICKET_BYTES
        covered = 0 <= place < len(self.tickets)
        return self.tickets[place : place + TICKET_BYTES] if covered else None


class Unproved(NamedTuple):
    """The last tap of a card that this device could not judge: a second time it is a replay."""

    counter: int
    mac: bytes


def ticket(salt: bytes, tap: Tap) -> bytes:
    """Hash a tap for one device. The counter is written most significant byte first, as in the URL.

    (In the chip's session vector it is least significant first: `chip.sun_mac`.)
    """
    message = tap.uid + tap.counter.to_bytes(3, "big") + tap.mac
    return pbkdf2_hmac("sha256", message, salt, ITERATIONS, TICKET_BYTES)


def segment(file_read_key: bytes, uid: bytes, first: int, count: int, *, salt: bytes) -> Segment:
    """Compute the tickets of `count` readings of the chip that holds `file_read_key`."""
    if len(uid) != UID_BYTES or len(salt) != SALT_BYTES:
        raise ValueError("a UID has 7 bytes, a device's salt 16")
    if not 1 <= first <= first + count - 1 <= COUNTER_MAX:
        raise ValueError("readings are numbered from 1 to 2^24 - 1")
    taps = (Tap(uid, n, sun_mac(file_read_key, uid, n)) for n in range(first, first + count))
    return Segment(uid, first, b"".join(ticket(salt, tap) for tap in taps))


def weigh(
    tap: Tap,
    *,
    salt: bytes,
    held: Iterable[Segment],
    high: int,
    unproved: Unproved | None = None,
) -> str:
    """Say what a tap is without a network: `fresh`, `past_window`, `tap.replayed`, `tap.forged`.

    `held`: this card's segments. `high`: the highest genuine reading that this device or the bundle
    knows. The ticket is looked up by card and counter, then compared: a tap is never sought in the
    whole table. Where there is no ticket the answer is "cannot tell", never "fake".
    """
    if tap.counter <= high or unproved == (tap.counter, tap.mac):
        return REPLAYED
    tickets = (part.at(tap.counter) for part in held if part.uid == tap.uid)
    expected = next((found for found in tickets if found is not None), None)
    if expected is None:
        return PAST_WINDOW
    # Nothing is kept secret from the holder of the phone here: a plain comparison will do.
    return FRESH if ticket(salt, tap) == expected else FORGED


def join(before: str, seen: str) -> str:
    """Give the state of all taps of one showing: `before` (a `TAPS_STATES`), then one more.

    The caller joins only taps of one card, with rising counters, a few minutes apart at most.
    """
    if seen in TAPS_RED or seen == PAST_WINDOW:
        return seen
    return TWO_RISING if before in {ONE, TWO_RISING} else ONE
