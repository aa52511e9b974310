"""What a device signed and what it was told: kept beside the phone, for whoever checks afterwards.

The phone itself forgets what an answer names; the diary forgets nothing. It is written where the
phone signs, so that nothing is signed past it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from betang.core.event import envelope
from sandbox.phones.chain import Queued
from sandbox.phones.phone import Phone


@dataclass(slots=True)
class Said:
    """One signed event, with what only the simulation knows of it.

    `honest`: the device was entitled to say it, by all that it knew. `at` is the true moment.
    """

    seq: int
    sha256: str
    payload: bytes
    jws: str
    type: str
    at: float
    honest: bool
    right: str = ""
    part: int = 1
    card: str = ""
    counter: int = 0
    online: bool = False
    why: str = ""
    #: Families that the phone counted when it closed its part of a day.
    served: frozenset[str] = frozenset()
    answers: set[str] = field(default_factory=set)


@dataclass
class Diary:
    """All that one phone said and heard."""

    said: dict[str, Said] = field(default_factory=dict)
    #: Leases as they were told: (true moment, lease, end, rights).
    leases: list[tuple[float, str, float, frozenset[str]]] = field(default_factory=list)
    #: Cards that its list said are out of use, and since when it knew.
    ended: dict[str, float] = field(default_factory=dict)
    #: Verdicts on taps presented online: (card, counter, played back, colour, reason).
    taps: list[tuple[str, int, bool, str, str]] = field(default_factory=list)
    blobs: dict[str, bool] = field(default_factory=dict)
    #: Registration numbers that it was told, and days and families that a bundle showed it.
    numbers: set[str] = field(default_factory=set)
    days: set[str] = field(default_factory=set)
    families: set[str] = field(default_factory=set)
    #: Events that the phone itself lost, by their place.
    gone: set[int] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def note(self, answers: list[dict[str, Any]], batch: list[Queued]) -> None:
        """Keep what was answered to each event."""
        if len(answers) != len(batch):
            self.wrong.append(f"{len(batch)} events, {len(answers)} answers")
        for answer in answers:
            said = self.said.get(str(answer.get("sha256")))
            if said is None:
                self.wrong.append(f"an answer about nothing we sent: {answer}")
            else:
                said.answers.add(answer["answer"])

    @property
    def acknowledged(self) -> list[Said]:
        """Give the events that this phone may have forgotten because an answer named them."""
        return [one for one in self.said.values() if one.answers & {"stored", "again"}]


@dataclass
class DiaryPhone(Phone):
    """A phone whose every answer is noted."""

    diary: Diary = field(default_factory=Diary)
    newest: int | None = None

    def sign(
        self,
        kind: str,
        data: dict[str, Any],
        *,
        private: dict[str, Any] | None = None,
        at: datetime | None = None,
        lease: str | None = None,
    ) -> Queued:
        """Sign an event and write it down, with the true moment: a phone's own clock may lie."""
        queued = super().sign(kind, data, private=private, at=at, lease=lease)
        digest = envelope.hash_of(queued.payload).hex()
        self.diary.said[digest] = Said(
            queued.seq, digest, queued.payload, queued.jws, kind, self.ticks(), honest=True
        )
        return queued

    def said(self, queued: Queued) -> Said:
        """Give what the diary says of an event that this phone signed."""
        return self.diary.said[envelope.hash_of(queued.payload).hex()]

    def send(self, batch: list[Queued]) -> Any:
        """Send these events and note what was answered to each."""
        told = super().send(batch)
        self.diary.note(told["answers"], batch)
        self.newest = told["newest_decision"] or 0
        return told

    def acknowledge(self, file: bytes) -> int:
        """Forget what a courier's receipt names, and note it."""
        before = list(self.queue)
        forgotten = super().acknowledge(file)
        left = {one.seq for one in self.queue}
        for one in before:
            if one.seq not in left:
                self.diary.said[envelope.hash_of(one.payload).hex()].answers.add("stored")
        return forgotten

    def clone(self) -> "DiaryPhone":
        """Copy the profile; from here on each copy has a diary of its own."""
        other = super().clone()
        assert isinstance(other, DiaryPhone)
        other.queue = list(self.queue)
        other.rights, other.leases = dict(self.rights), dict(self.leases)
        other.diary = Diary(
            dict(self.diary.said),
            list(self.diary.leases),
            dict(self.diary.ended),
            numbers=set(self.diary.numbers),
            days=set(self.diary.days),
            families=set(self.diary.families),
        )
        return other
