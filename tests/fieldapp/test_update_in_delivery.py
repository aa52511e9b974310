"""A new version of the app comes while a delivery is typed: it waits, and nothing is lost.

The signal is there just long enough to fetch it; before and after there is no server.
"""

import pytest
from playwright.sync_api import Page

from tests.fieldapp.conftest import open_phone_in_the_village, type_pin
from tests.fieldapp.stand_in import StandIn
from tests.fieldapp.steps import leave_with_families, open_records, sign
from tests.holding import until_true

pytestmark = [pytest.mark.browser]

WAITING = "navigator.serviceWorker.getRegistration().then(found => found?.waiting !== null)"
KEPT = "newer => caches.keys().then(kept => `${kept}` === newer)"
NEWER = "betang-app-0123456789ab"


def begin(page: Page, picture) -> None:
    """Type a delivery that gave less, with photo and signature, and do not save it."""
    page.get_by_role("button", name="Pindai").click()
    page.get_by_role("button", name="Lanjut dengan foto").click()
    page.get_by_text("Kepala keluarga").click()
    page.get_by_text("Yang diserahkan kurang dari ini").click()
    page.get_by_label("Jumlah beras").fill("3")
    page.get_by_text("Sebagian rusak").click()
    page.locator("input[type=file]").set_input_files(picture)
    page.get_by_alt_text("Foto yang diambil").wait_for()
    sign(page)
    is_typed(page)


def is_typed(page: Page) -> None:
    """Everything is there: who, how much and why, the photo, the signature."""
    until_true(page, "document.querySelector('.amount')?.value === '3'")
    until_true(page, "document.querySelector('figure img')?.naturalWidth > 0")
    page.get_by_label("Bidang tanda tangan, sudah terisi").wait_for()
    for chosen in ("Kepala keluarga", "Sebagian rusak"):
        label = page.locator("label", has_text=chosen)
        assert label.locator("input").first.is_checked()


def go_on(page: Page) -> None:
    """Scan the same card again and find the form as it was left."""
    page.get_by_role("button", name="Pindai").click()
    page.get_by_role("button", name="Lanjut dengan foto").click()
    is_typed(page)


def pass_a_signal(page: Page, stand_in: StandIn) -> None:
    """Fetch the new version, as the browser does by itself each hour, and lose the signal."""
    stand_in.newer = True
    stand_in.start()
    page.evaluate("navigator.serviceWorker.getRegistration().then(found => found.update())")
    until_true(page, WAITING)
    stand_in.stop()


def install(page: Page) -> None:
    """Consent on the screen of today: the app begins anew, from its own files."""
    page.get_by_role("button", name="Pasang sekarang").click()
    page.get_by_text("Ketik PIN").wait_for()
    until_true(page, "newer => caches.keys().then(kept => '' + kept === '' + newer)", NEWER)
    type_pin(page)
    page.get_by_role("heading", name="Hari ini").wait_for()


def save(page: Page) -> None:
    page.get_by_role("button", name="Serahkan dan simpan").click()
    page.get_by_text("Tersimpan di HP ini").wait_for()
    page.get_by_role("button", name="Selesai").click()


def arrives(page: Page, stand_in: StandIn) -> None:
    """The server hears once what was given, with its picture."""
    stand_in.start()
    page.get_by_role("button", name="Kirim dan perbarui").click()
    page.locator("li .chip", has_text="Disahkan").wait_for()
    (event,) = stand_in.events
    given = event["data"]
    assert (given["goods"][0]["quantity"], given["less"], given["collector"]) == (
        3, "damaged", "head",
    )  # fmt: skip
    assert len(given["photos"]) == 1


@pytest.fixture
def typing(phone, stand_in, camera, picture):
    """A phone in a village without a server, in the middle of a delivery; and what it sees."""
    stand_in.list_age_days = 21  # a photo is asked for
    sight = camera(stand_in.card_text(0))
    leave_with_families(phone(camera=sight), stand_in)
    page = open_phone_in_the_village(phone, stand_in.origin, sight)
    begin(page, picture)
    return page, sight


def test_a_new_version_waits_until_the_delivery_is_recorded(typing, phone, stand_in):
    page, sight = typing
    page.evaluate("globalThis.before = true")

    pass_a_signal(page, stand_in)

    is_typed(page)
    assert page.get_by_role("button", name="Pasang sekarang").count() == 0
    save(page)
    assert page.evaluate("globalThis.before") is True  # nothing was loaded anew
    install(page)
    assert page.evaluate("globalThis.before") is None
    open_records(page)
    page.locator("li .chip", has_text="Di HP ini").wait_for()
    page.context.close()
    page = open_phone_in_the_village(phone, stand_in.origin, sight)
    open_records(page)
    page.locator("li .chip", has_text="Di HP ini").wait_for()
    page.get_by_role("button", name="Tunjukkan tanda terima").click()
    page.get_by_text("Beras 3 kg").wait_for()
    page.get_by_role("button", name="Kembali").first.click()
    arrives(page, stand_in)


def test_a_delivery_that_is_left_for_the_new_version_goes_on_where_it_stood(
    typing, phone, stand_in
):
    page, sight = typing
    page.get_by_role("button", name="Kembali").first.click()
    go_on(page)  # it was read from the flash
    pass_a_signal(page, stand_in)
    page.get_by_role("button", name="Kembali").first.click()
    install(page)

    go_on(page)
    page.context.close()  # and the battery is empty, too
    page = open_phone_in_the_village(phone, stand_in.origin, sight)
    go_on(page)
    save(page)

    open_records(page)
    arrives(page, stand_in)
