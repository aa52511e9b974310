"""The family's photo, whole way round: taken without a server, made small in the office, compared
without a server, rejected, and gone from the phone.

`BETANG_PICTURES=folder` keeps a picture of each screen and page.
"""

import os
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page

from betang.journal.models import Entry
from betang.registry.models import Household, Portrait
from betang.registry.portraits import shown_of
from tests.fieldapp.conftest import open_phone_in_the_village, type_pin
from tests.fieldapp.steps import (
    first_card,
    open_family,
    open_records,
    prepare_in_the_office,
)
from tests.fieldapp.test_register_offline import desk
from tests.holding import until_true, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.django_db(transaction=True)]

PICTURES = os.environ.get("BETANG_PICTURES", "")
SERVED = 6201011001
FACE = "Foto yang biasa mengambil"
NONE_YET = "Belum ada foto keluarga"


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


@pytest.fixture
def face(tmp_path) -> Path:
    """Somebody before a wall, as a camera held upright sees her."""
    seen = Image.new("RGB", (1200, 1600), "#c9b79a")
    pen = ImageDraw.Draw(seen)
    pen.ellipse((250, 1050, 950, 2000), fill="#2f5d50")
    pen.ellipse((330, 260, 870, 1050), fill="#2a1d16")
    pen.ellipse((390, 380, 810, 1010), fill="#8d5f3f")
    for eye in (490, 650):
        pen.ellipse((eye, 640, eye + 60, 680), fill="#1b120d")
    pen.arc((500, 760, 700, 900), 20, 160, fill="#3d1f18", width=16)
    path = tmp_path / "wajah.jpg"
    seen.save(path, quality=90)
    return path


def on_a_network(page: Page, kind: str) -> None:
    """Let the browser tell what Chromium tells on Android."""
    page.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'connection',"
        f" {{ get: () => ({{ type: '{kind}' }}) }})"
    )
    page.reload()
    type_pin(page)
    page.get_by_role("heading", name="Hari ini").wait_for()


def take_it(page: Page, name: str, face: Path) -> None:
    """Visit, photograph, be told that the family must agree, and save."""
    open_family(page, name)
    page.get_by_text(NONE_YET).wait_for()
    page.get_by_role("button", name="Hasil kunjungan").click()
    page.get_by_text("Bertemu keluarga").click()
    page.locator("input[type=file]").set_input_files(face)
    page.get_by_alt_text("Foto yang diambil").wait_for()
    save = page.get_by_role("button", name="Simpan kunjungan")
    save.click()
    page.get_by_text("Centang persetujuan keluarga").wait_for()
    page.get_by_label("Keluarga setuju").check()
    page.get_by_alt_text("Foto yang diambil").scroll_into_view_if_needed()
    picture(page, "visit-portrait")
    save.click()
    page.get_by_text("Kunjungan dicatat").wait_for()


def compare(page: Page, name: str) -> None:
    """Scan without a server: the face stands beside the verdict, and where aid is handed over."""
    page.get_by_role("button", name="Pindai").first.click()
    page.get_by_alt_text(FACE).wait_for()
    drawn = page.get_by_alt_text(FACE)
    until_true(page, "document.querySelector('main img').naturalWidth === 160")
    box = drawn.bounding_box()
    assert box
    assert (box["width"], box["height"]) >= (150, 150)
    go = page.get_by_role("button", name="Lanjut", exact=True)
    go.or_(page.get_by_role("button", name="Lanjut dengan foto")).wait_for()
    picture(page, "verdict-portrait")
    go.or_(page.get_by_role("button", name="Lanjut dengan foto")).click()
    page.get_by_role("heading", name=name).wait_for()
    page.get_by_alt_text(FACE).wait_for()
    picture(page, "deliver-portrait")


def reject_in_the_office(office: Page, origin: str, family: Household) -> None:
    """Open the family, look at the photo, and reject it with a reason."""
    office.goto(f"{origin}/keluarga/{family.uuid}/")
    picture(office, "office-household")
    office.get_by_role("link", name="Lihat foto").click()
    office.get_by_alt_text("Foto yang mengambil bantuan").wait_for()
    until_true(office, "document.querySelector('figure img').naturalWidth === 160")
    picture(office, "office-portrait")
    office.get_by_text("Tolak foto ini").click()
    office.get_by_label("Alasan").select_option("unclear")
    office.get_by_role("button", name="Tolak dan hapus").click()
    office.get_by_text("Penolakan belum dipastikan").wait_for()
    office.get_by_label("Saya yakin").check()
    picture(office, "office-portrait-reject")
    office.get_by_role("button", name="Tolak dan hapus").click()
    office.get_by_text("Foto ditolak dan dihapus").wait_for()


class TestAFamilysPhoto:
    def test_goes_from_a_visit_to_the_verdict_and_away_again(
        self, live_betang, village, phone, camera, chromium, budi, wati, face
    ):
        card = first_card(SERVED)
        family = Household.objects.get(pk=card.household_id)
        sight = camera(card.qr)
        live_betang.start("site")
        prepare_in_the_office(phone(camera=sight), live_betang, village, budi)
        live_betang.kill("site")
        page = open_phone_in_the_village(phone, live_betang.origin, sight)
        take_it(page, family.head_name, face)
        page.context.close()
        assert not Portrait.objects.exists()

        live_betang.start("site", "worker")
        page = open_phone_in_the_village(phone, live_betang.origin, sight)
        on_a_network(page, "cellular")
        wait_until(lambda: shown_of(family) is not None, page, "the worker made no portrait")
        open_records(page)
        page.get_by_role("button", name="Kirim dan perbarui").click()
        page.get_by_text("Foto keluarga belum diambil").wait_for()  # not on mobile data, unasked
        picture(page, "records-portraits")
        page.get_by_role("button", name="Ambil foto sekarang").click()
        page.get_by_role("button", name="Ambil foto sekarang").wait_for(state="detached")
        page.context.close()
        live_betang.kill("site", "worker")

        for dark in (False, True):
            page = phone(camera=sight, dark=dark)
            page.goto(f"{live_betang.origin}/lapangan/")
            type_pin(page)
            page.get_by_role("heading", name="Hari ini").wait_for()
            compare(page, family.head_name)
            if dark:
                picture(page, "deliver-portrait-dark")
            page.context.close()
        page = open_phone_in_the_village(phone, live_betang.origin, sight)
        open_family(page, family.head_name)
        page.get_by_alt_text(FACE).wait_for()
        picture(page, "family-portrait")
        page.context.close()

        live_betang.start("site")
        office = desk(chromium, live_betang, budi, wati)
        reject_in_the_office(office, live_betang.origin, family)
        looks = Entry.objects.filter(kind="household.looked", subject=family.uuid)
        assert "portrait_picture" in {entry.facts["page"] for entry in looks}
        page = open_phone_in_the_village(phone, live_betang.origin, sight)
        on_a_network(page, "cellular")  # what is gone is gone on any network
        open_family(page, family.head_name)
        page.get_by_text(NONE_YET).wait_for()
        page.get_by_alt_text(FACE).wait_for(state="detached")
