"""Cards of a running programme: taken over, and given way to ours."""

from pathlib import Path

import click
from django.db import transaction
from django.utils import timezone

from betang.cards.take_over import WRONG
from betang.cards.take_over import take_over as take_over_list
from betang.cards.take_over import upgrade as upgrade_cards
from betang.cli._acting import acting, busy, shared, tell
from betang.cli.card_life.options import AREA


@click.command(name="take-over")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@shared
def take_over(file: Path, username: str, as_json: bool) -> None:
    """Ambil alih kartu program yang sedang berjalan dari sebuah daftar (CSV atau XLSX)."""
    actor = acting(username, "cycle.manage")
    with busy("Membaca daftar"), transaction.atomic():
        run = take_over_list(file.read_bytes(), name=file.name, actor=actor, at=timezone.now())
    told = [f"baris {row}: {WRONG[code]}" for row, code in run.report]
    tell({"rows": run.rows, "taken": run.taken, "not_taken": told}, as_json=as_json)


@click.command()
@AREA
@shared
def upgrade(area: int | None, username: str, as_json: bool) -> None:
    """Gantikan kartu yang diambil alih dengan kartu program ini, yang dipesan sekaligus."""
    actor = acting(username, "cycle.manage", area)
    with busy("Memesan kartu"), transaction.atomic():
        run = upgrade_cards(actor=actor, at=timezone.now(), area=area)
    tell({"run": str(run.uuid), "issued": run.count}, as_json=as_json)
