"""A companion's walk through every screen of the app: each is photographed for docs/app.md, and
judged by axe in light, dark and sun, and with text of twice the size.

The server is the stand-in, its clock stands still, and no family in the pictures is real. The two
screens of a handing over are taken in `test_transfer_offline.py`, with the real office.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page

from sandbox.chip.virtual_chip import VirtualChip
from tests.fieldapp.album import Album
from tests.fieldapp.conftest import Phone, enrol, let_keep, type_pin, wait_for_worker
from tests.fieldapp.nfc import give_reader, touch, wait_for_tickets
from tests.fieldapp.sight import give_camera, show
from tests.fieldapp.stand_in import FAMILIES, StandIn

pytestmark = [pytest.mark.browser]

#: Thursday, 09.14 WIB.
MOMENT = datetime(2026, 11, 12, 2, 14, tzinfo=UTC)
Make = Callable[..., StandIn]


@pytest.fixture
def album() -> Iterator[Album]:
    """What the walk sees; at its end nothing may be wrong with it."""
    album = Album()
    yield album
    assert album.faults == {}


@pytest.fixture
def office() -> Iterator[Make]:
    """Make the server of this walk; its clock stands still."""
    made: list[StandIn] = []

    def make(**how: object) -> StandIn:
        made.append(StandIn(now=MOMENT, still=True, **how).start())  # type: ignore[arg-type]
        return made[-1]

    yield make
    for server in made:
        server.stop()


def open_phone(phone: Phone, *, keeps: bool = True, nfc: bool = False) -> Page:
    page = give_camera(phone(keeps=keeps))
    if nfc:
        give_reader(page)
    page.clock.set_fixed_time(MOMENT)
    return page


def press(page: Page, name: str, *, exact: bool = False) -> None:
    page.get_by_role("button", name=name, exact=exact).first.click()


def go(page: Page, tab: str) -> None:
    """Touch one of the tabs; the one for records may begin with a count."""
    page.get_by_role("navigation").get_by_role("button", name=tab).click()


#: The camera's first picture is there; asked once, for the page's policy forbids to ask anew.
SEES = """
() => new Promise((done) => {
  const sees = () => document.querySelector("video")?.readyState >= 2;
  const look = () => (sees() ? done() : setTimeout(look, 50));
  look();
})
"""
BACK = """
() => new Promise((done) => {
  const drawn = () => requestAnimationFrame(() => requestAnimationFrame(done));
  addEventListener("popstate", drawn, { once: true });
  history.back();
})
"""


def go_home(page: Page) -> None:
    """Go back until the tabs are there."""
    while page.get_by_role("navigation").count() == 0:
        page.evaluate(BACK)
    go(page, "Hari ini")


def open_family(page: Page, name: str) -> None:
    go_home(page)
    go(page, "Keluarga")
    press(page, name)


def scan(page: Page, server: StandIn, place: int) -> None:
    """Hold a family's card before the camera and wait for the verdict."""
    press(page, "Pindai")
    page.get_by_role("radiogroup", name="Tujuan memindai").wait_for()
    page.evaluate(SEES)
    show(page, server.card_text(place))
    page.locator(".verdict").wait_for()
    show(page, None)


def sign(page: Page) -> None:
    """Sign with one stroke of the finger."""
    field = page.get_by_label("Bidang tanda tangan")
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    assert box is not None
    mouse = page.mouse
    for n, (x, y) in enumerate([(.15, .6), (.25, .2), (.3, .7), (.42, .35), (.5, .7), (.62, .4),
                                (.7, .62), (.85, .5)]):  # fmt: skip
        mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
        if n == 0:
            mouse.down()
    mouse.up()


def deliver(page: Page, server: StandIn, place: int) -> None:
    """Serve a family's head, without more."""
    scan(page, server, place)
    press(page, "Lanjut")
    page.get_by_text("Kepala keluarga", exact=True).click()
    press(page, "Serahkan dan simpan")
    page.get_by_text("sudah diterima server").wait_for()
    press(page, "Selesai")


def test_a_day_from_the_code_to_the_last_record(phone: Phone, office: Make, album: Album) -> None:
    server = office(parcel=True, confirmed=False, contested={5}, undecided={6})
    server.list_revokes = [server.families[3]["card"]["number"]]
    page = open_phone(phone, keeps=False)

    look_at_the_enrolment(page, server, album)
    look_at_new_things(page, album)
    look_at_a_family(page, album)
    look_at_the_day(page, album)
    look_at_verdicts(page, server, album)
    look_at_deeds(page, server, album)
    look_at_records(page, server, album)


