"""The app as it is served can be put on a phone's first screen, by what a browser itself says."""

import json
from math import hypot

import pytest
from PIL import Image

from tests.conftest import LiveBetang
from tests.fieldapp.album import ROOT
from tests.fieldapp.conftest import Phone, wait_for_worker

PUBLIC = ROOT / "fieldapp" / "public"
MANIFEST = json.loads((PUBLIC / "app.webmanifest").read_text())
#: A launcher may cut off all that lies outside four fifths of the icon (W3C, maskable icons).
SAFE = 0.8


@pytest.mark.browser
@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_a_browser_finds_nothing_that_keeps_it_from_being_installed(
    live_betang: LiveBetang, phone: Phone
) -> None:
    live_betang.start("site")
    page = phone()
    page.goto(f"{live_betang.origin}/lapangan/")
    wait_for_worker(page)
    devtools = page.context.new_cdp_session(page)

    assert devtools.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    told = devtools.send("Page.getAppManifest")
    assert told["errors"] == []
    assert told["url"] == f"{live_betang.origin}/lapangan/app.webmanifest"
    assert devtools.send("Page.getAppId")["appId"] == f"{live_betang.origin}/lapangan/"


def test_the_manifest_says_what_a_launcher_needs():
    assert (MANIFEST["name"], MANIFEST["short_name"]) == ("Betang Lapangan", "Betang")
    assert MANIFEST["start_url"] == MANIFEST["scope"] == MANIFEST["id"] == "/lapangan/"
    assert MANIFEST["display"] == "standalone"
    told = {(icon["sizes"], icon.get("purpose", "any")) for icon in MANIFEST["icons"]}
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= told


@pytest.mark.parametrize("icon", [one for one in MANIFEST["icons"] if one["type"] == "image/png"])
def test_an_icon_is_as_large_as_it_says_and_fills_its_ground(icon):
    with Image.open(PUBLIC / icon["src"]) as opened:
        picture = opened.convert("RGBA")

    assert icon["sizes"] == f"{picture.width}x{picture.height}"
    if icon.get("purpose") == "maskable":
        assert outside(picture) == {picture.getpixel((picture.width // 2, 2))}


def outside(picture: Image.Image) -> set[object]:
    """Return the colours where a launcher may cut."""
    middle = picture.width / 2
    places = ((x, y) for x in range(picture.width) for y in range(picture.height))
    return {
        picture.getpixel((x, y))
        for x, y in places
        if hypot(x + 0.5 - middle, y + 0.5 - middle) > middle * SAFE
    }
