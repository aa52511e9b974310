"""The whole story by hand: pages in a browser, phones and the bank over HTTP, one database.

The office acts in the browser wherever there is a page for it; what has none yet is done by the
command that an operator would type. Every second person signs in as somebody else.
"""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import httpx
import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect, sync_playwright

from betang.areas.load import load_areas
from betang.areas.models import Area
from betang.cli.demonstration import people
from betang.core.actor import SYSTEM
from betang.ledger.balance import imbalance
from sandbox.phones.day import Day, Plan
from sandbox.phones.phone import Phone
from tests.conftest import PATIENCE_S

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
pytestmark = [pytest.mark.browser, pytest.mark.server]
CHROMIUM = "/usr/bin/chromium"
#: What the worker does for a whole regency, on a busy machine.
WORK_MS = 600_000
REGENCY = 6210


class Office:
    """The office of the story: a page for each who signs in, and the operator's terminal."""

    def __init__(self, browser: Browser, live, folder: Path, bank: str) -> None:
        self.browser, self.live, self.folder, self.bank = browser, live, folder, bank

    def signed_in(self, username: str) -> Page:
        page = self.browser.new_context(locale="id-ID").new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(f"{self.live.origin}/masuk/")
        page.get_by_label("Nama pengguna").fill(username)
        page.get_by_label("Kata sandi").fill(people.PASSWORD)
        page.get_by_role("button", name="Masuk").click()
        page.wait_for_url(f"{self.live.origin}/")
        return page

    def types(self, *words: str) -> dict:
        """Run a command as an operator and read its JSON."""
        ran = subprocess.run(
            [sys.executable, "-m", "betang", *words, "--json"],
            check=False, capture_output=True, text=True, env=self.live.environment,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout.strip().splitlines()[-1]) if ran.stdout.strip() else {}


@pytest.fixture
def bank(live_betang, tmp_path) -> Iterator[str]:
    """The stand-in bank; the site and its worker know where it is."""
    keys_of_bank = tmp_path / "bank"
    keys_of_bank.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.bank", "--port", "0", "--keys", str(keys_of_bank)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout
        url = json.loads(process.stdout.readline())["bank"]
        live_betang.environment |= {"BETANG_BANK_URL": url, "BETANG_BANK_KEYS": str(keys_of_bank)}
        yield url
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        if process.stdout:
            process.stdout.close()


@pytest.fixture
def office(live_betang, keys, tmp_path, bank):
    load_areas(actor=SYSTEM, at=timezone.now())
    people.gather([people.facilitator(0, REGENCY)], at=timezone.now())
    live_betang.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        yield Office(browser, live_betang, tmp_path, bank)
        browser.close()
        connections.close_all()  # Playwright's loop gave this thread connections of its own


def make_the_list(folder: Path) -> None:
    """Write a list of one regency, with the dirt of real ones."""
    areas = folder / "areas.csv"
    with areas.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "name"])
        writer.writerows(
            Area.objects.filter(level=4, code__range=(REGENCY * 10**6, (REGENCY + 1) * 10**6))
            .order_by("code").values_list("code", "name")[:12]
        )  # fmt: skip
    words = ["--families", "200", "--seed", "7", "--out", str(folder), "--areas", str(areas)]
    subprocess.run(
        [sys.executable, "-m", "sandbox.province", *words], check=True, capture_output=True
    )


