"""A phone for the benchmarks: Chromium, six times slower, enrolled at the real site.

What is slowed is the thread of the page, by the browser's own means. What the browser does on other
threads (WebCrypto, the service worker, the disk) is as fast as this machine.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, Playwright

from benchmarks import field_world
from benchmarks.village import FURNISH, MEMBERS
from betang.accounts import devices
from betang.accounts.models import Device, Role, RoleGrant, User
from betang.areas.models import Area
from betang.cards.revocation import publish
from betang.core.actor import SYSTEM
from betang.core.crypto.keyring import Purpose
from betang.core.jose import to_b64u
from betang.distribution import lease as leases
from betang.distribution.open_cycle import open_cycle
from betang.keys import signer
from betang.keys.init import init
from betang.programmes.models import Cycle

# Playwright's loop runs in this thread, where Django would refuse its database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM = "/usr/bin/chromium"
PIN = "271828"
SLOWER = 6
HOME = f"{settings.ORIGIN}/lapangan/"

#: `window.painted(found)` gives what `found()` gives and the time of the frame that showed it.
PAINTED = """
window.painted = (found) => new Promise((done) => {
  const channel = new MessageChannel();
  const look = () => {
    const value = found();
    if (!value) return requestAnimationFrame(look);
    channel.port1.onmessage = () => done([value, performance.now()]);
    channel.port2.postMessage(0);
  };
  requestAnimationFrame(look);
});
"""
SPIN = """() => {
  const began = performance.now();
  let sum = 0;
  for (let n = 0; n < 2e7; n++) sum = (sum * 31 + n) % 1000003;
  return [performance.now() - began, sum];
}"""


def make_villages(*sizes: int) -> tuple[Cycle, list[int]]:
    """Make one village of each size, its families with members, homes, cards and rights."""
    at = timezone.now()
    init(actor=SYSTEM, at=at)
    cycle = field_world.make(sum(sizes), at=at)
    villages = list(Area.objects.filter(level=4).order_by("code").values_list("code", flat=True))
    villages = villages[: len(sizes)]
    with field_world.owner() as owner:
        done = 0
        for village, size in zip(villages, sizes, strict=True):
            owner.execute(
                "UPDATE registry_household SET village_id = %s WHERE id IN"
                " (SELECT id FROM registry_household ORDER BY id OFFSET %s LIMIT %s)",
                [village, done, size],
            )
            done += size
        for village in villages:
            owner.execute(FURNISH, {"village": village})
            owner.execute(MEMBERS, {"village": village})
        owner.execute(field_world.CARDS)
    open_cycle(cycle, actor=field_world.CLERK, at=at)
    publish(actor=field_world.CLERK, at=at)
    return cycle, villages


@contextmanager
def switched_on(
    playwright: Playwright, profile: Path, camera: Path | None = None
) -> Iterator[Page]:
    """Start the browser on a profile: each time a process of its own."""
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=CHROMIUM,
        headless=True,
        args=[
            "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
            *([f"--use-file-for-fake-video-capture={camera}"] if camera else []),
        ],
        viewport={"width": 360, "height": 740}, device_scale_factor=2, is_mobile=True,
        has_touch=True, locale="id-ID", timezone_id="Asia/Jakarta",
        permissions=["geolocation", "camera"],
        geolocation={"latitude": -2.2083, "longitude": 113.916, "accuracy": 9},
    )  # fmt: skip
    try:
        page = context.pages[0] if context.pages else context.new_page()
        page.set_default_timeout(120_000)
        page.add_init_script(PAINTED)
        context.new_cdp_session(page).send(
            "Browser.setPermission",
            {"permission": {"name": "persistent-storage"}, "setting": "granted"},
        )
        yield page
    finally:
        context.close()


def slow_down(page: Page, times: float = SLOWER) -> None:
    """Let the page's thread run `times` slower from now on."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": times})


def slowness(page: Page) -> float:
    """Give how much slower the page is than unslowed: a loop in it, measured both ways."""
    session = page.context.new_cdp_session(page)
    taken = {}
    for rate in (SLOWER, 1, SLOWER):
        session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
        page.evaluate(SPIN)
        taken[rate] = min(page.evaluate(SPIN)[0] for _ in range(3))
    return float(taken[SLOWER] / taken[1])


def thread_ms(page: Page) -> Callable[[], float]:
    """Give what tells the processor's time of the page's thread, its slowing included."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def told() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return 1000 * next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration")

    return told


def type_pin(page: Page, pin: str = PIN) -> None:
    """Press the keys."""
    for digit in pin:
        page.get_by_role("button", name=digit, exact=True).click()


def enrol(playwright: Playwright, profile: Path, village: int, cycle: Cycle) -> None:
    """Enrol a companion's phone, give it a village and its lease, wait until it keeps them."""
    owner = User.objects.create(username=f"sari{village}", full_name="Sari")
    RoleGrant.objects.create(
        user=owner, role=Role.FACILITATOR, area=None, from_at=timezone.now(),
        proposed_by_person=field_world.CLERK_PERSON, approved_by_person=field_world.SECOND_PERSON,
    )  # fmt: skip
    _, point = signer.current(Purpose.ENROLMENT)
    once = devices.issue_code(owner, actor=field_world.CLERK, at=timezone.now())
    with switched_on(playwright, profile) as page:
        page.goto(f"{HOME}#enrol={once}.{to_b64u(hashlib.sha256(point).digest())}")
        page.get_by_text("Buat PIN 6 angka").wait_for()
        type_pin(page)
        page.get_by_text("Ketik PIN sekali lagi").wait_for()
        type_pin(page)
        page.get_by_text("Bacakan enam kata ini").wait_for()
        words = [text.split()[-1] for text in page.locator("ol li").all_inner_texts()]
        device = Device.objects.select_related("owner").get(owner=owner)
        devices.confirm(
            device, words=words, areas=[village], actor=field_world.CLERK, at=timezone.now()
        )
        leases.grant(device, cycle=cycle, actor=field_world.CLERK, at=timezone.now())
        page.get_by_text("keluarga belum dilayani").wait_for()
        # Asked from outside: the page's own policy refuses what a page is made to evaluate.
        while not page.evaluate("navigator.serviceWorker.controller?.state === 'activated'"):
            page.wait_for_timeout(50)


def percentile(values: list[float], part: float) -> float:
    """Give the value below which `part` of the values lie (the nearest one that was measured)."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]
