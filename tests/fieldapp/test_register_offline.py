"""A family in no list, told without a server: it gets a number that the phone holds, the office
accepts it on its page, and the phone shows what was decided.

`BETANG_PICTURES=folder` keeps a picture of each screen and page.
"""

import os
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, Playwright

from betang.accounts.models import RoleGrant, User
from betang.cards.models import Card
from betang.core.actor import Actor
from betang.core.identity.provisional_number import is_provisional_number
from betang.registry.models import Household, HouseholdProposal, Member, ProvisionalNumber
from betang.sync.models import FieldEvent
from tests.conftest import LiveBetang
from tests.fieldapp.conftest import CHROMIUM, enrol, open_phone_in_the_village, wait_for_worker
from tests.fieldapp.office import SERVED, code, confirm
from tests.holding import until_true
from tests.signed_in import let_in

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.django_db(transaction=True)]

PICTURES = os.environ.get("BETANG_PICTURES", "")
NIK = "6201015208900001"


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def desk(chromium: Playwright, live: LiveBetang, budi: Actor, wati: Actor, **look) -> Page:
    """Sit a supervisor down before the office's pages."""
    user = User.objects.create(username="tuti", full_name="Tuti")
    RoleGrant.objects.create(
        user=user, role="supervisor", proposed_by_person=budi.person,
        approved_by_person=wati.person, from_at=timezone.now(),
    )  # fmt: skip
    browser = chromium.chromium.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
    )
    context = browser.new_context(**({"viewport": {"width": 1366, "height": 768}} | look))
    let_in(context, user, live)
    return context.new_page()


def go_to_the_village(phone, live, village, budi, sight) -> None:
    """Enrol, wait for a number, and let the phone die."""
    live.start("site")
    page = phone(camera=sight)
    enrol(page, code(live.origin, village, budi))
    confirm(page, village, budi)
    wait_for_worker(page)
    page.context.close()
    live.kill("site")


def type_wrongly(page: Page) -> None:
    """Type a family that lives on the water, and be told what is wrong."""
    page.get_by_text("Tanpa sinyal").wait_for()
    page.get_by_role("button", name="Daftarkan keluarga baru").click()
    save = page.get_by_role("button", name="Daftarkan keluarga", exact=True)
    save.click()
    page.get_by_role("alert").wait_for()  # a sentence, not silence
    page.locator("label", has_text=f"Desa {SERVED}").click()
    page.get_by_label("Nama", exact=True).fill("warga 1")  # whom the phone knows
    page.get_by_text("jangan daftarkan lagi").wait_for()
    page.get_by_label("Nama", exact=True).fill("Nyai Undang")
    page.get_by_text("jangan daftarkan lagi").wait_for(state="detached")
    page.get_by_label("NIK (bila ada)").fill(NIK[:-1])
    page.get_by_text("Rumah lanting").click()
    page.get_by_label("Titik acuan").fill("Dermaga belakang pasar")
    page.get_by_label("Siapa yang dapat dititipi pesan").fill("Pak RT Dehen")
    save.click()
    page.get_by_text("harus 16 angka").wait_for()
    picture(page, "register-refused")


def go_on_typing(page: Page, house: Path) -> None:
    """Find what was typed, put it right, and save."""
    page.get_by_role("button", name="Keluarga", exact=True).click()
    page.get_by_role("button", name="Daftarkan keluarga baru").click()
    until_true(page, "document.querySelector('#head_name').value === 'Nyai Undang'")
    page.get_by_label("NIK (bila ada)").fill(NIK)
    page.get_by_role("button", name="Tambah anggota").click()
    member = page.get_by_role("group", name="Anggota ke-1")
    member.get_by_label("Nama").fill("Tingang")
    member.get_by_label("Hubungan").select_option("child")
    member.get_by_label("Tahun atau tanggal lahir").fill("2015")
    page.locator("input[type=file]").first.set_input_files(house)
    page.get_by_alt_text("Foto yang diambil").wait_for()
    page.get_by_text("tepat dalam 9 meter").wait_for()
    picture(page, "register")
    page.get_by_role("button", name="Daftarkan keluarga", exact=True).click()
    page.get_by_text("Ini bukan nomor kartu").wait_for()
    picture(page, "registered")


