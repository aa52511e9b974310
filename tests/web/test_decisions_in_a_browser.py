"""Two persons decide a contested delivery and a forked chain in a browser, on desk and phone."""

import os

import pytest

from betang.distribution.models import Delivery
from betang.grievances.models import Case
from betang.sync.models import FieldEventFork
from tests.conftest import LiveBetang
from tests.sync.world import World, make_owner, make_world
from tests.web.desk import desk, looked_at, press

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture
def world(live_betang: LiveBetang, keys, budi, wati) -> World:
    """A copied phone whose copy was first, and a right that another phone claims too."""
    made = make_world(budi, wati)
    phone = made.leased(areas=(6201,))
    copied = phone.clone()
    copied.deliver(made.rights()[0])
    copied.push()
    phone.deliver(made.rights()[1])
    phone.push()
    made.owner = make_owner("rudi", budi, wati, made.at)
    other = made.confirmed(areas=(6201,))
    other.deliver(made.rights()[0])
    other.push()
    live_betang.start("site")
    return made


def test_two_persons_decide_and_the_pages_have_no_fault(live_betang, world, browser):
    case = Case.objects.get()
    kasus = f"{live_betang.origin}/kasus/{case.uuid}/"
    gawai = f"{live_betang.origin}/gawai/{world.device(world.phones[0]).uuid}/"
    dewi = desk(browser, live_betang, world, "dewi", 1366)
    tuti = desk(browser, live_betang, world, "tuti", 360)

    wrong = {"case": looked_at(dewi, kasus)}
    dewi.fill("#id_text", "Tanda tangan yang pertama palsu.")
    dewi.select_option("#id_outcome", "replaced")
    press(dewi, "button[value=resolve]")
    dewi.wait_for_selector("text=Dewi mengusulkan")
    wrong["case proposed"] = looked_at(tuti, kasus)
    press(tuti, "button[value=confirm]")
    tuti.wait_for_selector("text=Selesai")
    wrong["case decided"] = looked_at(tuti, kasus)
    wrong["chain"] = looked_at(dewi, gawai)
    dewi.check("input[value=refuse_branch]")
    dewi.fill("#id_chain_reason", "HP-nya tersalin.")
    press(dewi, "button[value=propose]")
    dewi.wait_for_selector("text=Dewi mengusulkan")
    wrong["chain proposed"] = looked_at(tuti, gawai)
    press(tuti, "button[value=confirm]")
    tuti.wait_for_selector("text=Sudah dilaksanakan")

    assert {place: found for place, found in wrong.items() if found} == {}
    assert sorted(Delivery.objects.values_list("decided_as", flat=True)) == ["counted", "reversed"]
    assert FieldEventFork.objects.get().state == "refused"
