"""A phone that wrong PINs have wiped: what was photographed still reaches the office, by hand."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from betang.distribution.models import Delivery
from betang.keys import blobs
from betang.keys.models import SealedBlob
from tests.fieldapp.conftest import enrol, open_phone_in_the_village, type_pin, wait_for_worker
from tests.fieldapp.office import SERVED, code, confirm
from tests.fieldapp.steps import name_a_representative
from tests.fieldapp.test_courier import carried
from tests.fieldapp.test_offline_journey import first_card

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.django_db(transaction=True)]

#: Nine wrong PINs and the hours of waiting between them.
NINE_WRONG = """async () => {
  const open = indexedDB.open("betang");
  const db = await new Promise((done) => (open.onsuccess = () => done(open.result)));
  const meta = db.transaction("meta", "readwrite").objectStore("meta");
  const kept = await new Promise((done) => {
    const asked = meta.get("vault");
    asked.onsuccess = () => done(asked.result);
  });
  kept.value = { ...kept.value, wrong_pins: 9, retry_at_ms: 0 };
  await new Promise((done) => (meta.put(kept).onsuccess = done));
  db.close();
}"""


def save(page: Page, name: str) -> bytes:
    """Press a button that saves a file, and give the file."""
    with page.expect_download() as download:
        page.get_by_role("button", name=name).click()
    assert download.value.suggested_filename.endswith(".betang")
    return download.value.path().read_bytes()


def read_back(page: Page, receipt: bytes, folder: Path) -> None:
    """Give the phone the server's receipt."""
    path = folder / "tanda-terima.betang"
    path.write_bytes(receipt)
    page.locator("input[type=file]").set_input_files(path)


def test_photos_of_a_wiped_phone_are_carried_and_only_then_is_it_enrolled_anew(
    live_betang, village, phone, camera, budi, picture, tmp_path
):
    origin, sight = live_betang.origin, camera(first_card(SERVED).qr)
    live_betang.start("site")
    page = phone(camera=sight)
    enrol(page, code(origin, village, budi))
    confirm(page, village, budi)
    wait_for_worker(page)
    page.context.close()
    live_betang.kill("site")
    page = open_phone_in_the_village(phone, origin, sight)
    page.get_by_role("button", name="Pindai").click()
    page.get_by_role("button", name="Lanjut", exact=True).click()
    name_a_representative(page, picture)
    page.get_by_role("button", name="Serahkan dan simpan").click()
    page.get_by_text("Tersimpan di HP ini").wait_for()

    page.evaluate(NINE_WRONG)
    page.reload()
    type_pin(page, "000000")
    page.get_by_text("Data keluarga di HP ini sudah dihapus").wait_for()
    told = page.get_by_text("belum terkirim. Itu tidak hilang").inner_text()
    photos = int(told.partition(" dan ")[2].split()[0])
    assert told.startswith("1 catatan dan")
    assert photos >= 2
    records, pictures = save(page, "Simpan berkas kiriman"), save(page, "Simpan berkas foto")
    page.screenshot(path=tmp_path / "wiped-by-pin.png", full_page=True)

    live_betang.start("site")
    read_back(page, carried(origin, records), tmp_path)
    page.get_by_text("Tanda terima sah: 1 catatan sudah diterima server").wait_for()
    assert Delivery.objects.get().counted
    page.get_by_text(f"{photos} foto belum terkirim").wait_for()
    page.get_by_text("Foto tidak dapat dititipkan?").click()
    assert page.get_by_role("button", name="Daftarkan HP ini lagi", exact=True).count() == 0
    page.screenshot(path=tmp_path / "wiped-photos-left.png", full_page=True)
    read_back(page, carried(origin, pictures), tmp_path)

    page.get_by_text("Semua catatan dan foto sudah diterima server").wait_for()
    page.get_by_role("button", name="Daftarkan HP ini lagi", exact=True).wait_for()
    kept = [bytes(name) for name in SealedBlob.objects.values_list("sha256", flat=True)]
    assert len(kept) == photos
    assert {blobs.fetch(name)[:2] for name in kept} <= {b"\xff\xd8", b"\x89P"}
