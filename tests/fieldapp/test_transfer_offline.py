"""Two phones that meet without a server: one hands its list to the other by their screens, which
serves a family of it; and when the server is back each right is counted once.
"""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page

from betang.cards.models import Card
from betang.distribution.models import Delivery, Entitlement, Transfer
from betang.sync.models import Decision
from tests.fieldapp.album import Album
from tests.fieldapp.axe import faults_in_every_light
from tests.fieldapp.conftest import enrol, type_pin, wait_for_worker
from tests.fieldapp.office import ELSEWHERE, SERVED, code, confirm
from tests.sync.books import assert_whole

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.django_db(transaction=True)]

Film = Callable[[str, list[Image.Image]], Path]


@pytest.fixture
def film(tmp_path: Path) -> Film:
    """A camera that looks at a screen: each picture for a while, over and over."""

    def look_at(name: str, pictures: list[Image.Image]) -> Path:
        path = tmp_path / f"{name}.mjpeg"
        frames = []
        for picture in pictures:
            frame = Image.new("RGB", (1280, 720), "#3a332b")
            frame.paste(picture.resize((700, 700)), (290, 10))
            jpeg = io.BytesIO()
            frame.save(jpeg, "JPEG", quality=85)
            frames += [jpeg.getvalue()] * 8
        path.write_bytes(b"".join(frames))
        return path

    return look_at


def photograph(page: Page) -> Image.Image:
    """Photograph the code on the screen, as another phone's camera sees it."""
    return Image.open(io.BytesIO(page.locator("main svg[role=img]").screenshot())).convert("RGB")


def photograph_all(page: Page) -> list[Image.Image]:
    """Photograph a code that changes until each picture of it was seen."""
    total = int(page.get_by_text("Gambar").inner_text().split()[-1])
    seen: dict[str, Image.Image] = {}
    for _ in range(400):
        picture = photograph(page)
        for found in zxingcpp.read_barcodes(picture):
            seen.setdefault(found.text, picture)
        if len(seen) == total:
            return list(seen.values())
        page.wait_for_timeout(40)
    raise AssertionError(f"only {len(seen)} of {total} frames were ever shown whole")


def reopen(phone, origin: str, *, profile: str, camera: Path | None = None) -> Page:
    """Restart a phone in the village, its camera looking at something else; one phone is dark."""
    page = phone(profile=profile, camera=camera, dark=profile == "taker")
    page.goto(f"{origin}/lapangan/")
    type_pin(page)
    page.get_by_role("button", name="Catatan").wait_for()
    return page


