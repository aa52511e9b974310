"""Apply `lease.transferred` and `lease.received`: either may come first, late, or never."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from betang.accounts.admit import Holder
from betang.accounts.models import Device, DeviceState
from betang.core import jose
from betang.core.event import envelope
from betang.core.event.said.leases import Received, Transferred
from betang.core.lease.handoff import Given, HandoffRefusedError, giver_of, read_transfer
from betang.core.lease.rights import lease_made_by
from betang.distribution.models import Lease
from betang.distribution.transfer import Moved, Told, known, transfer
from betang.sync.decisions import Decided
from betang.sync.read_said import Heard

#: The giver's word waits for a person where its device is no longer trusted (event.md, section 5).
STOPPED = "transfer.giver_stopped"
#: The event is kept and waits: two persons apply or refuse it, like all that waits of a device.
WAIT = """
UPDATE sync_fieldevent SET state = 'waiting'
WHERE device_id = %s AND payload_sha256 = %s AND state = 'applied'
"""


def give_leases(items: Sequence[Heard], holder: Holder, at: datetime) -> list[Decided]:
    """Apply the giver's own word: from here on it holds those rights no more."""
    return [_give(item, item.said, holder, at) for item in items if _is_transfer(item)]


def take_leases(items: Sequence[Heard], holder: Holder, at: datetime) -> list[Decided]:
    """Apply the receiver's word, which carries the giver's own signed one."""
    return [_take(item, item.said, holder, at) for item in items if isinstance(item.said, Received)]


def _is_transfer(item: Heard) -> bool:
    return isinstance(item.said, Transferred)


def _give(item: Heard, said: object, holder: Holder, at: datetime) -> Decided:
    assert isinstance(said, Transferred)
    lease = _lease_of(said, holder.id)
    if lease is None:
        return item.decide("lease.unknown")
    to = Device.objects.select_related("owner").filter(short_id=said.to).first()
    if to is None or bytes(to.thumbprint) != said.to_key or to.pk == holder.id:
        return item.decide("transfer.unknown_receiver")
    digest = item.arrived.sha256
    told = Told(digest, lease, lease_made_by(digest), to, said.rights, item.at, by_receiver=False)
    return _decide(item, told, holder, at)


def _take(item: Heard, said: Received, holder: Holder, at: datetime) -> Decided:
    giver = Device.objects.select_related("owner").filter(short_id=giver_of(said.transfer)).first()
    if giver is None:
        return item.decide("transfer.forged")
    try:
        given = read_transfer(said.transfer, dev=giver.short_id, key=jose.key_of(giver.public_jwk))
    except HandoffRefusedError:
        return item.decide("transfer.forged")
    told = given.said
    if (told.to, told.to_key) != (holder.short_id, holder.thumbprint) or giver.pk == holder.id:
        return item.decide("transfer.not_yours")
    lease = _lease_of(told, giver.pk)
    if lease is None:
        return item.decide("lease.unknown")
    stopped = giver.state != DeviceState.ACTIVE
    if stopped and not item.released and not known(given.payload_sha256):
        with connection.cursor() as cursor:
            cursor.execute(WAIT, [holder.id, item.arrived.sha256])
        return item.decide(STOPPED)
    device = Device.objects.select_related("owner").get(pk=holder.id)
    said_at = min(_said_at(given, giver) or item.at, at)
    whole = Told(
        given.payload_sha256, lease, given.lease, device, told.rights, said_at, by_receiver=True
    )
    return _decide(item, whole, holder, at)


def _decide(item: Heard, told: Told, holder: Holder, at: datetime) -> Decided:
    moved, done = transfer(told, actor=holder.actor, at=at)
    if moved is Moved.PARTLY:
        return item.decide(moved.value, reason=f"{done.rights_moved} dari {done.rights_named}")
    return item.decide(moved.value)


def _lease_of(said: Transferred, device: int) -> Lease | None:
    """Give the lease that the giver names, if it ever was its own."""
    found = Lease.objects.select_related("device", "cycle")
    return found.filter(uuid=said.lease, device_id=device).first()


def _said_at(given: Given, giver: Device) -> datetime | None:
    return envelope.read(jose.split(given.jws).payload, giver.short_id).at
