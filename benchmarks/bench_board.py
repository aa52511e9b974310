"""From the commit of a delivery to the animation frame that shows it, at 1,000 deliveries a second.

A writer delivers in batches by the real act; the clock is read by `clock_timestamp()` in the last
statement before each COMMIT. The real worker, stream and site run; one viewer watches the board in
Chromium and notes, after each painted frame, which village shows which count. A delivery's latency
is until its village shows at least the count that it made.

The floor is what the protocol itself allows: the tally is sent at most ten times a second, so 95 of
100 deliveries wait up to 95 ms, and then for one frame of 60 a second. `ratio` is p95 over that.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from bisect import bisect_left
from collections import defaultdict
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

import psutil
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.utils import timezone
from playwright.sync_api import Page, sync_playwright

from benchmarks import field_world
from benchmarks.row import Row
from benchmarks.served import free_port
from betang.accounts.models import Device, DeviceArea, RoleGrant, User
from betang.areas.models import Area
from betang.core import jose
from betang.core.actor import SYSTEM, Actor
from betang.core.crypto import signing
from betang.core.device.short_id import new_short_id
from betang.core.identifiers import new_uuid
from betang.core.lease.settle import Settled
from betang.distribution import lease as leases
from betang.distribution.deliver import Claim, deliver_many
from betang.distribution.open_cycle import open_cycle
from betang.keys.init import init
from betang.programmes.models import Cycle

#: Seconds of deliveries; the published figure is three minutes.
SIZE = 180
RATE = 1_000
#: One transaction carries the batch of one device; twenty devices send each second.
BATCH = 50
DEVICES = 40
#: Connections that deliver at once, each for its own devices: one would wait for its own commits.
WRITERS = 2
#: The first seconds load pages and fill caches; what they show is not counted.
WARM_S = 5
FLOOR_MS = 0.95 * 100 + 1000 / 60
CHROMIUM = "/usr/bin/chromium"

#: Notes [village, count, milliseconds since 1970] after the frame that shows it was painted.
WATCH = """
window.shown = [];
addEventListener("DOMContentLoaded", () => {
  const channel = new MessageChannel();
  let seen = [];
  channel.port1.onmessage = () => {
    const at = performance.timeOrigin + performance.now();
    for (const [village, count] of seen) window.shown.push([village, count, at]);
    seen = [];
  };
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      seen.push([Number(target.id.slice(1)), Number(target.dataset.count)]);
    }
    channel.port2.postMessage(0);
  }).observe(document.querySelector("#house"), { attributeFilter: ["data-count"], subtree: true });
});
"""


class Made(NamedTuple):
    """What a village's count became, and when (milliseconds since 1970, the database's clock)."""

    village: int
    served: int
    at_ms: float


class Right(NamedTuple):
    """A right that a device may deliver."""

    entitlement: UUID
    village: int


def run(size: int = SIZE, rate: int = RATE) -> list[Row]:
    """Measure `size` seconds of `rate` deliveries a second."""
    at = timezone.now()
    init(actor=SYSTEM, at=at)
    cycle = field_world.make(rate * (size + WARM_S) + DEVICES * BATCH, at=at)
    open_cycle(cycle, actor=field_world.CLERK, at=at)
    holders = _devices(cycle)
    with field_world.owner() as owner:
        field_world.analyse_what_is_filled(owner)
    session = _viewer()
    servers = _Servers()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
            )
            page = _open(
                browser.new_context(viewport={"width": 1366, "height": 768}), servers, session
            )
            writers = [
                _Writer(holders[n::WRITERS], rate=rate / WRITERS, seconds=size + WARM_S)
                for n in range(WRITERS)
            ]
            for writer in writers:
                writer.start()
            while any(writer.is_alive() for writer in writers):
                page.wait_for_timeout(250)  # the page must live: its loop is ours
            page.wait_for_timeout(2_000)
            shown = page.evaluate("window.shown")
            peak = servers.memory("stream")
            browser.close()
    finally:
        servers.stop()
    made = sorted((each for writer in writers for each in writer.made), key=lambda m: m.at_ms)
    return _rows(made, shown, peak, rate)


def _rows(all_made: list[Made], shown: list[list[float]], peak: float, rate: int) -> list[Row]:
    frames: dict[int, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
    for village, count, at_ms in shown:
        counts, times = frames[int(village)]
        counts.append(int(count))
        times.append(at_ms)
    begin = all_made[0].at_ms + WARM_S * 1000
    waits = []
    for made in all_made:
        counts, times = frames[made.village]
        place = bisect_left(counts, made.served)
        assert place < len(counts), f"village {made.village} never showed {made.served}"
        if made.at_ms >= begin:
            waits.append(times[place] - made.at_ms)
    waits.sort()

    def row(name: str, value: float, unit: str, floor: float | None = None) -> Row:
        ratio = value / floor if floor else None
        return Row(
            name=name, value=value, unit=unit, floor=floor, ratio=ratio,
            peak_mb=peak if floor else None, size=len(waits),
        )  # fmt: skip

    took = (all_made[-1].at_ms - all_made[0].at_ms) / 1000
    return [
        row("board p50", waits[len(waits) // 2], "ms"),
        row("board p95", waits[int(len(waits) * 0.95)], "ms", FLOOR_MS),
        row("board p99", waits[int(len(waits) * 0.99)], "ms"),
        row(f"board deliveries (asked: {rate})", len(all_made) / took, "1/s"),
    ]


class _Writer(threading.Thread):
    """Delivers in batches on schedule, and notes what each village's count became."""

    def __init__(
        self, holders: list[tuple[Device, list[Right]]], *, rate: float, seconds: int
    ) -> None:
        super().__init__(name="writer")
        self.made: list[Made] = []
        self._holders = holders
        self._batches = int(rate * seconds) // BATCH
        self._pause_s = BATCH / rate
        self._counts: dict[int, int] = defaultdict(int)

    def run(self) -> None:
        begin = time.monotonic()
        for number in range(self._batches):
            device, rights = self._holders[number % len(self._holders)]
            batch, rights[:] = rights[:BATCH], rights[BATCH:]
            committed = _deliver(device, batch)
            for right in batch:
                self._counts[right.village] += 1
                self.made.append(Made(right.village, self._counts[right.village], committed))
            rest = begin + (number + 1) * self._pause_s - time.monotonic()
            if rest > 0:
                time.sleep(rest)
        connection.close()


