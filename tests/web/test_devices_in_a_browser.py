"""Two supervisors watch the phones and replace one, by axe, light and dark, on desk and phone.

`BETANG_PICTURES=folder` keeps a picture of each page.
"""

import os
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from django.utils import timezone
from playwright.sync_api import Page

from betang.accounts.models import Device
from betang.core.device.report import version_number
from betang.distribution.models import Lease
from sandbox.phones.phone import Phone
from tests.conftest import LiveBetang
from tests.sync.world import World, make_world
from tests.web.desk import desk, looked_at, press

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
pytestmark = [pytest.mark.browser, pytest.mark.server]

PICTURES = os.environ.get("BETANG_PICTURES", "")


@pytest.fixture
def world(live_betang: LiveBetang, keys, budi, wati) -> World:
    """Five phones: silent, with an old list, old, frozen, and one that is well."""
    made = make_world(budi, wati)
    made.leased(areas=(6201011001,))
    for _ in range(4):
        made.confirmed(areas=(6201011001, 6201011002, 6202011001))
    now = timezone.now()
    well = {
        "last_seen_at": now, "told_at": now, "app_version": "0.2.0", "unsent": 0,
        "app_number": version_number("0.2.0"), "list_at": now - timedelta(days=1), "list_seq": 12,
        "ring_at": now, "roster_at": now - timedelta(hours=3), "storage_persisted": True,
        "battery_percent": 64, "clock_ahead_s": 2,
    }  # fmt: skip
    Device.objects.update(**well)
    worse = [
        {"last_seen_at": now - timedelta(days=4), "unsent": 37,
         "oldest_unsent_at": now - timedelta(days=4), "roster_at": now - timedelta(days=4)},
        {"list_at": now - timedelta(days=19), "storage_persisted": False},
        {"app_version": "0.1.0", "app_number": version_number("0.1.0")},
        {"state": "frozen", "state_reason": "fork"},
    ]  # fmt: skip
    for phone, columns in zip(made.phones, worse, strict=False):
        Device.objects.filter(short_id=phone.short_id).update(**columns)
    live_betang.start("site")
    return made


def kept(page: Page, name: str) -> None:
    """Keep a picture of the page, light and dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if PICTURES:
            width = page.viewport_size["width"]
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}-{scheme}.png", full_page=True)


def test_phones_are_watched_and_one_is_replaced_and_the_pages_have_no_fault(
    live_betang, world, browser
):
    lost = world.phones[0]
    device = world.device(lost)
    address = f"{live_betang.origin}/gawai/"
    dewi = desk(browser, live_betang, world, "dewi", 1366)
    tuti = desk(browser, live_betang, world, "tuti", 360)
    wrong = {}
    for person, where in ((dewi, "desk"), (tuti, "phone")):
        wrong[f"list on {where}"] = looked_at(person, address)
        kept(person, "gawai")
        wrong[f"device on {where}"] = looked_at(person, f"{address}{device.uuid}/")
        kept(person, "gawai-satu")

    page = f"{address}{device.uuid}/ganti/"
    wrong["stop"] = looked_at(dewi, page)
    kept(dewi, "ganti-1")
    dewi.check("input[value=hilang]")
    dewi.fill("#id_reason", "Jatuh di sungai.")
    press(dewi, "button[value=stop]")
    press(dewi, "button[value=code]")
    drawn = dewi.locator(".qr path").bounding_box()
    assert drawn["width"] > 200, "a code of one pixel a module is read by no phone"
    kept(dewi, "ganti-2")
    code = dewi.locator("code").text_content()
    with httpx.Client(base_url=live_betang.origin, timeout=60, trust_env=False) as client:
        new = Phone(live_betang.origin, client)
        new.enrol(str(code))
    wrong["words"] = looked_at(dewi, page)
    dewi.fill("#id_words", " ".join(new.words))
    press(dewi, "button[value=confirm]")
    dewi.wait_for_selector("button[value=move]")
    dewi.fill("#id_move_reason", "HP hilang di sungai.")
    press(dewi, "button[value=move]")
    dewi.wait_for_selector("text=Menunggu persetujuan orang kedua")
    wrong["proposed"] = looked_at(tuti, page)
    kept(tuti, "ganti-4")
    press(tuti, "button[value=agree]")
    tuti.wait_for_selector("text=Penugasan sudah ada pada gawai baru")
    wrong["done"] = looked_at(tuti, page)
    kept(tuti, "ganti-6")

    assert {place: found for place, found in wrong.items() if found} == {}
    assert Lease.objects.get(state="live").device == world.device(new)
