"""A phone of the simulation: the real verdict, the real tickets, its own view of the world.

Tickets are computed when they are looked up (the roster would hold them ready): what they say is
the same, and a province of rosters takes CPU-hours.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from betang.core.card.chip import Tap
from betang.core.card.ticket import Segment, Unproved, join, segment, weigh
from betang.core.card.verdict import NONE, PAST_WINDOW, VALID, Act, Shown, Verdict, decide
from sandbox.clones.assumptions import WINDOW
from sandbox.clones.card import Card

SALT = bytes(range(16))


@dataclass
class Phone:
    """One companion's phone. `fetched_at`: when it took its roster and revocation list."""

    number: int
    nfc: bool
    lat: float
    lng: float
    fetched_at: datetime
    #: Its clock less the true time, and whether it is put right before it is heard.
    clock: timedelta = timedelta()
    mended: bool = False
    high: dict[bytes, int] = field(default_factory=dict)
    unproved: dict[bytes, Unproved] = field(default_factory=dict)

    def sees(
        self, card: Card, taps: Sequence[Tap], *, at: datetime, known: int, revoked: bool
    ) -> Verdict:
        """Say what the phone says of a valid QR and these taps, without a network.

        `known` and `revoked`: the counter and the list as they were when it was last heard.
        """
        state = NONE
        for tap in taps:
            state = join(state, self._weighed(card, tap, known))
            if state.startswith("tap."):
                break
        return decide(
            Shown(
                act=Act.DELIVER,
                online=False,
                lease=True,
                custody=False,
                qr="card.superseded" if revoked else VALID,
                taps=state,
                nfc=self.nfc,
                list_age_days=(at - self.fetched_at).days,
                tap_required=True,
            )
        )

    def _weighed(self, card: Card, tap: Tap, known: int) -> str:
        first = known + 1
        held: list[Segment] = []
        if first <= tap.counter < first + WINDOW and tap.uid == card.uid:
            held = [segment(card.file_read_key, tap.uid, tap.counter, 1, salt=SALT)]
        seen = weigh(
            tap,
            salt=SALT,
            held=held,
            high=max(known, self.high.get(tap.uid, 0)),
            unproved=self.unproved.get(tap.uid),
        )
        if seen == "fresh":
            self.high[tap.uid] = tap.counter
        if seen == PAST_WINDOW:
            self.unproved[tap.uid] = Unproved(tap.counter, tap.mac)
        return seen
