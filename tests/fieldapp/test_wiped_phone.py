"""A wiped phone: its families are gone, its unsent records are not."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from betang.accounts import devices
from betang.accounts.models import Device
from betang.distribution.models import Delivery
from betang.sync.models import FieldEvent
from tests.fieldapp.conftest import (
    at_rest,
    begin_round,
    enrol,
    open_phone_in_the_village,
    type_pin,
    wait_for_worker,
)
from tests.fieldapp.office import SERVED, carried, code, confirm
from tests.fieldapp.steps import first_card, prepare_in_the_office, serve_the_head

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.django_db(transaction=True)]

#: What is left of the vault, the roster and the queue.
KEPT = """async () => {
  const open = indexedDB.open("betang");
  const db = await new Promise((done) => (open.onsuccess = () => done(open.result)));
  const all = (table) => new Promise((done) => {
    const asked = db.transaction(table).objectStore(table).getAll();
    asked.onsuccess = () => done(asked.result);
  });
  const meta = await all("meta");
  const vault = meta.find((row) => row.key === "vault").value;
  return {
    keys: [vault.signing_key, vault.roster_key].filter(Boolean).length,
    roster: (await all("roster")).length,
    queue: (await all("queue")).length,
  };
}"""


@pytest.fixture
def served(live_betang, village, phone, camera, budi) -> Page:
    """A phone that delivered one right, all of it sent."""
    live_betang.start("site")
    page = phone(camera=camera(first_card(SERVED).qr))
    enrol(page, code(live_betang.origin, village, budi))
    confirm(page, village, budi)
    wait_for_worker(page)
    serve_the_head(page)
    page.get_by_text("sudah diterima server").wait_for()
    page.get_by_role("button", name="Selesai").click()
    return page


def test_a_wipe_is_carried_out_at_the_next_contact_and_told(served, budi):
    assert served.evaluate(KEPT) | {"roster": 0} == {"keys": 2, "roster": 0, "queue": 1}
    at_rest(served)
    devices.order_wipe(Device.objects.get(), reason="Tertinggal.", actor=budi, at=timezone.now())

    begin_round(served)

    served.get_by_text("Data keluarga di HP ini sudah dihapus").wait_for()
    served.get_by_text("Semua catatan dan foto sudah diterima server").wait_for()
    assert served.evaluate(KEPT) == {"keys": 0, "roster": 0, "queue": 1}
    device = Device.objects.get()
    assert device.wiped_at is not None  # told before the screen changed
    assert (device.unsent, device.state) == (0, "suspended")


def type_ten_wrong(phone, origin: str) -> Page:
    """Try ten PINs, the last two after the phone was switched off: that shortens no wait."""
    at = timezone.now()
    page = locked(phone, origin, at)
    for tried in range(10):
        if tried == 8:
            page.context.close()
            page = locked(phone, origin, at)
            type_pin(page, "000001")
            page.get_by_text("sebelum mencoba lagi").wait_for()
        if tried:
            at += timedelta(minutes=40)
            page.clock.set_system_time(at)
        type_pin(page, "000001")
        if tried < 9:
            page.get_by_text(f"Sisa {9 - tried} kali").wait_for()
    return page


def locked(phone, origin: str, at) -> Page:
    """Switch the phone on at the time that it shows."""
    page = phone()
    page.clock.set_system_time(at)
    page.goto(f"{origin}/lapangan/")
    page.get_by_text("1 catatan di HP ini belum terkirim").wait_for()
    return page


def reopen(phone, origin: str) -> Page:
    """Switch the wiped phone on."""
    page = phone()
    page.goto(f"{origin}/lapangan/")
    page.get_by_text("Data keluarga di HP ini sudah dihapus").wait_for()
    return page


def test_ten_wrong_pins_far_from_a_server_take_no_record_and_a_courier_brings_it(
    live_betang, village, phone, camera, budi, tmp_path
):
    origin, sight = live_betang.origin, camera(first_card(SERVED).qr)
    live_betang.start("site")
    prepare_in_the_office(phone(camera=sight), live_betang, village, budi)
    live_betang.kill("site")
    page = open_phone_in_the_village(phone, origin, sight)
    serve_the_head(page)
    page.context.close()

    page = type_ten_wrong(phone, origin)
    page.get_by_text("Data keluarga di HP ini sudah dihapus").wait_for()
    page.context.close()
    page = reopen(phone, origin)
    page.get_by_text("1 catatan belum terkirim").wait_for()
    assert page.get_by_role("button", name="Daftarkan HP ini lagi").count() == 0
    assert page.evaluate(KEPT) == {"keys": 0, "roster": 0, "queue": 1}
    with page.expect_download() as download:
        page.get_by_role("button", name="Simpan berkas kiriman").click()
    file = download.value.path().read_bytes()
    page.get_by_text("Berkas tersimpan.").wait_for()
    page.context.close()
    assert not FieldEvent.objects.exists()

    live_betang.start("site")
    receipt = tmp_path / "tanda-terima.betang"
    receipt.write_bytes(carried(origin, file))
    delivery = Delivery.objects.get()
    assert (delivery.counted, delivery.online) == (True, False)
    live_betang.kill("site")

    page = reopen(phone, origin)
    page.locator("input[type=file]").set_input_files(receipt)
    page.get_by_text("Semua catatan dan foto sudah diterima server").wait_for()
    page.context.close()
    page = reopen(phone, origin)  # it is believed after a restart too, and the phone is free
    page.get_by_text("Semua catatan dan foto sudah diterima server").wait_for()
    page.get_by_role("button", name="Daftarkan HP ini lagi").click()
    page.get_by_text("Daftarkan HP ini").wait_for()
    assert FieldEvent.objects.count() == 1
