"""Processes that draw beside each other, with few parts in hand at a time.

This module is the first that a new process imports: it must not need the models.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TypeVar

import django

from betang.core.errors import RefusedError

#: Two, as the machines of an office have: a third would take the site's turn.
PROCESSES = 2

Given = TypeVar("Given")
Made = TypeVar("Made")


class ProcessDiedError(RefusedError):
    """A process of the pool was killed, for want of memory perhaps."""

    code = "print.process_died"
    sentence = "Proses penggambar berhenti di tengah jalan."
    do = "Ulangi langkah yang sama: ia melanjutkan. Bila berulang, laporkan kepada pengelola."


def each(
    function: Callable[[Given], Made], tasks: Iterator[Given], *, processes: int
) -> Iterator[Made]:
    """Give what `function` makes of each task, as it comes; with one process, here.

    At most two tasks a process are in hand, so that memory does not grow with their number.
    Raises `ProcessDiedError`, and what `function` raises.
    """
    if processes <= 1:
        yield from map(function, tasks)
        return
    # Spawned, not forked: a forked child would share the parent's database connection.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_begin) as pool:
        pending: set[Future[Made]] = set()
        try:
            while True:
                more = islice(tasks, 2 * processes - len(pending))
                pending |= {pool.submit(function, task) for task in more}
                if not pending:
                    return
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        except BrokenProcessPool as error:
            raise ProcessDiedError from error
        finally:
            for future in pending:
                future.cancel()


def _begin() -> None:
    """Prepare a process: it ends when its parent does, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    django.setup()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None, "only a process of the pool begins so"
    parent.join()
    os._exit(1)
