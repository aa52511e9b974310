"""Leases: grant, renew, close, revoke; override and reserve change one right's holder.

The holder of a right stands in the entitlement's own row, so that granting, reserving and
overriding are each one conditional UPDATE of it (docs/protocols/lease.md, docs/decisions/0036).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models.functions import Greatest

from betang.accounts.models import Device, DeviceArea, DeviceState
from betang.core.actor import Actor
from betang.core.clock import to_wire
from betang.core.crypto.keyring import KeyState
from betang.core.errors import FieldsError, RefusedError, SamePersonError
from betang.core.identifiers import new_uuid
from betang.core.lease import grant as form
from betang.distribution.models import Entitlement, Lease, LeaseRight
from betang.journal.record import record
from betang.keys import ring, signer
from betang.programmes.models import Cycle

#: A week between two visits to the village office; river trips are longer (field.md).
DAYS = 7
DAYS_MAX = 31
#: One phone's roster stays small enough to unlock and search: twenty-five villages' worth.
RIGHTS_MAX = 5_000

#: What nobody holds, in the villages that are asked for.
FREE = """
    e.cycle_id = %(cycle)s AND e.channel = 'hand'
      AND EXISTS (SELECT FROM programmes_cycle c WHERE c.id = %(cycle)s AND c.state = 'open')
      AND ((e.state = 'open' AND e.holder_id IS NULL)
           OR (e.state = 'reserved' AND e.held_until < %(at)s))
      AND EXISTS (SELECT 1 FROM unnest(%(low)s::bigint[], %(high)s::bigint[]) AS a(low, high)
                  WHERE e.village_id BETWEEN a.low AND a.high)
      AND e.village_id BETWEEN %(least)s AND %(most)s
"""
#: A list split between two officers is split between families, never inside one.
FIRST_FAMILIES = f"""
      AND e.household_id IN (SELECT e.household_id FROM distribution_entitlement e WHERE {FREE}
                             GROUP BY 1 ORDER BY 1 LIMIT %(families)s)
"""
TAKE = """
WITH free AS (
    SELECT e.id FROM distribution_entitlement e WHERE {free}
    ORDER BY e.id LIMIT %(limit)s FOR NO KEY UPDATE
), taken AS (
    UPDATE distribution_entitlement e
    SET holder_id = %(device)s, held_until = %(until)s, state = 'open'
    FROM free WHERE e.id = free.id
    RETURNING e.id, e.uuid
), leased AS (
    INSERT INTO distribution_leaseright (entitlement_id, lease_id)
    SELECT id, %(lease)s FROM taken ORDER BY id
)
SELECT uuid FROM taken ORDER BY id
"""

#: Entitlements first and in id order, as everywhere: else an override at the same time deadlocks.
END = """
WITH held AS (
    SELECT e.id FROM distribution_entitlement e
    WHERE e.id IN (SELECT entitlement_id FROM distribution_leaseright
                   WHERE lease_id = ANY(%(leases)s) AND ended_at IS NULL)
    ORDER BY e.id FOR NO KEY UPDATE
), ended AS (
    UPDATE distribution_leaseright r SET ended_at = %(at)s, end_reason = %(reason)s
    FROM held WHERE r.entitlement_id = held.id
      AND r.lease_id = ANY(%(leases)s) AND r.ended_at IS NULL
    RETURNING r.entitlement_id
), freed AS (
    UPDATE distribution_entitlement e SET holder_id = NULL, held_until = NULL
    FROM ended WHERE e.id = ended.entitlement_id AND e.state = 'open'
)
SELECT count(*) FROM ended
"""

OVERRIDE = """
WITH right_of AS (
    UPDATE distribution_entitlement e SET holder_id = NULL, held_until = NULL, state = 'open'
    FROM (SELECT id, holder_id FROM distribution_entitlement WHERE uuid = %(uuid)s
          FOR NO KEY UPDATE) old
    WHERE e.id = old.id AND e.state IN ('open', 'reserved') AND e.holder_id IS NOT NULL
    RETURNING e.id, e.village_id, old.holder_id
), ended AS (
    UPDATE distribution_leaseright r SET ended_at = %(at)s, end_reason = 'override'
    FROM right_of WHERE r.entitlement_id = right_of.id AND r.ended_at IS NULL
)
SELECT village_id, holder_id FROM right_of
"""


class DeviceNotActiveError(RefusedError):
    """Only a confirmed, active device gets a lease."""

    code = "lease.device_not_active"
    sentence = "Gawai ini belum aktif, jadi belum dapat diberi penugasan luring."
    do = "Cocokkan enam kata gawai lebih dahulu, atau periksa keadaannya."


class LeaseAreasError(FieldsError):
    """An area is outside the device's areas."""

    code = "lease.areas"
    sentence = "Wilayah penugasan harus berada di dalam wilayah gawai."
    do = "Pilih wilayah dari daftar wilayah gawai ini."


