"""A phone for the tests: Debian's Chromium, a cheap phone's size, a camera fed from a file."""

import io
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from django.db import connections
from django.utils import timezone
from PIL import Image
from playwright.sync_api import ConsoleMessage, Error, Page, Playwright, sync_playwright

from betang.cards import custody
from betang.cards.hand_over import hand_over
from betang.cards.issue import issue_cards
from betang.cards.models import Card
from betang.cards.revocation import publish
from betang.core.actor import Actor
from betang.web.fieldapp import BUILT
from tests.conftest import LiveBetang
from tests.fieldapp.office import SERVED
from tests.fieldapp.stand_in import StandIn
from tests.holding import until_true
from tests.sync.world import World, make_world

# Playwright's loop runs in this thread, where Django would refuse its database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM = "/usr/bin/chromium"
PHONE = {"width": 360, "height": 740}
PIN = "271828"
#: Any other host is not found, so that a test does not depend on what it would have answered.
NOWHERE_ELSE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"

#: The minute's own round never comes.
NO_MINUTES = """
const each = globalThis.setInterval;
globalThis.setInterval = (work, ms, ...rest) => each(work, ms < 60_000 ? ms : 2 ** 31 - 1, ...rest);
"""
#: How many bytes of drafts are kept, sealed; sealed text is as long as the text.
DRAFTED = """
(least) => new Promise((done) => {
  const asked = indexedDB.open("betang");
  asked.onsuccess = () => {
    const all = asked.result.transaction("drafts").objectStore("drafts").getAll();
    all.onsuccess = () => {
      asked.result.close();
      const bytes = all.result.reduce((sum, row) => sum + row.sealed.length, 0);
      done(bytes >= least ? bytes : 0);
    };
  };
})
"""

Phone = Callable[..., Page]
SHOWN = pytest.StashKey[list[Page]]()


@pytest.fixture(scope="session")
def built_app() -> Path:
    """The built app; its absence is a failure, never a skip."""
    assert (BUILT / "index.html").exists(), "the field app is not built: npm ci && npm run build"
    return BUILT


@pytest.fixture
def chromium() -> Iterator[Playwright]:
    """Playwright, which brings no browser of its own. Ask for it after the database.

    While its loop runs, Django takes this thread for an asynchronous one and gives it connections
    of its own: they are closed here, before the database's own fixture ends.
    """
    assert Path(CHROMIUM).exists(), "the browser tests need Debian's chromium"
    with sync_playwright() as playwright:
        yield playwright
        connections.close_all()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say what the phones showed when a test failed: it may fail once, on a machine far away."""
    report = yield
    if report.when == "call" and report.failed:
        for page in item.stash.get(SHOWN, []):
            with suppress(Error):
                report.sections.append((page.url, page.locator("body").inner_text(timeout=5000)))
    return report


@pytest.fixture
def phone(
    chromium: Playwright, built_app: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Phone]:
    """Open the browser on a profile; calling again with the same profile is a restarted phone."""
    thrown: list[str] = []
    shown = request.node.stash[SHOWN] = []
    with ExitStack() as opened:

        def open_phone(
            *,
            profile: str = "profile",
            camera: Path | None = None,
            dark: bool = False,
            keeps: bool = True,
        ) -> Page:
            context = chromium.chromium.launch_persistent_context(
                tmp_path / profile,
                executable_path=CHROMIUM,
                headless=True,
                args=[
                    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update",
                    "--disable-sync", NOWHERE_ELSE, "--use-fake-ui-for-media-stream",
                    "--use-fake-device-for-media-stream",
                    *([f"--use-file-for-fake-video-capture={camera}"] if camera else []),
                ],
                viewport=PHONE, device_scale_factor=2, is_mobile=True, has_touch=True,
                color_scheme="dark" if dark else "light", locale="id-ID",
                timezone_id="Asia/Jakarta", permissions=["geolocation", "camera"],
                geolocation={"latitude": -2.2083, "longitude": 113.916, "accuracy": 9},
            )  # fmt: skip
            opened.callback(context.close)
            page = context.pages[0] if context.pages else context.new_page()
            shown.append(page)
            context.on("request", lambda asked: _note_stranger(asked.url, thrown))
            page.on("pageerror", lambda error: thrown.append(str(error)))
            page.on("console", lambda message: _note_console(message, thrown))
            let_keep(page, keeps)
            return page

        yield open_phone
    assert thrown == [], "the page threw, said something, or asked another host"


def let_keep(page: Page, keeps: bool = True) -> None:
    """Let the browser promise to keep what the app stores, as it does for an installed app."""
    page.context.new_cdp_session(page).send(
        "Browser.setPermission",
        {
            "permission": {"name": "persistent-storage"},
            "setting": "granted" if keeps else "denied",
        },
    )


def _note_stranger(url: str, thrown: list[str]) -> None:
    """Nothing is loaded from another host, in no journey."""
    if not url.startswith(("http://localhost:", "blob:http://localhost:", "about:")):
        thrown.append(f"asked {url}")


def _note_console(message: ConsoleMessage, thrown: list[str]) -> None:
    """The app says nothing to the console: a log is read by whoever holds the phone.

    What the browser says of a server that does not answer, and Dexie of a second hand on its store,
    names no family.
    """
    text = message.text
    if message.type == "trace":  # Dexie, of a write that found no room: an error's name
        return
    if not text.startswith(("Failed to load resource", "Dexie.delete('betang') was blocked")):
        thrown.append(text)


@pytest.fixture
def camera(tmp_path: Path) -> Callable[[str], Path]:
    """Make a camera that looks at a QR: JPEG frames of the rendered code, one after the other."""

    def look_at(text: str) -> Path:
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
        modules = Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=6))
        frame = Image.new("RGB", (1280, 720), "white")
        frame.paste(modules.convert("RGB"), (640 - modules.width // 2, 360 - modules.height // 2))
        jpeg = io.BytesIO()
        frame.save(jpeg, "JPEG", quality=92)
        path = tmp_path / f"camera-{abs(hash(text))}.mjpeg"
        path.write_bytes(jpeg.getvalue() * 4)
        return path

    return look_at


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture as a phone's camera gives it."""
    path = tmp_path / "foto.jpg"
    Image.new("RGB", (1600, 1200), "#c9b58a").save(path)
    return path


