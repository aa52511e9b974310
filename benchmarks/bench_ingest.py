"""Signed events over HTTP against the real server: every signature verified, every event applied.

Devices deliver what they hold, each with its card, a small attachment, fsync on. It is all signed
beforehand. Floor: verification of the same signatures alone, on the same cores; `ratio` is ours
over that.
"""

import http.client
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings
from django.db import connection
from django.utils import timezone

from benchmarks import field_world, served
from benchmarks.row import Row
from betang.accounts.models import Device, DeviceArea, User
from betang.areas.models import Area
from betang.core import jose
from betang.core.actor import SYSTEM
from betang.core.crypto import signing
from betang.core.crypto.keyring import Purpose
from betang.core.device.short_id import new_short_id
from betang.distribution import lease as leases
from betang.distribution.open_cycle import open_cycle
from betang.keys import ring
from betang.keys.init import init
from betang.programmes.models import Cycle
from sandbox.phones.phone import Phone

SIZE = 40_000
BATCH = 100
DEVICES = 40
CORES = 2
#: Batches of each device that are sent before the clock starts: plans of a server's first minute,
#: made while the tables were empty, are not what is measured.
WARM = 1
#: Floor and ingest take turns so many times.
PARTS = 4
#: Connections that send at once; more than the server's threads would only queue.
SENDERS = 8


@dataclass
class Signed:
    """What one device will send: whole bodies, and the events for the floor."""

    phone: Phone
    bodies: list[bytes]
    events: list[tuple[bytes, bytes]]


