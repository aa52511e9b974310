"""Two supervisors give out a lease and move it to another phone, on desk and phone."""

import os

import pytest

from betang.distribution.models import Entitlement, Lease
from sandbox.phones.transfer import give, offer, take
from tests.conftest import LiveBetang
from tests.sync.world import World, make_world
from tests.web.desk import desk, looked_at, press

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture
def world(live_betang: LiveBetang, keys, budi, wati) -> World:
    made = make_world(budi, wati)
    made.confirmed(areas=(6201,))
    made.confirmed(areas=(6201,))
    live_betang.start("site")
    return made


def test_a_lease_is_given_and_moved_and_the_pages_have_no_fault(live_betang, world, browser):
    first, second = world.phones
    address = f"{live_betang.origin}/penugasan/"
    dewi = desk(browser, live_betang, world, "dewi", 1366)
    tuti = desk(browser, live_betang, world, "tuti", 360)

    wrong = {"empty": looked_at(dewi, address)}
    dewi.select_option("#id_device", first.short_id)
    press(dewi, "text=Beri penugasan >> nth=-1")
    dewi.wait_for_selector("text=Penugasan diberikan.")
    page = dewi.url
    wrong["given"] = looked_at(dewi, page)
    wrong["list"] = looked_at(tuti, address)
    dewi.select_option("#id_device", second.short_id)
    dewi.fill("#id_move_reason", "HP jatuh ke sungai.")
    press(dewi, "button[value=propose]")
    dewi.wait_for_selector("text=Menunggu persetujuan orang kedua")
    wrong["proposed"] = looked_at(tuti, page)
    press(tuti, "button[value=confirm]")
    tuti.wait_for_selector("text=Penugasan dipindahkan")
    wrong["moved"] = looked_at(tuti, page)

    assert {place: found for place, found in wrong.items() if found} == {}
    assert list(Lease.objects.order_by("pk").values_list("state", flat=True)) == ["closed", "live"]
    holders = set(Entitlement.objects.filter(holder__isnull=False).values_list("holder__short_id"))
    assert holders == {(second.short_id,)}


def test_a_lease_that_was_handed_on_in_the_field_has_a_page_without_a_fault(
    live_betang, world, browser
):
    giver, taker = world.phones
    lease = world.lease(giver)
    for phone in (giver, taker):
        phone.fetch()
    rights = sorted(giver.rights)
    asked = offer(taker)
    take(taker, give(giver, asked, rights[:2]), asked)
    taker.push()
    give(giver, offer(taker), rights[2:5])
    giver.push()
    page = f"{live_betang.origin}/penugasan/{lease.uuid}/"

    wide = desk(browser, live_betang, world, "dewi", 1366)
    narrow = desk(browser, live_betang, world, "tuti", 360)
    wrong = {"wide": looked_at(wide, page), "narrow": looked_at(narrow, page)}

    assert {place: found for place, found in wrong.items() if found} == {}
    wide.get_by_text("Belum diakui penerima").wait_for()
    narrow.get_by_text("Diakui kedua HP").wait_for()
    if folder := os.environ.get("BETANG_LOOK"):
        wide.screenshot(path=f"{folder}/lease-1366.png", full_page=True)
        narrow.screenshot(path=f"{folder}/lease-360.png", full_page=True)
