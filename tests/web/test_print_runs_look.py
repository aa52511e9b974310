"""The pages of print runs by axe, in the browser: light and dark, on a desk and on a phone."""

import os
from io import BytesIO

import pyrage
import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import sync_playwright

from betang.accounts.models import RoleGrant, User
from betang.cards.issue import issue_cards
from betang.cards.printing import bureaus
from betang.cards.printing.draw import draw
from betang.cards.printing.freeze import freeze
from betang.cards.printing.release import release
from betang.cards.printing.take_return import take_return
from betang.core.identifiers import new_uuid
from betang.errands.models import Errand
from sandbox.bureau.answer import answer, chip_stock, honest
from tests.cards.conftest import decree, family  # noqa: F401 - fixtures of families
from tests.cards.printing.conftest import nothing_left  # noqa: F401 - a folder of the test's own
from tests.signed_in import let_in
from tests.web.test_accessibility import AXE, faults

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture
def pages(live_betang, family, keys, budi, wati) -> dict[str, str]:  # noqa: F811
    """A run at each stage: being drawn, waiting for the second, cancelled, returned with faults."""
    now = timezone.now()
    for _ in range(6):
        family()
    issue_cards(actor=budi, at=now)
    key = str(pyrage.x25519.Identity.generate().to_public())
    other = str(pyrage.x25519.Identity.generate().to_public())
    bureau = bureaus.propose("PT Kartu Nusantara", key, actor=budi, at=now)
    bureaus.approve(bureau, actor=wati, at=now)
    bureaus.propose("CV Cetak Jaya", other, actor=budi, at=now)
    bureau.refresh_from_db()
    back = freeze(actor=budi, at=now, limit=3)
    draw(back, actor=budi, clock=timezone.now, processes=1)
    release(back, bureau, actor=wati, clock=timezone.now)
    numbers = [row.card.number for row in back.rows.select_related("card").order_by("position")]
    content = answer(
        back.uuid, timezone.now(), honest(numbers, chip_stock(3, seed=1)), wrong="foreign-card"
    )
    take_return(back, BytesIO(content), actor=budi, at=timezone.now())
    waiting = freeze(actor=budi, at=now, limit=1)
    draw(waiting, actor=budi, clock=timezone.now, processes=1)
    drawing = freeze(actor=budi, at=now, limit=1)
    Errand.objects.create(
        kind="print", about=drawing.uuid, state="running", asked_by=new_uuid(), asked_at=now,
        begun_at=now, step="Menggambar dan membaca ulang", done=118_000, whole=300_000,
    )  # fmt: skip
    fresh = freeze(actor=budi, at=now, limit=1)
    room = "/kartu/cetak/"
    runs = {"back": back, "waiting": waiting, "drawing": drawing, "fresh": fresh}
    return {"list": room, "bureaus": f"{room}biro/"} | {
        name: f"{room}{run.uuid}/" for name, run in runs.items()
    }


@pytest.mark.parametrize(
    ("scheme", "width", "height"), [("light", 1366, 768), ("dark", 1366, 768), ("light", 360, 740)]
)
def test_no_page_has_a_fault(live_betang, pages, budi, wati, scheme, width, height):
    user = User.objects.create(username="dina", full_name="Dina")
    for role in ("dinsos_province", "supervisor"):
        RoleGrant.objects.create(
            user=user, role=role, proposed_by_person=budi.person,
            approved_by_person=wati.person, from_at=timezone.now(),
        )  # fmt: skip
    live_betang.start("site")
    wrong = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-quic"],
        )
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True
        )
        let_in(context, user, live_betang)
        page = context.new_page()
        for name, path in pages.items():
            page.goto(live_betang.origin + path, wait_until="domcontentloaded")
            assert page.url == live_betang.origin + path
            page.add_script_tag(path=AXE)
            if found := faults(page):
                wrong[name] = found
        browser.close()
        connections.close_all()
    assert wrong == {}
