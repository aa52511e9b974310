"""Take a device's events: durable first, then applied in the order of its chain, one answer each.

One transaction a batch. A rule's refusal is a decision, a row like any other. When the database
itself fails, the batch is rolled back and taken event by event; the one that fails is parked, so
that one bad event never sinks a companion's week (docs/protocols/event.md, settled.md).
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from betang.accounts import devices
from betang.accounts.admit import Holder
from betang.accounts.models import Device, DeviceState
from betang.core.event.chain import Answer, Placing, place
from betang.core.event.envelope import NO_PREVIOUS
from betang.journal.record import Happening, record_many
from betang.sync import store
from betang.sync.apply import apply
from betang.sync.arrive import SENTENCES, Arrived, Batch
from betang.sync.decisions import Decided, decide, newest, settle

log = logging.getLogger(__name__)

#: Events that waited and are applied with one batch; the rest follows with the next.
HELD_AT_ONCE = 400
#: A device that lost more than this needs a supervisor, not more room.
HELD_MAX = 10_000

#: What must not reach a phone: a failing database, a refusal of an act that has no answer for the
#: field (no key to verify a chip with, for instance), and a fault of ours, which a phone would meet
#: again for ever. The event is kept, the failure logged, and it is tried again.
FAILURES: tuple[type[Exception], ...] = (Exception,)

#: What becomes of the events of a device that is not active.
WAITS = {
    DeviceState.PENDING: "device.not_confirmed",
    DeviceState.SUSPENDED: "device.suspended",
    DeviceState.FROZEN: "device.frozen",
    DeviceState.REVOKED: "device.revoked",
}


@dataclass(slots=True)
class Report:
    """What is answered to a batch: one line for each event, and where the device stands."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    seq: int = 0
    state: str = ""
    newest: int | None = None


def ingest(batch: Batch, *, holder: Holder, at: datetime) -> Report:
    """Store and apply the events of `batch` and give the answers. Opens its own transactions.

    `at` is when we heard of them. Sending any of it again changes nothing.
    """
    try:
        report = _in_one(batch.arrived, holder, at)
    except FAILURES:
        log.exception("a batch of device %s failed; taking it event by event", holder.short_id)
        report = _one_by_one(batch.arrived, holder, at)
    for refused in batch.refused:
        report.answers.append(
            {
                "n": refused.n,
                "seq": None,
                "id": None,
                "sha256": None,
                "answer": "refused",
                "code": refused.code,
                "sentence": refused.sentence,
            }
        )
    report.answers.sort(key=lambda answer: int(answer["n"]))
    if report.newest is None:  # nothing new was decided; what was, the phone may not know yet
        report.newest = newest(holder.id)
    return report


def resume(holder: Holder, *, at: datetime) -> Report:
    """Apply what waited and can be applied now: after a gap was closed, or a long queue.

    Where one of them fails they are parked, and the worker takes them one by one.
    """
    try:
        return _in_one([], holder, at)
    except FAILURES:
        log.exception("what waited of device %s is parked", holder.short_id)
        return _in_one([], holder, at, park=True)


def _one_by_one(arrived: Sequence[Arrived], holder: Holder, at: datetime) -> Report:
    """Take each event in a transaction of its own; park the one on which the database fails."""
    whole = Report()
    ordered = sorted(arrived, key=lambda event: event.event.seq or 0)
    for event in ordered:
        events = [event]
        try:
            part = _in_one(events, holder, at)
        except FAILURES:
            log.exception("an event of device %s is parked", holder.short_id)
            part = _in_one(events, holder, at, park=True)
        whole.answers += part.answers
        whole.seq, whole.state = part.seq, part.state
        whole.newest = part.newest or whole.newest
    return whole


def _in_one(
    arrived: Sequence[Arrived], holder: Holder, at: datetime, *, park: bool = False
) -> Report:
    """Take events in one transaction."""
    with transaction.atomic():
        cursor = store.lock_cursor(holder.id)
        placed = [event for event in arrived if event.event.seq is not None]
        placing = _place(placed, holder, cursor)
        report = Report(seq=placing.seq, state=cursor.device_state)
        decisions = _unplaced(
            [event for event in arrived if event.event.seq is None], holder, report, at
        )
        too_far = _cut(placing, cursor)
        report.answers += _answers(placed, placing, too_far)
        decisions += _take(placing, holder, cursor, at, park=park)
        _add_attachments(placed, placing, holder, at)
        if decisions or placing.hold or placing.seq != cursor.seq:
            fork = min((event.seq for event in placing.fork), default=None)
            waited = [event for event in placing.apply if event.n < 0]
            report.newest, _ = settle(
                decisions,
                device=holder.id,
                head=(placing.seq, placing.sha256),
                held=len(placing.hold) - len(waited) - len(placing.unheld),
                fork_seq=fork,
                at=at,
            )
        if placing.fork and devices.freeze(
            Device.objects.select_related("owner").get(pk=holder.id),
            seq=min(event.seq for event in placing.fork),
            at=at,
        ):
            report.state = DeviceState.FROZEN
    return report


