"""Rights handed from phone to phone without a network (docs/protocols/lease.md, section 4).

Either device's event may come first, late or never; whichever comes first moves the rights, once.
A right is moved only where the giver still holds it, by one conditional UPDATE.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from betang.accounts.models import Device
from betang.core.actor import Actor
from betang.core.clock import to_wire
from betang.distribution.hand_on import hold, take
from betang.distribution.lease import sign
from betang.distribution.models import Lease, Transfer
from betang.journal.record import record

#: Of two who tell of one transfer at the same moment, the second waits here and finds it done.
BEGIN = """
INSERT INTO distribution_transfer (uuid, event_sha256, from_lease_id, from_device_id, to_device_id,
    at, rights_named, rights_moved, giver_heard_at, receiver_heard_at)
VALUES (gen_random_uuid(), %(sha256)s, %(lease)s, %(from)s, %(to)s, %(said_at)s, %(named)s, 0,
        %(giver)s, %(receiver)s)
ON CONFLICT (event_sha256) DO NOTHING RETURNING id
"""


class Told(NamedTuple):
    """A transfer as one of its two devices tells it; `by_receiver` says which."""

    sha256: bytes
    lease: Lease
    makes: UUID
    to: Device
    rights: Sequence[UUID]
    said_at: datetime
    by_receiver: bool


class Moved(StrEnum):
    """What a transfer came to; the values are the codes of its decision."""

    WHOLE = "ok"
    PARTLY = "transfer.partly"
    NOTHING = "transfer.nothing"
    REVOKED = "transfer.revoked"


def transfer(told: Told, *, actor: Actor, at: datetime) -> tuple[Moved, Transfer]:
    """Move what the giver still holds to the receiver, in a lease that ends with the giver's.

    Told a second time, by the other device or again, it moves nothing and gives the same answer.
    Where the office took the giver's lease back meanwhile, the new one is taken back too. In the
    caller's transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, _row(told, at))
        begun = cursor.fetchone()
    if begun is None:
        known = Transfer.objects.select_for_update(of=("self",)).get(event_sha256=told.sha256)
        return _again(known, told, actor, at)
    made = Transfer.objects.get(pk=begun[0])
    lease, rights = _take(told, at)
    made.to_lease, made.rights_moved = lease, rights
    made.save(update_fields=["to_lease", "rights_moved"])
    facts: dict[str, Any] = {
        "device": told.lease.device.short_id, "to_device": told.to.short_id,
        "named": len(told.rights), "rights": rights, "told_by": _who(told),
        "to_lease": str(lease.uuid) if lease else None,
    }  # fmt: skip
    record("lease.transferred", told.lease.uuid, actor=actor, at=at, **facts)
    if lease:
        facts = {
            "device": told.to.short_id, "from_device": told.lease.device.short_id,
            "from_lease": str(told.lease.uuid), "rights": rights,
            "not_after": to_wire(lease.not_after),
        }  # fmt: skip
        record("lease.taken_over", lease.uuid, actor=actor, at=at, **facts)
    return _outcome(made), made


def known(sha256: bytes) -> bool:
    """Say whether one of the two devices told of this transfer before."""
    return Transfer.objects.filter(event_sha256=sha256).exists()


def of_lease(lease: Lease) -> list[Transfer]:
    """Give the transfers out of a lease, and the one that made it, the oldest first."""
    told = Transfer.objects.select_related(
        "from_lease", "to_lease", "from_device__owner", "to_device__owner"
    )
    return list((told.filter(from_lease=lease) | told.filter(to_lease=lease)).order_by("pk"))


def _row(told: Told, at: datetime) -> dict[str, Any]:
    return {
        "sha256": told.sha256,
        "lease": told.lease.pk,
        "from": told.lease.device_id,
        "to": told.to.pk,
        "said_at": told.said_at,
        "named": len(told.rights),
        "giver": None if told.by_receiver else at,
        "receiver": at if told.by_receiver else None,
    }


def _take(told: Told, at: datetime) -> tuple[Lease | None, int]:
    """Change the holder of what the giver still holds; give the new lease, if anything moved."""
    old = told.lease
    taken = take(
        old, to=told.to.pk, until=old.not_after, reason="transferred", rights=told.rights, at=at
    )
    if not taken:
        return None, 0
    # Also of a lease that the office took back: its rights went on living in the field.
    made = Lease.objects.create(
        uuid=told.makes, device=told.to, cycle=old.cycle, issued_at=old.issued_at,
        not_after=old.not_after, rights_count=len(taken), state=old.state,
    )  # fmt: skip
    hold(made, taken)
    sign(made, [right.uuid for right in taken])
    return made, len(taken)


def _again(done: Transfer, told: Told, actor: Actor, at: datetime) -> tuple[Moved, Transfer]:
    """Note that the other device told of it too."""
    name = "receiver_heard_at" if told.by_receiver else "giver_heard_at"
    first = getattr(done, name) is None
    if first:
        setattr(done, name, at)
        done.save(update_fields=[name])
        facts: dict[str, Any] = {
            "device": told.lease.device.short_id, "to_device": told.to.short_id,
            "told_by": _who(told),
        }  # fmt: skip
        record("lease.transfer_signed", told.lease.uuid, actor=actor, at=at, **facts)
    if first and told.by_receiver and done.to_lease and done.to_lease.state == "closed":
        return Moved.NOTHING, done  # the office moved it on before the receiver signed
    return _outcome(done), done


def _who(told: Told) -> str:
    return "receiver" if told.by_receiver else "giver"


def _outcome(done: Transfer) -> Moved:
    if done.rights_moved == 0 or done.to_lease is None:
        return Moved.NOTHING
    if done.to_lease.state == "revoked":
        return Moved.REVOKED
    return Moved.WHOLE if done.rights_moved == done.rights_named else Moved.PARTLY
