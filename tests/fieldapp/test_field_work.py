"""The deeds of a companion's day: few touches, what was not given, paper, practice, cards in bulk.

What is written down without a server is sent to the real one and must stand there; single screens
run against the stand-in.
"""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from betang.cards.models import Card, Transfer
from betang.distribution.models import Delivery, Entitlement
from betang.grievances.models import Case
from betang.registry.models import FollowUp, Household, Member
from betang.sync.models import Attachment
from betang.sync.read_said import open_attachment
from tests.fieldapp.conftest import (
    at_rest,
    open_phone_in_the_village,
    type_pin,
    wait_for_worker,
    without_minutes,
)
from tests.fieldapp.office import SERVED
from tests.fieldapp.steps import open_family, prepare_in_the_office, ready, sign
from tests.holding import until_true

#: Each pointer that goes down is a touch; the PIN is a typed field and is counted apart.
COUNT_TOUCHES = """
  globalThis.touches = 0;
  addEventListener("pointerdown", () => { globalThis.touches += 1; }, true);
"""
#: Everything that the phone keeps, as text, but for the clock that it remembers.
KEPT = """
  async () => {
    const open = indexedDB.open("betang");
    await new Promise((done) => { open.onsuccess = done; });
    const db = open.result;
    const kept = {};
    for (const name of db.objectStoreNames) {
      const all = db.transaction(name).objectStore(name).getAll();
      await new Promise((done) => { all.onsuccess = done; });
      kept[name] = all.result.filter((row) => row.key !== "time_floor_ms");
    }
    db.close();
    const plain = (_, value) => ArrayBuffer.isView(value) ? [...value] : value;
    return JSON.stringify(kept, plain);
  }
"""
#: Whether the phone keeps what was chosen last.
KEPT_SETTINGS = """
  () => new Promise((done) => {
    const open = indexedDB.open("betang");
    open.onsuccess = () => {
      const row = open.result.transaction("meta").objectStore("meta").get("settings");
      row.onsuccess = () => {
        open.result.close();
        const { text, sun, sound } = row.result?.value ?? {};
        done(text === "largest" && sun === true && sound === false);
      };
    };
  })
"""


@pytest.mark.browser
class TestADelivery:
    def test_takes_six_touches_and_one_typed_field_with_photo_and_signature(
        self, phone, stand_in, camera, picture
    ):
        stand_in.list_age_days = 21  # the worst day that may still be served: a photo is asked for
        page = phone(camera=camera(stand_in.card_text(0)))
        ready(page, stand_in)
        page.add_init_script(COUNT_TOUCHES)
        page.reload()
        type_pin(page)  # the typed field
        page.get_by_role("heading", name="Hari ini").wait_for()
        page.evaluate("globalThis.touches = 0")

        page.get_by_role("button", name="Pindai").click()
        page.get_by_role("button", name="Lanjut dengan foto").click()
        page.get_by_text("Kepala keluarga").click()
        with page.expect_file_chooser() as chosen:
            page.get_by_text("Ambil foto").click()
        chosen.value.set_files(picture)
        page.get_by_alt_text("Foto yang diambil").wait_for()
        sign(page)
        page.get_by_role("button", name="Serahkan dan simpan").click()

        page.get_by_text("Tanda terima 7K3M9QXA-1").wait_for()
        assert page.evaluate("globalThis.touches") <= 6

    def test_that_gives_less_is_refused_until_it_says_why(self, phone, stand_in, camera):
        page = phone(camera=camera(stand_in.card_text(0)))
        ready(page, stand_in)
        page.get_by_role("button", name="Pindai").click()
        page.get_by_role("button", name="Lanjut").click()
        page.get_by_text("Kepala keluarga").click()
        page.get_by_text("Yang diserahkan kurang dari ini").click()
        page.get_by_label("Jumlah beras").fill("9")
        page.get_by_role("button", name="Serahkan dan simpan").click()
        page.get_by_text("paling banyak seperti haknya").wait_for()
        page.get_by_label("Jumlah beras").fill("3")
        page.get_by_role("button", name="Serahkan dan simpan").click()
        page.get_by_text("Pilih mengapa yang diserahkan kurang.").wait_for()
        page.get_by_text("Sebagian rusak").click()
        page.get_by_role("button", name="Serahkan dan simpan").click()

        page.get_by_role("button", name="Tunjukkan tanda terima").click()
        page.get_by_text("Beras 3 kg").wait_for()
        until_true(page, "document.body.innerText.includes('7K3M9QXA-1')")
        page.go_back()
        page.get_by_text("sudah diterima server").wait_for()
        (event,) = stand_in.events
        assert event["data"]["less"] == "damaged"
        assert event["data"]["goods"][0]["quantity"] == 3
        assert event["data"]["home_point"] == "known"

    def test_is_shown_again_from_the_records_after_a_restart(self, phone, stand_in, camera):
        sight = camera(stand_in.card_text(0))
        page = phone(camera=sight)
        ready(page, stand_in)
        page.get_by_role("button", name="Pindai").click()
        page.get_by_role("button", name="Lanjut").click()
        page.get_by_text("Kepala keluarga").click()
        page.get_by_role("button", name="Serahkan dan simpan").click()
        page.get_by_text("Tanda terima 7K3M9QXA-1").wait_for()
        page.context.close()

        page = open_phone_in_the_village(phone, stand_in.origin, sight)
        page.get_by_role("button", name="Catatan").click()
        page.get_by_role("button", name="Tunjukkan tanda terima").click()

        page.get_by_text("7K3M9QXA-1").wait_for()
        page.get_by_text("Sumiati").wait_for()
        page.get_by_text("Minyak goreng 1 liter").wait_for()


