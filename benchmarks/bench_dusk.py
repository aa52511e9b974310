"""Two thousand phones come home at dusk: a hundred signed deliveries each, in one batch a phone.

Every signature verified, every event applied and decided, fsync on, phones in no order; one process
alone, by the functions that the site calls. Floors take turns with it in the same process: the same
signatures verified and nothing else, and a bare COPY of the same rows. Then some phones over HTTP.
"""

import gzip
import http.client
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import psutil
import psycopg
from django.db import connection
from django.utils import timezone

from benchmarks import dusk_world, field_world, served
from benchmarks.dusk_world import EVENTS, Signed
from benchmarks.row import Row
from betang.accounts.admit import Holder
from betang.accounts.models import Device
from betang.core import jose
from betang.core.actor import SYSTEM
from betang.core.crypto import signing
from betang.keys.init import init
from betang.sync import arrive, ingest

SIZE = 2_000
#: Phones that send before the clock starts: plans of a server's first minute, made while the tables
#: were empty, are not what is measured.
WARM = 16
#: Phones that send over HTTP, where there are so many.
ONLINE = 200
#: Connections that send at once.
SENDERS = 8
#: Phones after which ours and the floors change turns.
TURN = 20

PLAIN = """
CREATE TABLE plain (device bigint, protected text, payload bytea, signature bytea, sealed bytea)
"""
COPY = "COPY plain FROM STDIN"


@dataclass
class Measured:
    """Seconds of ours and of both floors, of each batch, and the most memory of the process."""

    seconds: float = 0.0
    verifying: float = 0.0
    copying: float = 0.0
    batches: list[float] = field(default_factory=list)
    peak_mb: float = 0.0


def run(size: int = SIZE) -> list[Row]:
    """Measure the dusk of `size` phones, and of some more over HTTP."""
    at = timezone.now()
    init(actor=SYSTEM, at=at)
    online = min(size, ONLINE)
    with TemporaryDirectory() as name:
        signed = dusk_world.make(2 * WARM + size + online, Path(name), at=at)
        random.Random(size).shuffle(signed)
        first, second = signed[:WARM], signed[WARM : 2 * WARM]
        here, there = signed[2 * WARM : 2 * WARM + size], signed[2 * WARM + size :]
        told = _in_process(first, here)
        rate, batches, site_mb = _over_http(second, there)
    _assert_all_counted(len(signed) * EVENTS)
    events = size * EVENTS
    ours = events / told.seconds
    return [
        _row("dusk, beside verification", ours, "events/s", events, events / told.verifying,
             told.peak_mb),
        _row("dusk, beside a bare COPY", ours, "events/s", events, events / told.copying),
        _row("dusk, batch of 100, p50", _part(told.batches, 0.50), "ms", events),
        _row("dusk, batch of 100, p99", _part(told.batches, 0.99), "ms", events),
        _row("dusk over HTTP, beside in process", rate, "events/s", online * EVENTS, ours, site_mb),
        _row("dusk over HTTP, batch, p50", _part(batches, 0.50), "ms", online * EVENTS),
        _row("dusk over HTTP, batch, p99", _part(batches, 0.99), "ms", online * EVENTS),
    ]  # fmt: skip


def _in_process(warm: list[Signed], phones: list[Signed]) -> Measured:
    """Let ours and the floors take turns over the phones: other work then meets all three."""
    told = Measured()
    holders = _holders()
    for one in warm:
        _ingest(one, holders[one.short_id])
    process = psutil.Process()
    with field_world.owner() as owner:
        owner.execute("ANALYZE")  # as autovacuum does within a minute of a first day
        owner.execute(PLAIN)
        for at in range(0, len(phones), TURN):
            turn = phones[at : at + TURN]
            verifying, copying = _floors(turn, owner)
            told.verifying += verifying
            told.copying += copying
            for one in turn:
                took = _ingest(one, holders[one.short_id])
                told.batches.append(took)
                told.seconds += took
                told.peak_mb = max(told.peak_mb, process.memory_info().rss / 1024 / 1024)
    return told


def _holders() -> dict[str, Holder]:
    return {
        device.short_id: Holder(
            device.pk, device.uuid, device.short_id, device.state, device.has_nfc, device.owner_id,
            device.owner.person, device.owner.full_name, bytes(device.thumbprint),
        )
        for device in Device.objects.select_related("owner")
    }  # fmt: skip


