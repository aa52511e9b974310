"""Apply events to the tables of the programme: each kind by a set-based act, one decision each.

A run is cut into segments where the order between kinds matters (a card blocked after it was used,
a lease closed before something else), and within a segment the kinds follow each other in a fixed
order. So the result does not depend on how a device cut its events into batches.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from betang.accounts.admit import Holder
from betang.core.event import kinds
from betang.core.event.said.members import MalformedDataError
from betang.journal.record import Happening, record_many
from betang.sync.apply_cards import hand_over_cards, tell_cards
from betang.sync.apply_days import days
from betang.sync.apply_deliveries import deliver
from betang.sync.apply_families import close_leases, families, report_problems, tell_stock
from betang.sync.apply_not_delivered import tell_not_delivered
from betang.sync.apply_parcels import count_parcels
from betang.sync.apply_registered import register
from betang.sync.apply_transfers import give_leases, take_leases
from betang.sync.arrive import Arrived
from betang.sync.decisions import Decided, decide
from betang.sync.read_said import Heard

#: The fixed order of kinds within a segment.
PHASES: tuple[
    tuple[Callable[[Sequence[Heard], Holder, datetime], list[Decided]], frozenset[str]], ...
] = (
    (count_parcels, frozenset({"cards.received"})),
    (hand_over_cards, frozenset({"card.handed_over"})),
    (tell_cards, frozenset({"card.not_handed_over", "card.blocked"})),
    (deliver, frozenset({"benefit.delivered"})),
    (tell_not_delivered, frozenset({"benefit.not_delivered"})),
    (families, frozenset({"household.verified", "household.geotagged"})),
    (register, frozenset({"household.registered"})),
    (tell_stock, frozenset({"stock.received", "stock.counted"})),
    (report_problems, frozenset({"problem.reported", "grievance.opened"})),
    (days, frozenset({"day.opened", "household.needs_home_delivery", "day.closed"})),
    (close_leases, frozenset({"lease.closed"})),
    (give_leases, frozenset({"lease.transferred"})),
    (take_leases, frozenset({"lease.received"})),
)
#: What a device holds, or has counted, changes with these: nothing is applied together with them.
ALONE = frozenset({"day.closed", "lease.closed", "lease.transferred", "lease.received"})
PHASE_OF = {kind: number for number, (_, names) in enumerate(PHASES) for kind in names}


class Reading(NamedTuple):
    """A run as far as its data could be read."""

    heard: list[Heard]
    decisions: list[Decided]


def apply(
    run: Sequence[Arrived], *, holder: Holder, at: datetime, released: bool = False
) -> list[Decided]:
    """Apply a contiguous run of a device's events, in the caller's transaction.

    Gives one decision for each event, in the order of the run. Never refuses: what cannot be
    applied is decided so. `released`: they had waited, and two persons let them be applied.
    """
    heard, decisions = _read(run, holder, at)
    for item in heard:
        item.released = released
    for segment in segments(heard):
        for phase, (act, _) in enumerate(PHASES):
            items = [item for item in segment if PHASE_OF[item.type] == phase]
            if items:
                decisions += act(items, holder, at)
    order = {event.sha256: n for n, event in enumerate(run)}
    decisions.sort(key=lambda decision: order[decision.sha256])
    return decisions


def segments(heard: Sequence[Heard]) -> list[list[Heard]]:
    """Cut a run where a later event of one subject belongs to an earlier phase."""
    cut: list[list[Heard]] = []
    current: list[Heard] = []
    touched: dict[str, int] = {}
    alone = False
    for item in heard:
        phase = PHASE_OF[item.type]
        apart = alone or item.type in ALONE
        if current and (apart or any(touched.get(name, 0) > phase for name in item.subjects)):
            cut.append(current)
            current, touched = [], {}
        alone = item.type in ALONE
        current.append(item)
        for name in item.subjects:
            touched[name] = max(phase, touched.get(name, 0))
    return [*cut, current] if current else cut


def _read(run: Sequence[Arrived], holder: Holder, at: datetime) -> Reading:
    """Read the data of each event; what does not fit its kind is decided here."""
    reading = Reading([], [])
    malformed = []
    for arrived in run:
        event = arrived.event
        code, member = "event.malformed", event.problem
        if member is None:
            assert event.id is not None
            assert event.at is not None
            try:
                said = kinds.read(event.type, event.data)
                kinds.attachment_of(event.data)
                kinds.photos_of(event.data)
            except kinds.UnknownKindError:
                code, member = "event.unknown_kind", "type"
            except MalformedDataError as error:
                member = str(error)
            else:
                # A phone's clock may run ahead; nothing happened after we heard of it.
                when = min(event.at, at)
                reading.heard.append(Heard(arrived, event.type, event.id, when, said))
                continue
        reading.decisions.append(
            decide(event.seq, arrived.sha256, event.id, code, member=member or "")
        )
        facts = {"device": holder.short_id, "seq": event.seq, "code": code}
        malformed.append(Happening(holder.uuid, holder.actor, at, None, facts))
    record_many("event.malformed", malformed)
    return reading