def run(size: int = SIZE) -> list[Row]:
    """Measure the ingest of `size` events."""
    at = timezone.now()
    init(actor=SYSTEM, at=at)
    cycle = field_world.make(size, at=at)
    open_cycle(cycle, actor=field_world.CLERK, at=at)
    with field_world.owner() as connection_:
        connection_.execute(field_world.CARDS)
        field_world.analyse_what_is_filled(connection_)
    load = [_sign(phone, size // DEVICES) for phone in _phones(cycle)]
    rate, floor, peak, slowest = _measure(load)
    events = sum(len(one.events) for one in load)
    applied = _applied()
    assert applied == events, f"{applied} of {events} events were applied and counted"
    return [
        {
            "name": "ingest",
            "value": rate,
            "unit": "events/s",
            "floor": floor,
            "ratio": rate / floor,
            "peak_mb": peak,
            "size": events,
        },
        {
            "name": "ingest batch of 100, p99",
            "value": slowest,
            "unit": "ms",
            "floor": None,
            "ratio": None,
            "peak_mb": None,
            "size": events,
        },
    ]


def _phones(cycle: Cycle) -> list[Phone]:
    """Enrol and lease without HTTP: that is not what is measured."""
    owner = User.objects.create(username="sari", full_name="Sari")
    villages = list(Area.objects.filter(level=4).order_by("code").values_list("code", flat=True))
    text = ring.signed_ring(at=timezone.now(), by=Purpose.ENROLMENT)
    phones = []
    for n in range(DEVICES):
        phone = Phone(settings.ORIGIN, None)
        jwk = jose.jwk_of(phone.key.public_key())
        phone.short_id = new_short_id()
        device = Device.objects.create(
            short_id=phone.short_id,
            owner=owner,
            public_jwk=jwk,
            thumbprint=jose.thumbprint(jwk),
            state="active",
            enrolled_at=timezone.now(),
        )
        phone.trust(text, None)
        own = villages[n * len(villages) // DEVICES : (n + 1) * len(villages) // DEVICES]
        DeviceArea.objects.bulk_create(DeviceArea(device=device, area_id=area) for area in own)
        lease = leases.grant(device, cycle=cycle, actor=field_world.CLERK, at=timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT e.uuid::text, '62' || h.number || '01' FROM distribution_entitlement e"
                " JOIN registry_household h ON h.id = e.household_id WHERE e.holder_id = %s"
                " ORDER BY e.id",
                [device.pk],
            )
            phone.bundle = {"cards": dict(cursor.fetchall())}
        phone.rights = dict.fromkeys(phone.bundle["cards"], str(lease.uuid))
        phones.append(phone)
    return phones


def _sign(phone: Phone, count: int) -> Signed:
    """Sign `count` deliveries of a device and write its bodies."""
    point = {"lat": -2.2083, "lng": 113.916, "accuracy_m": 8.5}
    for right in list(phone.rights)[:count]:
        number = phone.bundle["cards"][right]
        card = {"number": number, "colour": "green", "reason": "qr.valid", "qr": True, "taps": []}
        private = {"collector_name": "Sumiati", "note": "", "signature": "M0 0L10 10"}
        phone.deliver(right, card=card, point=point, private=private)
    parts = [phone.queue[at : at + BATCH] for at in range(0, len(phone.queue), BATCH)]
    events = []
    for one in phone.queue:
        signing_input, _, signature = one.jws.rpartition(".")
        events.append((signing_input.encode(), jose.from_b64u(signature)))
    return Signed(phone, [phone.body(part) for part in parts], events)


def _verify(point: bytes, events: list[tuple[bytes, bytes]]) -> int:
    key = signing.load_public_key(point)
    return sum(signing.verifies(key, message, signature) for message, signature in events)


def _floor(pool: ProcessPoolExecutor, load: list[Signed], part: slice) -> float:
    """Verify the signatures of a part of each device on the same cores, nothing else: seconds."""
    points = [signing.dump_public_key(one.phone.key.public_key()) for one in load]
    events = [one.events[_of_events(part)] for one in load]
    began = time.perf_counter()
    done = sum(pool.map(_verify, points, events, chunksize=1))
    took = time.perf_counter() - began
    assert done == sum(map(len, events))
    return took


def _of_events(part: slice) -> slice:
    """Give the events of a part that is told in batches."""
    stop = None if part.stop is None else part.stop * BATCH
    return slice(part.start * BATCH, stop)


def _measure(load: list[Signed]) -> tuple[float, float, float, float]:
    """Send everything to a real server, a part at a time, each after its own floor.

    Other work on the machine comes and goes; taking turns, both meet the same. Gives events a
    second, the floor's events a second, the server's memory, and p99 of a batch in milliseconds.
    """
    with served.site(CORES) as (port, pid):
        nonce = served.nonce(port)
        queues = [load[n::SENDERS] for n in range(SENDERS)]
        for one in load:
            one.phone.nonce = nonce
        _warm(port, load[0].phone)
        proofs = {
            id(one): [one.phone.proof("POST", "/api/v1/events", body) for body in one.bodies]
            for one in load
        }
        _drive(port, queues, proofs, slice(0, WARM))
        with field_world.owner() as connection_:
            connection_.execute("ANALYZE")  # as autovacuum does within a minute of a first day
        took = floor_took = 0.0
        times: list[float] = []
        with ProcessPoolExecutor(CORES) as pool:
            list(pool.map(abs, range(CORES * 4)))  # processes started, modules loaded
            for part in _parts(load):
                floor_took += _floor(pool, load, part)
                seconds, batches = _drive(port, queues, proofs, part)
                took += seconds
                times += batches
        peak = served.memory_mb(pid)
    events = sum(len(one.events) - WARM * BATCH for one in load)
    slowest = sorted(times)[int(len(times) * 0.99)] * 1000
    return events / took, events / floor_took, peak, slowest


def _parts(load: list[Signed]) -> list[slice]:
    """Cut what follows the warm batches into parts that are measured in turn."""
    last = max(len(one.bodies) for one in load)
    edges = [WARM + n * (last - WARM) // PARTS for n in range(PARTS)]
    return [slice(a, b) for a, b in zip(edges, [*edges[1:], None], strict=True)]


def _warm(port: int, phone: Phone) -> None:
    """Let each worker open its keys and its connections: a day's first request is not measured."""
    clients = [http.client.HTTPConnection("127.0.0.1", port) for _ in range(SENDERS * 2)]
    for _ in range(3):
        for client in clients:
            proof = phone.proof("GET", "/api/v1/bundle", b"")
            client.request("GET", "/api/v1/bundle", headers={"DPoP": proof})
        for client in clients:
            assert client.getresponse().read()


def _drive(
    port: int, queues: list[list[Signed]], proofs: Any, part: slice
) -> tuple[float, list[float]]:
    """Let all senders send a part of their bodies; give the seconds and the time of each batch."""
    times: list[float] = []
    threads = [
        threading.Thread(target=_send, args=(port, queue, proofs, part, times)) for queue in queues
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began, times


def _send(port: int, queue: list[Signed], proofs: Any, part: slice, times: list[float]) -> None:
    client = http.client.HTTPConnection("127.0.0.1", port)
    for one in queue:
        for body, proof in zip(one.bodies[part], proofs[id(one)][part], strict=True):
            began = time.perf_counter()
            headers = {"DPoP": proof, "Content-Type": "application/json"}
            client.request("POST", "/api/v1/events", body, headers)
            answer = client.getresponse()
            content = answer.read()
            times.append(time.perf_counter() - began)
            assert answer.status == 200, content
            told = orjson.loads(content)["answers"]
            assert all(line["answer"] == "stored" for line in told), told[:2]


def _applied() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM distribution_delivery WHERE counted")
        row = cursor.fetchone()
    return int(row[0]) if row else 0
