"""Taps over HTTP against the real server on two cores: DPoP, MAC, counter raised, recorded.

Each tap is of another card and has its own proof, all signed beforehand; fsync is on. The load
comes from a process of its own that speaks bare HTTP/1.1 over kept connections. Floor: `ping` of
the same server by the same client, which checks nothing and asks no database.
"""

import asyncio
import secrets
import time
from concurrent.futures import ProcessPoolExecutor

import orjson
from django.conf import settings
from django.db import connection
from django.utils import timezone

from benchmarks import field_world, served
from benchmarks.row import Row
from betang.accounts.models import Device, User
from betang.cards.models import Card, Presentation
from betang.core import jose
from betang.core.actor import SYSTEM
from betang.core.card.chip import K2_FILE_READ, card_key, sun_mac
from betang.core.device.short_id import new_short_id
from betang.keys import chip_master
from betang.keys.init import init
from sandbox.phones.phone import Phone

SIZE = 12_000
DEVICES = 60
CORES = 2
#: Connections that ask at once; the server has eight threads.
SENDERS = 8
#: Sent before the clock starts: each process opens its keys, its connections and its statements.
WARM = 400
#: Taps and floor take turns so many times.
PARTS = 4

#: A card of each family, with a chip of ours; where it lies is of no matter here.
CARDS = """
WITH place AS (
    INSERT INTO cards_place (uuid, kind) VALUES (gen_random_uuid(), 'province')
    ON CONFLICT DO NOTHING RETURNING id
)
INSERT INTO cards_card (uuid, number, household_id, issue, village_id, state, counter,
    public_counter, key_version, chip_uid, qr, issued_at, expires_on, handed_over_at,
    handed_over_by, blocked_reason, place_id)
SELECT gen_random_uuid(), '62' || h.number || '01', h.id, 1, h.village_id, 'active', 0, 0, %s,
       decode('04' || lpad(to_hex(h.id), 12, '0'), 'hex'), '', now(), '2031-01-01', now(),
       gen_random_uuid(), '',
       (SELECT id FROM place UNION ALL SELECT id FROM cards_place WHERE kind = 'province' LIMIT 1)
FROM registry_household h
"""


def run(size: int = SIZE) -> list[Row]:
    """Measure `size` taps."""
    settings.DEMO = True  # the test master, as the demonstration has it
    at = timezone.now()
    init(actor=SYSTEM, at=at)
    chip_master.make_test_master()
    field_world.make(size + WARM, at=at)
    with field_world.owner() as owner:
        owner.execute(CARDS, [chip_master.current_version()])
        field_world.analyse_what_is_filled(owner)
    phones = _phones()
    with served.site(CORES, BETANG_DEMO="1") as (port, pid):
        nonce = served.nonce(port)
        requests = _requests(phones, nonce, size + WARM)
        ping = [b"GET /api/v1/ping HTTP/1.1\r\nHost: localhost\r\n\r\n"] * len(requests)
        with ProcessPoolExecutor(1) as pool:
            _drive(pool, port, ping[:WARM])
            _drive(pool, port, requests[:WARM])
            taps, pings = [], []
            step = size // PARTS
            for first in range(WARM, WARM + PARTS * step, step):
                pings.append(_drive(pool, port, ping[first : first + step]))
                taps.append(_drive(pool, port, requests[first : first + step]))
        peak = served.memory_mb(pid)
    sent = PARTS * step
    kept = Presentation.objects.exclude(colour="red").count()
    assert kept == sent + WARM, f"{kept} of {sent + WARM} taps were good and kept"
    assert Card.objects.filter(counter=1).count() == kept
    rate, slowest = _told(taps, sent)
    bare, bare_slowest = _told(pings, sent)
    return [
        _row("tap", rate, "requests/s", bare, rate / bare, peak, sent),
        _row("tap, p99", slowest, "ms", bare_slowest, None, None, sent),
    ]


def _drive(pool: ProcessPoolExecutor, port: int, some: list[bytes]) -> tuple[float, list[float]]:
    return pool.submit(send_all, port, some).result()


def send_all(port: int, requests: list[bytes]) -> tuple[float, list[float]]:
    """Send everything over `SENDERS` connections; give the seconds, and those of each request."""
    return asyncio.run(_send_all(port, requests))


async def _send_all(port: int, requests: list[bytes]) -> tuple[float, list[float]]:
    times: list[float] = []
    began = time.perf_counter()
    lines = [_send(port, requests[n::SENDERS], times) for n in range(SENDERS)]
    await asyncio.gather(*lines)
    return time.perf_counter() - began, times


async def _send(port: int, requests: list[bytes], times: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line[15:])
            for line in head.lower().split(b"\r\n")
            if line[:15] == b"content-length:"
        )
        body = await reader.readexactly(length)
        times.append(time.perf_counter() - began)
        assert head.startswith(b"HTTP/1.1 200"), head + body
    writer.close()


def _phones() -> list[Phone]:
    owner = User.objects.create(username="sari", full_name="Sari")
    phones = []
    for _ in range(DEVICES):
        phone = Phone(settings.ORIGIN, None)
        jwk = jose.jwk_of(phone.key.public_key())
        Device.objects.create(
            short_id=new_short_id(),
            owner=owner,
            public_jwk=jwk,
            thumbprint=jose.thumbprint(jwk),
            has_nfc=True,
            state="active",
            enrolled_at=timezone.now(),
        )
        phones.append(phone)
    return phones


def _requests(phones: list[Phone], nonce: str, count: int) -> list[bytes]:
    """Write every request whole: a tap of each card, proved by one phone after the other."""
    master = bytes.fromhex(chip_master.test_master_path().read_text())
    version = chip_master.current_version()
    for phone in phones:
        phone.nonce = nonce
    with connection.cursor() as cursor:
        cursor.execute("SELECT chip_uid FROM cards_card ORDER BY id LIMIT %s", [count])
        uids = [bytes(uid) for (uid,) in cursor.fetchall()]
    secrets.SystemRandom().shuffle(uids)
    written = []
    for place, uid in enumerate(uids):
        key = card_key(master, uid, key_number=K2_FILE_READ, version=version)
        tap = {"uid": uid.hex(), "counter": 1, "mac": sun_mac(key, uid, 1).hex(), "act": "look"}
        body = orjson.dumps(tap)
        proof = phones[place % len(phones)].proof("POST", "/api/v1/taps", body)
        head = (
            "POST /api/v1/taps HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"DPoP: {proof}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        written.append(head.encode() + body)
    return written


def _told(parts: list[tuple[float, list[float]]], sent: int) -> tuple[float, float]:
    """Give requests a second, and p99 in milliseconds."""
    times = sorted(each for _, some in parts for each in some)
    return sent / sum(took for took, _ in parts), times[int(len(times) * 0.99)] * 1000


def _row(
    name: str,
    value: float,
    unit: str,
    floor: float,
    ratio: float | None,
    peak: float | None,
    n: int,
) -> Row:
    return Row(name=name, value=value, unit=unit, floor=floor, ratio=ratio, peak_mb=peak, size=n)
