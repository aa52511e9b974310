"""Make the next part of a long work in a thread, while the part before it is used.

It gains where one of the two waits or works outside the interpreter's lock: for the database, in
polars. Two parts exist at a time, so memory stays bounded.
"""

import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

#: After so long a running thread gives up the interpreter's lock to one that waits. At Python's
#: five milliseconds, a sender that wakes for every 200 kB that its socket takes waits longer for
#: the lock than for the server.
SWITCH_SECONDS = 0.0005

Part = TypeVar("Part")


def ahead(parts: Iterable[Part]) -> Iterator[Part]:
    """Give `parts` in their order, each made while the caller uses the one before.

    What making a part raises is raised here. `parts` must not use a connection of the caller's.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    coming = iter(parts)
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as maker:
        made = maker.submit(next, coming)
        while True:
            try:
                part = made.result()
            except StopIteration:
                return
            made = maker.submit(next, coming)
            yield part
