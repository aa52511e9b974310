"""Apply what devices say of a day at a point, and of families that cannot come to it."""

from collections.abc import Sequence
from datetime import datetime

from betang.accounts.admit import Holder
from betang.core.event.kinds import photos_of
from betang.core.event.said.days import DayClosed, DayOpened
from betang.core.event.said.families import NeedsHome
from betang.distribution.hold_day import (
    Closed,
    Need,
    Opened,
    Teller,
    close_part,
    known_days,
    need_home,
    open_parts,
)
from betang.sync.apply_families import mine_of
from betang.sync.decisions import Decided
from betang.sync.read_said import Heard


def days(items: Sequence[Heard], holder: Holder, at: datetime) -> list[Decided]:
    """Apply openings, then needs, then closings: a closing is the last of its segment."""
    by = Teller(holder.id, holder.uuid, holder.short_id, holder.actor)
    opened = [
        (item, Opened(item.id, item.said.day, item.at))
        for item in items
        if isinstance(item.said, DayOpened)
    ]
    known = open_parts([told for _, told in opened], by=by, at=at)
    decisions = [_decided(item, known=told.event in known) for item, told in opened]
    decisions += _needs(items, holder, by)
    for item in items:
        if isinstance(item.said, DayClosed):
            known_day = close_part(_closed(item, item.said), by=by, at=at)
            decisions.append(_decided(item, known=known_day))
    return decisions


def _closed(item: Heard, said: DayClosed) -> Closed:
    photos = photos_of(item.arrived.event.data)
    return Closed(
        item.id, said.day, item.at, said.served, said.absent, said.left, item.arrived.named, photos
    )


def _needs(items: Sequence[Heard], holder: Holder, by: Teller) -> list[Decided]:
    told = [(item, item.said) for item in items if isinstance(item.said, NeedsHome)]
    families = mine_of(holder, [said.household for _, said in told])
    there = known_days([said.day for _, said in told if said.day])
    decisions, needs = [], []
    for item, said in told:
        family = families.get(said.household)
        if family is None:
            decisions.append(item.decide("household.unknown"))
        elif said.day and said.day not in there:
            decisions.append(item.decide("day.unknown"))
        else:
            needs.append(Need(item.id, family[0], said.household, family[1], said.reason, item.at))
            decisions.append(item.decide("ok"))
    need_home(needs, by=by)
    return decisions


def _decided(item: Heard, *, known: bool) -> Decided:
    return item.decide("ok" if known else "day.unknown")
