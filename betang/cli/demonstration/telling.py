"""How the demonstration tells what it does: a line a step, a bar where it takes long."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

#: Standard output belongs to the summary (`--json`); people read standard error.
console = Console(stderr=True, highlight=False, soft_wrap=True)


class Bar:
    """A step that is going on: call it with what is done and how much there is."""

    def __init__(self, progress: Progress, text: str) -> None:
        self._progress = progress
        self._task = progress.add_task(text, total=None)

    def __call__(self, done: int, of: int) -> None:
        """Show that `done` of `of` is done."""
        self._progress.update(self._task, completed=done, total=of)

    def add(self, done: int) -> None:
        """Show that `done` more is done."""
        self._progress.advance(self._task, done)

    def of(self, total: int) -> None:
        """Say how much there is to do."""
        self._progress.update(self._task, total=total)


@contextmanager
def step(text: str) -> Iterator[Bar]:
    """Tell that a step begins, show its bar, and say how long it took."""
    began = time.monotonic()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    watched = console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not watched) as progress:
        yield Bar(progress, text)
    console.print(f"[green]✓[/] {text} [dim]{time.monotonic() - began:.1f} dtk[/]")


def say(text: str) -> None:
    """Tell one line."""
    console.print(text)
