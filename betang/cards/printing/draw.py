"""Draw a frozen run, part by part: resumable after a kill at any moment.

A part is drawn once its file lies at its place on disk *and* its sum is in its row, in this order.
A kill between the two leaves a file that the next drawing replaces by the same cards; a kill before
leaves a stray file that the next drawing throws away. Each part is a statement of its own: nothing
holds a transaction open while cards are drawn.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from betang.cards import design
from betang.cards.faces import Look
from betang.cards.models import PrintPart, PrintRun
from betang.cards.printing.files import keep
from betang.cards.printing.folder import disk_told, is_whole, path_of, prepare
from betang.cards.printing.part import Drawn, Task, check_part, draw_part
from betang.cards.printing.pool import PROCESSES, each
from betang.cards.printing.rows import digest, faces_of
from betang.cards.printing.runs import alone
from betang.core.actor import Actor
from betang.core.errors import RefusedError
from betang.journal.record import record
from betang.programmes.models import Programme

ISSUER = "Pemerintah Provinsi Kalimantan Tengah"
State = PrintRun.State


class UnreadableFacesError(RefusedError):
    """Cards could not be read from their faces; nothing was called printed."""

    code = "cards.unreadable"
    sentence = "{count} kartu contoh pada bagian {part} tidak terbaca setelah digambar."
    do = "Jangan cetak berkas ini. Laporkan kepada pengelola sistem."


class RowsAlteredError(RefusedError):
    """Cards of the run are not what was frozen."""

    code = "print.rows_altered"
    sentence = "Kartu pada bagian {part} tidak sama dengan yang dibekukan."
    do = "Batalkan proses cetak ini dengan alasan, bekukan lagi, dan laporkan kepada pengelola."


class PartAlteredError(RefusedError):
    """The file of a part is missing or not as it was drawn."""

    code = "print.part_altered"
    sentence = "Berkas bagian {part} hilang atau berubah sejak digambar."
    do = "Jalankan `betang cards run draw` lagi: bagian itu digambar ulang dari daftar yang beku."


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a drawing came: cards of all, and whether it was told to stop before the end."""

    done: int
    whole: int
    halted: bool = False


def silent(done: int, whole: int) -> None:
    """Show nothing: the default of those who run without a screen."""


def never() -> bool:
    """Let a drawing go on to its end."""
    return False


def draw(
    run: PrintRun,
    *,
    actor: Actor,
    clock: Callable[[], datetime],
    check_all: bool = False,
    processes: int = PROCESSES,
    progress: Callable[[int, int], None] = silent,
    halted: Callable[[], bool] = never,
) -> Progress:
    """Draw what is not drawn yet of `run`; of each part some cards, or all, are read back.

    Raises `HeldElsewhereError`, `NotNowError`, `DiskRefusedError`, `RowsAlteredError`,
    `UnreadableFacesError`, `ProcessDiedError`; in each case what was drawn stays drawn.
    """
    with alone(run, State.FROZEN, State.DRAWING, State.CHECKED), disk_told():
        prepare(run)
        waiting = _waiting(run)
        if run.state == State.CHECKED and not waiting:
            return Progress(run.count, run.count)
        PrintRun.objects.filter(pk=run.pk).update(state=State.DRAWING)
        done = run.count - sum(_size(part) for part in waiting)
        progress(done, run.count)
        several = processes if len(waiting) > 1 else 1
        for drawn in each(draw_part, _tasks(run, waiting, check_all=check_all), processes=several):
            done += _take(run, drawn, at=clock())
            progress(done, run.count)
            if halted():
                return Progress(done, run.count, halted=True)
        _all_drawn(run, actor=actor, at=clock())
    return Progress(done, run.count)


def check(
    run: PrintRun,
    *,
    check_all: bool = False,
    processes: int = PROCESSES,
    progress: Callable[[int, int], None] = silent,
) -> int:
    """Look again at the parts as they lie on disk; give how many cards were read.

    Raises `PartAlteredError`, `UnreadableFacesError`, `RowsAlteredError`, `NotNowError`.
    """
    with alone(run, State.CHECKED), disk_told():
        parts = {part.number: part for part in run.parts.order_by("number")}
        for part in parts.values():
            if not is_whole(run, part):
                raise PartAlteredError(part=part.number)
        done = checked = 0
        tasks = _tasks(run, list(parts.values()), check_all=check_all)
        for seen in each(check_part, tasks, processes=processes if len(parts) > 1 else 1):
            if seen.wrong:
                raise UnreadableFacesError(count=len(seen.wrong), part=seen.number)
            checked += seen.checked
            done += _size(parts[seen.number])
            progress(done, run.count)
    return checked


def look_of(run: PrintRun) -> Look:
    """Give what is the same on all cards of a run."""
    programme = Programme.objects.order_by("pk").first()
    name = programme.card_name if programme else "Kartu Bantuan"
    chosen = design.named(run.design)
    return Look(name, ISSUER, settings.CARD_HOST, sample=settings.DEMO, design=chosen)


def _waiting(run: PrintRun) -> list[PrintPart]:
    """Give the parts to draw: never drawn, or gone or altered since."""
    return [part for part in run.parts.order_by("number") if not is_whole(run, part)]


def _tasks(run: PrintRun, parts: list[PrintPart], *, check_all: bool) -> Iterator[Task]:
    look = look_of(run)
    for part in parts:
        faces = faces_of(run, part.first, part.last)
        if digest(faces) != bytes(part.rows_sha256):
            raise RowsAlteredError(part=part.number)
        yield Task(part.number, path_of(run, part), faces, look, check_all)


def _take(run: PrintRun, drawn: Drawn, *, at: datetime) -> int:
    """Give a drawn part its name, then write its sum; give how many cards it has."""
    if drawn.wrong:
        drawn.undone.unlink()
        raise UnreadableFacesError(count=len(drawn.wrong), part=drawn.number)
    part = run.parts.get(number=drawn.number)
    keep(drawn.undone, path_of(run, part))
    part.file_sha256, part.file_bytes = drawn.sha256, drawn.size
    part.checked, part.drawn_at = drawn.checked, at
    part.save(update_fields=["file_sha256", "file_bytes", "checked", "drawn_at"])
    return _size(part)


def _all_drawn(run: PrintRun, *, actor: Actor, at: datetime) -> None:
    checked = sum(run.parts.values_list("checked", flat=True))
    run.state, run.checked, run.drawn_at = State.CHECKED, checked, at
    with transaction.atomic():
        run.save(update_fields=["state", "checked", "drawn_at"])
        record(
            "print.drawn", run.uuid, actor=actor, at=at, area=run.area, count=run.count,
            checked=checked, parts=run.parts.count(),
        )  # fmt: skip


def _size(part: PrintPart) -> int:
    return part.last - part.first + 1
