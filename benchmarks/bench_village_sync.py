"""A village of 178 families on 2G: bytes, round trips and seconds of a phone's three rounds.

The real site behind a proxy of 50 kbit/s and 600 ms; bytes are those of the wire, heads of messages
included. The `floor` of seconds is what the bytes and round trips take by themselves. Photos (60 kB
each) come after everything else and are a row of their own, measured with three.
"""

import time

import httpx
from django.conf import settings
from django.db import connection
from django.utils import timezone

from benchmarks import field_world, served
from benchmarks.row import Row
from benchmarks.slow_network import SlowNetwork
from benchmarks.village import FAMILIES, FURNISH, MEMBERS, PHOTO_BYTES, Wire, serve_all
from betang.accounts import devices
from betang.accounts.models import Device, Role, RoleGrant, User
from betang.areas.models import Area
from betang.core.actor import SYSTEM
from betang.distribution import lease as leases
from betang.distribution.open_cycle import open_cycle
from betang.keys.init import init
from sandbox.phones.phone import Phone, photo

SIZE = FAMILIES
PHOTOS = 3


def run(size: int = SIZE) -> list[Row]:
    """Measure a morning, an evening and a round with nothing new, of `size` families."""
    at = timezone.now()
    init(actor=SYSTEM, at=at)
    cycle = field_world.make(size, at=at)
    village = Area.objects.filter(level=4).order_by("code")[0].code
    with field_world.owner() as owner:
        owner.execute("UPDATE registry_household SET village_id = %s", [village])
        owner.execute(FURNISH, {"village": village})
        owner.execute(MEMBERS, {"village": village})
        owner.execute(field_world.CARDS)
    open_cycle(cycle, actor=field_world.CLERK, at=at)
    rows: list[Row] = []
    with served.site(workers=1) as (port, _):
        network = SlowNetwork(port)
        address = f"http://127.0.0.1:{network.port}"
        with httpx.Client(base_url=address, trust_env=False, timeout=300) as client:
            phone = _enrolled(client, village)
            leases.grant(
                Device.objects.get(short_id=phone.short_id),
                cycle=cycle, actor=field_world.CLERK, at=timezone.now(),
            )  # fmt: skip
            connection.close()
            rows += _round("morning", phone, client, network, size)
            serve_all(phone)
            rows += _round("evening", phone, client, network, size)
            rows += _round("nothing new", phone, client, network, size)
            assert not phone.queue
            assert len(phone.decisions) == size
            rows += _photos(phone, network)
    return rows


def _enrolled(client: httpx.Client, village: int) -> Phone:
    owner = User.objects.create(username="sari", full_name="Sari")
    RoleGrant.objects.create(
        user=owner, role=Role.FACILITATOR, area=None, from_at=timezone.now(),
        proposed_by_person=field_world.CLERK_PERSON, approved_by_person=field_world.SECOND_PERSON,
    )  # fmt: skip
    phone = Phone(settings.ORIGIN, client, brief=True)
    phone.enrol(devices.issue_code(owner, actor=field_world.CLERK, at=timezone.now()))
    device = Device.objects.select_related("owner").get(short_id=phone.short_id)
    at, words = timezone.now(), phone.words
    devices.confirm(device, words=words, areas=[village], actor=field_world.CLERK, at=at)
    return phone


def _round(
    name: str, phone: Phone, client: httpx.Client, network: SlowNetwork, size: int
) -> list[Row]:
    wire = Wire().watch(client)
    network.up = network.down = 0
    began = time.monotonic()
    phone.synchronise()
    took = time.monotonic() - began
    computed = network.seconds(wire.trips)
    return [
        _row(f"village_sync, {name}", took, "s at 2G", size, computed),
        _row(f"village_sync, {name}, requests", wire.trips, "round trips", size),
        _row(f"village_sync, {name}, up", network.up / 1000, "kB", size),
        _row(f"village_sync, {name}, down", network.down / 1000, "kB", size),
    ]


def _photos(phone: Phone, network: SlowNetwork) -> list[Row]:
    network.up = network.down = 0
    began = time.monotonic()
    for _ in range(PHOTOS):
        phone.upload(photo(PHOTO_BYTES), part=128 * 1024)
    took = (time.monotonic() - began) / PHOTOS
    return [
        _row("village_sync, a photo", took, "s at 2G", PHOTOS, network.seconds(2 * PHOTOS) / PHOTOS)
    ]


def _row(name: str, value: float, unit: str, size: int, floor: float | None = None) -> Row:
    return {
        "name": name, "value": value, "unit": unit, "floor": floor,
        "ratio": value / floor if floor else None, "peak_mb": None, "size": size,
    }  # fmt: skip
