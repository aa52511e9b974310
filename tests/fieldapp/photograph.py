"""Photograph every screen of the field app, light and dark: `python -m tests.fieldapp.photograph`.

The pictures of `docs/pictures/app-*.png` are made with it. They are looked at by people; nothing is
compared. The server is the stand-in, so no family in them is real.
"""

import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import zxingcpp
from PIL import Image
from playwright.sync_api import Page, Playwright, sync_playwright

from sandbox.chip.virtual_chip import VirtualChip
from tests.fieldapp.nfc import give_reader, touch, wait_for_tickets
from tests.fieldapp.stand_in import FAMILIES, HOST, StandIn

PIN = "271828"


class Studio:
    """One phone, one camera, a folder of pictures."""

    def __init__(
        self, playwright: Playwright, folder: Path, *, dark: bool, nfc: bool = False
    ) -> None:
        """Take pictures into `folder`; with `nfc`, of a phone that reads chips."""
        self.playwright, self.folder, self.dark = playwright, folder, dark
        self.profile = tempfile.mkdtemp()
        self.camera = Path(self.profile) / "camera.mjpeg"
        self.server = StandIn(contested={1}, nfc=nfc)
        self.server.list_revokes = [self.server.families[3]["card"]["number"]]
        self.server.start()

    @contextmanager
    def phone(self, looks_at: str | None) -> Iterator[Page]:
        """Switch the phone on, its camera looking at a card or at the table."""
        self.camera.write_bytes(_frame(looks_at) * 4)
        context = self.playwright.chromium.launch_persistent_context(
            self.profile,
            executable_path="/usr/bin/chromium",
            args=[
                "--no-sandbox", "--disable-gpu", "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={self.camera}",
            ],
            viewport={"width": 360, "height": 740}, device_scale_factor=2, is_mobile=True,
            has_touch=True, color_scheme="dark" if self.dark else "light", locale="id-ID",
            timezone_id="Asia/Jakarta", permissions=["geolocation", "camera"],
            geolocation={"latitude": -2.2083, "longitude": 113.916, "accuracy": 9},
        )  # fmt: skip
        page = context.pages[0]
        # Where a phone grants it, the storage is kept; a headless browser never asks.
        page.add_init_script("navigator.storage.persist = async () => true")
        if self.server.nfc:
            give_reader(page)
        yield page
        context.close()

    def take(self, page: Page, name: str) -> None:
        """Take one picture; a palette is enough for flat colours and a tenth of the size."""
        page.wait_for_timeout(400)
        taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        small = taken.quantize(96, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        tone = "-dark" if self.dark else ""
        small.save(self.folder / f"app-{name}{tone}.png", optimize=True)

    def enrol(self) -> None:
        """From the code to the first day."""
        self.server.confirmed = False
        with self.phone(None) as page:
            page.goto(f"{self.server.origin}/lapangan/")
            self.take(page, "enrol")
            page.goto("about:blank")
            page.goto(self.server.code())
            page.get_by_text("Buat PIN").wait_for()
            _type_pin(page)
            self.take(page, "pin")
            _type_pin(page)
            page.get_by_text("Bacakan enam").wait_for()
            self.take(page, "words")
            self.server.confirmed = True
            page.get_by_text("belum dilayani").wait_for()

    def look_around(self) -> None:
        """The screens that need no card."""
        with self.unlocked(None) as page:
            _press(page, "Keluarga")
            self.take(page, "families")
            page.get_by_role("button", name="Ratna").click()
            self.take(page, "family")
            for entry, name in [
                ("Tempat tinggal dan titik", "home"), ("Hasil kunjungan", "visit"),
                ("Masalah atau pengaduan", "problem"), ("Kartu tidak dapat", "not-handed-over"),
            ]:  # fmt: skip
                _press(page, entry)
                self.take(page, name)
                page.go_back()
            page.go_back()
            _press(page, "Panduan")
            self.take(page, "guide")
            _press(page, "Pindai")
            page.wait_for_timeout(800)
            self.take(page, "scan")

    def serve(self) -> None:
        """One family served, then the card once more, then the cards that are not served."""
        with self.unlocked(self.server.card_text(0)) as page:
            _press(page, "Pindai")
            page.get_by_role("heading", name="Kartu asli").wait_for()
            self.take(page, "green")
            _press(page, "Lanjut")
            page.get_by_text("Kepala keluarga").click()
            page.get_by_text("tepat dalam").wait_for()
            self.take(page, "deliver")
            _press(page, "Serahkan dan simpan")
            page.get_by_text("Tersimpan").wait_for()
            self.take(page, "saved")
            _press(page, "Pindai kartu berikutnya")
            page.get_by_role("heading", name="Sudah diambil").wait_for()
            self.take(page, "taken")
        for place, name in [(3, "red"), (7, "amber"), (2, "hand-over-green")]:
            with self.unlocked(self.server.card_text(place)) as page:
                self.server.stop()
                _press(page, "Pindai")
                page.locator(".verdict").wait_for()
                self.take(page, name)
                _press(page, "Selesai")
                self.take(page, "today")
                if name == "hand-over-green":
                    self.record_something(page)
            self.server.start()

    def tap(self) -> None:
        """Chips without a signal: once, twice, the same once more, past the window, forged."""
        with self.unlocked(None) as page:
            wait_for_tickets(page, len(FAMILIES))
            self.server.stop()
            _press(page, "Pindai")
            page.get_by_text("Tempelan kartu siap dibaca").wait_for()
            self.take(page, "tap-scan")
            chip, far = self.server.chip(0), self.server.chip(1)
            far.counter = 60
            forged = VirtualChip(self.server.chip(4).uid, b"\1" * 16, HOST)
            url = ""
            for name, card in [
                ("tap-once", chip), ("tap-twice", chip), ("tap-again", None), ("tap-far", far),
                ("tap-forged", forged),
            ]:  # fmt: skip
                before = page.locator(".verdict").inner_text() if url else ""
                if name == "tap-again":
                    _press(page, "Selesai")
                    _press(page, "Pindai")
                url = touch(page, card or url)
                page.locator(".verdict").wait_for()
                page.wait_for_function(
                    "(before) => document.querySelector('.verdict')?.innerText !== before",
                    arg=before,
                )
                self.take(page, name)
            self.server.start()

    def record_something(self, page: Page) -> None:
        """A visit without signal, among what was sent before."""
        _press(page, "Keluarga")
        page.get_by_role("button", name="Siti").click()
        _press(page, "Hasil kunjungan")
        page.get_by_text("Bertemu").click()
        _press(page, "Simpan kunjungan")
        page.get_by_text("Kunjungan dicatat").wait_for()
        _press(page, "Selesai")
        _press(page, "Catatan")
        self.take(page, "records")

    @contextmanager
    def unlocked(self, looks_at: str | None) -> Iterator[Page]:
        """The phone, past its PIN."""
        with self.phone(looks_at) as page:
            page.goto(f"{self.server.origin}/lapangan/")
            page.get_by_text("Ketik PIN").wait_for()
            self.take(page, "unlock")
            _type_pin(page)
            page.get_by_text("belum dilayani").wait_for()
            yield page


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def _type_pin(page: Page) -> None:
    for digit in PIN:
        page.get_by_role("button", name=digit, exact=True).click()


def _frame(text: str | None) -> bytes:
    """What the camera sees: a card on a wooden table."""
    table = Image.new("RGB", (1280, 720), "#6f5a41")
    if text is not None:
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
        modules = Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=6)).convert("RGB")
        card = Image.new("RGB", (modules.width + 80, modules.height + 80), "white")
        card.paste(modules, (40, 40))
        table.paste(card, (640 - card.width // 2, 360 - card.height // 2))
    jpeg = io.BytesIO()
    table.save(jpeg, "JPEG", quality=92)
    return jpeg.getvalue()


def main() -> None:
    """Photograph all of it into the folder given (a temporary one otherwise)."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="app-"))
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        for dark in (False, True):
            studio = Studio(playwright, folder, dark=dark)
            studio.enrol()
            studio.look_around()
            studio.serve()
            studio.server.stop()
            chips = Studio(playwright, folder, dark=dark, nfc=True)
            chips.enrol()
            chips.tap()
            chips.server.stop()
    sys.stdout.write(f"{folder}\n")


if __name__ == "__main__":
    main()
