"""A right that is claimed twice: refused on the phone that served it, contested by the office where
two phones did; and who claimed it is told so, and what to do, without a server too.
"""

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page

from betang.accounts.models import Device
from betang.core.actor import Actor
from betang.distribution import lease as leases
from betang.distribution.models import Delivery, Entitlement
from betang.grievances.models import Case
from betang.registry.models import Household
from betang.sync.models import Decision, FieldEvent
from tests.fieldapp.conftest import enrol, open_phone_in_the_village, wait_for_worker
from tests.fieldapp.office import SERVED, code, confirm
from tests.fieldapp.steps import (
    first_card,
    open_family,
    open_records,
    prepare_in_the_office,
    send_everything,
    serve_the_head,
)
from tests.sync.books import assert_whole
from tests.sync.world import World

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.django_db(transaction=True)]


def is_refused(page: Page) -> None:
    """The camera sees the same card once more: nothing is given."""
    page.get_by_role("button", name="Pindai").first.click()
    page.get_by_role("heading", name="Sudah diambil").wait_for()
    assert page.get_by_role("button", name="Lanjut").count() == 0
    page.get_by_role("button", name="Selesai").click()


def test_a_phone_refuses_a_second_time_without_a_server_after_each_restart(
    live_betang, village, phone, camera, budi
):
    card = first_card(SERVED)
    head_name = Household.objects.get(pk=card.household_id).head_name
    sight = camera(card.qr)
    live_betang.start("site")
    prepare_in_the_office(phone(camera=sight), live_betang, village, budi)
    live_betang.kill("site")
    page = open_phone_in_the_village(phone, live_betang.origin, sight)
    serve_the_head(page)
    page.get_by_role("button", name="Selesai").click()
    is_refused(page)

    for _ in range(2):
        page.context.close()
        page = open_phone_in_the_village(phone, live_betang.origin, sight)
        is_refused(page)
        page.get_by_role("button", name="Pindai").first.click()
        page.get_by_text("sudah diserahkan lewat HP ini pada").wait_for()
        page.get_by_text("silakan buat pengaduan").wait_for()
        page.get_by_role("button", name="Selesai").click()
        open_family(page, head_name)
        page.get_by_text("Sudah diambil").wait_for()
        page.get_by_role("button", name="Ketik dari kertas").click()
        page.get_by_text("sudah tercatat diserahkan").wait_for()
        page.get_by_role("button", name="Kembali").first.click()
        page.get_by_role("button", name="Kembali").first.click()
    open_records(page)
    assert page.locator("li .chip").count() == 1
    page.context.close()

    live_betang.start("site")
    send_everything(phone, live_betang, sight, 1)
    assert (FieldEvent.objects.count(), Delivery.objects.get().counted) == (1, True)


def move_right(right: Entitlement, to: Device, world: World, clerk: Actor, second: Actor) -> None:
    """Free the right of a phone that nobody hears of, by two persons, and lease it to another."""
    at = timezone.now()
    with transaction.atomic():
        leases.override(
            right.uuid, reason="HP di hulu, tanpa kabar.", actor=clerk, second=second, at=at
        )
        leases.grant(to, cycle=world.cycle, actor=clerk, at=at)


def test_of_two_phones_the_later_is_contested_and_its_owner_told_what_to_do(
    live_betang, village, phone, camera, budi, wati
):
    card = first_card(SERVED)
    right = Entitlement.objects.get(household_id=card.household_id, channel="hand")
    origin, sight = live_betang.origin, camera(card.qr)
    live_betang.start("site")
    devices = {}
    for profile, leased in (("upriver", True), ("nearby", False)):
        page = phone(profile=profile)
        enrol(page, code(origin, village, budi))
        devices[profile] = confirm(page, village, budi, areas=(SERVED,), leased=leased)
        wait_for_worker(page)
        page.context.close()
    live_betang.kill("site")
    page = open_phone_in_the_village(phone, origin, sight, profile="upriver")
    serve_the_head(page)
    page.context.close()

    live_betang.start("site")
    move_right(right, devices["nearby"], village, budi, wati)
    page = open_phone_in_the_village(phone, origin, sight, profile="nearby")
    page.get_by_text("keluarga belum dilayani").wait_for()
    page.context.close()
    live_betang.kill("site")
    page = open_phone_in_the_village(phone, origin, sight, profile="nearby")
    serve_the_head(page)
    page.context.close()
    live_betang.start("site")
    page = open_phone_in_the_village(phone, origin, profile="nearby")
    open_records(page)
    page.locator("li .chip", has_text="Disahkan").wait_for()
    page.context.close()

    page = open_phone_in_the_village(phone, origin, profile="upriver")
    open_records(page)
    page.locator("li .chip", has_text="Dipersoalkan").wait_for()
    page.context.close()
    live_betang.kill("site")

    page = open_phone_in_the_village(
        phone, origin, sight, profile="upriver"
    )  # what it was told is kept
    is_refused(page)
    open_records(page)
    line = page.locator("li", has=page.locator(".chip", has_text="Dipersoalkan"))
    line.get_by_text("Bantuan ini sudah diambil pada").wait_for()
    line.get_by_text("Simpan bukti penyerahan; penyelia akan memeriksa kedua catatan").wait_for()
    page.get_by_role("button", name="Tunjukkan tanda terima").click()
    page.get_by_text(f"{devices['upriver'].short_id}-1").wait_for()  # the evidence

    first, later = Delivery.objects.order_by("-counted")
    assert (first.device, first.counted) == (devices["nearby"].uuid, True)
    assert (later.device, later.counted) == (devices["upriver"].uuid, False)
    decided = Decision.objects.get(device=devices["upriver"])
    assert (decided.outcome, decided.code) == ("contested", "claim.already_delivered")
    assert Case.objects.get().kind == "contested_delivery"
    assert_whole()