def _deliver(device: Device, batch: list[Right]) -> float:
    """Deliver a batch in one transaction; give the clock of its last statement."""
    now = timezone.now()
    claims = [_claim(number, device, right, now) for number, right in enumerate(batch)]
    with transaction.atomic():
        outcomes = deliver_many(claims, at=now)
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8 * 1000")
            clock: float = cursor.fetchone()[0]
    assert all(outcome.code == Settled.COUNTS for outcome in outcomes), outcomes[0]
    return clock


def _claim(number: int, device: Device, right: Right, now: Any) -> Claim:
    return Claim(
        ord=number,
        entitlement=right.entitlement,
        part=1,
        device_id=device.pk,
        device=device.uuid,
        device_code=device.short_id,
        actor=Actor(device.actor.kind, device.uuid, device.owner.person),
        at=now,
        heard_at=now,
        event=new_uuid(),
        online=False,
        source="phone",
        collector="head",
        member=None,
        card_number=None,
        colour="green",
        point=None,
        receipt=f"{device.short_id}-{number}",
        attachment=None,
    )


def _devices(cycle: Cycle) -> list[tuple[Device, list[Right]]]:
    owner = User.objects.create(username="sari", full_name="Sari")
    villages = list(Area.objects.filter(level=4).order_by("code").values_list("code", flat=True))
    holders = []
    for number in range(DEVICES):
        jwk = jose.jwk_of(signing.new_private_key().public_key())
        device = Device.objects.create(
            short_id=new_short_id(), owner=owner, public_jwk=jwk,
            thumbprint=jose.thumbprint(jwk), state="active", enrolled_at=timezone.now(),
        )  # fmt: skip
        own = villages[number::DEVICES]
        DeviceArea.objects.bulk_create(DeviceArea(device=device, area_id=area) for area in own)
        leases.grant(device, cycle=cycle, actor=field_world.CLERK, at=timezone.now())
        with connection.cursor() as cursor:
            # Families of all its villages in turn, as a week of deliveries mixes them.
            cursor.execute(
                "SELECT uuid, village_id FROM distribution_entitlement WHERE holder_id = %s "
                "ORDER BY row_number() OVER (PARTITION BY village_id ORDER BY id), village_id",
                [device.pk],
            )
            holders.append((device, [Right(*row) for row in cursor.fetchall()]))
    return holders


def _viewer() -> str:
    """Sign somebody in who may see the whole board; give the session's key."""
    user = User.objects.create(username="gubernur", full_name="Ruang Pantau")
    proposer, approver = field_world.CLERK.person, field_world.SECOND.person
    assert proposer
    assert approver
    RoleGrant.objects.create(
        user=user, role="auditor", from_at=timezone.now(),
        proposed_by_person=proposer, approved_by_person=approver,
    )  # fmt: skip
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    assert session.session_key
    return session.session_key


def _open(context: Any, servers: "_Servers", session: str) -> Page:
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": servers.origin}]
    )
    page: Page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(servers.origin + "/")
    page.get_by_text("Tersambung langsung").wait_for()
    return page


class _Servers:
    """The real site, stream and worker, on free ports."""

    def __init__(self) -> None:
        site, stream = free_port(), free_port()
        self.origin = f"http://localhost:{site}"
        environment = os.environ | {
            "BETANG_ORIGIN": self.origin,
            "BETANG_STREAM_ORIGIN": f"http://localhost:{stream}",
        }
        commands = {
            "site": ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(site),
                     "--workers", "1", "--no-ws", "--log-level", "warning",
                     "betang.wsgi:application"],
            "stream": ["uvicorn", "--host", "127.0.0.1", "--port", str(stream), "--no-access-log",
                       "--log-level", "warning", "betang.stream:application"],
            "worker": ["betang.worker"],
        }  # fmt: skip
        self._processes = {
            name: subprocess.Popen([sys.executable, "-m", *words], env=environment)
            for name, words in commands.items()
        }
        for port in (site, stream):
            _await(port)

    def memory(self, name: str) -> float:
        """Give the resident memory of a process, in megabytes."""
        process = psutil.Process(self._processes[name].pid)
        return float(process.memory_info().rss) / 1024 / 1024

    def stop(self) -> None:
        """End them."""
        for process in self._processes.values():
            for child in psutil.Process(process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    child.terminate()
            process.terminate()
        for process in self._processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)


def _await(port: int) -> None:
    for _ in range(300):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError("a server did not start")
