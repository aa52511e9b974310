"""The worker: numbers the journal, does the work that follows entries, keeps the schedule.

Threads of their own, because a long piece of work must not delay the board: the mover wakes every
few milliseconds, the follower takes the feed at its own pace, and each kind of errand that a page
may ask for has a thread that waits for it.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "betang.settings")

logger = logging.getLogger("betang.worker")

#: How long the mover rests when the outbox was empty: a look costs 50 µs, the board waits for it.
MOVER_REST_S = 0.02
#: How long the follower rests when the feed had nothing new.
FOLLOWER_REST_S = 0.25
#: How long an errand may lie before it is seen: a person waits for it, a look costs 0.1 ms.
ERRAND_REST_S = 0.5
#: How long it may take until a new lease is seen by who makes tickets.
TICKETS_REST_S = 2.0
#: Entries followed up in one transaction.
FOLLOW_AT_ONCE = 500
CONSUMER = "follow-ups"


def move_outbox(ending: threading.Event) -> None:
    """Number the outbox until told to end."""
    from betang.journal import feed  # noqa: PLC0415 - models can be imported after setup only

    while not ending.is_set():
        if not feed.waiting() or not feed.move().entries:
            ending.wait(MOVER_REST_S)


def follow_feed(ending: threading.Event) -> None:
    """Do the follow-up work and keep the schedule, until told to end."""
    from betang.wiring import SCHEDULE  # noqa: PLC0415

    due = dict.fromkeys(SCHEDULE, 0.0)
    while not ending.is_set():
        followed = follow_once()
        for job, every_s in SCHEDULE.items():
            if time.monotonic() >= due[job]:
                due[job] = time.monotonic() + every_s
                _run(job)
        if not followed:
            ending.wait(FOLLOWER_REST_S)


def follow_once() -> int:
    """Follow up the next entries of the feed; returns how many were passed.

    All in one transaction; if that fails, one by one, and an entry whose follow-up fails is logged
    and passed, so that one bad entry never stops the rest.
    """
    from django.db import InterfaceError, OperationalError, transaction  # noqa: PLC0415

    try:
        with transaction.atomic():
            return _follow(FOLLOW_AT_ONCE)
    except (OperationalError, InterfaceError):
        raise  # the database, not an entry: nothing may be passed because of it
    except Exception:
        logger.exception("follow-up of a group failed; trying one entry at a time")
    passed = 0
    for _ in range(FOLLOW_AT_ONCE):
        try:
            with transaction.atomic():
                followed = _follow(1)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("follow-up of one entry failed; passing it")
            with transaction.atomic():
                followed = _follow(1, work=False)
        if not followed:
            break
        passed += followed
    return passed


def do_errands(kind: str, ending: threading.Event) -> None:
    """Do the errands of one kind, one after the other, until told to end."""
    while not ending.is_set():
        if not errand_once(kind, ending):
            ending.wait(ERRAND_REST_S)


def make_tickets(ending: threading.Event) -> None:
    """Make what phones need to recognise taps without a network, until told to end."""
    while not ending.is_set():
        if not tickets_once(ending):
            ending.wait(TICKETS_REST_S)


def tickets_once(ending: threading.Event) -> bool:
    """Visit the next device that wants tickets; False if none does, or another worker is at it."""
    from django.utils import timezone  # noqa: PLC0415

    from betang.errands import work  # noqa: PLC0415
    from betang.sync import tickets  # noqa: PLC0415

    with work.held("tickets") as alone:
        return alone and tickets.build_next(at=timezone.now(), halted=ending.is_set)


def errand_once(kind: str, ending: threading.Event) -> bool:
    """Take the next errand of a kind and bring it to an end; say whether there was one.

    A refusal is an end like any other. A bug is logged and told as failed. If the database fails,
    the errand stays running in the table, and whoever takes the place next tells it as interrupted.
    """
    from django.db import InterfaceError, OperationalError, transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from betang.core.errors import RefusedError  # noqa: PLC0415
    from betang.errands import work  # noqa: PLC0415
    from betang.errands.models import Errand  # noqa: PLC0415
    from betang.long_work import ERRANDS  # noqa: PLC0415
    from betang.refusals import body  # noqa: PLC0415

    if not work.waiting(kind):
        return False
    with work.held(kind) as alone:
        if not alone:
            return False
        with transaction.atomic():
            errand = work.take(kind, at=timezone.now())
        if errand is None:
            return False
        refused: tuple[Errand.State, dict[str, Any]] | None = None
        try:
            ERRANDS[kind](errand, ending)
        except RefusedError as refusal:
            refused = Errand.State.REFUSED, body(refusal)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("an errand failed: %s", kind)
            refused = Errand.State.FAILED, {}
        if refused:
            with transaction.atomic():
                work.end(errand, *refused, at=timezone.now())
        return True


def _follow(limit: int, *, work: bool = True) -> int:
    from betang.journal import feed  # noqa: PLC0415
    from betang.wiring import FOLLOW_UPS  # noqa: PLC0415

    position = feed.position_of(CONSUMER)
    entries = feed.after(position, limit)
    if not entries:
        return 0
    if work:
        for kind in dict.fromkeys(entry.kind for entry in entries):
            for follow_up in FOLLOW_UPS.get(kind, []):
                follow_up([entry for entry in entries if entry.kind == kind])
    feed.advance(CONSUMER, entries[-1].position)
    return len(entries)


def _run(job: Callable[[], object]) -> None:
    from django.db import transaction  # noqa: PLC0415

    try:
        with transaction.atomic():
            job()
    except Exception:
        logger.exception("a scheduled job failed")


def _kept_alive(work: Callable[[threading.Event], None], ending: threading.Event) -> None:
    """Run `work` again after a failure (a database that restarts), with a rest between."""
    from django.db import connection  # noqa: PLC0415

    while not ending.is_set():
        try:
            work(ending)
        except Exception:
            logger.exception("the worker lost its footing; going on in a second")
            connection.close()
            ending.wait(1)
    connection.close()


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    django.setup()
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    from betang.long_work import ERRANDS  # noqa: PLC0415

    works: list[Callable[[threading.Event], None]] = [move_outbox, follow_feed, make_tickets]
    works += [partial(do_errands, kind) for kind in ERRANDS]
    threads = [threading.Thread(target=_kept_alive, args=(work, ending)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