def look_at_the_enrolment(page: Page, server: StandIn, album: Album) -> None:
    """From the code to the first families."""
    page.goto(f"{server.origin}/lapangan/")
    page.get_by_text("Daftarkan HP ini").wait_for()
    album.look(page, "enrol")
    page.goto("about:blank")
    page.goto(server.code())
    page.get_by_text("Buat PIN 6 angka").wait_for()
    album.look(page, "enrol--pin")
    type_pin(page)
    page.get_by_text("Ketik PIN sekali lagi").wait_for()
    type_pin(page)
    page.get_by_text("Bacakan enam kata ini").wait_for()
    page.get_by_text("Menunggu pembenaran").wait_for()
    page.get_by_role("button", name="Periksa sekarang").wait_for()
    album.look(page, "waiting")
    server.confirmed = True
    press(page, "Periksa sekarang")
    page.get_by_text("Pasang aplikasi ini di HP dahulu").wait_for()
    album.look(page, "install")
    press(page, "Periksa lagi")
    page.get_by_text("HP ini belum menjamin").wait_for()
    album.look(page, "install--refused")
    let_keep(page)
    page.get_by_text("keluarga belum dilayani").wait_for()
    page.get_by_text("Tersambung").wait_for()
    album.look(page, "today", tall=True)


def look_at_new_things(page: Page, album: Album) -> None:
    """Cards that came, and a family in no list."""
    press(page, "Hitung kiriman kartu")
    page.get_by_label("Berapa kartu yang Anda hitung?").fill("0")
    press(page, "Ada yang kurang atau lebih")
    page.get_by_role("checkbox").check()
    album.look(page, "parcels", tall=True)
    page.get_by_role("checkbox").uncheck()
    page.get_by_label("Berapa kartu yang Anda hitung?").fill("1")
    press(page, "Simpan hitungan")
    page.get_by_text("sudah diterima server").wait_for()
    press(page, "Selesai")

    go(page, "Keluarga")
    album.look(page, "families")
    page.get_by_text("Terdekat dahulu").click()
    page.get_by_text("tepat dalam 9 meter").wait_for()
    album.look(page, "families--near", tall=True)
    page.get_by_text("Terdekat dahulu").click()
    press(page, "Daftarkan keluarga baru")
    page.get_by_role("radio", name="Panarung").check()
    page.get_by_label("Nama", exact=True).fill("Mina Sangen")
    page.get_by_text("Tanpa tempat tinggal tetap").click()
    page.get_by_label("Titik acuan").fill("Perahu biru di bawah jembatan Kahayan")
    press(page, "Tambah anggota")
    page.get_by_text("tepat dalam 9 meter").wait_for()
    album.look(page, "register", tall=True)
    press(page, "Hapus anggota ini")
    press(page, "Daftarkan keluarga", exact=True)
    page.get_by_text("Nomor sementara", exact=True).wait_for()
    page.get_by_text("sudah diterima server").wait_for()
    album.look(page, "registered")
    press(page, "Selesai")


def look_at_a_family(page: Page, album: Album) -> None:
    """The family's page and what can be written down of it; nothing is recorded."""
    open_family(page, "Ratna")
    album.look(page, "family", tall=True)
    press(page, "Tempat tinggal dan titik")
    page.get_by_text("tepat dalam 9 meter").wait_for()
    album.look(page, "home--river", tall=True)
    page.go_back()
    press(page, "Kartu tidak dapat diserahkan")
    page.get_by_text("Tidak hadir").click()
    album.look(page, "not-handed-over", tall=True)
    page.go_back()
    press(page, "Perlu diantar ke rumah")
    page.get_by_text("Lanjut usia").click()
    album.look(page, "home-delivery")
    open_family(page, "Herman")
    press(page, "Tempat tinggal dan titik")
    page.get_by_text("tepat dalam 9 meter").wait_for()
    album.look(page, "home--none", tall=True)
    open_family(page, "Siti")
    press(page, "Tempat tinggal dan titik")
    page.get_by_text("tepat dalam 9 meter").wait_for()
    album.look(page, "home", tall=True)
    page.go_back()
    press(page, "Hasil kunjungan")
    page.get_by_text("tepat dalam 9 meter").wait_for()
    page.get_by_text("Bertemu keluarga").click()
    album.look(page, "visit", tall=True)
    page.get_by_text("Sudah pindah").click()
    page.get_by_text("Seluruh keluarga").click()
    album.look(page, "visit--moved", tall=True)
    page.get_by_text("Ada anggota yang meninggal").click()
    page.get_by_role("group", name="Siapa?").get_by_text("Siti Aminah").click()
    page.get_by_label("Tanggal meninggal").fill("2026-11-11")
    album.look(page, "visit--deceased", tall=True)
    page.go_back()
    press(page, "Tidak jadi diserahkan")
    page.get_by_text("Barangnya habis").click()
    page.get_by_text("tepat dalam 9 meter").wait_for()
    album.look(page, "not-delivered", tall=True)
    page.go_back()
    press(page, "Ketik dari kertas")
    page.get_by_label("Tanggal di kertas").fill("2026-11-11")
    page.get_by_label("Jam (WIB)").fill("10:30")
    album.look(page, "paper", tall=True)
    page.go_back()
    press(page, "Masalah atau pengaduan")
    page.get_by_text("Barang rusak").click()
    album.look(page, "problem", tall=True)
    page.get_by_text("Ada pungutan").click()
    album.look(page, "problem--levy", tall=True)