def _place(placed: Sequence[Arrived], holder: Holder, cursor: store.Cursor) -> Placing[Arrived]:
    """Find the place of each event; the fast path (all of them new, nothing waits) asks nothing."""
    seqs = {event.seq for event in placed}
    behind = cursor.held or any(seq <= cursor.seq for seq in seqs)
    return place(
        placed,
        head=(cursor.seq, cursor.sha256),
        stored=store.known(holder.id, seqs) if behind and seqs else {},
        forked=store.known_forks(holder.id, seqs) if cursor.fork_seq and seqs else frozenset(),
        held=(
            store.held(holder.id, holder.short_id, cursor.seq, HELD_AT_ONCE) if cursor.held else {}
        ),
    )


def _cut(placing: Placing[Arrived], cursor: store.Cursor) -> set[bytes]:
    """Drop what would be more than may wait; give the hashes that were dropped."""
    room = max(0, HELD_MAX - cursor.held)
    dropped = placing.hold[room:]
    placing.hold = placing.hold[:room]
    return {event.sha256 for event in dropped}


def _take(
    placing: Placing[Arrived], holder: Holder, cursor: store.Cursor, at: datetime, *, park: bool
) -> list[Decided]:
    """Store what is new, apply the contiguous run, and give the decisions."""
    waits = WAITS.get(DeviceState(cursor.device_state))
    state = "parked" if park else "waiting" if waits else "applied"
    fresh = [(event, state) for event in placing.apply if event.n >= 0]
    fresh += [(event, "held") for event in placing.hold]
    if fresh:
        store.keep(holder, fresh, attachments=[event for event, _ in fresh], at=at)
    if waited := [event.seq for event in placing.apply if event.n < 0]:
        store.change_state(holder.id, waited, state)
    decisions = _decide_run(placing.apply, holder, waits, at, park=park)
    if placing.fork:
        store.unhold(holder.id, [event.seq for event in placing.unheld])
        store.keep_forks(holder, placing.fork, at=at)
        decisions += [
            decide(event.seq, event.sha256, event.event.id, "event.forked")
            for event in placing.fork
        ]
    return decisions


def _decide_run(
    run: Sequence[Arrived], holder: Holder, waits: str | None, at: datetime, *, park: bool
) -> list[Decided]:
    if not run:
        return []
    if park:
        parked = [
            {"device": holder.short_id, "seq": event.seq, "type": event.event.type} for event in run
        ]
        record_many(
            "event.parked",
            [Happening(holder.uuid, holder.actor, at, None, facts) for facts in parked],
        )
        return [decide(e.seq, e.sha256, e.event.id, "event.parked") for e in run]
    if waits:
        facts = {"device": holder.short_id, "code": waits, "count": len(run)}
        record_many("event.waiting", [Happening(holder.uuid, holder.actor, at, None, facts)])
        return [decide(e.seq, e.sha256, e.event.id, waits) for e in run]
    return apply(run, holder=holder, at=at)


def _unplaced(
    arrived: Sequence[Arrived], holder: Holder, report: Report, at: datetime
) -> list[Decided]:
    """Keep authentic payloads that have no place in the chain, each once with one decision."""
    if not arrived:
        return []
    unique = {event.sha256: event for event in reversed(arrived)}
    new = store.keep(
        holder, [(event, "waiting") for event in unique.values()], attachments=(), at=at
    )
    said: set[bytes] = set()
    for event in arrived:
        first = event.sha256 in new and event.sha256 not in said
        said.add(event.sha256)
        report.answers.append(_line(event, "stored" if first else "again"))
    facts = {"device": holder.short_id, "code": "event.malformed", "seq": None}
    record_many(
        "event.malformed", [Happening(holder.uuid, holder.actor, at, None, facts)] * len(new)
    )
    return [
        decide(None, event.sha256, None, "event.malformed", member=event.event.problem or "")
        for event in unique.values()
        if event.sha256 in new
    ]


def _answers(
    placed: Sequence[Arrived], placing: Placing[Arrived], too_far: set[bytes]
) -> list[dict[str, Any]]:
    lines = []
    for event, answer in zip(placed, placing.answers, strict=True):
        if event.sha256 in too_far and answer is Answer.HELD:
            line = _line(event, "refused")
            line |= {"code": "event.too_far", "sentence": SENTENCES["event.too_far"]}
        else:
            line = _line(event, answer.value)
        if answer is Answer.HELD:
            line["expected_seq"] = placing.seq + 1
        lines.append(line)
    return lines


def _line(event: Arrived, answer: str) -> dict[str, Any]:
    return {
        "n": event.n,
        "seq": event.event.seq,
        "id": str(event.event.id) if event.event.id else None,
        "sha256": event.sha256.hex(),
        "answer": answer,
    }


def _add_attachments(
    placed: Sequence[Arrived], placing: Placing[Arrived], holder: Holder, at: datetime
) -> None:
    """Keep attachments that came with an event that was known before."""
    late = [
        event
        for event, answer in zip(placed, placing.answers, strict=True)
        if event.attachment and answer in {Answer.AGAIN, Answer.HELD}
    ]
    if late:
        store.keep(holder, [], attachments=late, at=at)


def place_of(device: int) -> tuple[int, bytes]:
    """Give the last applied place of a device and its hash, without a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT applied_seq, applied_sha256 FROM sync_devicecursor WHERE device_id = %s",
            [device],
        )
        row = cursor.fetchone()
    return (row[0], bytes(row[1])) if row else (0, NO_PREVIOUS)
