"""The day at a point on the phone: opened, worked off by number, closed, all without a server."""

import pytest

from tests.fieldapp.conftest import enrol, type_pin, wait_for_worker
from tests.holding import until_true

pytestmark = [pytest.mark.browser]


def at_the_point(phone, stand_in, camera):
    """Enrol, stop the server, come to the day's screen."""
    page = phone(camera=camera(stand_in.card_text(0)))
    enrol(page, stand_in.code())
    page.get_by_text("keluarga belum dilayani").wait_for()
    wait_for_worker(page)
    stand_in.stop()
    page.reload()
    type_pin(page)
    page.get_by_role("button", name="Balai Kelurahan Langkai").click()
    return page


class TestADayAtAPoint:
    def test_is_not_closed_without_saying_what_is_left_over(self, phone, stand_in, camera):
        page = at_the_point(phone, stand_in, camera)
        page.get_by_role("button", name="Buka hari penyaluran").click()
        page.get_by_role("button", name="Tutup hari penyaluran").click()
        page.get_by_label("Sisa Beras").fill("20")

        page.get_by_role("button", name="Tutup dan simpan").click()

        page.get_by_text("Isi sisa minyak goreng dalam liter").wait_for()
        page.reload()
        type_pin(page)
        page.get_by_role("button", name="Balai Kelurahan Langkai").click()
        page.get_by_role("button", name="Tutup hari penyaluran").click()
        until_true(page, "document.querySelector('[id=left-beras]').value === '20'")

    def test_goes_by_number_from_opening_to_closing(self, phone, stand_in, camera):
        page = at_the_point(phone, stand_in, camera)
        page.get_by_text("Belum dibuka").wait_for()
        page.get_by_role("button", name="Buka hari penyaluran").click()
        page.get_by_text("Berikutnya").locator("..").get_by_text("Sumiati").wait_for()

        page.get_by_role("button", name="Pindai kartu").click()
        page.get_by_role("button", name="Lanjut", exact=True).click()
        page.get_by_text("Kepala keluarga").click()
        page.get_by_role("button", name="Serahkan dan simpan").click()
        page.get_by_text("Bantuan diserahkan").wait_for()
        page.get_by_role("button", name="Selesai").click()

        page.get_by_text("1 dari 7 dilayani").wait_for()
        page.get_by_role("button", name="Balai Kelurahan Langkai").click()
        page.get_by_text("Berikutnya").locator("..").get_by_text("Yanto Dehen").wait_for()
        page.get_by_role("button", name="Tutup hari penyaluran").click()
        for goods in ("Beras", "Minyak goreng", "Gula"):
            page.get_by_label(f"Sisa {goods}").fill("2")
        page.get_by_role("button", name="Tutup dan simpan").click()
        page.get_by_text("1 dilayani, 6 tidak datang").wait_for()
        page.get_by_role("button", name="Selesai").click()
        page.get_by_text("Ditutup").wait_for()

        stand_in.start()
        page.get_by_role("button", name="Catatan").click()
        page.get_by_role("button", name="Kirim dan perbarui").click()
        until_true(page, "document.querySelectorAll('li .chip').length === 3")
        page.get_by_text("Disahkan").nth(3).wait_for()  # the sum's name and the three records
        told = {event["type"]: event["data"] for event in stand_in.events}
        assert told["day.opened"]["point"]["accuracy_m"] == 9
        closed = told["day.closed"]
        assert (closed["served"], closed["absent"], closed["day"]) == (
            1, 6, told["day.opened"]["day"],
        )  # fmt: skip
        assert closed["left"][0] == {"item": "beras", "unit": "kg", "quantity": 2}
