"""A phone whose storage was copied: two phones, one key. The second branch of its chain is seen."""

import shutil

import pytest

from betang.accounts.models import Device
from betang.cards.models import Card
from betang.distribution.models import Delivery
from betang.sync.models import FieldEvent, FieldEventFork
from tests.fieldapp.conftest import open_phone_in_the_village
from tests.fieldapp.office import SERVED
from tests.fieldapp.steps import (
    open_records,
    prepare_in_the_office,
    send_everything,
    serve_the_head,
)

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.django_db(transaction=True)]


def test_a_cloned_phone_is_frozen_and_what_came_first_stays_counted(
    live_betang, village, phone, camera, budi, tmp_path
):
    first, second = Card.objects.filter(village_id=SERVED).order_by("pk")[:2]
    origin = live_betang.origin
    live_betang.start("site")
    prepare_in_the_office(phone(), live_betang, village, budi)
    live_betang.kill("site")
    shutil.copytree(
        tmp_path / "profile", tmp_path / "clone", ignore=shutil.ignore_patterns("Singleton*")
    )
    for profile, card in (("profile", first), ("clone", second)):  # neither knows of the other
        page = open_phone_in_the_village(phone, origin, camera(card.qr), profile=profile)
        serve_the_head(page)
        page.context.close()
    assert not FieldEvent.objects.exists()

    live_betang.start("site")
    send_everything(phone, live_betang, camera(first.qr), 1)
    clone = open_phone_in_the_village(phone, origin, profile="clone")
    clone.get_by_text("dibekukan karena catatannya bercabang").wait_for()
    clone.context.close()
    live_betang.kill("site")

    clone = open_phone_in_the_village(phone, origin, profile="clone")
    clone.get_by_text("dibekukan karena catatannya bercabang").wait_for()
    open_records(clone)
    clone.locator("li .chip", has_text="Menunggu penyelia").wait_for()
    clone.context.close()
    live_betang.start("site")
    page = open_phone_in_the_village(phone, origin)  # the genuine one is stopped as well
    page.get_by_text("dibekukan karena catatannya bercabang").wait_for()
    open_records(page)
    page.locator("li .chip", has_text="Disahkan").wait_for()

    assert Device.objects.get().state == "frozen"
    assert FieldEvent.objects.count() == 1
    assert FieldEventFork.objects.count() == 1
    assert Delivery.objects.get(counted=True).card_number == first.number
