"""What is drawn is asked about first: the office's no ends the delivery, no network does not."""

import httpx
import pytest
from django.utils import timezone

from betang.cards.models import Card
from betang.distribution import lease as leases
from betang.distribution.models import Delivery, Entitlement
from betang.journal.models import Entry
from tests.conftest import PATIENCE_S
from tests.fieldapp.conftest import open_phone_in_the_village
from tests.fieldapp.office import SERVED
from tests.fieldapp.steps import prepare_in_the_office
from tests.sync.drawn import draw

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def card(village) -> Card:
    return Card.objects.filter(village_id=SERVED).order_by("pk").first()


@pytest.fixture
def right(card, monkeypatch) -> Entitlement:
    """A right that the next lease draws."""
    right = Entitlement.objects.get(household_id=card.household_id, channel="hand")
    draw(monkeypatch, lambda drawn: drawn(str(right.uuid)))
    return right


@pytest.fixture
def sight(live_betang, village, right, card, phone, camera, budi):
    """A phone that carries the right, and sees the family's card."""
    live_betang.start("site")
    sight = camera(card.qr)
    prepare_in_the_office(phone(camera=sight), live_betang, village, budi)
    return sight


def until_delivering(page) -> None:
    page.get_by_role("button", name="Pindai").click()
    page.get_by_role("heading", name="Kartu asli").wait_for()
    page.get_by_role("button", name="Lanjut").click()
    page.get_by_text("Kepala keluarga").click()


def asked(right: Entitlement) -> int:
    return Entry.objects.filter(kind="right.reserved", subject=right.uuid).count()


def test_a_right_that_the_office_gave_to_another_is_not_delivered(
    live_betang, village, right, phone, sight, budi, wati
):
    live_betang.kill("site")
    page = open_phone_in_the_village(phone, live_betang.origin, sight)
    page.get_by_text("Tanpa sinyal").wait_for()
    at = timezone.now()
    leases.override(str(right.uuid), reason="HP lama.", actor=budi, second=wati, at=at)
    live_betang.start("site")
    with httpx.Client(base_url=live_betang.origin, timeout=PATIENCE_S) as line:
        other = village.confirmed(areas=(SERVED,), origin=live_betang.origin, client=line)
        other.reserve(entitlement=str(right.uuid))

    until_delivering(page)

    page.get_by_text("Kata kantor: ").wait_for()
    page.get_by_text("Bantuan ini sedang ditugaskan ke gawai petugas lain.").wait_for()
    assert page.get_by_role("button", name="Serahkan dan simpan").is_disabled()
    assert page.get_by_role("button", name="Tidak jadi diserahkan").is_enabled()
    assert not Delivery.objects.exists()


def test_a_right_that_is_still_ours_is_asked_about_and_delivered(live_betang, right, phone, sight):
    page = open_phone_in_the_village(phone, live_betang.origin, sight)
    until_delivering(page)

    page.get_by_role("button", name="Serahkan dan simpan").click()

    page.get_by_text("Bantuan diserahkan").wait_for()
    assert asked(right) == 1
    right.refresh_from_db()
    assert right.state in ("open", "delivered")  # its lease was not turned into a reservation


def test_without_a_network_nobody_waits(live_betang, right, phone, sight):
    live_betang.kill("site")
    page = open_phone_in_the_village(phone, live_betang.origin, sight)
    page.get_by_text("Tanpa sinyal").wait_for()
    until_delivering(page)

    page.get_by_role("button", name="Serahkan dan simpan").click()

    page.get_by_text("Tersimpan di HP ini").wait_for()
    assert asked(right) == 0