@pytest.mark.browser
class TestPaper:
    def test_without_a_right_is_told_in_a_clear_sentence(self, phone, stand_in):
        page = phone()
        ready(page, stand_in)
        open_family(page, "Lukas")

        page.get_by_role("button", name="Ketik dari kertas").click()

        page.get_by_text("HP ini tidak memegang hak keluarga ini").wait_for()
        assert page.get_by_role("button", name="Simpan dari kertas").count() == 0


@pytest.mark.browser
class TestAPractice:
    def test_makes_no_event_asks_no_server_and_leaves_no_trace(self, phone, stand_in):
        page = without_minutes(phone())
        ready(page, stand_in)
        wait_for_worker(page)
        at_rest(page)
        before = page.evaluate(KEPT)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))

        page.get_by_role("button", name="Panduan").click()
        page.get_by_role("button", name="Mulai latihan").click()
        page.get_by_text("Tidak dihitung").wait_for()
        assert page.get_by_text("Sumiati").count() == 0
        self.deliver(page)
        self.hand_over_a_card(page)
        self.meet_a_red_card(page)
        self.report(page)
        page.get_by_role("button", name="Catatan").click()
        page.get_by_text("Catatan latihan").wait_for()
        assert page.locator("main li").count() == 4
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_timeout(500)

        own = [url for url in asked if "/api/" in url]
        assert own == []
        assert stand_in.events == []
        assert json.loads(page.evaluate(KEPT)) == json.loads(before)
        page.get_by_role("button", name="Akhiri").click()
        page.get_by_text("dari 7 sudah dilayani").wait_for()
        assert page.get_by_text("Tidak dihitung").count() == 0
        page.get_by_role("button", name="Catatan").click()
        page.get_by_text("muncul di sini bersama keadaannya").wait_for()

    def deliver(self, page: Page) -> None:
        page.get_by_role("button", name="Pindai").click()
        page.get_by_role("button", name="Ibu Latihan Satu").click()
        page.get_by_role("heading", name="Kartu asli").wait_for()
        page.get_by_role("button", name="Lanjut").click()
        page.get_by_text("Kepala keluarga").click()
        page.get_by_role("button", name="Serahkan dan simpan").click()
        page.get_by_text("Tanda terima LATIHAN-1").wait_for()
        page.get_by_role("button", name="Selesai").click()

    def hand_over_a_card(self, page: Page) -> None:
        page.get_by_role("button", name="Serahkan 1 kartu").click()
        page.get_by_role("button", name="Ibu Latihan Tiga").click()
        page.get_by_role("button", name="Diterima Ibu Latihan Tiga").click()
        page.get_by_text("1 dari 1 kartu").wait_for()
        page.get_by_role("button", name="Lanjut: serahkan bantuan").click()
        page.get_by_role("button", name="Lanjut").click()
        page.get_by_text("Kepala keluarga").click()
        page.get_by_role("button", name="Serahkan dan simpan").click()
        page.get_by_text("Tanda terima LATIHAN-3").wait_for()
        page.get_by_role("button", name="Selesai").click()

    def meet_a_red_card(self, page: Page) -> None:
        page.get_by_role("button", name="Pindai").click()
        page.get_by_role("button", name="Ibu Latihan Enam").click()
        page.get_by_text("Kartu ini sudah diblokir").wait_for()
        page.get_by_role("button", name="Selesai").click()

    def report(self, page: Page) -> None:
        page.get_by_role("button", name="Panduan").click()
        page.get_by_role("button", name="Laporkan masalah").click()
        page.get_by_text("Barang kurang").click()
        page.get_by_label("Ceritakan singkat").fill("hanya latihan")
        page.get_by_role("button", name="Kirim laporan").click()
        page.get_by_text("tidak disimpan dan tidak dikirim").wait_for()
        page.get_by_role("button", name="Selesai").click()


