"""Somebody who approves sets up a passkey before anything else, in a real browser."""

import os

import pytest
from django.db import connections
from playwright.sync_api import Page, expect, sync_playwright

from betang.accounts.models import RoleGrant
from betang.accounts.users import create_user
from betang.core.actor import SYSTEM
from tests.sync.world import make_world
from tests.web.test_accessibility import AXE, faults

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
pytestmark = [pytest.mark.browser, pytest.mark.server]
CHROMIUM = "/usr/bin/chromium"
PASSWORD = "tiga perahu biru"
ROLES = "admin,dinsos_province,dinsos_regency,supervisor,treasurer"


def enter(page: Page, origin: str) -> None:
    page.goto(f"{origin}/masuk/")
    page.get_by_label("Nama pengguna").fill("dina")
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()


def give_a_key(page: Page) -> None:
    """Plug a virtual authenticator into the browser (Web Authentication, section 11)."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def whole(page: Page) -> None:
    page.add_script_tag(path=AXE)
    assert faults(page) == []


def test_nothing_opens_before_the_passkey_is_there_and_then_it_is_asked_for(
    live_betang, keys, budi, wati
):
    world = make_world(budi, wati)
    user = create_user("dina", full_name="Dina", password=PASSWORD, actor=SYSTEM, at=world.at)
    RoleGrant.objects.create(
        user=user, role="supervisor", proposed_by_person=budi.person,
        approved_by_person=wati.person, from_at=world.at,
    )  # fmt: skip
    live_betang.environment["BETANG_SECOND_FACTOR_ROLES"] = ROLES
    live_betang.start("site")
    origin = live_betang.origin
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        context = browser.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True)
        page = context.new_page()
        give_a_key(page)
        enter(page, origin)
        expect(page.get_by_role("heading", name="Pasang langkah kedua")).to_be_visible()
        whole(page)
        page.goto(f"{origin}/pengguna/")
        expect(page.get_by_role("heading", name="Pasang langkah kedua")).to_be_visible()
        page.get_by_role("button", name="Kunci sandi").click()
        page.get_by_label("Kata sandi").fill(PASSWORD)
        with page.expect_navigation():
            page.get_by_role("button", name="Lanjutkan").click()
        whole(page)
        page.get_by_role("button", name="Pasang").click()
        expect(page.locator("#recovery_codes li")).to_have_count(10)
        whole(page)
        page.goto(f"{origin}/pengguna/")
        expect(page.get_by_role("heading", name="Pengguna dan peran")).to_be_visible()

        context.clear_cookies()
        enter(page, origin)
        expect(page.get_by_role("heading", name="Langkah kedua")).to_be_visible()
        page.goto(f"{origin}/pengguna/")
        expect(page.get_by_role("heading", name="Langkah kedua")).to_be_visible()
        page.get_by_role("button", name="Pakai kunci sandi").click()

        page.wait_for_url(f"{origin}/")
        browser.close()
        connections.close_all()
