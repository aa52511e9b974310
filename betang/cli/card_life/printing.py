"""Printing cards."""

import click
from django.utils import timezone

from betang.cards.print_run import print_cards
from betang.cli._acting import acting, counted, shared, tell
from betang.cli.card_life import bureau as bureau_commands
from betang.cli.card_life import runs as run_commands
from betang.cli.card_life.options import AREA


@click.command(name="print")
@AREA
@click.option("--limit", type=click.IntRange(min=1), help="Cetak paling banyak sekian kartu.")
@click.option("--check-all", is_flag=True, help="Baca kembali setiap kartu, bukan contoh saja.")
@shared
def print_(
    area: int | None, limit: int | None, check_all: bool, username: str, as_json: bool
) -> None:
    """Gambar kartu yang dipesan menjadi PDF, baca kembali contohnya, lalu catat sebagai dicetak."""
    actor = acting(username, "cycle.manage", area)
    with counted("Menggambar kartu") as progress:
        printed = print_cards(
            actor=actor,
            at=timezone.now(),
            area=area,
            limit=limit,
            check_all=check_all,
            progress=progress,
        )
    told = {
        "run": str(printed.run),
        "printed": printed.count,
        "checked": printed.checked,
        "folder": str(printed.folder),
        "files": len(printed.files),
        "left_out": list(printed.left_out),
    }
    tell(told, as_json=as_json)


def _group(name: str, told: str, of: object) -> click.Group:
    """Make a group of the commands of a module."""
    commands = [each for each in vars(of).values() if isinstance(each, click.Command)]
    return click.Group(name, commands=commands, help=told)


run = _group("run", "Proses cetak selangkah demi selangkah.", run_commands)
bureau = _group("bureau", "Biro cetak dan kuncinya.", bureau_commands)