def accept(office: Page, origin: str, number: str) -> None:
    """Find the registration in the list, read it, and take it into the registry."""
    office.goto(f"{origin}/pendaftaran/")
    picture(office, "office-list")
    office.get_by_role("link", name=number).click()
    office.get_by_text("Dermaga belakang pasar").wait_for()
    picture(office, "office-registration")
    office.get_by_text("Masukkan ke daftar keluarga").click()
    office.get_by_role("button", name="Ya, masukkan ke daftar").click()
    office.get_by_text("belum berhak").wait_for()
    picture(office, "office-accepted")


class TestAFamilyInNoList:
    def test_is_registered_without_a_server_accepted_and_told_back(
        self, live_betang, village, phone, camera, chromium, budi, wati, tmp_path
    ):
        sight = camera(Card.objects.filter(village_id=SERVED).first().qr)
        house = tmp_path / "lanting.jpg"
        Image.new("RGB", (1600, 1200), "#6b8fa3").save(house)
        go_to_the_village(phone, live_betang, village, budi, sight)
        page = open_phone_in_the_village(phone, live_betang.origin, sight)
        type_wrongly(page)
        page.context.close()  # the battery dies while it is typed
        page = open_phone_in_the_village(phone, live_betang.origin, sight)
        go_on_typing(page, house)
        number = page.locator(".number").inner_text()
        page.context.close()
        assert is_provisional_number(number)
        assert not FieldEvent.objects.exists()

        live_betang.start("site")
        page = open_phone_in_the_village(phone, live_betang.origin, sight)
        page.get_by_role("button", name="Catatan").click()
        page.get_by_text("menunggu diperiksa").wait_for()
        proposal = HouseholdProposal.objects.get()
        assert (proposal.provisional, proposal.number_state) == (number, "own")
        assert ProvisionalNumber.objects.get(number=number).used_at is not None
        assert b"Undang" not in bytes(FieldEvent.objects.get().payload)

        office = desk(chromium, live_betang, budi, wati)
        accept(office, live_betang.origin, number)

        household = Household.objects.get(head_name="Nyai Undang")
        page.get_by_role("button", name="Kirim dan perbarui").click()
        page.get_by_text(f"masuk daftar dengan nomor keluarga {household.number}").wait_for()
        picture(page, "records")
        names = Member.objects.filter(household=household).order_by("pk")
        assert [one.name for one in names] == ["Nyai Undang", "Tingang"]
        assert (household.dwelling, household.custodian) == ("river", "Pak RT Dehen")
        assert household.home_lat == -2.2083
        assert not Card.objects.filter(household=household).exists()

    def test_waits_where_the_phone_holds_no_number_and_nothing_typed_is_lost(
        self, live_betang, village, phone, camera, budi
    ):
        live_betang.environment["BETANG_REGISTRATION_NUMBERS"] = "1"
        sight = camera(Card.objects.filter(village_id=SERVED).first().qr)
        go_to_the_village(phone, live_betang, village, budi, sight)
        page = open_phone_in_the_village(phone, live_betang.origin, sight)
        for name in ("Itak", "Mina"):
            page.get_by_role("button", name="Daftarkan keluarga baru").click()
            page.locator("label", has_text=f"Desa {SERVED}").click()
            page.get_by_label("Nama", exact=True).fill(name)
            page.get_by_text("Menumpang").click()
            if name == "Itak":
                page.get_by_role("button", name="Daftarkan keluarga", exact=True).click()
                page.get_by_role("button", name="Selesai").click()

        page.get_by_text("Jangan membuat nomor sendiri").wait_for()
        assert page.get_by_role("button", name="Nomor sementara habis").is_disabled()
        picture(page, "register-no-numbers")
        live_betang.start("site")  # the signal comes back while the form is open
        page.get_by_role("button", name="Daftarkan keluarga", exact=True).click()
        page.get_by_text("Ini bukan nomor kartu").wait_for()
        page.get_by_text("sudah diterima server").wait_for()

        told = HouseholdProposal.objects.order_by("pk").values_list("head_name", "number_state")
        assert list(told) == [("Itak", "own"), ("Mina", "own")]
