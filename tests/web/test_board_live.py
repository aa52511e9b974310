"""A delivery shows on the board without a reload, in a real browser."""

import os
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import expect, sync_playwright

from betang.accounts.models import RoleGrant
from betang.accounts.users import create_user
from betang.core.actor import SYSTEM
from tests.sync.world import VILLAGES, make_world

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
pytestmark = [pytest.mark.browser, pytest.mark.server]
CHROMIUM = "/usr/bin/chromium"
PASSWORD = "tiga perahu biru"
BUILT = Path(__file__).resolve().parents[2] / "betang" / "web" / "static" / "betang"


def test_a_delivery_and_an_alert_show_without_a_reload(live_betang, keys, budi, wati):
    assert (BUILT / "board.js").exists(), "the pages are not built: npm ci && npm run build"
    world = make_world(budi, wati)
    user = create_user("dina", full_name="Dina", password=PASSWORD, actor=SYSTEM, at=world.at)
    RoleGrant.objects.create(
        user=user, role="dinsos_province", proposed_by_person=budi.person,
        approved_by_person=wati.person, from_at=world.at,
    )  # fmt: skip
    phone = world.leased(areas=(6201,))
    first, second = world.rights(VILLAGES[0])[:2]
    live_betang.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{live_betang.origin}/masuk/")
        page.get_by_label("Nama pengguna").fill("dina")
        page.get_by_label("Kata sandi").fill(PASSWORD)
        page.get_by_role("button", name="Masuk").click()
        expect(page.get_by_text("Tersambung langsung")).to_be_visible()
        served = page.locator("dl.figures [data-figure=served]")
        cell = page.locator(f"#v{VILLAGES[0]}")
        expect(served).to_have_text("0")
        page.evaluate("window.sameDocument = true")

        phone.deliver(first)
        phone.push()

        expect(served).to_have_text("1")
        expect(cell).to_have_attribute("data-count", "1")
        expect(page.locator("#live-list")).to_contain_text("Bantuan diserahkan")
        assert float(cell.locator(".second").get_attribute("height") or 0) > 0

        clone = phone.clone()
        phone.deliver(second)
        phone.push()
        clone.deliver(world.rights(VILLAGES[0])[2])
        clone.push()

        expect(page.locator("#alert-list")).to_contain_text("Gawai dibekukan")
        assert page.evaluate("window.sameDocument"), "the page was loaded again"
        assert complaints == []
        browser.close()
        connections.close_all()  # Playwright's loop gave this thread connections of its own
