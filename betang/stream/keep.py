"""Keep something running whatever befalls it, and tell of it without telling of anybody.

A row that cannot be read, a connection that broke, an error of our own: each must cost the board a
moment and not its life. The log gets the kind of the error and the line it came from; the error's
own words may carry values of a row, so they stay out.
"""

import asyncio
import logging
import time
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

logger = logging.getLogger("betang.stream")

#: The first wait after an error, doubled with each one that follows, up to the last.
FIRST_WAIT_S = 0.2
LAST_WAIT_S = 5.0
#: Who ran so long without an error is well again.
WELL_AFTER_S = 10.0


async def keep(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` until cancelled: again after each error, and after an end that it should not have.

    The waits grow, so that a database that is away is not hammered, and a fault that stays does not
    fill the log.
    """
    wait_s = FIRST_WAIT_S
    while True:
        began = time.monotonic()
        try:
            await work()
            told = "ended"
        except Exception as error:  # noqa: BLE001 - whatever it is, the others must be served
            told = where(error)
        if time.monotonic() - began > WELL_AFTER_S:
            wait_s = FIRST_WAIT_S
        logger.warning("%s: %s; again in %.1f s", name, told, wait_s)
        await asyncio.sleep(wait_s)
        wait_s = min(wait_s * 2, LAST_WAIT_S)


def where(error: BaseException) -> str:
    """Name an error by its kind and the innermost line it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + place