@pytest.fixture
def village(live_betang: LiveBetang, keys: None, budi: Actor, wati: Actor) -> World:
    """Three families in each of three villages; those of the first hold their cards already."""
    world = make_world(budi, wati, families=3)
    at = timezone.now()
    issue_cards(actor=budi, at=at)
    Card.objects.update(state="printed")
    custody.receive(actor=budi, at=at)
    for number in Card.objects.filter(village_id=SERVED).values_list("number", flat=True):
        hand_over(number, actor=budi, at=at)
    publish(actor=budi, at=at)
    return world


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """The server of a few families."""
    server = StandIn().start()
    yield server
    server.stop()


def type_pin(page: Page, pin: str = PIN) -> None:
    """Press the six keys."""
    for digit in pin:
        page.get_by_role("button", name=digit, exact=True).click()


def enrol(page: Page, code: str) -> None:
    """Open the office's link, choose a PIN twice."""
    page.goto(code)
    page.get_by_text("Buat PIN 6 angka").wait_for()
    type_pin(page)
    page.get_by_text("Ketik PIN sekali lagi").wait_for()
    type_pin(page)


#: Asked once: what Playwright asks again it evaluates anew, which the page's policy refuses.
RULED = """
() => new Promise((done) => {
  const { serviceWorker } = navigator;
  const look = () => {
    if (serviceWorker.controller?.state === "activated") done();
    else setTimeout(look, 50);
  };
  look();
})
"""


def wait_for_worker(page: Page) -> None:
    """Wait until the service worker rules the page: from here on the server may go."""
    page.evaluate(RULED)


def without_minutes(page: Page) -> Page:
    """Let rounds begin only for their own sake, never by the minute, from the next address on."""
    page.add_init_script(NO_MINUTES)
    return page


def begin_round(page: Page) -> None:
    """Come back to the app, which asks for what is new."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def at_rest(page: Page) -> None:
    """Wait on the first screen until no round is on its way."""
    page.get_by_text("Tersambung").wait_for()


@contextmanager
def draft_kept(page: Page, text: str) -> Iterator[None]:
    """Wait until a text that is typed meanwhile is kept on the phone."""
    before = until_true(page, DRAFTED, 1)
    yield
    until_true(page, DRAFTED, before + len(text))


def open_phone_in_the_village(
    phone: Phone, origin: str, sight: Path | None = None, **look: Any
) -> Page:
    """Restart the phone and unlock it, to the first screen."""
    page = switch_on(phone, origin, camera=sight, **look)
    page.get_by_role("heading", name="Hari ini").wait_for()
    return page


def switch_on(phone: Phone, origin: str, *, at: datetime | None = None, **look: Any) -> Page:
    """Switch the phone on, at the time it shows, and unlock it."""
    page = phone(**look)
    if at is not None:
        page.clock.set_system_time(at)
    page.goto(f"{origin}/lapangan/")
    type_pin(page)
    return page