def _ingest(one: Signed, holder: Holder) -> float:
    """Do what the site does with a body whose proof was admitted; give the seconds."""
    body = one.body.read_bytes()
    key = signing.load_private_key(one.scalar).public_key()
    began = time.perf_counter()
    batch = arrive.read_batch(body, dev=one.short_id, key=key)
    report = ingest.ingest(batch, holder=holder, at=timezone.now())
    took = time.perf_counter() - began
    assert not batch.refused
    assert [line["answer"] for line in report.answers] == ["stored"] * EVENTS, report.answers[:2]
    return took


def _floors(turn: list[Signed], owner: psycopg.Connection[object]) -> tuple[float, float]:
    """Verify the signatures of these phones, and copy their rows: seconds of each."""
    keys, rows = [], []
    for one in turn:
        key = signing.load_private_key(one.scalar).public_key()
        for item in orjson.loads(one.body.read_bytes())["events"]:
            message, _, signature = item["jws"].rpartition(".")
            protected, _, payload = message.partition(".")
            told = jose.from_b64u(signature)
            sealed = jose.from_b64u(item["attachment"]["ciphertext"])
            keys.append((key, message.encode(), told))
            rows.append((one.device, protected, jose.from_b64u(payload), told, sealed))
    began = time.perf_counter()
    verified = sum(signing.verifies(*each) for each in keys)
    between = time.perf_counter()
    with owner.cursor() as cursor, cursor.copy(COPY) as copy:
        for row in rows:
            copy.write_row(row)
    ended = time.perf_counter()
    assert verified == len(keys) == len(turn) * EVENTS
    return between - began, ended - between


def _over_http(warm: list[Signed], phones: list[Signed]) -> tuple[float, list[float], float]:
    """Send packed batches with proofs to the real site: events a second, seconds, its memory."""
    connection.close()
    with served.site() as (port, pid):
        nonce = served.nonce(port)
        _drive(port, warm, nonce)
        took, batches = _drive(port, phones, nonce)
        return len(phones) * EVENTS / took, batches, served.memory_mb(pid)


def _drive(port: int, phones: list[Signed], nonce: str) -> tuple[float, list[float]]:
    sent = []
    for one in phones:
        phone = dusk_world.phone_of(one)
        phone.nonce = nonce
        body = gzip.compress(one.body.read_bytes(), 6)
        sent.append((body, phone.proof("POST", "/api/v1/events", body)))
    times: list[float] = []
    threads = [
        threading.Thread(target=_send, args=(port, sent[n::SENDERS], times)) for n in range(SENDERS)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    assert len(times) == len(phones), "a sender gave up"
    return took, times


def _send(port: int, sent: list[tuple[bytes, str]], times: list[float]) -> None:
    client = http.client.HTTPConnection("127.0.0.1", port)
    for body, proof in sent:
        headers = {"DPoP": proof, "Content-Type": "application/json", "Content-Encoding": "gzip"}
        began = time.perf_counter()
        client.request("POST", "/api/v1/events", body, headers)
        answer = client.getresponse()
        content = answer.read()
        took = time.perf_counter() - began
        assert answer.status == 200, content
        assert all(line["answer"] == "stored" for line in orjson.loads(content)["answers"])
        times.append(took)


def _assert_all_counted(events: int) -> None:
    """See that each event became a delivery that counts and a decision that says so."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM distribution_delivery WHERE counted),"
            " (SELECT count(*) FROM sync_decision WHERE outcome = 'accepted'),"
            " (SELECT count(*) FROM sync_attachment)"
        )
        found = cursor.fetchone()
    assert found == (events,) * 3, f"{found} of {events} events counted, decided, sealed"


def _part(times: list[float], part: float) -> float:
    return sorted(times)[int(len(times) * part)] * 1000


def _row(
    name: str,
    value: float,
    unit: str,
    size: int,
    floor: float | None = None,
    peak_mb: float | None = None,
) -> Row:
    return {
        "name": name, "value": value, "unit": unit, "floor": floor,
        "ratio": value / floor if floor else None, "peak_mb": peak_mb, "size": size,
    }  # fmt: skip
