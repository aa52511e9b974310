"""What a supervisor does about a device's chain: a gap, what waits, a fork, parked events.

Each takes two persons and a reason. Whoever proposes on a page is the first; `propose.py` keeps the
proposal until another confirms it (docs/decisions/0081).
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from betang.accounts.admit import Holder
from betang.accounts.models import Device, DeviceState
from betang.core.actor import Actor
from betang.core.errors import RefusedError, SamePersonError
from betang.distribution.decide import reverse_many
from betang.journal.record import record
from betang.sync import store
from betang.sync.apply import apply
from betang.sync.arrive import Arrived
from betang.sync.decide_case import evidence_of, tell
from betang.sync.decisions import decide, settle
from betang.sync.ingest import FAILURES, WAITS, Report, place_of, resume

log = logging.getLogger(__name__)

#: The first event that waits: the gap ends before it, and its `prev` says what was lost.
NEXT_HELD = """
SELECT seq, prev FROM sync_fieldevent WHERE device_id = %s AND state = 'held' AND seq > %s
ORDER BY seq LIMIT 1
"""
PARKED = """
SELECT device_id, seq, protected, payload, signature, payload_sha256 FROM sync_fieldevent
WHERE state = 'parked' ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""
WAITING = """
SELECT protected, payload, signature, payload_sha256 FROM sync_fieldevent
WHERE device_id = %s AND state = 'waiting' AND seq IS NOT NULL ORDER BY seq LIMIT %s
"""
#: The second branch of a fork: what came for a place that was taken.
BRANCH = """
SELECT protected, payload, signature, payload_sha256 FROM sync_fieldeventfork
WHERE device_id = %s AND state = 'waiting' ORDER BY seq, id LIMIT %s
"""
PARKED_OF = """
SELECT protected, payload, signature, payload_sha256 FROM sync_fieldevent
WHERE device_id = %s AND state = 'parked' ORDER BY seq LIMIT %s
"""
#: What the first branch delivered from the fork on, and counts.
DELIVERED_SINCE = """
SELECT d.uuid FROM sync_fieldevent f
JOIN distribution_delivery d ON d.event = f.uuid AND d.device = %s AND d.counted
WHERE f.device_id = %s AND f.seq >= %s AND f.type = 'benefit.delivered' AND f.state = 'applied'
ORDER BY d.id
"""
#: Events released in one transaction; the act is repeated for more.
RELEASE_AT_ONCE = 1_000
WITH_HELD = """
SELECT device_id FROM sync_devicecursor WHERE held_count > 0 ORDER BY device_id
"""


class NoGapError(RefusedError):
    """Nothing of the device waits for a missing event."""

    code = "gap.none"
    sentence = "Tidak ada catatan yang tertahan pada gawai ini."
    do = "Muat ulang halaman gawai."


class NothingWaitsError(RefusedError):
    """No event of the device waits for a supervisor."""

    code = "event.nothing_waits"
    sentence = "Tidak ada catatan gawai ini yang menunggu keputusan."
    do = "Muat ulang halaman gawai."


class NoForkError(RefusedError):
    """The device's chain has one branch only, or its second branch was decided."""

    code = "fork.none"
    sentence = "Rantai catatan gawai ini tidak bercabang, atau cabangnya sudah diputus."
    do = "Muat ulang halaman gawai."


class NothingParkedError(RefusedError):
    """No event of the device is parked."""

    code = "event.nothing_parked"
    sentence = "Tidak ada catatan gawai ini yang gagal diproses."
    do = "Muat ulang halaman gawai."


class Gap(NamedTuple):
    """The places that were given up, both included."""

    from_seq: int
    to_seq: int


def close_gap(
    device: Device, *, reason: str, actor: Actor, second: Actor, at: datetime
) -> tuple[Gap, Report]:
    """Give up the events that are missing before the first that waits, by two persons.

    The rest is applied. A missing event that comes after all is a fork. Raises `SamePersonError`
    or `NoGapError`.
    """
    if actor.person == second.person:
        raise SamePersonError
    with transaction.atomic():
        cursor = store.lock_cursor(device.pk)
        with connection.cursor() as sql:
            sql.execute(NEXT_HELD, [device.pk, cursor.seq])
            row = sql.fetchone()
        if row is None or row[0] == cursor.seq + 1:
            raise NoGapError
        gap = Gap(cursor.seq + 1, row[0] - 1)
        head = (gap.to_seq, bytes(row[1]))
        settle([], device=device.pk, head=head, at=at)
        places = {"from_seq": gap.from_seq, "to_seq": gap.to_seq}
        _told("gap.closed", device, reason, actor, second, at, **places)
    return gap, resume(holder_of(device), at=at)