def send_form(page: Page, name: str) -> None:
    """Press a form's button and wait for the answer: a click alone waits for nothing."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def upload(page: Page, live, path: Path, kind: str) -> str:
    page.goto(f"{live.origin}/penerimaan/unggah/")
    page.get_by_label("Berkas").set_input_files(path)
    page.locator("#id_kind").select_option(kind)
    if kind != "households":
        page.get_by_label("Masa daftar").fill("2026-T4")
    page.get_by_role("button", name="Unggah dan periksa").click()
    page.wait_for_url("**/penerimaan/*-*/")
    return page.url


def test_from_the_list_to_the_receipt(office: Office) -> None:
    budi, wati = office.signed_in("budi"), office.signed_in("wati")

    receive_the_lists(office, budi, wati)
    judge_and_decree(office, budi, wati)
    issue_and_open(office, budi)
    serve(office, wati)
    pay(office, budi)

    assert imbalance() == []


def receive_the_lists(office: Office, budi: Page, wati: Page) -> None:
    """The lists: who uploads cannot accept; a second person does."""
    live, folder = office.live, office.folder
    make_the_list(folder)
    for kind in ("PKH", "SEMBAKO", "BLTDD", "households"):
        name = "households.csv" if kind == "households" else f"exclusions_{kind}.csv"
        address = upload(budi, live, folder / name, kind)
        expect(budi.get_by_text("menunggu orang kedua", exact=False).first).to_be_visible()
        assert budi.get_by_role("button", name="Terima daftar").count() == 0
        wati.goto(address)
        send_form(wati, "Terima daftar")
        expect(wati.get_by_role("heading", name="Hasil penerimaan")).to_be_visible()
    expect(wati.get_by_text("Tertahan").first).to_be_visible()


def judge_and_decree(office: Office, budi: Page, wati: Page) -> None:
    """Rules and the decree, each by two persons; the judging between them."""
    live = office.live
    office.types("programmes", "create", "--by", "budi")
    budi.goto(f"{live.origin}/aturan/usul/")
    budi.get_by_role("button", name="Usulkan").click()
    budi.wait_for_url("**/aturan/*-*/")
    wati.goto(budi.url)
    send_form(wati, "Setujui aturan")
    expect(wati.get_by_text("Disetujui").first).to_be_visible()
    judge(office, budi)
    budi.goto(f"{live.origin}/aturan/")
    budi.locator("summary", has_text="Usulkan SK").click()
    budi.get_by_label("Nomor SK").fill("SK/62/2026/1")
    budi.get_by_label("Tanggal SK").fill(timezone.localdate().isoformat())
    budi.locator("#id_area").select_option("62")
    with budi.expect_navigation():
        budi.locator("form[action$='/sk/usul/'] button[type=submit]").click()
    expect(budi.get_by_text("SK/62/2026/1")).to_be_visible()
    wati.goto(f"{live.origin}/aturan/")
    with wati.expect_navigation():
        wati.locator("form[action*='/sk/'][action$='/setujui/'] button").click()
    expect(wati.get_by_text("Budi Santoso, Wati Lestari").first).to_be_visible()


def judge(office: Office, budi: Page) -> None:
    """The judging: asked for on the page, done by the worker, told without loading it again."""
    budi.goto(f"{office.live.origin}/aturan/")
    budi.get_by_role("button", name="Nilai keluarga").click()
    with budi.expect_navigation():
        budi.get_by_role("button", name="Mulai menilai").click()
    budi.evaluate("window.sameDocument = true")
    expect(budi.get_by_role("link", name="Buka hasilnya")).to_be_visible(timeout=WORK_MS)
    assert budi.evaluate("window.sameDocument"), "the page was loaded again"
    budi.get_by_role("link", name="Buka hasilnya").click()
    expect(budi.get_by_role("heading", name="Menurut indikator")).to_be_visible()
    budi.get_by_role("link", name="Alasannya").first.click()
    expect(budi.get_by_text("dinilai").first).to_be_visible()


def issue_and_open(office: Office, budi: Page) -> None:
    """Cards for everybody who is enrolled, and the first cycle."""
    live = office.live
    issued = office.types("cards", "issue", "--by", "budi")
    assert issued["issued"] > 20
    office.types("cards", "print", "--by", "budi")
    office.types("cards", "receive", "--by", "budi")
    today = timezone.localdate()
    budi.goto(f"{live.origin}/tahap/")
    budi.locator("summary", has_text="Rencanakan tahap").click()
    budi.get_by_label("Kode tahap").fill("202601")
    budi.get_by_label("Nama tahap").fill("Tahap I 2026")
    budi.get_by_label("Dibuka").fill(today.isoformat())
    budi.get_by_label("Ditutup").fill((today + timedelta(days=30)).isoformat())
    budi.get_by_role("button", name="Rencanakan", exact=True).click()
    budi.get_by_label("Jumlah keluarganya sudah saya periksa").check()
    budi.get_by_role("button", name="Buka tahap").click()
    expect(budi.get_by_text("Berjalan").first).to_be_visible(timeout=WORK_MS)


def enrol(office: Office, phone: Phone) -> None:
    """A phone: a code in the page, six words over the table, then its lease and its cards."""
    live, admin = office.live, office.signed_in("admin")
    admin.goto(f"{live.origin}/gawai/daftarkan/")
    admin.get_by_label("Petugas lapangan").fill("sari01")
    admin.get_by_role("button", name="Buat kode").click()
    admin.locator("summary", has_text="Kamera tidak dapat dipakai").click()
    code = admin.locator("code", has_text="#enrol=").inner_text()
    words = phone.enrol(code)
    admin.goto(f"{live.origin}/gawai/{phone.uuid}/")
    admin.get_by_label("Enam kata dari layar HP").fill("salah " * 6)
    send_form(admin, "Sahkan gawai")
    expect(admin.locator(".wrong").first).to_be_visible()
    admin.get_by_label("Enam kata dari layar HP").fill(" ".join(words))
    send_form(admin, "Sahkan gawai")
    expect(admin.get_by_text("Aktif").first).to_be_visible()
    office.types("cards", "entrust", phone.uuid, "--area", str(REGENCY), "--by", "budi")
    office.types("distribution", "lease", phone.short_id, "202601", "--by", "wati")


def serve(office: Office, wati: Page) -> None:
    """The day in the village; the board is open in the office and is not loaded again."""
    live = office.live
    with httpx.Client(base_url=live.origin, timeout=PATIENCE_S) as client:
        phone = Phone(live.origin, client)
        enrol(office, phone)
        wati.goto(f"{live.origin}/")
        expect(wati.get_by_text("Tersambung langsung")).to_be_visible()
        wati.evaluate("window.sameDocument = true")
        phone.fetch()
        plan = Plan(serve=1.0, hand_over=1.0, online=0.0)
        day = Day(phone, Random(7), plan, timezone.now() - timedelta(hours=3))
        day.prepare()
        phone.client = None
        day.serve_offline(day.families)
        phone.client = client
        phone.push()
        served = day.did["delivered_offline"]
        expect(wati.locator("dl.figures [data-figure=served]")).to_have_text(str(served))
        assert wati.evaluate("window.sameDocument"), "the page was loaded again"

        # Everything once more, and a right that is gone: nothing is counted twice.
        phone.pull()
        assert {decision["outcome"] for decision in phone.decisions} == {"accepted"}
        right = min(phone.delivered)[0]
        phone.deliver(right, part=1, private={"collector_name": "?", "note": ""})
        phone.push()
        expect(wati.locator("#alert-list")).to_contain_text("Pengambilan ganda")
        expect(wati.locator("dl.figures [data-figure=served]")).to_have_text(str(served))


def pay(office: Office, budi: Page) -> None:
    """The bank: accounts by file and two persons, an order by two persons, the books compared."""
    live = office.live
    tuti = office.signed_in("tuti")
    open_accounts(office, budi, tuti)
    budi.goto(f"{live.origin}/penyaluran/")
    send_form(budi, "Siapkan perintah bayar")
    budi.goto(f"{live.origin}/penyaluran/")
    budi.get_by_role("link", name="Tahap I 2026").click()
    expect(budi.get_by_text("Menunggu orang kedua").first).to_be_visible()
    assert budi.get_by_role("button", name="Lepas perintah bayar").count() == 0
    tuti.goto(budi.url)
    send_form(tuti, "Lepas perintah bayar")
    expect(tuti.get_by_text("Tuti Handayani").first).to_be_visible()
    send(office, tuti)
    compare(tuti)


def open_accounts(office: Office, budi: Page, tuti: Page) -> None:
    """Accounts: a file to the bank, its answer by one, accepted by another, the names compared."""
    accounts = f"{office.live.origin}/penyaluran/rekening/"
    budi.goto(accounts)
    with budi.expect_download() as taken:
        budi.get_by_role("button", name="Unduh berkas permintaan").click()
    answer = office.folder / "answer.csv"
    opened = httpx.post(
        f"{office.bank}/sandbox/burekol", content=taken.value.path().read_bytes(),
        timeout=PATIENCE_S,
    )  # fmt: skip
    answer.write_bytes(opened.content)
    budi.get_by_label("Berkas CSV dari bank").set_input_files(answer)
    budi.get_by_role("button", name="Unggah dan baca").click()
    budi.wait_for_url("**/penyaluran/rekening/*-*/")
    assert budi.get_by_role("button", name="Terima berkas").count() == 0
    tuti.goto(budi.url)
    send_form(tuti, "Terima berkas")
    expect(tuti.get_by_text("Diterima").first).to_be_visible()
    budi.goto(accounts)
    budi.get_by_role("button", name="Periksa nama pemilik").click()
    expect(budi.get_by_text("Nama diperiksa")).to_be_visible(timeout=WORK_MS)


def send(office: Office, tuti: Page) -> None:
    """The treasurer sends, twice in one breath: each family is paid once all the same."""
    counts = f"{office.bank}/sandbox/counts"
    assert httpx.get(counts, timeout=PATIENCE_S).json()["transfers"] == 0
    second = tuti.context.new_page()
    second.goto(tuti.url)
    for page in (tuti, second):
        page.get_by_label("Jumlah keluarga dan nilainya sudah saya periksa").check()
        page.get_by_role("button", name="Kirim ke bank").click()
    expect(tuti.get_by_text("Pengiriman selesai")).to_be_visible(timeout=WORK_MS)
    expect(tuti.get_by_text("Selesai dibayar").first).to_be_visible()
    assert tuti.get_by_role("button", name="Kirim ke bank").count() == 0
    told = httpx.get(counts, timeout=PATIENCE_S).json()
    assert told["transfers"] == told["transfer_requests"] > 0
    assert told["accounts_paid_twice"] == 0
    second.close()


def compare(tuti: Page) -> None:
    """The bank's own history agrees, line by line."""
    tuti.get_by_role("button", name="Cocokkan dengan rekening koran").click()
    expect(tuti.get_by_text("baris rekening koran dibaca")).to_be_visible(timeout=WORK_MS)
    figures = tuti.locator("#rekening-koran dd")
    assert [figures.nth(place).inner_text() for place in (1, 2, 3)] == ["0", "0", "0"]
    expect(tuti.get_by_text("cocok dengan rekening koran").first).to_be_visible()
