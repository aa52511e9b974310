"""The command line: finds the rooms' commands, starts the database, tells refusals plainly."""

import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click

from betang import cluster
from betang.cli._examples import with_examples
from betang.core.errors import RefusedError
from betang.refusals import body, line

#: Exit codes (docs/operate/commands.md): 0 done, 1 refused by a rule or a check found something,
#: 2 used wrongly (click's own), 3 something is missing, 130 ended by Ctrl-C as shells have it.
REFUSED = 1
NOT_HERE = 3
INTERRUPTED = 130
#: What PostgreSQL calls a table or column that is not there (SQLSTATE).
NO_SUCH_THING = {"42P01", "42703"}
#: Commands that need neither Django nor a running database.
BARE = {"database", "demo", "doctor"}


class Rooms(click.Group):
    """A group whose commands are the modules beside this one (`command` in each)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the modules of this folder that are commands."""
        here = Path(__file__).parent
        names = [path.stem for path in here.glob("*.py") if not path.stem.startswith("_")]
        return sorted(set(names) - {"main"})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one room's command, with Django and the database ready."""
        if cmd_name not in self.list_commands(ctx):
            return None
        if cmd_name not in BARE:
            prepare()
        command = import_module(f"betang.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return with_examples(command, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with the first line of each module, without loading Django."""
        rows = []
        for name in self.list_commands(ctx):
            text = (Path(__file__).parent / f"{name}.py").read_text().split('"""')[1]
            rows.append((name, text.strip().splitlines()[0]))
        with formatter.section("Perintah"):
            formatter.write_dl(rows)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and end with a sentence and a code instead of a traceback."""
        alone, kwargs["standalone_mode"] = kwargs.get("standalone_mode", True), False
        if not alone:
            return super().main(*args, **kwargs)
        words = kwargs.get("args") or (args[0] if args else None) or sys.argv[1:]
        as_json = "--json" in words
        try:
            code = super().main(*args, **kwargs)
        except RefusedError as refusal:
            click.echo(json.dumps(body(refusal)) if as_json else line(refusal), err=True)
            sys.exit(REFUSED)
        except cluster.ClusterError as missing:
            _end("database.missing", str(missing), as_json=as_json)
        except click.ClickException as wrong:
            wrong.show()
            sys.exit(wrong.exit_code)
        except click.Abort as ended:
            _interrupted(ended)
        except Exception as error:
            trouble = _database_trouble(error)
            if trouble is None:
                raise
            _end(*trouble, as_json=as_json)
        sys.exit(code if isinstance(code, int) else 0)


def _end(code: str, sentence: str, *, as_json: bool) -> NoReturn:
    told = json.dumps({"code": code, "sentence": sentence}) if as_json else f"{sentence}  [{code}]"
    click.echo(told, err=True)
    sys.exit(NOT_HERE)


def _interrupted(ended: click.Abort) -> NoReturn:
    """End after Ctrl-C, or after a no to a question. What was not committed is rolled back."""
    if isinstance(ended.__cause__, KeyboardInterrupt) or isinstance(
        ended.__context__, KeyboardInterrupt
    ):
        click.echo(
            "Dihentikan. Yang sudah tersimpan tetap, yang belum selesai dibatalkan; "
            "perintah ini aman diulang.",
            err=True,
        )
        sys.exit(INTERRUPTED)
    click.echo("Dibatalkan; tidak ada yang berubah.", err=True)
    sys.exit(REFUSED)


def _database_trouble(error: Exception) -> tuple[str, str] | None:
    """Say by a code and a sentence that the database is away or behind; None for another error."""
    if not type(error).__module__.startswith("django.db"):
        return None
    state = getattr(error.__cause__, "sqlstate", None)
    if state in NO_SUCH_THING:
        sentence = "Skema basis data belum sesuai. Jalankan `betang database migrate`, lalu ulangi."
        return "database.behind", sentence
    if type(error).__name__ == "OperationalError" and (state is None or state.startswith("08")):
        sentence = "Basis data tidak dapat dihubungi. Jalankan `betang doctor` untuk melihat sebab."
        return "database.away", sentence
    return None


def prepare() -> None:
    """Start the private PostgreSQL where it is used, and load Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "betang.settings")
    if cluster.embedded():
        cluster.start()
    import django  # noqa: PLC0415 - commands of `BARE` work where Django cannot be loaded

    django.setup()


@click.command(
    cls=Rooms,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Kode keluar: 0 selesai, 1 ditolak, 2 salah pakai, 3 belum siap, 130 dihentikan.",
)
@click.version_option(package_name="betang")
def main() -> None:
    """Betang: satu keluarga, satu kartu, satu kali bantuan, dan semuanya dapat dibuktikan."""
