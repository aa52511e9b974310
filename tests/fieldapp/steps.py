"""What the journeys do again and again: leave for a village, serve a family, come back."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from betang.cards.models import Card
from betang.core.actor import Actor
from tests.conftest import LiveBetang
from tests.fieldapp.conftest import enrol, open_phone_in_the_village, wait_for_worker
from tests.fieldapp.office import code, confirm
from tests.fieldapp.stand_in import StandIn
from tests.sync.world import World


def first_card(village: int) -> Card:
    """Give the card of a village's first family."""
    return Card.objects.filter(village_id=village).order_by("pk")[0]


def prepare_in_the_office(
    page: Page, live: LiveBetang, world: World, clerk: Actor, *, origin: str = ""
) -> None:
    """Enrol, fetch, go."""
    enrol(page, code(origin or live.origin, world, clerk))
    confirm(page, world, clerk)
    wait_for_worker(page)
    page.context.close()


def ready(page: Page, stand_in: StandIn) -> None:
    """Enrol against the stand-in and wait for the families."""
    enrol(page, stand_in.code())
    page.get_by_text("keluarga belum dilayani").wait_for()


def leave_with_families(page: Page, stand_in: StandIn) -> None:
    """Fetch them from the stand-in, switch off, and go where there is no server."""
    ready(page, stand_in)
    wait_for_worker(page)
    page.context.close()
    stand_in.stop()


def send_everything(phone: Any, live: LiveBetang, sight: Path, count: int) -> None:
    """Restart in the office; wait until the server decided all `count` records; send again."""
    page = open_phone_in_the_village(phone, live.origin, sight)
    page.get_by_role("button", name="Catatan").click()
    page.locator("li .chip", has_text="Disahkan").nth(count - 1).wait_for()
    page.get_by_role("button", name="Kirim dan perbarui").click()
    page.get_by_role("button", name="Kirim dan perbarui").wait_for()
    page.context.close()


def sign(page: Page) -> None:
    """Sign with one stroke of the finger."""
    field = page.get_by_label("Bidang tanda tangan")
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 50, steps=8)
    page.mouse.up()


def serve_the_head(page: Page) -> None:
    """Serve what the camera sees; the head of the family takes it."""
    page.get_by_role("button", name="Pindai").click()
    page.get_by_role("button", name="Lanjut", exact=True).click()
    page.get_by_text("Kepala keluarga").click()
    page.get_by_role("button", name="Serahkan dan simpan").click()
    page.get_by_text("Tersimpan").wait_for()


def name_a_representative(page: Page, picture: Path) -> None:
    """Say who stands in for the family, with pictures of letter and person, and let him sign."""
    page.get_by_text("Yang mewakili").click()
    page.get_by_label("Nama yang mewakili").fill("Ibu Ratna")
    page.get_by_text("Tetangga").click()
    page.locator("input[type=file]").set_input_files(picture)
    page.get_by_alt_text("Surat kuasanya").wait_for()
    page.locator("input[type=file]").set_input_files(picture)
    page.get_by_alt_text("Wajah orang yang mewakili").wait_for()
    sign(page)


def open_family(page: Page, name: str) -> None:
    """Open the page of one family."""
    page.get_by_role("button", name="Keluarga", exact=True).click()
    page.get_by_role("button", name=re.compile(rf"^{re.escape(name)}\b")).click()


def open_records(page: Page) -> None:
    """Open the list of what this phone recorded."""
    page.get_by_role("button", name="Catatan").first.click()
    page.get_by_role("heading", name="Catatan").wait_for()
