"""The command line: finds the rooms' commands, starts the database, tells refusals plainly."""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from betang import cluster
from betang.core.errors import RefusedError
from betang.refusals import line

#: Exit codes: 0 done, 1 refused by a rule, 2 used wrongly (click's own), 3 something is missing.
REFUSED = 1
NOT_HERE = 3
#: Commands that need neither Django nor a running database.
BARE = {"database", "demo", "doctor"}


class Rooms(click.Group):
    """A group whose commands are the modules beside this one (`command` in each)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the modules of this folder that are commands."""
        here = Path(__file__).parent
        names = [path.stem for path in here.glob("*.py") if not path.stem.startswith("_")]
        return sorted(set(names) - {"main", "progress", "people"})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one room's command, with Django and the database ready."""
        if cmd_name not in self.list_commands(ctx):
            return None
        if cmd_name not in BARE:
            prepare()
        command = import_module(f"betang.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with the first line of each module, without loading Django."""
        rows = []
        for name in self.list_commands(ctx):
            text = (Path(__file__).parent / f"{name}.py").read_text().split('"""')[1]
            rows.append((name, text.strip().splitlines()[0]))
        with formatter.section("Perintah"):
            formatter.write_dl(rows)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and tell a refusal as two lines instead of a traceback."""
        try:
            return super().main(*args, **kwargs)
        except RefusedError as refusal:
            click.echo(line(refusal), err=True)
            sys.exit(REFUSED)
        except cluster.ClusterError as missing:
            click.echo(str(missing), err=True)
            sys.exit(NOT_HERE)


def prepare() -> None:
    """Start the private PostgreSQL where it is used, and load Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "betang.settings")
    if cluster.embedded():
        cluster.start()
    import django  # noqa: PLC0415 - commands of `BARE` work where Django cannot be loaded

    django.setup()


@click.command(cls=Rooms, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="betang")
def main() -> None:
    """Betang: satu keluarga, satu kartu, satu kali bantuan, dan semuanya dapat dibuktikan."""
