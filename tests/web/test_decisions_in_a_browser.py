"""Two persons decide a contested delivery and a forked chain in a browser, on desk and phone."""

import os
from collections.abc import Iterator

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from playwright.sync_api import Browser, Page, sync_playwright

from betang.accounts.models import RoleGrant, User
from betang.distribution.models import Delivery
from betang.grievances.models import Case
from betang.sync.models import FieldEventFork
from tests.conftest import LiveBetang
from tests.sync.world import World, make_owner, make_world
from tests.web.test_accessibility import AXE, faults

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture
def world(live_betang: LiveBetang, keys, budi, wati) -> World:
    """A copied phone whose copy was first, and a right that another phone claims too."""
    made = make_world(budi, wati)
    phone = made.leased(areas=(6201,))
    copied = phone.clone()
    copied.deliver(made.rights()[0])
    copied.push()
    phone.deliver(made.rights()[1])
    phone.push()
    made.owner = make_owner("rudi", budi, wati, made.at)
    other = made.confirmed(areas=(6201,))
    other.deliver(made.rights()[0])
    other.push()
    live_betang.start("site")
    return made


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-quic"],
        )
        yield started
        started.close()
        connections.close_all()


def desk(browser: Browser, live: LiveBetang, world: World, name: str, width: int) -> Page:
    """Sit a supervisor down before a screen of this width."""
    user = User.objects.create(username=name, full_name=name.title())
    RoleGrant.objects.create(
        user=user, role="supervisor", proposed_by_person=world.actor.person,
        approved_by_person=world.second.person, from_at=world.at,
    )  # fmt: skip
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    context = browser.new_context(viewport={"width": width, "height": 740}, bypass_csp=True)
    context.add_cookies(
        [{"name": "sessionid", "value": str(session.session_key), "url": live.origin}]
    )
    return context.new_page()


def looked_at(page: Page, address: str) -> list[str]:
    """Open a page with everything unfolded and give what axe finds."""
    page.goto(address, wait_until="domcontentloaded")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.add_script_tag(path=AXE)
    return faults(page)


def test_two_persons_decide_and_the_pages_have_no_fault(live_betang, world, browser):
    case = Case.objects.get()
    kasus = f"{live_betang.origin}/kasus/{case.uuid}/"
    gawai = f"{live_betang.origin}/gawai/{world.device(world.phones[0]).uuid}/"
    dewi = desk(browser, live_betang, world, "dewi", 1366)
    tuti = desk(browser, live_betang, world, "tuti", 360)

    wrong = {"case": looked_at(dewi, kasus)}
    dewi.fill("#id_text", "Tanda tangan yang pertama palsu.")
    dewi.select_option("#id_outcome", "replaced")
    dewi.click("button[value=resolve]")
    dewi.wait_for_selector("text=Dewi mengusulkan")
    wrong["case proposed"] = looked_at(tuti, kasus)
    tuti.click("button[value=confirm]")
    tuti.wait_for_selector("text=Selesai")
    wrong["case decided"] = looked_at(tuti, kasus)
    wrong["chain"] = looked_at(dewi, gawai)
    dewi.check("input[value=refuse_branch]")
    dewi.fill("#id_chain_reason", "HP-nya tersalin.")
    dewi.click("button[value=propose]")
    dewi.wait_for_selector("text=Dewi mengusulkan")
    wrong["chain proposed"] = looked_at(tuti, gawai)
    tuti.click("button[value=confirm]")
    tuti.wait_for_selector("text=Sudah dilaksanakan")

    assert {place: found for place, found in wrong.items() if found} == {}
    assert sorted(Delivery.objects.values_list("decided_as", flat=True)) == ["counted", "reversed"]
    assert FieldEventFork.objects.get().state == "refused"