class LeaseDaysError(FieldsError):
    """A lease is 1 to 31 days long."""

    code = "lease.days"
    sentence = "Lama penugasan antara 1 dan 31 hari."
    do = "Isi lama penugasan dalam hari."


class NothingToLeaseError(RefusedError):
    """Every right there is held by a device, delivered, or does not exist."""

    code = "lease.nothing"
    sentence = "Tidak ada bantuan yang dapat ditugaskan di wilayah itu."
    do = "Periksa apakah tahapnya sudah dibuka dan siapa yang memegang bantuannya."


class LeaseEndedError(RefusedError):
    """The lease was closed or revoked before."""

    code = "lease.ended"
    sentence = "Penugasan ini sudah berakhir."
    do = "Buat penugasan baru untuk gawai ini."


class NotHeldError(RefusedError):
    """No device holds this right."""

    code = "right.not_held"
    sentence = "Bantuan ini tidak sedang dipegang gawai mana pun."
    do = "Layani lewat gawai mana pun yang bersinyal."


def grant(
    device: Device,
    *,
    cycle: Cycle,
    areas: Sequence[int] | None = None,
    days: int = DAYS,
    families: int | None = None,
    actor: Actor,
    at: datetime,
) -> Lease:
    """Lease the free rights of `areas` (default: all of the device's) to `device` alone.

    Only rights that are given by hand. `families`: those of so many families only, so that the list
    of a village can be split between two officers. Raises `DeviceNotActiveError`,
    `LeaseAreasError`, `LeaseDaysError` or `NothingToLeaseError`.
    """
    if not 1 <= days <= DAYS_MAX:
        raise LeaseDaysError(field="days")
    if not Device.objects.filter(pk=device.pk, state=DeviceState.ACTIVE).exists():
        raise DeviceNotActiveError
    own = list(DeviceArea.objects.filter(device=device).values_list("area_id", flat=True))
    wanted = list(areas) if areas else own
    if not all(any(str(area).startswith(str(mine)) for mine in own) for area in wanted):
        raise LeaseAreasError(field="areas")
    lease = Lease(device=device, cycle=cycle, issued_at=at, not_after=at + timedelta(days=days))
    lease.save()
    rights = _take(lease, wanted, at, families)
    if not rights:
        raise NothingToLeaseError
    lease.rights_count = len(rights)
    sign(lease, rights)
    facts = {"device": device.short_id, "cycle": cycle.code, "rights": len(rights)}
    record(
        "lease.granted",
        lease.uuid,
        actor=actor,
        at=at,
        area=min(wanted),
        not_after=to_wire(lease.not_after),
        **facts,
    )
    return lease


def renew(lease: Lease, *, days: int = DAYS, actor: Actor, at: datetime) -> Lease:
    """Make a live lease last `days` from `at`, with the rights that are left in it.

    Never shorter than it was: its phone may be away with the longer one, and delivers by it.
    """
    if not 1 <= days <= DAYS_MAX:
        raise LeaseDaysError(field="days")
    until = at + timedelta(days=days)
    if not Lease.objects.filter(pk=lease.pk, state="live").update(
        not_after=Greatest("not_after", until)
    ):
        raise LeaseEndedError
    lease.refresh_from_db()
    until = lease.not_after
    open_rights = LeaseRight.objects.filter(lease=lease, ended_at__isnull=True)
    held = Entitlement.objects.filter(
        pk__in=open_rights.values("entitlement_id"), holder=lease.device
    )
    rights = dict(held.order_by("pk").select_for_update(no_key=True).values_list("pk", "uuid"))
    Entitlement.objects.filter(pk__in=list(rights)).update(held_until=until)
    sign(lease, list(rights.values()))
    record(
        "lease.renewed",
        lease.uuid,
        actor=actor,
        at=at,
        device=lease.device.short_id,
        not_after=to_wire(until),
    )
    return lease


