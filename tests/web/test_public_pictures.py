"""Every state of the public page in a real browser: by axe, light and dark, as wide as a phone.

`BETANG_PICTURES=folder` keeps a picture of each.
"""

import os
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings as site_settings

from betang.accounts.models import Device
from betang.cards.models import Card
from betang.core.identity.household_number import household_number
from betang.keys import chip_master
from sandbox.chip.virtual_chip import VirtualChip
from tests.web.public_cards import UID, make_card
from tests.web.test_accessibility import AXE, faults

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.django_db(transaction=True)]

PICTURES = os.environ.get("BETANG_PICTURES", "")
UNKNOWN = "/t?u=04000000000001&n=000001&c=0011223344556677"


@pytest.fixture
def chip(live_betang, areas, noon):
    make_card(noon)
    site_settings.DEMO = True
    chip_master.make_test_master()
    Card.objects.update(key_version=chip_master.current_version())
    master = bytes.fromhex(chip_master.test_master_path().read_text())
    live_betang.environment |= {"BETANG_DEMO": "1", "BETANG_VAR": str(site_settings.VAR)}
    live_betang.start("site")
    yield VirtualChip.of(UID, master=master, host=site_settings.CARD_HOST)
    site_settings.DEMO = False


def address(tap) -> str:
    return f"/t?u={tap.uid.hex().upper()}&n={tap.counter:06X}&c={tap.mac.hex().upper()}"


def states(chip) -> dict[str, tuple[dict, str]]:
    """Name each state: what to make of the card, and which address to open."""
    used = chip.tap()
    forged = VirtualChip(chip.uid, bytes(16), chip.host)
    active = {"state": "active", "expires_on": date(2036, 1, 1)}
    return {
        "genuine": (active, address(used)),
        "used": (active, address(used)),
        "waiting": ({"state": "in_custody"}, address(chip.tap())),
        "expired": (active | {"expires_on": date(2026, 1, 1)}, address(chip.tap())),
        "forged": (active, address(forged.tap())),
        "unknown": (active, UNKNOWN),
        "look": (active, "/k"),
        "nothing": (active, "/t"),
        # at the end: what is over stays over
        "blocked": ({"state": "blocked"}, address(chip.tap())),
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_is_accessible_without_a_cookie_and_without_javascript(
    live_betang, chip, browser, scheme
):
    assert Device.objects.count() == 0
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, color_scheme=scheme, bypass_csp=True
    )
    page, wrong = context.new_page(), {}

    def check(name: str) -> None:
        page.add_script_tag(path=AXE)
        if found := faults(page):
            wrong[name] = found
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{scheme}.png", full_page=True)

    for name, (change, path) in states(chip).items():
        Card.objects.update(**change)
        page.goto(live_betang.origin + path, wait_until="load")
        check(name)
    for name, typed in (("swapped", "62123456798701"), ("no-such", f"62{household_number(9)}01")):
        page.goto(f"{live_betang.origin}/k")
        page.get_by_label("Nomor kartu").fill(typed)
        with page.expect_navigation():
            page.get_by_role("button", name="Periksa nomor").click()
        check(name)
    assert context.cookies() == []
    assert wrong == {}

    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(f"{live_betang.origin}/k")
    plain.get_by_label("Nomor kartu").fill(Card.objects.get().number)
    plain.get_by_role("button", name="Periksa nomor").click()
    plain.get_by_role("heading", name="Kartu ini sudah diblokir").wait_for()
