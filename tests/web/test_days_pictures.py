"""The pages and papers of days in a real browser: by axe, light and dark, desk and phone, and A4.

`BETANG_PICTURES=folder` keeps a picture of each, and the papers as PDF.
"""

import os
from datetime import time, timedelta
from pathlib import Path

import pypdfium2
import pytest
from django.db import transaction

from betang.distribution.models import Day, HomeNeed
from betang.distribution.plan import Shape, Wave, plan_days
from betang.registry.models import Household
from tests.conftest import LiveBetang
from tests.sync.days import today
from tests.sync.world import VILLAGES, World, make_world
from tests.web.desk import desk, looked_at

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
pytestmark = [pytest.mark.browser, pytest.mark.server]

PICTURES = os.environ.get("BETANG_PICTURES", "")
PAPERS = ("daftar", "undangan", "bast")


@pytest.fixture
def world(live_betang: LiveBetang, keys, budi, wati) -> World:
    """A day half served and closed, a day of tomorrow with somebody to be served at home."""
    made = make_world(budi, wati, families=14)
    family = Household.objects.filter(village_id=VILLAGES[1]).first()
    HomeNeed.objects.create(household=family, reason="elderly", told_at=made.at)
    waves = [Wave(62, today()), Wave(VILLAGES[1], today() + timedelta(days=1))]
    shape = Shape(closes=time(12), sundays=True)
    with transaction.atomic():
        plan_days(made.cycle, waves, shape, today=today(), actor=made.actor, at=made.at)
    phone = made.leased()
    day = Day.objects.get(point__village_id=VILLAGES[0])
    phone.sign("stock.received", {
        "village": str(VILLAGES[0]), "cycle": str(made.cycle.uuid),
        "items": [{"item": "beras", "quantity": 70, "short": 5, "unit": "kg"},
                  {"item": "gula", "quantity": 14, "short": 0, "unit": "kg"}],
    })  # fmt: skip
    phone.sign("day.opened", {"day": str(day.uuid)})
    for right in made.rights(VILLAGES[0])[:9]:
        phone.deliver(right)
    left = [{"item": "beras", "quantity": 25, "unit": "kg"},
            {"item": "gula", "quantity": 4, "unit": "kg"}]  # fmt: skip
    private = {"witness_name": "Lena, sekretaris desa", "note": "Hujan sejak pukul sepuluh."}
    phone.sign("day.closed", {"day": str(day.uuid), "served": 10, "absent": 4, "left": left},
               private=private)  # fmt: skip
    phone.push()
    live_betang.start("site")
    return made


def test_pages_and_papers_have_no_fault_and_fit(live_betang, world, browser):
    closed = Day.objects.get(point__village_id=VILLAGES[0])
    planned = Day.objects.get(point__village_id=VILLAGES[1])
    pages = {
        "days": "/hari/", "plan": "/hari/rencana/", "closed": f"/hari/{closed.uuid}/",
        "planned": f"/hari/{planned.uuid}/", "points": "/titik/",
    } | {name: f"/hari/{planned.uuid}/cetak/{name}/" for name in PAPERS[:2]}  # fmt: skip
    pages["bast"] = f"/hari/{closed.uuid}/cetak/bast/"
    wrong = {}
    for width, scheme in ((1366, "light"), (1366, "dark"), (360, "light"), (360, "dark")):
        page = desk(browser, live_betang, world, f"dewi{width}{scheme}", width)
        page.emulate_media(color_scheme=scheme)
        for name, address in pages.items():
            wrong[name, width, scheme] = looked_at(page, live_betang.origin + address)
            keep(page, f"days-{name}-{width}-{scheme}")
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, (name, width)
    assert {place: found for place, found in wrong.items() if found} == {}


def test_papers_are_printed_on_whole_pages_of_a4(live_betang, world, browser):
    planned = Day.objects.get(point__village_id=VILLAGES[1])
    page = desk(browser, live_betang, world, "dewi", 1366)
    page.emulate_media(media="print")
    for name in PAPERS:
        page.goto(f"{live_betang.origin}/hari/{planned.uuid}/cetak/{name}/")
        assert not page.is_visible(".paper-bar")
        printed = page.pdf(format="A4", prefer_css_page_size=True)
        if PICTURES:
            Path(PICTURES, f"days-{name}.pdf").write_bytes(printed)

        assert len(pypdfium2.PdfDocument(printed)) == {"daftar": 2, "undangan": 2, "bast": 1}[name]


def keep(page, name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(PICTURES, f"{name}.png")), full_page=True)