def release_waiting(
    device: Device, *, reason: str, actor: Actor, second: Actor, at: datetime
) -> int:
    """Let the events that wait (the device was not active) be applied, by two persons.

    Each goes through the same rules as any other; give how many there were. Events of a second
    branch stay where they are. Raises `SamePersonError` or `NothingWaitsError`.
    """
    with transaction.atomic():
        cursor, run = _run_of(device, WAITING, actor, second)
        if not run:
            raise NothingWaitsError
        store.change_state(device.pk, [event.seq for event in run], "applied")
        decisions = apply(run, holder=holder_of(device), at=at, released=True)
        settle(decisions, device=device.pk, head=cursor.head, at=at)
        _told("event.released", device, reason, actor, second, at, count=len(run))
    return len(run)


def refuse_waiting(
    device: Device, *, reason: str, actor: Actor, second: Actor, at: datetime
) -> int:
    """Say for good that the events that wait will not be applied; give how many there were.

    Raises `SamePersonError` or `NothingWaitsError`.
    """
    return _refuse(device, WAITING, "first", NothingWaitsError, reason, actor, second, at)


def refuse_parked(device: Device, *, reason: str, actor: Actor, second: Actor, at: datetime) -> int:
    """Give parked events up: they fail whenever they are tried. Give how many there were.

    Raises `SamePersonError` or `NothingParkedError`.
    """
    return _refuse(device, PARKED_OF, "first", NothingParkedError, reason, actor, second, at)


def refuse_branch(device: Device, *, reason: str, actor: Actor, second: Actor, at: datetime) -> int:
    """Say for good that the second branch of a fork does not count; give its number of events.

    Raises `SamePersonError` or `NoForkError`.
    """
    return _refuse(device, BRANCH, "second", NoForkError, reason, actor, second, at)


def release_branch(
    device: Device, *, reason: str, actor: Actor, second: Actor, at: datetime
) -> int:
    """Let the second branch of a fork be applied; give its number of events.

    Each goes through the same rules: what the first branch delivered already is contested, and gets
    a case. Raises `SamePersonError` or `NoForkError`.
    """
    with transaction.atomic():
        cursor, run = _run_of(device, BRANCH, actor, second)
        if not run:
            raise NoForkError
        store.change_forks(device.pk, [event.sha256 for event in run], "applied")
        decisions = apply(run, holder=holder_of(device), at=at, released=True)
        settle(decisions, device=device.pk, head=cursor.head, at=at)
        _told("branch.released", device, reason, actor, second, at, count=len(run))
    return len(run)


def reverse_branch(
    device: Device, *, reason: str, actor: Actor, second: Actor, at: datetime
) -> int:
    """Take back what the first branch delivered from the fork on; give how many deliveries.

    For a phone whose copy spoke first. Its events that wait are refused with it. Cards that it
    handed over and homes that it took stay as they are: each of those has an act of its own. Raises
    `SamePersonError` or `NoForkError`.
    """
    with transaction.atomic():
        cursor, waiting = _run_of(device, WAITING, actor, second)
        if cursor.fork_seq is None:
            raise NoForkError
        with connection.cursor() as sql:
            sql.execute(DELIVERED_SINCE, [device.uuid, device.pk, cursor.fork_seq])
            counted = {row[0] for row in sql.fetchall()}
        own = [one for one in evidence_of(list(counted)) if one.delivery in counted]
        waiting = [event for event in waiting if event.seq >= cursor.fork_seq]
        if not own and not waiting:
            raise NoForkError
        goods = {one.delivery: one.goods for one in own}
        gone = reverse_many(goods, goods=goods, actor=actor, second=second, at=at)
        undone = {one.uuid for one in gone}
        tell([one for one in own if one.delivery in undone], "claim.reversed", at)
        _refuse_run(waiting, device, cursor, at)
        facts = {"from_seq": cursor.fork_seq, "count": len(waiting), "reversed": len(gone)}
        _told("branch.reversed", device, reason, actor, second, at, **facts)
    return len(gone)


