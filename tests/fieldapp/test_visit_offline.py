"""A companion visits families where there is no signal, and one of them has no house. What was
found is there after the phone was switched off, while it is typed and when it is saved, and comes
back from the office with the next contact.
"""

import pytest
from playwright.sync_api import Page

from betang.registry.models import FollowUp, Household
from betang.sync.models import Attachment, FieldEvent
from betang.sync.read_said import open_attachment
from tests.fieldapp.conftest import open_phone_in_the_village
from tests.fieldapp.office import SERVED
from tests.fieldapp.steps import open_family, open_records, prepare_in_the_office
from tests.holding import until_true

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.django_db(transaction=True)]

LANDMARK = "pasar subuh, lapak ketiga"
NOTE = "anak bungsu sudah masuk sekolah"
CONTACT = "0812-0000-1111"


def type_visit(page: Page) -> None:
    """Say what was found, and leave the form: what was typed was read again from the flash."""
    page.get_by_role("button", name="Hasil kunjungan").click()
    page.get_by_role("button", name="Simpan kunjungan").click()
    page.get_by_role("alert").wait_for()  # a sentence, not silence
    page.get_by_text("Bertemu keluarga").click()
    page.get_by_label("Keterangan").fill(NOTE)
    page.get_by_role("button", name="Kembali").first.click()
    page.get_by_role("button", name="Hasil kunjungan").click()
    is_typed(page)


def is_typed(page: Page) -> None:
    """Wait for what was typed before."""
    until_true(page, "note => document.querySelector('#note').value === note", NOTE)
    until_true(page, "document.querySelector('input[value=found]')?.checked")


def type_dwelling(page: Page) -> None:
    """Say where somebody without a house is found: by a landmark, a person and a point."""
    page.get_by_role("button", name="Tempat tinggal dan titik").click()
    page.get_by_text("titik baik").wait_for()
    page.get_by_text("Tanpa tempat tinggal tetap").click()
    page.get_by_role("button", name="Simpan tempat tinggal").click()
    page.get_by_text("Tulis titik acuannya.").wait_for()
    page.get_by_label("Titik acuan").fill(LANDMARK)
    page.get_by_label("Cara menghubunginya").fill(CONTACT)
    page.get_by_role("button", name="Simpan tempat tinggal").click()
    page.get_by_text("Tulis nama orang yang dapat dititipi pesan.").wait_for()
    page.get_by_label("Yang dapat dititipi pesan").fill("Bu Iyah")
    page.get_by_role("button", name="Simpan tempat tinggal").click()
    page.get_by_text("Titik tepat dalam 9 meter").wait_for()
    page.get_by_role("button", name="Selesai").click()


def is_told(page: Page, name: str, kind: str, found: str, standing: str) -> None:
    """Read on the family's page what this phone recorded, and where it stands."""
    open_family(page, name)
    line = page.locator("li", has=page.locator(".chip", has_text=standing))
    line.get_by_text(kind).wait_for()
    line.get_by_text(found).wait_for()


def test_what_a_visit_found_outlives_the_phones_battery_and_reaches_the_office(
    live_betang, village, phone, budi
):
    wanderer, settled = Household.objects.filter(village_id=SERVED).order_by("pk")[:2]
    origin = live_betang.origin
    live_betang.start("site")
    prepare_in_the_office(phone(), live_betang, village, budi)
    live_betang.kill("site")
    page = open_phone_in_the_village(phone, origin)
    open_family(page, settled.head_name)
    type_visit(page)
    page.context.close()  # the battery is empty

    page = open_phone_in_the_village(phone, origin)
    open_family(page, settled.head_name)
    page.get_by_role("button", name="Hasil kunjungan").click()
    is_typed(page)
    page.get_by_role("button", name="Simpan kunjungan").click()
    page.get_by_role("heading", name="Kunjungan dicatat").wait_for()
    page.get_by_role("button", name="Selesai").click()
    open_family(page, wanderer.head_name)
    type_dwelling(page)
    page.context.close()

    visit = (settled.head_name, "Kunjungan keluarga", "Bertemu keluarga")
    dwelling = (wanderer.head_name, "Tempat tinggal dicatat", "Tanpa tempat tinggal tetap")
    page = open_phone_in_the_village(phone, origin)
    is_told(page, *visit, "Di HP ini")
    page.get_by_role("button", name="Kembali").first.click()
    is_told(page, *dwelling, "Di HP ini")
    page.context.close()
    assert not FieldEvent.objects.exists()

    live_betang.start("site")
    page = open_phone_in_the_village(phone, origin)
    open_records(page)
    page.locator("li .chip", has_text="Disahkan").nth(1).wait_for()
    page.context.close()
    live_betang.kill("site")

    page = open_phone_in_the_village(phone, origin)  # what came back is on the phone
    is_told(page, *dwelling, "Disahkan")
    for known in ("Tanpa tempat tinggal tetap", LANDMARK, "Bu Iyah", "tepat dalam 9 meter"):
        page.locator("dd", has_text=known).wait_for()
    assert page.get_by_text(CONTACT).count() == 0  # the office alone reads it
    page.get_by_role("button", name="Kembali").first.click()
    is_told(page, *visit, "Disahkan")

    stands_in_the_office(wanderer)


def stands_in_the_office(wanderer: Household) -> None:
    """Find what was told in registry and attachments, and no word of it in what was signed."""
    wanderer.refresh_from_db()
    assert (wanderer.dwelling, wanderer.anchor, wanderer.custodian) == (
        "none", LANDMARK, "Bu Iyah",
    )  # fmt: skip
    assert (wanderer.home_lat, wanderer.home_lng) == (-2.2083, 113.916)
    assert CONTACT.encode() not in bytes(wanderer.custodian_contact_sealed)
    told = [open_attachment(bytes(row.sha256)) for row in Attachment.objects.all()]
    assert any(one.get("note") == NOTE for one in told)
    assert any(one.get("custodian_contact") == CONTACT for one in told)
    signed = b"".join(bytes(row.payload) for row in FieldEvent.objects.order_by("seq"))
    assert not [word for word in (b"Iyah", b"lapak", b"bungsu", b"0812") if word in signed]
    assert not FollowUp.objects.filter(household=wanderer, closed_at=None).exists()
