"""Who acts on the command line, and how a result is told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from betang.accounts.access import may
from betang.accounts.models import User
from betang.core.actor import Actor
from betang.core.errors import NotAllowedError
from betang.core.money import number

#: Called with what begins now, its place among the steps, and how many steps there are.
Step = Callable[[str, int, int], None]


def acting(username: str, permission: str, area: int | None = None) -> Actor:
    """Give the actor behind a user name. Raises `NotAllowedError` without the permission there."""
    user = User.objects.filter(username__iexact=username).first()
    if user is None or not may(user, permission, area):
        raise NotAllowedError
    return user.actor


def shared(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every act has: who does it, and how to tell the result."""
    by = click.option("--by", "username", required=True, help="Nama pengguna yang bertindak.")
    return by(as_json_option(function))


def as_json_option(function: Callable[..., None]) -> Callable[..., None]:
    """Add the option of machines."""
    return click.option("--json", "as_json", is_flag=True, help="Hasil sebagai satu baris JSON.")(
        function
    )


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
        click.echo(f"{name}: {number(value) if type(value) is int else value}")
