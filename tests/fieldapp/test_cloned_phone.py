"""A phone whose storage was copied: two phones, one key. The second branch of its chain is seen."""

import shutil

import pytest

from betang.accounts.models import Device
from betang.cards.models import Card
from betang.distribution.models import Delivery
from betang.sync.models import FieldEvent, FieldEventFork
from tests.fieldapp.conftest import enrol, type_pin, wait_for_worker
from tests.fieldapp.office import SERVED, code, confirm

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.django_db(transaction=True)]


def deliver(page, origin) -> None:
    """Unlock, scan what the camera sees, hand it to the head of the family."""
    page.goto(f"{origin}/lapangan/")
    type_pin(page)
    page.get_by_role("button", name="Pindai").click()
    page.get_by_role("button", name="Lanjut").click()
    page.get_by_text("Kepala keluarga").click()
    page.get_by_role("button", name="Serahkan dan simpan").click()
    page.get_by_text("Tersimpan").wait_for()


def test_a_cloned_phone_is_frozen_and_what_came_first_stays_counted(
    live_betang, village, phone, camera, budi, tmp_path
):
    first, second = Card.objects.filter(village_id=SERVED).order_by("pk")[:2]
    live_betang.start("site")
    page = phone()
    enrol(page, code(live_betang.origin, village, budi))
    confirm(page, village, budi)
    wait_for_worker(page)
    page.context.close()
    shutil.copytree(
        tmp_path / "profile", tmp_path / "clone", ignore=shutil.ignore_patterns("Singleton*")
    )

    page = phone(camera=camera(first.qr))
    deliver(page, live_betang.origin)
    page.get_by_text("sudah diterima server").wait_for()
    page.context.close()
    clone = phone(profile="clone", camera=camera(second.qr))
    deliver(clone, live_betang.origin)
    clone.get_by_role("button", name="Selesai").click()

    clone.get_by_text("dibekukan karena catatannya bercabang").wait_for()
    assert Device.objects.get().state == "frozen"
    assert FieldEvent.objects.count() == 1
    assert FieldEventFork.objects.count() == 1
    assert Delivery.objects.get(counted=True).card_number == first.number