def sign_anew(*, actor: Actor, at: datetime) -> int:
    """Sign those live leases again whose key was revoked: the same rights until the same day.

    Phones read them with their next bundle. Gives how many.
    """
    revoked = {key.kid for key in ring.public_ring() if key.state is KeyState.REVOKED}
    live = Lease.objects.filter(state="live", not_after__gt=at).order_by("pk")
    done = 0
    for lease in live.select_related("device", "cycle").select_for_update(of=("self",)):
        if form.key_named(lease.jws) not in revoked:
            continue
        rights = Entitlement.objects.filter(
            pk__in=LeaseRight.objects.filter(lease=lease, ended_at=None).values("entitlement_id"),
            holder=lease.device,
        )
        sign(lease, list(rights.order_by("pk").values_list("uuid", flat=True)))
        done += 1
    if done:
        record("leases.signed_anew", new_uuid(), actor=actor, at=at, count=done)
    return done


def close(lease: Lease, *, last_seq: int, actor: Actor, at: datetime) -> int:
    """End a lease because its device gave it back; free what was not delivered, and count it.

    A revoked lease is closed too: that is how it is accounted for. Raises `LeaseEndedError`.
    """
    if not Lease.objects.filter(pk=lease.pk, state__in=["live", "revoked"]).update(
        state="closed", closed_at=at
    ):
        raise LeaseEndedError
    freed = _end([lease.pk], "closed", at)
    record(
        "lease.closed",
        lease.uuid,
        actor=actor,
        at=at,
        device=lease.device.short_id,
        rights=freed,
        last_seq=last_seq,
    )
    return freed


def revoke(lease: Lease, *, reason: str, actor: Actor, at: datetime) -> Lease:
    """Take a lease back in the office.

    Its rights stay with the device until it closes the lease or two persons override each: nobody
    in the office knows what was delivered in a village without signal.
    """
    if not Lease.objects.filter(pk=lease.pk, state="live").update(state="revoked"):
        raise LeaseEndedError
    lease.refresh_from_db()
    record(
        "lease.revoked",
        lease.uuid,
        actor=actor,
        at=at,
        device=lease.device.short_id,
        rights=lease.rights_count,
        reason_length=len(reason),
    )
    return lease


def override(entitlement: UUID, *, reason: str, actor: Actor, second: Actor, at: datetime) -> None:
    """Free a right that a device holds, by two persons, so that it can be served elsewhere.

    Whatever that device says of this right later is contested. Raises `SamePersonError` or
    `NotHeldError`.
    """
    if actor.person == second.person:
        raise SamePersonError
    with connection.cursor() as cursor:
        cursor.execute(OVERRIDE, {"uuid": entitlement, "at": at})
        row = cursor.fetchone()
    if row is None:
        raise NotHeldError
    held_by = Device.objects.get(pk=row[1])
    record(
        "right.overridden",
        entitlement,
        actor=actor,
        at=at,
        area=row[0],
        from_device=held_by.short_id,
        second_person=str(second.person),
        reason_length=len(reason),
    )


def _take(lease: Lease, areas: Sequence[int], at: datetime, families: int | None) -> list[UUID]:
    low = [_first_village(area) for area in areas]
    high = [_last_village(area) for area in areas]
    given: dict[str, Any] = {
        "cycle": lease.cycle_id,
        "device": lease.device_id,
        "lease": lease.pk,
        "at": at,
        "until": lease.not_after,
        "low": low,
        "high": high,
        "least": min(low),
        "most": max(high),
        "limit": RIGHTS_MAX,
        "families": families,
    }
    with connection.cursor() as cursor:
        first = FREE if families is None else FREE + FIRST_FAMILIES
        cursor.execute(TAKE.format(free=first), given)
        return [row[0] for row in cursor.fetchall()]


def _end(leases: Sequence[int], reason: str, at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(END, {"leases": list(leases), "reason": reason, "at": at})
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def sign(lease: Lease, rights: Sequence[UUID]) -> None:
    """Write the lease as its device carries it."""
    kid, _ = signer.current("lease")
    told = form.Lease(
        uuid=lease.uuid,
        dev=lease.device.short_id,
        thumbprint=bytes(lease.device.thumbprint),
        cycle=lease.cycle.uuid,
        issued_at=lease.issued_at,
        not_after=lease.not_after,
        rights=rights,
    )
    lease.jws = form.write(told, kid, lambda message: signer.sign("lease", message))
    lease.save(update_fields=["jws", "rights_count"])


def _first_village(area: int) -> int:
    return int(area * 10 ** (10 - len(str(area))))


def _last_village(area: int) -> int:
    return int((area + 1) * 10 ** (10 - len(str(area))) - 1)
