"""Cards in custody: received, entrusted, handed over."""

from uuid import UUID

import click
from django.db import transaction
from django.utils import timezone

from betang.cards import custody
from betang.cards.hand_over import hand_over as hand_over_card
from betang.cli._acting import acting, busy, shared, tell
from betang.cli.card_life.options import AREA, village_of


@click.command()
@AREA
@shared
def receive(area: int | None, username: str, as_json: bool) -> None:
    """Catat kartu cetakan sebagai diterima di kantor."""
    actor = acting(username, "cycle.manage", area)
    with busy("Mencatat penerimaan"), transaction.atomic():
        received = custody.receive(actor=actor, at=timezone.now(), area=area)
    tell({"received": received}, as_json=as_json)


@click.command()
@click.argument("device", type=click.UUID)
@click.option("--area", type=int, required=True, help="Kode wilayah yang kartunya dititipkan.")
@shared
def entrust(device: UUID, area: int, username: str, as_json: bool) -> None:
    """Titipkan kartu suatu wilayah kepada sebuah gawai petugas untuk diserahkan."""
    actor = acting(username, "card.block", area)
    with busy("Mencatat titipan"), transaction.atomic():
        count = custody.entrust(device, area=area, actor=actor, at=timezone.now())
    tell({"entrusted": count, "device": str(device)}, as_json=as_json)


@click.command(name="hand-over")
@click.argument("number")
@shared
def hand_over(number: str, username: str, as_json: bool) -> None:
    """Serahkan satu kartu di kantor."""
    actor = acting(username, "card.block", village_of(number))
    with transaction.atomic():
        card = hand_over_card(number, actor=actor, at=timezone.now())
    tell({"number": card.number, "state": card.state}, as_json=as_json)