def look_at_the_day(page: Page, album: Album) -> None:
    """The day at the village hall, opened and about to be closed; the goods that came for it."""
    go_home(page)
    press(page, "Catat barang")
    page.get_by_text("Langkai", exact=True).click()
    album.look(page, "stock", tall=True)
    page.go_back()
    press(page, "Balai Kelurahan Langkai")
    page.get_by_text("tepat dalam 9 meter").wait_for()
    album.look(page, "day", tall=True)
    press(page, "Buka hari penyaluran")
    page.get_by_text("Berikutnya").wait_for()
    album.look(page, "day--opened", tall=True)
    press(page, "Tutup hari penyaluran")
    page.get_by_label("Sisa Beras").fill("15")
    album.look(page, "day-close", tall=True)
    go_home(page)


def look_at_verdicts(page: Page, server: StandIn, album: Album) -> None:
    """A genuine card, a revoked one, one of a family that this phone does not hold."""
    press(page, "Pindai")
    page.evaluate(SEES)
    show(page, server.card_text(0), half=True)
    page.get_by_text("Arahkan ke kode").wait_for()
    album.look(page, "scan")
    press(page, "Ketik nomor kartu")
    page.get_by_label("Nomor kartu").fill(server.families[0]["card"]["number"][:8])
    album.look(page, "scan--number")
    go_home(page)
    for place, name in [(0, "verdict--green"), (3, "verdict--red"), (7, "verdict--elsewhere")]:
        scan(page, server, place)
        album.look(page, name)
        press(page, "Selesai")


def look_at_deeds(page: Page, server: StandIn, album: Album) -> None:
    """Serving a family, serving it once more, handing over a card."""
    scan(page, server, 0)
    press(page, "Lanjut")
    page.get_by_text("Kepala keluarga", exact=True).click()
    page.get_by_text("tepat dalam 9 meter").wait_for()
    page.get_by_text("Yang diserahkan kurang dari ini").click()
    page.get_by_label("Jumlah beras").fill("4")
    page.get_by_text("Barang di titik ini kurang").click()
    album.look(page, "deliver--less", tall=True)
    page.get_by_label("Jumlah beras").fill("5")
    page.get_by_text("Yang diserahkan kurang dari ini").click()
    page.get_by_text("Yang mewakili").click()
    page.get_by_label("Nama yang mewakili").fill("Dewi Lestari")
    album.look(page, "deliver--representative", tall=True)
    page.get_by_text("Kepala keluarga", exact=True).click()
    sign(page)
    album.look(page, "deliver", tall=True)
    press(page, "Serahkan dan simpan")
    page.get_by_text("sudah diterima server").wait_for()
    album.look(page, "saved")
    press(page, "Tunjukkan tanda terima")
    album.look(page, "receipt")
    page.go_back()
    press(page, "Selesai")
    scan(page, server, 0)
    album.look(page, "verdict--taken")
    press(page, "Selesai")
    deliver(page, server, 1)

    press(page, "Serahkan 1 kartu")
    page.evaluate(SEES)
    show(page, server.card_text(2))
    press(page, "Orang lain")
    page.get_by_text("Kepala keluarga", exact=True).click()
    page.get_by_text("tepat dalam 9 meter").wait_for()
    album.look(page, "hand-over", tall=True)
    press(page, "Serahkan kartu", exact=True)
    page.get_by_text("sudah diterima server").wait_for()
    press(page, "Selesai")


