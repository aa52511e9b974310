"""Waiting until something holds, in a page or behind it, while the browser lives on.

Playwright's `wait_for_function` looks once from outside and then evaluates its text inside the
page, which `script-src` without `unsafe-eval` refuses: it passes where the thing holds at once, and
fails on a slow machine. Here every look comes from outside.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from playwright.sync_api import Error, Page

PATIENCE_S = 120


def wait_until(happened: Callable[[], Any], page: Page, why: str) -> Any:
    """Give what `happened` says as soon as it is true; `why` is told when it never is."""
    deadline = time.monotonic() + PATIENCE_S
    while not (said := happened()):
        assert not page.is_closed(), why
        assert time.monotonic() < deadline, why
        page.wait_for_timeout(50)
    return said


def until_true(page: Page, expression: str, arg: Any = None) -> Any:
    """Give what `expression` says as soon as it is true of the page."""

    def said() -> Any:
        with suppress(Error):  # the page is being loaded anew: there is nobody to ask for a moment
            return page.evaluate(expression, arg)

    return wait_until(said, page, f"never true of the page: {expression}")
