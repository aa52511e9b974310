"""The worker's side of an errand: take it, tell how far it is, end it.

Who works holds an advisory lock of the database session, which is gone the moment the process is:
an errand that counts as running while nobody holds the lock was left by a worker that died.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection

from betang.core.actor import SYSTEM
from betang.errands.models import Errand
from betang.journal.record import record

#: The first half of the lock's key, any constant of our own; the second is made of the kind.
LOCK = 0x6572_7264
HOLD = "SELECT pg_try_advisory_lock(%s, hashtext(%s))"
LET_GO = "SELECT pg_advisory_unlock(%s, hashtext(%s))"
HELD = """
SELECT EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = %s
      AND objid = hashtext(%s)::oid
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""
TELL = "UPDATE errands_errand SET step = %s, done = %s, whole = %s WHERE id = %s"


@contextmanager
def held(kind: str) -> Iterator[bool]:
    """Hold the place of the one who works on errands of this kind; False if another has it."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [LOCK, kind])
        row = cursor.fetchone()
    if not (row and row[0]):
        yield False
        return
    try:
        yield True
    finally:
        with connection.cursor() as cursor:
            cursor.execute(LET_GO, [LOCK, kind])


def at_work(kind: str) -> bool:
    """Say whether somebody works on errands of this kind now."""
    with connection.cursor() as cursor:
        cursor.execute(HELD, [LOCK, kind])
        return bool(cursor.fetchone()[0])


def waiting(kind: str) -> bool:
    """Say whether there is anything to take or to tidy: one look into a short index."""
    return Errand.objects.filter(kind=kind, state__in=Errand.NOT_ENDED).exists()


def take(kind: str, *, at: datetime) -> Errand | None:
    """Give the errand that waited longest, now running; for who holds the place (`held`).

    What still counts as running was left by a worker that died, since the place was free.
    """
    for left in Errand.objects.filter(kind=kind, state=Errand.State.RUNNING):
        interrupt(left, at=at)
    errand = Errand.objects.filter(kind=kind, state=Errand.State.WAITING).order_by("id").first()
    if errand is not None:
        errand.state, errand.begun_at = Errand.State.RUNNING, at
        errand.save(update_fields=["state", "begun_at"])
    return errand


def tell(errand: Errand, step: str, done: int = 0, whole: int | None = None) -> None:
    """Say how far an errand is, between two transactions of the work."""
    with connection.cursor() as cursor:
        cursor.execute(TELL, [step[:80], done, whole, errand.pk])


def tell_beside(errand: Errand, step: str, done: int, whole: int | None) -> None:
    """Say how far an errand is while its one transaction is open, so that others see it."""
    beside = connection.copy()
    try:
        with beside.cursor() as cursor:
            cursor.execute(TELL, [step[:80], done, whole, errand.pk])
    finally:
        beside.close()


def end(errand: Errand, state: Errand.State, told: dict[str, Any], *, at: datetime) -> None:
    """Write how an errand ended; in the transaction of its last act where there is one."""
    ended = Errand.objects.filter(pk=errand.pk, state=Errand.State.RUNNING).update(
        state=state, told=told, ended_at=at
    )
    assert ended, "only who took an errand ends it"
    record(
        "errand.ended",
        errand.uuid,
        actor=errand.actor,
        at=at,
        errand_kind=errand.kind,
        about=errand.about,
        state=state.value,
        code=str(told.get("code", "")),
    )


def interrupt(errand: Errand, *, at: datetime) -> None:
    """Say of a running errand that its worker is gone; of two who see it, one says so."""
    told = Errand.objects.filter(pk=errand.pk, state=Errand.State.RUNNING).update(
        state=Errand.State.INTERRUPTED, ended_at=at
    )
    if told:
        record(
            "errand.interrupted",
            errand.uuid,
            actor=SYSTEM,
            at=at,
            errand_kind=errand.kind,
            about=errand.about,
        )