def press(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role(
            "button", name=re.compile(f"{name}$")
        ).click()  # a tab may begin with a count


def open_handing(page: Page, name: str) -> None:
    press(page, "Catatan")
    page.get_by_text("HP mau mati, atau antrean dibagi dua?").click()
    press(page, name)


class Meeting:
    """Two phones in a village without a server, and the cameras that look at their screens."""

    def __init__(self, phone, film: Film, origin: str) -> None:
        self.phone, self.film, self.origin = phone, film, origin
        self.album = Album()

    def open(self, profile: str, camera: Path | None = None) -> Page:
        return reopen(self.phone, self.origin, profile=profile, camera=camera)

    def offer(self) -> Path:
        """The receiver shows who it is, and is switched off."""
        taker = self.open("taker")
        open_handing(taker, "Terima penugasan")
        taker.get_by_role("img", name="Kode penerima").wait_for()
        self.album.look(taker, "take-lease")
        sight = self.film("offer", [photograph(taker)])
        taker.context.close()
        return sight

    def give(self, offer: Path) -> Path:
        """The giver reads the offer, gives all of one village, shows its frames, and is off."""
        giver = self.open("giver", offer)
        open_handing(giver, "Serahkan penugasan ke HP lain")
        self.album.look(giver, "give-lease")
        press(giver, "Pindai kode penerima")
        giver.locator("label", has_text=str(SERVED)).click()
        giver.get_by_text("Sebagian saja").click()
        press(giver, "Pilih separuh")
        assert faults_in_every_light(giver) == []
        giver.get_by_role("button", name="Serahkan 1 keluarga").wait_for()
        giver.get_by_text("Semua, 3 keluarga").click()
        giver.get_by_text("hanya kantor yang dapat membebaskan").wait_for()
        self.album.look(giver, "give-lease--choose")
        press(giver, "Serahkan 3 keluarga")
        giver.get_by_text("Belum diakui").wait_for()
        self.album.look(giver, "give-lease--show")
        sight = self.film("frames", photograph_all(giver))
        giver.context.close()
        return sight

    def take(self, shown: Path) -> Path:
        """The receiver films the giver's screen, takes over, shows its receipt, and is off."""
        taker = self.open("taker", shown)
        open_handing(taker, "Terima penugasan")
        press(taker, "Pindai HP pemberi")
        taker.get_by_text("3 keluarga belum ada dalam daftar HP ini").wait_for()
        self.album.look(taker, "take-lease--confirm")
        press(taker, "Terima penugasan")
        taker.get_by_role("img", name="Kode tanda terima").wait_for()
        self.album.look(taker, "take-lease--done")
        sight = self.film("receipt", [photograph(taker)])
        taker.context.close()
        return sight

    def acknowledge(self, receipt: Path) -> None:
        """The giver reads the receipt."""
        giver = self.open("giver", receipt)
        open_handing(giver, "Serahkan penugasan ke HP lain")
        giver.get_by_role("button", name="Belum diakui").click()
        press(giver, "Pindai tanda terima")
        giver.get_by_text("mengakui: 3 keluarga").wait_for()
        assert faults_in_every_light(giver) == []
        giver.context.close()

    def is_refused(self, card: Path) -> None:
        """The giver serves nobody any more of those it gave away."""
        giver = self.open("giver", card)
        press(giver, "Pindai")
        giver.get_by_text("tidak ada dalam penugasan HP ini").wait_for()
        assert giver.get_by_role("button", name="Lanjut").count() == 0
        giver.context.close()

    def is_served(self, card: Path) -> None:
        """The receiver serves a family of which it knows only what the card says, once."""
        taker = self.open("taker", card)
        press(taker, "Pindai")
        taker.get_by_role("heading", name="Kartu asli").wait_for()
        press(taker, "Lanjut")
        taker.get_by_text("Kepala keluarga").click()
        press(taker, "Serahkan dan simpan")
        taker.get_by_text("Tersimpan di HP ini").wait_for()
        press(taker, "Pindai kartu berikutnya")
        taker.get_by_role("heading", name="Sudah diambil").wait_for()
        taker.context.close()


@pytest.fixture
def meeting(live_betang, village, phone, film: Film, budi) -> Meeting:
    """Two enrolled phones: one holds the lists of two villages, the other serves a third."""
    origin = live_betang.origin
    live_betang.start("site")
    giver = phone(profile="giver")
    enrol(giver, code(origin, village, budi))
    confirm(giver, village, budi)
    wait_for_worker(giver)
    giver.context.close()
    taker = phone(profile="taker")
    enrol(taker, code(origin, village, budi))
    # of another village: it gets families of its own, and no lease
    confirm(taker, village, budi, areas=(ELSEWHERE,), leased=False)
    wait_for_worker(taker)
    taker.context.close()
    live_betang.kill("site")
    return Meeting(phone, film, origin)


def test_a_list_goes_from_a_dying_phone_to_another_and_is_served_once(
    meeting: Meeting, live_betang, camera
):
    card = camera(Card.objects.filter(village_id=SERVED).order_by("pk")[0].qr)

    meeting.acknowledge(meeting.take(meeting.give(meeting.offer())))
    meeting.is_refused(card)
    meeting.is_served(card)

    assert meeting.album.faults == {}
    assert not Transfer.objects.exists()
    live_betang.start("site")
    for profile, count in (("taker", 2), ("giver", 1)):
        page = meeting.open(profile)
        press(page, "Catatan")
        page.locator("li .chip", has_text="Disahkan").nth(count - 1).wait_for()
        page.context.close()
    done, delivery = Transfer.objects.get(), Delivery.objects.get()
    assert (done.rights_moved, done.rights_named) == (3, 3)
    assert done.giver_heard_at
    assert delivery.counted
    assert delivery.device == done.to_device.uuid
    assert {one.outcome for one in Decision.objects.all()} == {"accepted"}
    left = Entitlement.objects.filter(village_id=SERVED, channel="hand", state="open")
    assert {one.holder_id for one in left} == {done.to_device_id}
    assert_whole()
    page = meeting.open("taker")  # its next bundle brought the families by name
    press(page, "Keluarga")
    page.get_by_text("Warga 1", exact=True).wait_for()