@pytest.mark.browser
def test_text_size_sun_and_sound_are_kept_over_a_restart(phone, stand_in):
    page = phone()
    ready(page, stand_in)
    page.get_by_role("button", name="Panduan").click()
    page.get_by_role("button", name="Tampilan dan bunyi").click()
    page.get_by_text("Sangat besar").click()
    page.get_by_text("Kontras tinggi").click()
    page.get_by_text("Bunyi saat kartu diperiksa").click()
    until_true(page, KEPT_SETTINGS)
    page.context.close()

    page = phone()
    page.goto(f"{stand_in.origin}/lapangan/")
    page.get_by_text("Ketik PIN").wait_for()

    until_true(page, "document.documentElement.dataset.text === 'largest'")
    size, ground = page.evaluate(
        "(({fontSize, backgroundColor}) => [fontSize, backgroundColor])"
        "(getComputedStyle(document.body))"
    )
    assert float(size.removesuffix("px")) >= 22
    assert ground == "rgb(255, 255, 255)"
    type_pin(page)
    page.get_by_role("button", name="Panduan").click()
    page.get_by_role("button", name="Tampilan dan bunyi").click()
    assert not page.get_by_label("Bunyi saat kartu diperiksa").is_checked()


@pytest.mark.browser
@pytest.mark.server
@pytest.mark.django_db(transaction=True)
class TestADayWithoutSignal:
    def test_everything_that_was_told_stands_in_the_office(
        self, live_betang, village, phone, camera, budi, picture
    ):
        first, second, third = Household.objects.filter(village_id=SERVED).order_by("pk")
        card = Card.objects.filter(state="in_custody").order_by("pk")[0]
        live_betang.start("site")
        sight = camera(card.qr)
        prepare_in_the_office(phone(camera=sight), live_betang, village, budi)
        live_betang.kill("site")

        page = open_phone_in_the_village(phone, live_betang.origin, sight)
        self.count_the_parcel(page)
        self.hand_over_in_the_queue(page, card)
        self.was_refused(page, first.head_name)
        self.type_from_paper(page, second.head_name, picture)
        self.somebody_died(page, third.head_name)
        self.lives_on_the_market(page, first.head_name)
        self.was_asked_for_money(page)
        page.context.close()

        live_betang.start("site")
        page = open_phone_in_the_village(phone, live_betang.origin, sight)
        page.get_by_role("button", name="Catatan").click()
        page.locator("li .chip", has_text="Disahkan").nth(6).wait_for()
        assert page.locator("li .chip", has_text="Disahkan").count() == 7

        assert set(Transfer.objects.filter(state="received").values_list("count", flat=True)) >= {3}
        card.refresh_from_db()
        assert card.state == "active"
        paper = Delivery.objects.get()
        assert (paper.source, paper.counted) == ("paper", True)
        assert timezone.now() - paper.at > timedelta(hours=12)
        assert Entitlement.objects.get(household=first, channel="hand").state == "open"
        assert Member.objects.get(household=third, is_head=True).presence == "deceased"
        first.refresh_from_db()
        assert (first.dwelling, first.custodian) == ("none", "Bu Iyah")
        assert first.home_lat is not None
        levy = Case.objects.get(kind="levy")
        assert (levy.household, levy.facts["amount_rupiah"]) == (None, 50_000)
        kinds = set(FollowUp.objects.filter(closed_at=None).values_list("kind", flat=True))
        assert kinds == {"aid_refused", "deceased", "home_missing"}
        told = [open_attachment(bytes(row.sha256)) for row in Attachment.objects.all()]
        assert any(one.get("photo_of") == ["paper"] for one in told)

    def count_the_parcel(self, page: Page) -> None:
        page.get_by_role("button", name="Hitung kiriman kartu").click()
        page.get_by_label("Berapa kartu yang Anda hitung?").fill("2")
        page.get_by_role("button", name="Simpan hitungan").click()
        page.get_by_text("seharusnya 3").wait_for()
        page.get_by_label("Berapa kartu yang Anda hitung?").fill("3")
        page.get_by_role("button", name="Simpan hitungan").click()
        page.get_by_text("3 kartu dihitung").wait_for()
        page.get_by_role("button", name="Selesai").click()

    def hand_over_in_the_queue(self, page: Page, card: Card) -> None:
        page.get_by_role("button", name="Serahkan 3 kartu").click()
        page.get_by_role("button", name="Diterima Warga").click()  # the first touch
        page.get_by_text("1 dari 3 kartu").wait_for()
        page.get_by_role("button", name="Pindai kartu berikutnya").click()  # the second
        page.get_by_role("heading", name="Belum dapat dipastikan").wait_for()
        page.get_by_role("button", name="Selesai").click()

    def was_refused(self, page: Page, name: str) -> None:
        open_family(page, name)
        page.get_by_role("button", name="Tidak jadi diserahkan").click()
        page.get_by_role("button", name="Simpan").click()
        page.get_by_text("Pilih sebabnya.").wait_for()
        page.get_by_text("Keluarga menolak bantuan").click()
        page.get_by_role("button", name="Simpan").click()
        page.get_by_text("dapat diambil lagi").wait_for()
        page.get_by_role("button", name="Selesai").click()

    def type_from_paper(self, page: Page, name: str, picture) -> None:
        yesterday = (timezone.now() - timedelta(days=1)).date()
        open_family(page, name)
        page.get_by_role("button", name="Ketik dari kertas").click()
        page.get_by_role("button", name="Simpan dari kertas").click()
        page.get_by_text("Isi tanggal dan jam").wait_for()
        page.get_by_label("Tanggal di kertas").fill(yesterday.isoformat())
        page.get_by_label("Jam (WIB)").fill("09:30")
        page.get_by_text("Kepala keluarga").click()
        page.get_by_text("Cap jempol").click()
        page.locator("input[type=file]").set_input_files(picture)
        page.get_by_alt_text("Foto yang diambil").wait_for()
        page.get_by_role("button", name="Simpan dari kertas").click()
        page.get_by_role("heading", name="Dicatat dari kertas").wait_for()
        page.get_by_role("button", name="Selesai").click()

    def somebody_died(self, page: Page, name: str) -> None:
        open_family(page, name)
        page.get_by_role("button", name="Hasil kunjungan").click()
        page.get_by_text("Ada anggota yang meninggal").click()
        page.get_by_role("group", name="Siapa?").get_by_text(name).click()
        page.get_by_role("button", name="Simpan kunjungan").click()
        page.get_by_text("Pilih siapa yang mengambil bantuan seterusnya.").wait_for()
        page.get_by_text("Belum ada", exact=False).first.click()
        page.get_by_role("button", name="Simpan kunjungan").click()
        page.get_by_role("heading", name="Kunjungan dicatat").wait_for()
        page.get_by_role("button", name="Selesai").click()

    def lives_on_the_market(self, page: Page, name: str) -> None:
        open_family(page, name)
        page.get_by_role("button", name="Tempat tinggal dan titik").click()
        page.get_by_text("Tanpa tempat tinggal tetap").click()
        page.get_by_label("Titik acuan").fill("pasar subuh, lapak 3")
        page.get_by_label("Yang dapat dititipi pesan").fill("Bu Iyah")
        page.get_by_label("Cara menghubunginya").fill("0812-0000-1111")
        page.get_by_text("titik baik").wait_for()
        page.get_by_role("button", name="Simpan tempat tinggal").click()
        page.get_by_role("heading", name="Tempat tinggal dicatat").wait_for()
        page.get_by_role("button", name="Selesai").click()

    def was_asked_for_money(self, page: Page) -> None:
        page.get_by_role("button", name="Panduan").click()
        page.get_by_role("button", name="Laporkan masalah").click()
        page.get_by_text("Ada pungutan").click()
        page.get_by_label("Berapa rupiah yang diminta?").fill("50000")
        page.get_by_text("Pengurus RT atau RW").click()
        page.get_by_text("Keluarga minta tidak disebut").click()
        page.get_by_text("tidak akan terlihat oleh pendamping lain").wait_for()
        page.get_by_label("Ceritakan singkat").fill("diminta saat antre")
        page.get_by_role("button", name="Kirim laporan").click()
        page.get_by_role("heading", name="Pengaduan dibuat").wait_for()
        page.get_by_role("button", name="Selesai").click()
