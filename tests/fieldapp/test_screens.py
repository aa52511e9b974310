"""Single screens, against the stand-in: what a day rarely shows at once."""

import pytest

from tests.fieldapp.conftest import enrol, type_pin, wait_for_worker

pytestmark = [pytest.mark.browser]


class TestEnrol:
    def test_refuses_a_code_that_is_none(self, phone, stand_in):
        page = phone()
        page.goto(f"{stand_in.origin}/lapangan/")

        page.get_by_label("Atau ketik kodenya").fill("bukan kode")
        page.get_by_role("button", name="Pakai kode ini").click()

        page.get_by_text("Ini bukan kode pendaftaran").wait_for()

    def test_refuses_a_server_whose_key_is_not_the_codes(self, phone, stand_in):
        page = phone()
        real = stand_in.code()
        forged = real[:-2] + ("AA" if not real.endswith("AA") else "BB")

        enrol(page, forged)

        page.get_by_text("Server ini bukan server pada kode").wait_for()

    def test_shows_six_words_and_goes_on_when_the_office_confirms(self, phone, stand_in):
        stand_in.confirmed = False
        page = phone()

        enrol(page, stand_in.code())
        page.get_by_text("Bacakan enam kata ini").wait_for()
        assert page.locator("ol li").count() == 6
        assert "enrol=" not in page.url
        stand_in.confirmed = True

        page.get_by_text("keluarga belum dilayani").wait_for()


class TestUnlock:
    def test_refuses_a_wrong_pin_and_counts_it(self, phone, stand_in):
        page = phone()
        enrol(page, stand_in.code())
        page.get_by_text("keluarga belum dilayani").wait_for()
        page.reload()

        type_pin(page, "000000")

        page.get_by_text("PIN salah. Sisa 9 kali").wait_for()

    def test_opens_without_a_server(self, phone, stand_in):
        page = phone()
        enrol(page, stand_in.code())
        page.get_by_text("keluarga belum dilayani").wait_for()
        wait_for_worker(page)
        stand_in.stop()

        page.reload()
        type_pin(page)

        page.get_by_text("keluarga belum dilayani").wait_for()
        page.get_by_text("Tanpa sinyal").wait_for()
