"""The pages of custody in a real browser: by axe, light and dark, on a phone and at a desk.

`BETANG_PICTURES=folder` keeps a picture of each.
"""

import os
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import sync_playwright

from betang.cards import custody, places
from betang.cards import hand_over_day as days
from betang.cards import transfer as parcels
from betang.cards import visit as visits
from betang.cards.hand_over import hand_over
from betang.cards.issue import issue_cards
from betang.cards.models import Card
from betang.core.identifiers import new_uuid
from betang.registry.models import Member
from tests.sync.world import VILLAGES, make_world
from tests.web.test_accessibility import AXE, faults

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.django_db(transaction=True)]

PICTURES = os.environ.get("BETANG_PICTURES", "")
HERE, NEXT, OTHER = VILLAGES


@pytest.fixture
def addresses(keys, budi, wati) -> dict[str, str]:
    world = make_world(budi, wati)
    device = world.device(world.confirmed())
    with transaction.atomic():
        return made(device, budi, wati)


def made(device, budi, wati) -> dict[str, str]:
    """A parcel on its way, one that was short, a day that goes on, a visit half way."""
    at = timezone.now()
    issue_cards(actor=budi, at=at)
    Card.objects.update(state="printed")
    custody.receive(actor=budi, at=at)
    custody.entrust(device.uuid, area=HERE, actor=budi, at=at)
    day = days.open_day(
        device, village=HERE, on=days.today(at), invited=8, actor=budi, at=at, point="Balai desa"
    )
    number = f"{day.numbers[0]:014d}"
    days.keep_reasons(
        [days.NotHandedOverRow(new_uuid(), number, device.uuid, "absent", at)], heard_at=at
    )
    way = parcels.send(places.province(), places.office(6202), area=6202, actor=budi, at=at)
    short = parcels.send(places.province(), places.office(6201), area=NEXT, actor=budi, at=at)
    parcels.acknowledge(
        short,
        counted=short.count - 1,
        missing=short.numbers[:1],
        reason="unknown",
        actor=wati,
        at=at,
    )
    first, second = (f"{number:014d}" for number in short.numbers[1:3])
    hand_over(first, actor=budi, at=at)
    hand_over(second, actor=budi, at=at)
    member = Member.objects.filter(household=Card.objects.get(number=first).household)[0]
    visit = visits.open_visit(
        first, reason="lost", checked="identity", asked_by=member.uuid, actor=budi, at=at
    )
    return {
        "posisi": "/kartu/posisi/?keadaan=semua",
        "kiriman": f"/kartu/kiriman/{way.uuid}/",
        "kiriman-kurang": f"/kartu/kiriman/{short.uuid}/",
        "penyerahan": "/kartu/penyerahan/",
        "hari": f"/kartu/penyerahan/{day.uuid}/",
        "pengganti": "/kartu/pengganti/",
        "ganti": f"/kartu/{Card.objects.get(number=second).uuid}/ganti/",
        "penggantian": f"/kartu/pengganti/{visit.uuid}/",
        "kartu": f"/kartu/{Card.objects.get(number=second).uuid}/",
        "papan": "/",
    }


@pytest.mark.parametrize(("scheme", "width"), [("light", 1366), ("dark", 360)])
def test_no_page_has_a_fault(live_betang, addresses, office, scheme, width):
    live_betang.start("site")
    cookie = office("wati.dinas", "dinsos_province").cookies[site_settings.SESSION_COOKIE_NAME]
    wrong = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        context = browser.new_context(
            viewport={"width": width, "height": 768}, color_scheme=scheme, bypass_csp=True
        )
        context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": live_betang.origin}]
        )
        page = context.new_page()
        for name, path in addresses.items():
            page.goto(live_betang.origin + path, wait_until="domcontentloaded")
            page.add_script_tag(path=AXE)
            if found := faults(page):
                wrong[name] = found
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wrong.setdefault(name, []).append("wider than the screen")
            if PICTURES:
                page.screenshot(
                    path=Path(PICTURES) / f"{name}-{scheme}-{width}.png", full_page=True
                )
        browser.close()
    assert wrong == {}
