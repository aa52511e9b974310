"""A print run from the frozen list to the bureau's answer: every stage, and the memory of it all.

Freeze, draw in two processes (each part read back in samples, synced, its sum written), read back
once more, write the list, seal for the bureau and open again, then take a return file with a chip a
card. Cards are made before, in another process. The peak is this process's and its children's
together, sampled; the database is not in it. There is no floor: these are rates.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Self, TypeVar

import psutil
import pyrage
from django.db import transaction

from benchmarks.field_world import CLERK, SECOND
from benchmarks.row import Row
from betang.cards.models import Card, PrintRun
from betang.cards.printing import bureaus
from betang.cards.printing.draw import check, draw
from betang.cards.printing.folder import folder_of
from betang.cards.printing.freeze import freeze
from betang.cards.printing.release import release
from betang.cards.printing.take_return import missing, take_return
from betang.core.bureau.return_file import return_lines

SIZE = 10_000
SAMPLE_EVERY_S = 0.2

Made = TypeVar("Made")


class Memory:
    """The largest sum of what this process and its children held, sampled beside the work."""

    def __init__(self) -> None:
        self.peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        own = psutil.Process()
        while not self._ended.wait(SAMPLE_EVERY_S):
            held = 0
            for each in [own, *own.children(recursive=True)]:
                try:
                    held += each.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.peak = max(self.peak, held)


def run(size: int = SIZE) -> list[Row]:
    subprocess.run([sys.executable, "-m", "benchmarks.print_world", str(size)], check=True)
    took: dict[str, float] = {}
    before = _cpu_s()

    def clock() -> datetime:
        return datetime.now(UTC)

    with Memory() as memory:
        run = _timed(took, "freeze", lambda: _freeze(clock()))
        _timed(took, "draw", lambda: draw(run, actor=CLERK, clock=clock))
        _timed(took, "check", lambda: check(run))
        _timed(took, "release", lambda: _release(run, clock))
        file = _answer(run, clock())
        _timed(took, "return", lambda: _take(run, file, clock()))
    assert run.count == size
    assert missing(run) == 0
    rows = [_row(f"print.{name}", size, seconds) for name, seconds in took.items()]
    whole = _row("print", size, sum(took.values()))
    whole["peak_mb"] = round(memory.peak / 1e6)
    cost = Row(
        name="print: CPU", value=round(1_000 * (_cpu_s() - before) / size, 2), unit="ms a card",
        floor=None, ratio=None, peak_mb=None, size=size,
    )  # fmt: skip
    return [whole, cost, *rows]


def _cpu_s() -> float:
    """Give the processor's time of this process and of its children that ended."""
    told = os.times()
    return told.user + told.system + told.children_user + told.children_system


def _timed(took: dict[str, float], name: str, work: Callable[[], Made]) -> Made:
    began = time.perf_counter()
    made = work()
    took[name] = time.perf_counter() - began
    print(f"  {name}: {took[name]:.1f} s", flush=True)
    return made


def _freeze(at: datetime) -> PrintRun:
    with transaction.atomic():
        return freeze(actor=CLERK, at=at)


def _release(run: PrintRun, clock: Callable[[], datetime]) -> None:
    recipient = str(pyrage.x25519.Identity.generate().to_public())
    proposed = bureaus.propose("PT Kartu", recipient, actor=CLERK, at=clock())
    release(run, bureaus.approve(proposed, actor=SECOND, at=clock()), actor=SECOND, clock=clock)


def _answer(run: PrintRun, at: datetime) -> Path:
    """Write the bureau's file: a chip for each card, one in a thousand spoilt."""
    numbers = Card.objects.order_by("number").values_list("number", flat=True)
    rows = (
        (number, None, 1, "spoilt", "print")
        if n % 1_000 == 7
        else (number, b"\x04" + n.to_bytes(6, "big"), 1, "ok", "")
        for n, number in enumerate(numbers.iterator())
    )
    path = folder_of(run) / "return.csv"
    with path.open("wb") as file:
        file.writelines(return_lines(run.uuid, at, rows, run.count))
    return path


def _take(run: PrintRun, path: Path, at: datetime) -> None:
    with path.open("rb") as file, transaction.atomic():
        back = take_return(run, file, actor=CLERK, at=at)
    assert back.held == 0


def _row(name: str, size: int, seconds: float) -> Row:
    return Row(
        name=name, value=round(size / seconds), unit="cards/s", floor=None, ratio=None,
        peak_mb=None, size=size,
    )  # fmt: skip
