"""Apply families registered in the field: each is kept as a proposal, whatever its number."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from betang.accounts.admit import Holder
from betang.core.event.kinds import photos_of
from betang.core.event.portrait import portrait_of
from betang.core.event.said.families import Registered
from betang.core.geo.point import Point as Place
from betang.registry.proposals import Proposed, propose_many
from betang.registry.told import read_told
from betang.sync.apply_families import villages_of
from betang.sync.decisions import Decided
from betang.sync.homes import home_of
from betang.sync.portraits import note_not_consented
from betang.sync.read_said import Heard

#: Whose number it bore -> the decision.
CODES = {
    "own": "household.proposed",
    "again": "household.proposed_again",
    "foreign": "household.proposed_foreign",
}


def register(items: Sequence[Heard], holder: Holder, at: datetime) -> list[Decided]:
    """Keep the families told of in the device's villages; an office decides about each."""
    told = [(item, item.said) for item in items if isinstance(item.said, Registered)]
    here = villages_of(holder, [said.village for _, said in told])
    numbers = propose_many(
        [_proposed(item, said) for item, said in told if said.village in here],
        actor=holder.actor,
        at=at,
    )
    note_not_consented([item for item, said in told if said.village in here], holder)
    return [
        item.decide(CODES[numbers[sha256]] if sha256 in numbers else "household.unknown")
        for item, _ in told
        for sha256 in (item.arrived.sha256,)
    ]


def _proposed(item: Heard, said: Registered) -> Proposed:
    home, accuracy_m = home_place(item.private)
    portrait = portrait_of(item.arrived.event.data)
    return Proposed(
        event=item.id,
        event_sha256=item.arrived.sha256,
        seq=item.arrived.event.seq,
        provisional=said.provisional,
        village=said.village,
        size=said.size,
        dwelling=said.dwelling,
        at=item.at,
        told=read_told(item.private),
        home=home,
        accuracy_m=accuracy_m,
        photos=photos_of(item.arrived.event.data),
        portrait=portrait.photo if portrait and portrait.consent else None,
        attachment=item.arrived.named,
    )


def home_place(private: dict[str, Any]) -> tuple[Place | None, float | None]:
    """Read the home point of an attachment, and how accurate it is."""
    home = home_of(private)
    return (Place(home.lat, home.lng), home.accuracy_m) if home else (None, None)
