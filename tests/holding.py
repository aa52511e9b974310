"""Waiting until something holds in a page, under its own strict Content-Security-Policy.

Playwright's `wait_for_function` looks once from outside and then evaluates its text inside the
page, which `script-src` without `unsafe-eval` refuses: it passes where the thing holds at once, and
fails on a slow machine. Here every look comes from outside.
"""

import time
from contextlib import suppress
from typing import Any

from playwright.sync_api import Error, Page

PATIENCE_S = 120


def until_true(page: Page, expression: str, arg: Any = None) -> Any:
    """Give what `expression` says as soon as it is true of the page."""
    deadline = time.monotonic() + PATIENCE_S
    said = None
    while time.monotonic() < deadline and not page.is_closed():
        with suppress(Error):  # the page is being loaded anew: there is nobody to ask for a moment
            said = page.evaluate(expression, arg)
            if said:
                return said
        page.wait_for_timeout(50)
    raise AssertionError(f"never true of the page: {expression} (last: {said!r})")