def retry_parked(*, at: datetime, limit: int = 100) -> int:
    """Try parked events again, each in a transaction of its own; give how many were applied.

    The worker calls this. An event that fails again stays parked; one of a device that was stopped
    since then waits for a supervisor, like all that this device says.
    """
    done = 0
    with transaction.atomic(), connection.cursor() as sql:
        sql.execute(PARKED, [limit])
        rows = sql.fetchall()
        for device_id, seq, *parts in rows:
            device = Device.objects.select_related("owner").get(pk=device_id)
            event = store.again(*parts, dev=device.short_id)
            try:
                with transaction.atomic():
                    cursor = store.lock_cursor(device_id)
                    waits = WAITS.get(DeviceState(cursor.device_state))
                    decisions = (
                        [decide(seq, event.sha256, event.event.id, waits)]
                        if waits
                        else apply([event], holder=holder_of(device), at=at)
                    )
                    store.change_state(device_id, [seq], "waiting" if waits else "applied")
                    settle(decisions, device=device.pk, head=cursor.head, at=at)
                done += 1
            except FAILURES:
                log.exception("event %s of device %s stays parked", seq, device.short_id)
    return done


def resume_held(*, at: datetime) -> int:
    """Apply what waits and can be applied now, for every device; give how many moved on."""
    moved = 0
    with connection.cursor() as sql:
        sql.execute(WITH_HELD)
        ids = [row[0] for row in sql.fetchall()]
    for device in Device.objects.select_related("owner").filter(pk__in=ids):
        before, _ = place_of(device.pk)
        try:
            moved += resume(holder_of(device), at=at).seq > before
        except FAILURES:  # one device's trouble is not the others'
            log.exception("what waits of device %s stays there", device.short_id)
    return moved


def holder_of(device: Device) -> Holder:
    """Give a device as sync sees it, for the office's own acts on its chain."""
    return Holder(
        device.pk,
        device.uuid,
        device.short_id,
        device.state,
        device.has_nfc,
        device.owner_id,
        device.owner.person,
        device.owner.full_name,
        bytes(device.thumbprint),
    )


def _run_of(
    device: Device, statement: str, actor: Actor, second: Actor
) -> tuple[store.Cursor, list[Arrived]]:
    """Lock the device's chain and read the events that `statement` names, for two persons."""
    if actor.person is None or actor.person == second.person:
        raise SamePersonError
    cursor = store.lock_cursor(device.pk)
    with connection.cursor() as sql:
        sql.execute(statement, [device.pk, RELEASE_AT_ONCE])
        return cursor, [store.again(*row, dev=device.short_id) for row in sql.fetchall()]


def _refuse(
    device: Device,
    statement: str,
    branch: str,
    nothing: type[RefusedError],
    reason: str,
    actor: Actor,
    second: Actor,
    at: datetime,
) -> int:
    with transaction.atomic():
        cursor, run = _run_of(device, statement, actor, second)
        if not run:
            raise nothing
        _refuse_run(run, device, cursor, at, fork=branch == "second")
        _told("event.refused", device, reason, actor, second, at, branch=branch, count=len(run))
    return len(run)


def _refuse_run(
    run: Sequence[Arrived],
    device: Device,
    cursor: store.Cursor,
    at: datetime,
    *,
    fork: bool = False,
) -> None:
    if fork:
        store.change_forks(device.pk, [event.sha256 for event in run], "refused")
    else:
        store.change_state(device.pk, [event.seq for event in run], "refused")
    decisions = [decide(e.seq, e.sha256, e.event.id, "event.refused") for e in run]
    settle(decisions, device=device.pk, head=cursor.head, at=at)


def _told(
    kind: str,
    device: Device,
    reason: str,
    actor: Actor,
    second: Actor,
    at: datetime,
    **facts: Any,
) -> None:
    record(
        kind,
        device.uuid,
        actor=actor,
        at=at,
        device=device.short_id,
        reason_length=len(reason),
        second_person=str(second.person),
        **facts,
    )
