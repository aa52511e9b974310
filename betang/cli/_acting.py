"""Who acts on the command line, how long work is shown, and how a result is told."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import click
import orjson
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from betang.accounts.access import areas_of, may
from betang.accounts.models import Device, DeviceArea, User
from betang.core.actor import Actor
from betang.core.errors import NotAllowedError
from betang.core.money import number, rupiah

#: Called with what begins now, its place among the steps, and how many steps there are.
Step = Callable[[str, int, int], None]
#: Called with how much is done now, of how much.
Count = Callable[[int, int | None], None]


def acting(username: str, permission: str, area: int | None = None) -> Actor:
    """Give the actor behind a user name. Raises `NotAllowedError` without the permission there."""
    return acting_in_any(username, permission, [area])


def acting_in_any(username: str, permission: str, areas: Iterable[int | None]) -> Actor:
    """Give the actor who holds the permission in one of `areas`. Raises `NotAllowedError`."""
    user = User.objects.filter(username__iexact=username).first()
    if user is None or not any(may(user, permission, area) for area in areas):
        raise NotAllowedError
    return user.actor


def acting_on(device: Device, username: str, permission: str) -> Actor:
    """Give the actor who may do this to a device: in its areas or, without any, in its owner's."""
    own = DeviceArea.objects.filter(device=device).values_list("area_id", flat=True)
    return acting_in_any(username, permission, list(own) or areas_of(device.owner))


def shared(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every act has: who does it, and how to tell the result."""
    by = click.option("--by", "username", required=True, help="Nama pengguna yang bertindak.")
    return by(as_json_option(function))


def as_json_option(function: Callable[..., None]) -> Callable[..., None]:
    """Add the option of machines."""
    return click.option("--json", "as_json", is_flag=True, help="Hasil sebagai satu baris JSON.")(
        function
    )


def sure(function: Callable[..., None]) -> Callable[..., None]:
    """Add `--yes` to an act that nobody can take back; without it, a person at a terminal is asked.

    A script has no terminal, and says what it wants with its words.
    """
    return click.option("--yes", is_flag=True, help="Jangan bertanya lagi.")(function)


def ask(question: str, *, yes: bool) -> None:
    """Ask a person to confirm. Aborts the command on anything but yes."""
    if not yes and sys.stdin.isatty():
        click.confirm(question, abort=True, err=True)


def busy(label: str) -> AbstractContextManager[object]:
    """Show that one long statement is at work, where there is nothing to count."""
    return Console(stderr=True).status(label)


@contextmanager
def counted(label: str, total: int | None = None) -> Iterator[Count]:
    """Show how far a run is, on the terminal's error output, so that the result is clean."""
    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done, of: bar.update(task, completed=done, total=of)


@contextmanager
def steps() -> Iterator[Step]:
    """Show the steps of a long act on the terminal's error output, so that the result is clean."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def step(what: str, place: int, of: int) -> None:
            bar.update(task, description=what, completed=place - 1, total=of)

        yield step


def tell(told: dict[str, Any], *, as_json: bool) -> None:
    """Write a result: one line of JSON, or `name: value` lines with Indonesian numbers."""
    if as_json:
        click.echo(orjson.dumps(told).decode())
        return
    for name, value in told.items():
        click.echo(f"{name}: {_shown(name, value)}")


def _shown(name: str, value: Any) -> str:
    if type(value) is int:
        return rupiah(value) if name.endswith("_rupiah") else number(value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(key, one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        lines = [f"\n  {_shown(name, one)}" for one in value]
        return f"{number(len(value))}{''.join(lines)}"
    return "–" if value is None else str(value)
