"""Thousands of phones at dusk: devices, leases and signed days, made by set-based SQL.

Many phones share a village, each with its own families. What they signed lies in files, a body a
phone, so that whoever measures holds one batch in memory and not a province.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction

from benchmarks import field_world
from benchmarks.dusk_day import Day, sign
from betang.accounts.models import Device, DeviceState, User
from betang.core import jose
from betang.core.crypto import signing
from betang.core.crypto.keyring import Purpose
from betang.core.device.short_id import new_short_id
from betang.distribution import lease as leases
from betang.distribution.models import Lease
from betang.distribution.open_cycle import open_cycle
from betang.keys import ring
from betang.programmes.models import Cycle
from sandbox.phones.phone import Phone

#: What a phone delivers in a day, and so its batch at dusk: as much as one request may hold.
EVENTS = 100
#: Families of a village that take part: three phones for every two villages.
FAMILIES = 150
#: Phones that are signed for at once.
SIGNED_AT_ONCE = 50
PROCESSES = 2

#: Entitlements in the order of villages, a hundred to each device; a right lies in its lease.
LEASED = """
WITH due AS (
    SELECT id, (row_number() OVER (ORDER BY village_id, id) - 1) / %(events)s AS n
    FROM distribution_entitlement WHERE channel = 'hand'
), leases AS (
    SELECT id, device_id, not_after, row_number() OVER (ORDER BY id) - 1 AS n
    FROM distribution_lease
), taken AS (
    UPDATE distribution_entitlement e SET holder_id = l.device_id, held_until = l.not_after
    FROM due JOIN leases l USING (n) WHERE e.id = due.id
    RETURNING e.id, l.id AS lease
)
INSERT INTO distribution_leaseright (entitlement_id, lease_id)
SELECT id, lease FROM taken ORDER BY id
"""
AREAS_OF_DEVICES = """
INSERT INTO accounts_devicearea (device_id, area_id)
SELECT DISTINCT holder_id, village_id FROM distribution_entitlement WHERE holder_id IS NOT NULL
"""
RIGHTS = """
SELECT e.uuid, '62' || h.number || '01' FROM distribution_leaseright r
JOIN distribution_entitlement e ON e.id = r.entitlement_id
JOIN registry_household h ON h.id = e.household_id WHERE r.lease_id = %s ORDER BY e.id
"""


class Signed(NamedTuple):
    """A phone that delivered for a day and sent nothing yet; its batch lies in a file."""

    device: int
    short_id: str
    scalar: bytes
    body: Path


def make(phones: int, folder: Path, *, at: datetime) -> list[Signed]:
    """Make `phones` devices with a hundred leased families each, and sign the day of each."""
    families = phones * EVENTS
    villages = min(field_world.VILLAGES, -(-families // FAMILIES))
    cycle = field_world.make(families, at=at, villages=villages)
    open_cycle(cycle, actor=field_world.CLERK, at=at)
    keys = [signing.new_private_key() for _ in range(phones)]
    with transaction.atomic():
        devices = _devices(keys, at)
        _lease(devices, cycle, at)
    with field_world.owner() as owner:
        owner.execute(LEASED, {"events": EVENTS})
        owner.execute(AREAS_OF_DEVICES)
        owner.execute(field_world.CARDS)
        field_world.analyse_what_is_filled(owner)
    scalars = [signing.dump_private_key(key) for key in keys]
    days = _days(scalars, folder, at)
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        while part := list(islice(days, SIGNED_AT_ONCE)):
            list(pool.map(sign, part, chunksize=5))
    return [
        Signed(device.pk, device.short_id, scalar, _body(folder, device.short_id))
        for device, scalar in zip(devices, scalars, strict=True)
    ]


def phone_of(one: Signed) -> Phone:
    """Give the phone that signed, to prove itself with."""
    return Phone(settings.ORIGIN, None, signing.load_private_key(one.scalar), short_id=one.short_id)


def _devices(keys: list[signing.PrivateKey], at: datetime) -> list[Device]:
    """Give each key a device of its own, and each device a companion."""
    names = [f"pendamping{n}" for n in range(len(keys))]
    owners = User.objects.bulk_create(User(username=name, full_name=name) for name in names)
    jwks = [jose.jwk_of(key.public_key()) for key in keys]
    return Device.objects.bulk_create(
        Device(
            short_id=new_short_id(), owner=owner, public_jwk=jwk, thumbprint=jose.thumbprint(jwk),
            state=DeviceState.ACTIVE, enrolled_at=at,
        )
        for owner, jwk in zip(owners, jwks, strict=True)
    )  # fmt: skip


def _lease(devices: list[Device], cycle: Cycle, at: datetime) -> None:
    until = at + timedelta(days=leases.DAYS)
    Lease.objects.bulk_create(
        Lease(
            device=device, cycle=cycle, issued_at=at, not_after=until, rights_count=EVENTS, jws=""
        )
        for device in devices
    )


def _days(scalars: list[bytes], folder: Path, at: datetime) -> Iterator[Day]:
    """Sign each lease with the rights it holds, and say what its phone will deliver."""
    text = ring.signed_ring(at=at, by=Purpose.ENROLMENT)
    held = Lease.objects.order_by("pk").select_related("device", "cycle")
    for lease, scalar in zip(held, scalars, strict=True):
        with connection.cursor() as cursor:
            cursor.execute(RIGHTS, [lease.pk])
            cards = dict(cursor.fetchall())
        assert len(cards) == EVENTS
        leases.sign(lease, list(cards))
        named = {str(right): number for right, number in cards.items()}
        short_id = lease.device.short_id
        body = _body(folder, short_id)
        yield Day(settings.ORIGIN, short_id, scalar, text, str(lease.uuid), named, body)


def _body(folder: Path, short_id: str) -> Path:
    return folder / f"{short_id}.json"
