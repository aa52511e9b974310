"""Weeks without signal: a courier carries the phone's file to the server and its receipt back."""

import pytest

from betang.distribution.models import Delivery
from betang.sync.models import FieldEvent
from tests.fieldapp.conftest import enrol, open_phone_in_the_village, wait_for_worker
from tests.fieldapp.office import SERVED, carried, code, confirm
from tests.fieldapp.steps import first_card

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.django_db(transaction=True)]


def test_a_delivery_reaches_the_server_by_hand_and_the_phone_believes_only_its_signature(
    live_betang, village, phone, camera, budi, tmp_path
):
    sight = camera(first_card(SERVED).qr)
    live_betang.start("site")
    page = phone(camera=sight)
    enrol(page, code(live_betang.origin, village, budi))
    confirm(page, village, budi)
    wait_for_worker(page)
    page.context.close()
    live_betang.kill("site")

    page = open_phone_in_the_village(phone, live_betang.origin, sight)
    page.get_by_role("button", name="Pindai").click()
    page.get_by_role("button", name="Lanjut").click()
    page.get_by_text("Kepala keluarga").click()
    page.get_by_role("button", name="Serahkan dan simpan").click()
    page.get_by_text("Tersimpan di HP ini").wait_for()
    page.get_by_role("button", name="Selesai").click()
    page.get_by_role("button", name="Catatan").click()
    page.get_by_text("Berminggu-minggu tanpa sinyal?").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Simpan berkas kiriman").click()
    file = download.value.path().read_bytes()
    page.get_by_text("Berkas tersimpan.").wait_for()
    page.screenshot(path=tmp_path / "kiriman.png")
    assert not FieldEvent.objects.exists()

    page.context.set_offline(True)
    live_betang.start("site")
    receipt = carried(live_betang.origin, file)
    assert Delivery.objects.get().counted
    forged = tmp_path / "palsu.betang"
    forged.write_bytes(receipt[:-12] + b"AAAAAAAAAA" + receipt[-2:])
    genuine = tmp_path / "tanda-terima.betang"
    genuine.write_bytes(receipt)
    page.locator("input[type=file]").set_input_files(forged)
    page.get_by_text("bukan tanda terima untuk HP ini").wait_for()
    page.get_by_text("Di HP ini", exact=True).wait_for()
    page.locator("input[type=file]").set_input_files(genuine)
    page.get_by_text("1 catatan sudah diterima server").wait_for()
    page.locator("li .chip", has_text="Diterima server").wait_for()
