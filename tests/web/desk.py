"""Sitting a person down before a real browser, and looking for faults of what it shows."""

from playwright.sync_api import Browser, Page

from betang.accounts.models import RoleGrant, User
from tests.conftest import LiveBetang
from tests.signed_in import let_in
from tests.sync.world import World
from tests.web.test_accessibility import AXE, faults


def desk(browser: Browser, live: LiveBetang, world: World, name: str, width: int) -> Page:
    """Sit a supervisor down before a screen of this width."""
    user = User.objects.create(username=name, full_name=name.title())
    RoleGrant.objects.create(
        user=user, role="supervisor", proposed_by_person=world.actor.person,
        approved_by_person=world.second.person, from_at=world.at,
    )  # fmt: skip
    context = browser.new_context(viewport={"width": width, "height": 740}, bypass_csp=True)
    let_in(context, user, live)
    return context.new_page()


def press(page: Page, button: str) -> None:
    """Press a form's button and wait for the answer: a click alone waits for nothing."""
    with page.expect_navigation():
        page.click(button)


def looked_at(page: Page, address: str) -> list[str]:
    """Open a page with everything unfolded and give what axe finds."""
    page.goto(address, wait_until="domcontentloaded")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.add_script_tag(path=AXE)
    return faults(page)
