"""Moving a lease to another device, by two persons: its first device is dead, lost or far away.

Every right that the lease still holds changes hands in one statement. Whatever the first device
says of it later is contested, since nobody in the office knows what it delivered.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

from betang.accounts.models import Device, DeviceArea, DeviceState
from betang.core.actor import Actor, ActorKind
from betang.core.clock import to_wire
from betang.core.errors import FieldsError, NotAllowedError, RefusedError, SamePersonError
from betang.distribution.hand_on import hold, take
from betang.distribution.lease import (
    DAYS,
    DAYS_MAX,
    DeviceNotActiveError,
    LeaseDaysError,
    LeaseEndedError,
    NothingToLeaseError,
    sign,
)
from betang.distribution.models import Lease, LeaseMove
from betang.journal.record import record
from betang.keys.sealing import open_sealed, seal

REASON_CHARACTERS_MAX = 1_000

#: The villages of the rights that a lease still holds, for the areas of who takes them over.
VILLAGES = """
SELECT DISTINCT e.village_id FROM distribution_leaseright r
JOIN distribution_entitlement e ON e.id = r.entitlement_id
WHERE r.lease_id = %s AND r.ended_at IS NULL
"""


class SameDeviceError(FieldsError):
    """The lease is with that device already."""

    code = "lease.same_device"
    sentence = "Penugasan ini sudah dipegang gawai itu."
    do = "Pilih gawai lain."


class OtherAreaError(FieldsError):
    """The device that should take over does not serve the villages of the lease."""

    code = "lease.other_area"
    sentence = "Gawai itu tidak melayani desa pada penugasan ini."
    do = "Pilih gawai yang wilayahnya mencakup desa-desa itu."


class MoveReasonError(FieldsError):
    """The reason is missing or too long."""

    code = "lease.move_reason"
    sentence = "Alasan kosong atau lebih dari {most} huruf."
    do = "Tulis mengapa gawai pertama tidak dapat mengembalikan penugasannya."


class MoveWaitsError(RefusedError):
    """Another move of this lease waits for a second person."""

    code = "lease.move_waits"
    sentence = "Sudah ada usulan pemindahan yang menunggu orang kedua."
    do = "Setujui atau kembalikan usulan itu lebih dahulu."


class NoMoveError(RefusedError):
    """No move of this lease is waiting."""

    code = "lease.no_move"
    sentence = "Tidak ada usulan pemindahan yang menunggu untuk penugasan ini."
    do = "Muat ulang halaman penugasan."


def waiting_for(lease: Lease) -> LeaseMove | None:
    """Give the move that waits for a second person, if there is one."""
    waiting = LeaseMove.objects.filter(lease=lease, state="waiting")
    return waiting.select_related("to_device__owner").first()


def reason_of(proposed: LeaseMove) -> str:
    """Open the reason of a proposed move."""
    return open_sealed(bytes(proposed.reason_sealed)).decode()


def propose_move(
    lease: Lease, to: Device, *, reason: str, days: int = DAYS, actor: Actor, at: datetime
) -> LeaseMove:
    """Propose that `to` takes over what `lease` still holds, for `days` from the confirmation.

    Raises `LeaseDaysError`, `MoveReasonError`, `MoveWaitsError`, and what `move` refuses already.
    """
    if actor.person is None:
        raise NotAllowedError
    if not 1 <= days <= DAYS_MAX:
        raise LeaseDaysError(field="days")
    if not 0 < len(reason.strip()) <= REASON_CHARACTERS_MAX:
        raise MoveReasonError(field="reason", most=REASON_CHARACTERS_MAX)
    _can_take(lease, to)
    try:
        with transaction.atomic():
            made = LeaseMove.objects.create(
                lease=lease, to_device=to, days=days, reason_sealed=seal(reason.strip()),
                proposed_by=actor.uuid, proposed_by_person=actor.person, proposed_at=at,
            )  # fmt: skip
    except IntegrityError as taken:  # of two who propose at once, one
        raise MoveWaitsError from taken
    facts: dict[str, Any] = {"device": lease.device.short_id, "to_device": to.short_id}
    record("lease.move_proposed", lease.uuid, actor=actor, at=at, **facts)
    return made


def confirm_move(lease: Lease, *, actor: Actor, at: datetime) -> Lease:
    """Move the lease as another person proposed; give the new one.

    Raises `NoMoveError`, `SamePersonError`, and what `move` raises.
    """
    with transaction.atomic():
        proposed = _end(lease, "done", actor, at)
        first = Actor(ActorKind.STAFF, proposed.proposed_by, proposed.proposed_by_person)
        to = proposed.to_device
        return move(lease, to, days=proposed.days, actor=first, second=actor, at=at)


def return_move(lease: Lease, *, actor: Actor, at: datetime) -> LeaseMove:
    """Send a proposed move back. Raises `NoMoveError`."""
    with transaction.atomic():
        proposed = _end(lease, "returned", actor, at)
        to = proposed.to_device
        facts: dict[str, Any] = {"device": lease.device.short_id, "to_device": to.short_id}
        record("lease.move_returned", lease.uuid, actor=actor, at=at, **facts)
    return proposed


def move(
    lease: Lease, to: Device, *, days: int = DAYS, actor: Actor, second: Actor, at: datetime
) -> Lease:
    """Give every right that `lease` still holds to `to`, in a new lease; end the old one.

    Raises `SamePersonError`, `SameDeviceError`, `DeviceNotActiveError`, `OtherAreaError`,
    `LeaseEndedError`, or `NothingToLeaseError` where nothing is left in it.
    """
    if actor.person == second.person:
        raise SamePersonError
    _can_take(lease, to)
    with transaction.atomic():
        if not Lease.objects.filter(pk=lease.pk, state__in=["live", "revoked"]).update(
            state="closed", closed_at=at
        ):
            raise LeaseEndedError
        made = Lease(
            device=to, cycle=lease.cycle, issued_at=at, not_after=at + timedelta(days=days)
        )
        made.save()
        taken = take(lease, to=to.pk, until=made.not_after, reason="moved", at=at)
        if not taken:
            raise NothingToLeaseError
        hold(made, taken)
        area, made.rights_count = min(right.village for right in taken), len(taken)
        sign(made, [right.uuid for right in taken])
        facts: dict[str, Any] = {
            "device": lease.device.short_id, "to_device": to.short_id, "rights": len(taken),
            "to_lease": str(made.uuid), "second_person": str(second.person),
        }  # fmt: skip
        record("lease.moved", lease.uuid, actor=actor, at=at, area=area, **facts)
        facts = {
            "device": to.short_id, "cycle": lease.cycle.code, "rights": len(taken),
            "not_after": to_wire(made.not_after),
        }  # fmt: skip
        record("lease.granted", made.uuid, actor=actor, at=at, area=area, **facts)
    return made


def _can_take(lease: Lease, to: Device) -> None:
    """Refuse a device that cannot serve what the lease holds."""
    if to.pk == lease.device_id:
        raise SameDeviceError(field="device")
    if not Device.objects.filter(pk=to.pk, state=DeviceState.ACTIVE).exists():
        raise DeviceNotActiveError(field="device")
    own = [
        str(area) for area in DeviceArea.objects.filter(device=to).values_list("area", flat=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(VILLAGES, [lease.pk])
        villages = [str(row[0]) for row in cursor.fetchall()]
    if not all(any(village.startswith(area) for area in own) for village in villages):
        raise OtherAreaError(field="device")


def _end(lease: Lease, state: str, actor: Actor, at: datetime) -> LeaseMove:
    """Take the waiting move under our lock and end it: of two persons at once, one does."""
    if actor.person is None:
        raise NotAllowedError
    found = LeaseMove.objects.select_for_update(of=("self",)).select_related("to_device")
    waiting = found.filter(lease=lease, state="waiting").first()
    if waiting is None:
        raise NoMoveError
    if state == "done" and waiting.proposed_by_person == actor.person:
        raise SamePersonError
    waiting.state, waiting.ended_by_person, waiting.ended_at = state, actor.person, at
    waiting.save(update_fields=["state", "ended_by_person", "ended_at"])
    return waiting
