"""Kartu: terbitkan, cetak, terima, titipkan, serahkan, blokir, ganti."""

from uuid import UUID

import click
from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from betang.cards import custody, revocation
from betang.cards.block import REASONS
from betang.cards.block import block as block_card
from betang.cards.hand_over import hand_over as hand_over_card
from betang.cards.issue import issue_cards
from betang.cards.models import Card
from betang.cards.print_run import print_cards
from betang.cards.replace import replace as replace_card
from betang.cli._acting import acting, as_json_option, busy, counted, shared, tell

AREA = click.option("--area", type=int, help="Kode Kemendagri; tanpa ini seluruh provinsi.")


@click.group()
def command() -> None:
    """Urus kartu keluarga, dari pesanan sampai pencabutan."""


@command.command()
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


@command.command(name="print")
@AREA
@click.option("--limit", type=click.IntRange(min=1), help="Cetak paling banyak sekian kartu.")
@click.option("--check-all", is_flag=True, help="Baca kembali setiap kartu, bukan contoh saja.")
@shared
def print_(
    area: int | None, limit: int | None, check_all: bool, username: str, as_json: bool
) -> None:
    """Gambar kartu yang dipesan menjadi PDF, baca kembali contohnya, lalu catat sebagai dicetak."""
    actor = acting(username, "cycle.manage", area)
    with counted("Menggambar kartu") as progress, transaction.atomic():
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


@command.command()
@AREA
@shared
def receive(area: int | None, username: str, as_json: bool) -> None:
    """Catat kartu cetakan sebagai diterima di kantor."""
    actor = acting(username, "cycle.manage", area)
    with busy("Mencatat penerimaan"), transaction.atomic():
        received = custody.receive(actor=actor, at=timezone.now(), area=area)
    tell({"received": received}, as_json=as_json)


@command.command()
@click.argument("device", type=click.UUID)
@click.option("--area", type=int, required=True, help="Kode wilayah yang kartunya dititipkan.")
@shared
def entrust(device: UUID, area: int, username: str, as_json: bool) -> None:
    """Titipkan kartu suatu wilayah kepada sebuah gawai petugas untuk diserahkan."""
    actor = acting(username, "card.block", area)
    with busy("Mencatat titipan"), transaction.atomic():
        count = custody.entrust(device, area=area, actor=actor, at=timezone.now())
    tell({"entrusted": count, "device": str(device)}, as_json=as_json)


@command.command(name="hand-over")
@click.argument("number")
@shared
def hand_over(number: str, username: str, as_json: bool) -> None:
    """Serahkan satu kartu di kantor."""
    actor = acting(username, "card.block", _village(number))
    with transaction.atomic():
        card = hand_over_card(number, actor=actor, at=timezone.now())
    tell({"number": card.number, "state": card.state}, as_json=as_json)


@command.command()
@click.argument("number")
@click.option("--reason", type=click.Choice(REASONS), required=True, help="Alasan.")
@shared
def block(number: str, reason: str, username: str, as_json: bool) -> None:
    """Blokir sebuah kartu dan tanda tangani daftar pencabutan yang baru."""
    actor, at = acting(username, "card.block", _village(number)), timezone.now()
    with transaction.atomic():
        card = block_card(number, reason=reason, actor=actor, at=at)
        seq = revocation.publish(actor=actor, at=at)
    tell({"number": card.number, "state": card.state, "list": seq}, as_json=as_json)


@command.command()
@click.argument("number")
@shared
def replace(number: str, username: str, as_json: bool) -> None:
    """Pesan kartu pengganti; kartu lama langsung tidak berlaku."""
    actor, at = acting(username, "card.block", _village(number)), timezone.now()
    with transaction.atomic():
        card = replace_card(number, actor=actor, at=at)
        seq = revocation.publish(actor=actor, at=at)
    tell({"replaced": number, "number": card.number, "list": seq}, as_json=as_json)


@command.command()
@shared
def revocations(username: str, as_json: bool) -> None:
    """Tanda tangani daftar kartu yang dicabut, bila ada yang baru atau sudah sehari."""
    actor = acting(username, "card.block")
    with transaction.atomic():
        seq = revocation.publish(actor=actor, at=timezone.now())
    tell({"list": seq, "bytes": len(revocation.current_list())}, as_json=as_json)


@command.command(name="list")
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


def _village(number: str) -> int | None:
    """Give the village of a card, so that the right to block is asked for its area."""
    return Card.objects.filter(number=number).values_list("village_id", flat=True).first()
