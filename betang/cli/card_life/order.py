"""Ordering cards and counting them."""

import click
from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from betang.cards.issue import issue_cards
from betang.cards.models import Card
from betang.cli._acting import acting, as_json_option, counted, shared, tell
from betang.cli.card_life.options import AREA


@click.command()
@AREA
@click.option("--virtual-chips", is_flag=True, help="Pasangkan chip tiruan (hanya peragaan).")
@shared
def issue(area: int | None, virtual_chips: bool, username: str, as_json: bool) -> None:
    """Terbitkan kartu pertama bagi setiap keluarga yang sudah ditetapkan."""
    actor = acting(username, "cycle.manage", area)
    if virtual_chips and not settings.DEMO:
        raise click.UsageError("Chip tiruan hanya untuk peragaan (BETANG_DEMO=1).")
    with counted("Menandatangani kartu") as progress, transaction.atomic():
        run = issue_cards(
            actor=actor,
            at=timezone.now(),
            area=area,
            virtual_chips=virtual_chips,
            progress=progress,
        )
    tell({"run": str(run.uuid), "issued": run.count}, as_json=as_json)


@click.command(name="list")
@as_json_option
def list_(as_json: bool) -> None:
    """Hitung kartu menurut keadaannya."""
    counts = dict(Card.objects.order_by().values_list("state").annotate(Count("pk")))
    if as_json:
        tell({state: counts.get(state, 0) for state in Card.State.values}, as_json=True)
        return
    table = Table("Keadaan", "Jumlah")
    for state in Card.State:
        table.add_row(str(state.label), f"{counts.get(state.value, 0):,}".replace(",", "."))
    Console().print(table)
