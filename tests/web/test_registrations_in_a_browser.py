"""The pages of families registered in the field, by axe, on a desk and on a phone.

`BETANG_PICTURES=folder` keeps a picture of each.
"""

import os
from pathlib import Path

import pytest
from django.utils import timezone

from betang.registry.models import HouseholdProposal
from betang.sync.decide_proposal import accept_proposal
from tests.conftest import LiveBetang
from tests.sync.test_registered import NIK, TOLD, WATI
from tests.sync.world import VILLAGES, World, make_world
from tests.web.desk import desk, looked_at

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
pytestmark = [pytest.mark.browser, pytest.mark.server]
PICTURES = os.environ.get("BETANG_PICTURES", "")


@pytest.fixture
def world(live_betang: LiveBetang, keys, budi, wati) -> World:
    """One family accepted, one that may be the same, one under a number that is not the phone's."""
    made = make_world(budi, wati)
    phone = made.confirmed()
    phone.fetch()
    phone.register(VILLAGES[0], TOLD, size=3, dwelling="river")
    phone.register(
        VILLAGES[0], TOLD | {"head_nik": NIK, "head_name": "Nyai Undan", "family_number": "12"}
    )
    phone.register(VILLAGES[0], {"note": "tanpa nama"}, provisional="S-1111-1111")
    phone.push()
    accept_proposal(HouseholdProposal.objects.order_by("pk")[0], actor=WATI, at=timezone.now())
    live_betang.start("site")
    return made


@pytest.mark.parametrize(("scheme", "width"), [("light", 1366), ("dark", 360)])
def test_no_page_has_a_fault(live_betang, world, browser, scheme, width):
    page = desk(browser, live_betang, world, "dewi", width)
    page.emulate_media(color_scheme=scheme)
    proposals = HouseholdProposal.objects.order_by("pk")
    names = ("accepted", "twin", "nameless")
    addresses = {
        name: f"/pendaftaran/{one.uuid}/" for name, one in zip(names, proposals, strict=True)
    }
    addresses |= {"empty": "/pendaftaran/?keadaan=refused", "list": "/pendaftaran/?keadaan=semua"}

    wrong = {}
    for name, address in addresses.items():
        wrong[name] = looked_at(page, f"{live_betang.origin}{address}")
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"web-{name}-{width}.png", full_page=True)

    assert {name: found for name, found in wrong.items() if found} == {}
