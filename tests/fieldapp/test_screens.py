"""Single screens, against the stand-in: what a day rarely shows at once."""

import pytest

from tests.fieldapp.conftest import draft_kept, enrol, type_pin, wait_for_worker
from tests.holding import until_true

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


class TestANewVersion:
    #: The app asks for its worker when the newer one is being fetched already.
    LATE = """
        const { serviceWorker } = navigator;
        const register = serviceWorker.register.bind(serviceWorker);
        serviceWorker.register = async (...all) => {
          const registration = await register(...all);
          if (serviceWorker.controller) await registration.update();
          await new Promise((done) => setTimeout(done, 100));
          return registration;
        };
    """

    def test_that_is_being_fetched_when_the_app_opens_is_offered_too(self, phone, stand_in):
        page = phone()
        enrol(page, stand_in.code())
        page.get_by_text("keluarga belum dilayani").wait_for()
        wait_for_worker(page)
        page.add_init_script(self.LATE)
        stand_in.newer = True
        stand_in.files.clear()

        page.reload()
        type_pin(page)
        page.wait_for_timeout(500)
        stand_in.files.set()

        page.get_by_role("button", name="Pasang sekarang").wait_for()

    def test_waits_for_consent_and_takes_nothing_away(self, phone, stand_in):
        page = phone()
        enrol(page, stand_in.code())
        page.get_by_text("keluarga belum dilayani").wait_for()
        wait_for_worker(page)
        stand_in.newer = True

        page.reload()
        type_pin(page)
        page.get_by_role("button", name="Keluarga", exact=True).click()
        page.get_by_role("button", name="Siti").click()
        page.get_by_role("button", name="Hasil kunjungan").click()
        page.get_by_label("Keterangan").fill("rumah dipindah ke hulu")
        until_true(
            page, "navigator.serviceWorker.getRegistration().then(found => !!found?.waiting)"
        )

        assert page.get_by_label("Keterangan").input_value() == "rumah dipindah ke hulu"
        page.go_back()
        page.go_back()
        page.get_by_role("button", name="Hari ini").click()
        page.get_by_role("button", name="Pasang sekarang").click()
        page.get_by_text("Ketik PIN").wait_for()
        until_true(
            page, "caches.keys().then((names) => names.join() === 'betang-app-0123456789ab')"
        )


class TestWhatIsKept:
    def test_no_name_lies_readable_in_the_phone(self, phone, stand_in, tmp_path):
        page = phone()
        enrol(page, stand_in.code())
        page.get_by_text("keluarga belum dilayani").wait_for()
        page.context.close()

        kept = [path for path in (tmp_path / "profile").rglob("*") if path.is_file()]
        content = b"".join(path.read_bytes() for path in kept)

        assert b"betang" in content
        for name in ("Ratna Sari Uning", "Lanting ketiga"):
            assert name.encode() not in content
            assert name.encode("utf-16-le") not in content


class TestALease:
    def test_that_has_ended_delivers_nothing(self, phone, stand_in, camera):
        stand_in.lease_days = -1
        page = phone(camera=camera(stand_in.card_text(0)))
        enrol(page, stand_in.code())
        page.get_by_text("sudah berakhir").wait_for()

        page.get_by_role("button", name="Pindai").click()

        page.get_by_text("tidak ada dalam penugasan HP ini").wait_for()
        assert page.get_by_role("button", name="Lanjut").count() == 0


class TestAStaleList:
    def test_of_three_weeks_asks_for_a_photo(self, phone, stand_in, camera):
        stand_in.list_age_days = 21
        page = phone(camera=camera(stand_in.card_text(0)))
        enrol(page, stand_in.code())
        page.get_by_text("keluarga belum dilayani").wait_for()

        page.get_by_role("button", name="Pindai").click()

        page.get_by_text("sudah lebih dari 14 hari").wait_for()
        page.get_by_role("button", name="Lanjut dengan foto").click()
        page.get_by_text("Kepala keluarga").click()
        page.get_by_role("button", name="Serahkan dan simpan").click()
        page.get_by_text("Ambil foto dahulu").wait_for()


class TestATap:
    NFC = """
        globalThis.NDEFReader = class extends EventTarget {
          async scan() {
            globalThis.tap = (url, serialNumber) => {
              const data = new DataView(new TextEncoder().encode(url).buffer);
              const message = { records: [{ recordType: "url", data }] };
              const event = Object.assign(new Event("reading"), { serialNumber, message });
              this.dispatchEvent(event);
            };
          }
        };
    """

    def test_without_a_network_cannot_tell_and_a_second_use_is_a_replay(self, phone, stand_in):
        stand_in.families[0]["card"]["uid"] = "04a1b2c3d4e5f6"
        page = phone()
        page.add_init_script(self.NFC)
        enrol(page, stand_in.code())
        page.get_by_text("keluarga belum dilayani").wait_for()
        wait_for_worker(page)
        stand_in.stop()
        page.reload()
        type_pin(page)
        page.get_by_text("Tanpa sinyal").wait_for()
        url = "https://kartu.betang.example/t?u=04A1B2C3D4E5F6&n=000011&c=94EED9EE65337086"

        page.get_by_role("button", name="Pindai").click()
        until_true(page, "!!globalThis.tap")
        page.evaluate("url => tap(url, '04:a1:b2:c3:d4:e5:f6')", url)
        page.get_by_text("cip sudah sering dibaca").wait_for()
        page.get_by_role("button", name="Selesai").click()
        page.evaluate("delete globalThis.tap")  # the reader of the screen that was left
        page.get_by_role("button", name="Pindai").click()
        until_true(page, "!!globalThis.tap")
        page.evaluate("url => tap(url, '04:a1:b2:c3:d4:e5:f6')", url)

        page.get_by_text("Tempelan ini sudah pernah dipakai").wait_for()


class TestWhatWasTyped:
    def test_is_there_again_after_the_phone_was_switched_off(self, phone, stand_in):
        page = phone()
        enrol(page, stand_in.code())
        page.get_by_text("keluarga belum dilayani").wait_for()
        page.get_by_role("button", name="Panduan").click()
        page.get_by_role("button", name="Laporkan masalah").click()
        page.get_by_text("Barang kurang").click()
        text = "beras hanya 4 kg per keluarga"
        with draft_kept(page, text):
            page.get_by_label("Ceritakan singkat").fill(text)
        page.context.close()

        page = phone()
        page.goto(f"{stand_in.origin}/lapangan/")
        type_pin(page)
        page.get_by_role("button", name="Panduan").click()
        page.get_by_role("button", name="Laporkan masalah").click()

        until_true(
            page, "document.querySelector('textarea').value === 'beras hanya 4 kg per keluarga'"
        )
        assert page.get_by_label("Barang kurang").is_checked()


class TestTenWrongPins:
    def test_destroy_the_roster_and_let_the_phone_enrol_again(self, phone, stand_in):
        page = phone()
        page.clock.install()
        enrol(page, stand_in.code())
        page.get_by_text("keluarga belum dilayani").wait_for()
        page.reload()

        for wrong in range(10):
            type_pin(page, "000001")
            if wrong < 9:
                page.get_by_text(f"Sisa {9 - wrong} kali").wait_for()
                page.clock.fast_forward("40:00")

        page.get_by_text("Data keluarga di HP ini sudah dihapus").wait_for()
        page.get_by_role("button", name="Daftarkan HP ini lagi").click()
        page.get_by_text("Daftarkan HP ini").wait_for()
