"""Where an event stands in its device's chain: a pure function of what is known.

Idempotent by place and hash; a gap holds back; another hash at a taken place, or a `prev` that does
not fit, is a fork (docs/protocols/event.md, section 2).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, Protocol, TypeVar


class Answer(StrEnum):
    """What is answered for one authentic event."""

    STORED = "stored"
    AGAIN = "again"
    HELD = "held"
    FORK = "fork"


class Link(Protocol):
    """What the chain needs to know of an event."""

    @property
    def seq(self) -> int:
        """Its place, from 1."""

    @property
    def sha256(self) -> bytes:
        """The hash of its payload."""

    @property
    def prev(self) -> bytes:
        """The hash that it says stands before it."""


LinkT = TypeVar("LinkT", bound=Link)


@dataclass(slots=True)
class Placing(Generic[LinkT]):
    """What becomes of the events of one batch.

    `apply` is the contiguous run behind the head, in order, events held before among them; `hold`
    waits for a predecessor; `fork` took a place that is taken, or does not fit its predecessor;
    `unheld` are the forks that were held before.
    """

    seq: int
    sha256: bytes
    apply: list[LinkT] = field(default_factory=list)
    hold: list[LinkT] = field(default_factory=list)
    fork: list[LinkT] = field(default_factory=list)
    unheld: list[LinkT] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


def place(
    arrived: Iterable[LinkT],
    *,
    head: tuple[int, bytes],
    stored: Mapping[int, bytes],
    forked: frozenset[tuple[int, bytes]],
    held: Mapping[int, LinkT],
) -> Placing[LinkT]:
    """Place `arrived` (in the order sent) behind `head` (last applied seq and its hash).

    `stored` gives the hash of each place of the batch that is taken, `forked` the forks kept
    before, `held` the events that wait. The result does not depend on how the same events are cut
    into batches, unless the chain forks.
    """
    placing: Placing[LinkT] = Placing(*head)
    waiting = dict(held)
    fresh: dict[int, LinkT] = {}
    taken = dict(stored)
    verdicts: list[tuple[LinkT, Answer]] = []
    new_forks: set[tuple[int, bytes]] = set()
    for event in arrived:
        known = taken.get(event.seq)
        if known == event.sha256 or (event.seq, event.sha256) in forked:
            answer = Answer.FORK if known != event.sha256 else Answer.AGAIN
        elif known is not None or event.seq <= head[0]:
            # A place that is taken, or one that was given up as lost.
            if (event.seq, event.sha256) not in new_forks:
                new_forks.add((event.seq, event.sha256))
                placing.fork.append(event)
            answer = Answer.FORK
        else:
            taken[event.seq] = event.sha256
            fresh[event.seq] = waiting[event.seq] = event
            answer = Answer.STORED
        verdicts.append((event, answer))
    lost = _advance(placing, waiting, fresh)
    placing.hold = [event for seq, event in sorted(fresh.items()) if seq in waiting]
    for event, answer in verdicts:
        placing.answers.append(_final(event, answer, waiting, lost))
    return placing


def _advance(
    placing: Placing[LinkT], waiting: dict[int, LinkT], fresh: Mapping[int, LinkT]
) -> set[bytes]:
    """Move the head as far as the events reach; give the hashes of those that did not fit."""
    lost: set[bytes] = set()
    while (event := waiting.get(placing.seq + 1)) is not None:
        del waiting[event.seq]
        if event.prev != placing.sha256:
            lost.add(event.sha256)
            placing.fork.append(event)
            if event.seq not in fresh:
                placing.unheld.append(event)
            break
        placing.apply.append(event)
        placing.seq, placing.sha256 = event.seq, event.sha256
    return lost


def _final(event: LinkT, answer: Answer, waiting: Mapping[int, LinkT], lost: set[bytes]) -> Answer:
    if event.sha256 in lost:
        return Answer.FORK
    if answer in {Answer.STORED, Answer.AGAIN} and event.seq in waiting:
        return Answer.HELD if waiting[event.seq].sha256 == event.sha256 else answer
    return answer