def look_at_records(page: Page, server: StandIn, album: Album) -> None:
    """What became of it all, with the server and without; the guide; the settings."""
    wait_for_worker(page)
    server.stop()
    open_family(page, "Siti")
    press(page, "Hasil kunjungan")
    page.get_by_text("Bertemu keluarga").click()
    press(page, "Simpan kunjungan")
    page.get_by_text("Tersimpan di HP ini").wait_for()
    press(page, "Selesai")
    page.get_by_text("Tanpa sinyal").wait_for()
    album.look(page, "today--no-signal")
    go(page, "Catatan")
    page.get_by_text("Dipersoalkan").first.wait_for()
    album.look(page, "records", tall=True)
    for more in ("Berminggu-minggu tanpa sinyal?", "HP mau mati"):
        page.get_by_text(more).click()
    album.look(page, "records--no-network", tall=True)
    go(page, "Panduan")
    page.get_by_text("Kartu merah").click()
    album.look(page, "help", tall=True)
    press(page, "Tampilan dan bunyi")
    album.look(page, "settings", tall=True)
    page.get_by_text("Kontras tinggi").click()
    album.look(page, "settings--sun")
    page.get_by_text("Kontras tinggi").click()
    server.start()
    server.newer = True
    page.reload()
    page.get_by_text("Ketik PIN").wait_for()
    album.look(page, "unlock")
    type_pin(page, "000000")
    page.get_by_text("PIN salah").wait_for()
    album.look(page, "unlock--wrong")
    type_pin(page)
    page.get_by_text("Versi baru aplikasi sudah siap").wait_for()
    page.get_by_text("Tersambung").wait_for()
    album.look(page, "today--new-version")


def test_chips_and_a_practice(phone: Phone, office: Make, album: Album) -> None:
    server = office(nfc=True)
    page = open_phone(phone, nfc=True)
    enrol(page, server.code())
    page.get_by_text("keluarga belum dilayani").wait_for()
    wait_for_tickets(page, len(FAMILIES))

    press(page, "Pindai")
    page.get_by_text("Tempelan kartu siap dibaca").wait_for()
    page.evaluate(SEES)
    album.look(page, "scan--tap")
    chip: VirtualChip = server.chip(0)
    server.stop()
    touch(page, chip)
    page.get_by_role("heading", name="Tempelkan sekali lagi").wait_for()
    album.look(page, "verdict--tap-once")
    press(page, "Selesai")
    server.start()

    go(page, "Panduan")
    press(page, "Mulai latihan")
    page.get_by_text("LATIHAN", exact=True).wait_for()
    go(page, "Panduan")
    album.look(page, "help--practice")
    press(page, "Pindai")
    album.look(page, "scan--practice")
    press(page, "Orang tak dikenal")
    page.locator(".verdict").wait_for()
    album.look(page, "verdict--practice")
    press(page, "Akhiri")
    page.get_by_text("LATIHAN", exact=True).wait_for(state="detached")

    server.refuses = "device.wipe_ordered"
    go(page, "Catatan")
    press(page, "Kirim dan perbarui")
    page.get_by_text("sudah diterima server").wait_for()
    album.look(page, "wiped")


def test_what_goes_wrong(phone: Phone, office: Make, album: Album) -> None:
    server = office(list_age_days=21)
    page = open_phone(phone)
    enrol(page, server.code())
    page.get_by_text("keluarga belum dilayani").wait_for()
    wait_for_worker(page)
    scan(page, server, 0)
    album.look(page, "verdict--old-list")
    press(page, "Selesai")

    server.lease_days = -1
    go(page, "Catatan")
    press(page, "Kirim dan perbarui")
    go(page, "Hari ini")
    page.get_by_text("sudah berakhir").wait_for()
    album.look(page, "today--over", tall=True)
    server.state, server.refuses = "frozen", "device.frozen"
    go(page, "Catatan")
    press(page, "Kirim dan perbarui")
    go(page, "Hari ini")
    page.get_by_text("dibekukan").wait_for()
    album.look(page, "today--frozen")

    server.stop()
    go(page, "Panduan")
    press(page, "Laporkan masalah")
    page.get_by_text("Barang kurang").click()
    page.get_by_label("Ceritakan singkat").fill("beras hanya 4 kg per keluarga")
    press(page, "Kirim laporan")
    page.get_by_text("Tersimpan di HP ini").wait_for()
    page.reload()
    for wrong in range(10):
        page.get_by_text("Ketik PIN").wait_for()
        page.clock.set_fixed_time(MOMENT + timedelta(hours=wrong))
        type_pin(page, "000001")
        told = f"Sisa {9 - wrong} kali" if wrong < 9 else "Data keluarga di HP ini sudah dihapus"
        page.get_by_text(told).wait_for()
    album.look(page, "wiped--unsent")
