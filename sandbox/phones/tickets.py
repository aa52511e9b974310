"""A phone's ticket roster: fetched a page at a time, and asked what a tap is without a network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from betang.core.card.chip import Tap
from betang.core.card.ticket import Segment, Unproved, join, weigh
from betang.core.card.ticket_page import read_page
from betang.core.card.verdict import NONE, PAST_WINDOW


@dataclass
class Tickets:
    """What docs/protocols/tickets.md lets a device keep."""

    salt: bytes = b""
    revision: int = 0
    held: dict[bytes, list[Segment]] = field(default_factory=dict)
    high: dict[bytes, int] = field(default_factory=dict)
    unproved: dict[bytes, Unproved] = field(default_factory=dict)

    def fetch(self, ask: Callable[[int], bytes]) -> None:
        """Take page after page; `ask` gives the one behind a revision."""
        while True:
            page = read_page(ask(self.revision))
            if page.since == 0:
                self.held, self.salt = {}, page.salt
            if page.salt != self.salt or page.since not in {0, self.revision}:
                raise ValueError("a page of another roster")
            for part in page.segments:
                if part.count == 0:
                    self.held.pop(part.uid, None)
                else:
                    self.held.setdefault(part.uid, []).append(part)
            self.revision = page.revision
            if page.revision == page.newest:
                return

    def see(self, taps: Sequence[dict[str, Any]], *, counter: int) -> str:
        """Say what the taps of one showing are; `counter` is the bundle's for that card."""
        state = NONE
        for told in taps:
            tap = Tap(bytes.fromhex(told["uid"]), told["counter"], bytes.fromhex(told["mac"]))
            seen = weigh(
                tap,
                salt=self.salt,
                held=self.held.get(tap.uid, ()),
                high=max(counter, self.high.get(tap.uid, 0)),
                unproved=self.unproved.get(tap.uid),
            )
            if seen == "fresh":
                self.high[tap.uid] = tap.counter
            if seen == PAST_WINDOW:
                self.unproved[tap.uid] = Unproved(tap.counter, tap.mac)
            state = join(state, seen)
            if state.startswith("tap."):
                return state
        return state
