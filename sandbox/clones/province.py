"""Two cycles of aid in a province, honest families and attacks among them, in the order of time.

`run` gives what reaches the office, in the order in which it does. Everything is drawn from one
seed; what a phone says comes from the real verdict.
"""

import heapq
from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta

from betang.core.card.chip import Tap
from sandbox.clones.attacks import ATTACKS
from sandbox.clones.plan import Due, Plan
from sandbox.clones.told import Batch, Happening, Online, Replaced, Told


class Office:
    """What the office knows of counters and ended cards, and since when."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._heard: dict[bytes, tuple[list[datetime], list[int]]] = {}
        self.ended: dict[str, datetime] = {}

    def hear(self, taps: list[Tap], at: datetime) -> None:
        """Raise the high water of each chip."""
        for tap in taps:
            moments, highs = self._heard.setdefault(tap.uid, ([], []))
            if not highs or tap.counter > highs[-1]:
                moments.append(at)
                highs.append(tap.counter)

    def high(self, uid: bytes, at: datetime) -> int:
        """Give the highest counter that was known at `at`."""
        moments, highs = self._heard.get(uid, ([], []))
        place = bisect_right(moments, at)
        return highs[place - 1] if place else 0


class Province(Plan):
    """The plan, carried out."""

    def run(self) -> Iterator[Happening]:
        """Let time pass; give what reaches the office."""
        self.office = Office()
        self._kept: dict[int, list[Tap]] = {}
        self._used: dict[str, list[Tap]] = {}
        self._pending: dict[int, list[Told]] = {}
        while self.due:
            due = heapq.heappop(self.due)
            yield from getattr(self, f"_{due.what}")(due)

    def _visit(self, due: Due) -> Iterator[Happening]:
        """An honest family comes, with its card."""
        given, draw, card, phone = self.given, self.random, due.card, due.phone
        assert card is not None
        assert due.tried is not None
        many = draw.random() < given.home_taps_many
        card.counter += draw.randint(100, 300) if many else draw.randint(0, given.home_taps_max)
        if card.number in self.office.ended and draw.random() > given.brings_old:
            return  # it comes with its new card, which nobody copies here
        taps: list[Tap] = []
        if phone.nfc and not card.dead:
            number = 1 if draw.random() < given.one_tap else 2
            taps = card.taps(number, burned=draw.randint(0, given.burst_max))
        yield from self._shown(due, taps)

    def _keep(self, due: Due) -> Iterator[Happening]:
        """Somebody reads a card in passing and keeps what it says."""
        assert due.card is not None
        self._kept[id(due.tried)] = due.card.taps(4)
        return iter(())

    def _attack(self, due: Due) -> Iterator[Happening]:
        assert due.card is not None
        assert due.tried is not None
        kept = self._kept[id(due.tried)]
        if due.tried.kind == "recorded":
            # What the family's own visit of this cycle showed: somebody recorded it there.
            kept = self._used.get(due.card.number) or kept
        taps = ATTACKS[due.tried.kind](due.card, kept, self.random, self.given)
        yield from self._shown(due, taps if due.phone.nfc else [])

    def _hold(self, due: Due) -> Iterator[Happening]:
        """A companion goes through cards that he was left with."""
        assert due.card is not None
        taps = due.card.taps(2) if due.phone.nfc and not due.card.dead else []
        yield from self._shown(due, taps)

    def _replace(self, due: Due) -> Iterator[Happening]:
        assert due.card is not None
        self.office.ended[due.card.number] = due.at
        yield Replaced(due.card.number, due.at)

    def _shown(self, due: Due, taps: list[Tap]) -> Iterator[Happening]:
        """Let a phone see taps, online or not, and note what it will tell."""
        card, phone, tried = due.card, due.phone, due.tried
        assert card is not None
        assert tried is not None
        known = self.office.high(card.uid, phone.fetched_at)
        ended = self.office.ended.get(card.number)
        revoked = ended is not None and ended <= phone.fetched_at
        verdict = phone.sees(card, taps, at=due.at, known=known, revoked=revoked)
        lat, lng = phone.lat + self._near(), phone.lng + self._near()
        if due.online and taps:
            yield from self._online(due, taps, lat, lng)
        elif not verdict.allowed:
            tried.served = tried.served or "stopped"
            return
        else:
            level = f"{verdict.colour.value}{verdict.level or ''}"
            if tried.served in {"", "stopped"}:  # of an evening, what was served counts
                tried.served = level
        if taps and tried.kind == "honest":
            self._used[card.number] = taps
        clock = due.at + phone.clock
        self._pending.setdefault(phone.number, []).append(
            Told(card.number, verdict.colour.value, verdict.reason, taps, clock, lat, lng, of=tried)
        )

    def _sync(self, due: Due) -> Iterator[Happening]:
        """A phone sends everything it has, and takes a new roster and list."""
        phone = due.phone
        rows = self._pending.pop(phone.number, [])
        if rows:
            courier = self.random.random() < self.given.courier
            ahead = None if courier else int(phone.clock.total_seconds())
            for row in rows:
                row.at = min(row.at, due.at)  # nothing happened after we heard of it
                self.office.hear(list(row.taps), due.at)
            yield Batch(phone.number, due.at, 0 if phone.mended else ahead, rows)
        phone.fetched_at = due.at

    def _near(self) -> float:
        return self.random.uniform(-0.01, 0.01)

    def _online(self, due: Due, taps: list[Tap], lat: float, lng: float) -> Iterator[Online]:
        """Present each tap to the office at once; now and then its answer is lost."""
        tried = due.tried
        assert tried is not None
        tried.served = "online"
        self.office.hear(taps, due.at)
        for n, tap in enumerate(taps):
            at = due.at + timedelta(seconds=8 * n)
            yield Online(due.phone.number, at, tap, lat, lng, tried)
            if tried.kind == "honest" and self.random.random() < self.given.lost_answer:
                again = at + timedelta(seconds=3)
                yield Online(due.phone.number, again, tap, lat, lng, tried, again=True)
