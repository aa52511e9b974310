"""Find a run, hold it alone, and say what cannot be done with it now."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection

from betang.cards.models import PrintRow, PrintRun
from betang.core.errors import NotFoundError, RefusedError

#: The first half of an advisory lock's key, any constant of our own; the second is the run.
LOCK = 0x7072_6E74
HOLD = "SELECT pg_try_advisory_lock(%s, %s)"
LET_GO = "SELECT pg_advisory_unlock(%s, %s)"
#: Inside a transaction the lock ends with it, also when the transaction fails.
HOLD_WITHIN = "SELECT pg_try_advisory_xact_lock(%s, %s)"


class NoSuchRunError(NotFoundError):
    """No print run has this uuid."""

    code = "print.unknown"
    sentence = "Proses cetak itu tidak ditemukan."
    do = "Lihat daftarnya dengan `betang cards run list` atau pada halaman Cetak kartu."


class NotNowError(RefusedError):
    """The run is at another stage."""

    code = "print.not_now"
    sentence = "Proses cetak ini sudah atau masih «{state}»; langkah itu tidak berlaku sekarang."
    do = "Muat ulang halamannya dan lihat langkah berikutnya."


class HeldElsewhereError(RefusedError):
    """Another process draws, seals or cancels this run."""

    code = "print.held"
    sentence = "Proses cetak ini sedang dikerjakan di tempat lain."
    do = "Tunggu sampai selesai; kemajuannya tampil pada halaman Cetak kartu."


def find(uuid: UUID) -> PrintRun:
    """Find a run. Raises `NoSuchRunError`."""
    run = PrintRun.objects.filter(uuid=uuid).first()
    if run is None:
        raise NoSuchRunError
    return run


@contextmanager
def alone(run: PrintRun, *states: PrintRun.State) -> Iterator[PrintRun]:
    """Hold `run`, which must be in one of `states`, so that no other process works on it.

    The lock ends with the database session at the latest: a kill leaves no lock.
    Raises `HeldElsewhereError`, `NotNowError`.
    """
    within = connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute(HOLD_WITHIN if within else HOLD, [LOCK, run.pk])
        if not cursor.fetchone()[0]:
            raise HeldElsewhereError
    try:
        run.refresh_from_db()
        must_be(run, *states)
        yield run
    finally:
        if not within:
            with connection.cursor() as cursor:
                cursor.execute(LET_GO, [LOCK, run.pk])


def must_be(run: PrintRun, *states: PrintRun.State) -> None:
    """Raise `NotNowError` unless the run is in one of `states`."""
    if run.state not in states:
        raise NotNowError(state=PrintRun.State(run.state).label)


def left_out(run: PrintRun) -> tuple[str, ...]:
    """Give the numbers of the cards that were frozen but take no part."""
    rows = PrintRow.objects.filter(run=run).exclude(left_out="").order_by("card__number")
    return tuple(rows.values_list("card__number", flat=True))
