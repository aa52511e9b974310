"""Cards in custody: received, entrusted, handed over, brought back; the book of where they are."""

from uuid import UUID

import click
from django.db import transaction
from django.utils import timezone

from betang.cards import balance as book
from betang.cards import custody
from betang.cards.hand_over import hand_over as hand_over_card
from betang.cli._acting import acting, as_json_option, busy, shared, tell
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
    actor = acting(username, "card.keep", area)
    with busy("Mencatat titipan"), transaction.atomic():
        count = custody.entrust(device, area=area, actor=actor, at=timezone.now())
    tell({"entrusted": count, "device": str(device)}, as_json=as_json)


@click.command(name="take-back")
@click.argument("device", type=click.UUID)
@click.option("--into", type=int, help="Kode kantor penerima; tanpa ini kantor provinsi.")
@shared
def take_back(device: UUID, into: int | None, username: str, as_json: bool) -> None:
    """Terima kembali kartu yang masih dibawa sebuah gawai."""
    actor = acting(username, "card.keep", into)
    with transaction.atomic():
        count = custody.take_back(device, actor=actor, at=timezone.now(), into=into)
    tell({"taken_back": count, "device": str(device)}, as_json=as_json)


@click.command(name="hand-over")
@click.argument("number")
@shared
def hand_over(number: str, username: str, as_json: bool) -> None:
    """Serahkan satu kartu di kantor."""
    actor = acting(username, "card.block", village_of(number))
    with transaction.atomic():
        card = hand_over_card(number, actor=actor, at=timezone.now())
    tell({"number": card.number, "state": card.state}, as_json=as_json)


@click.command()
@as_json_option
def balance(as_json: bool) -> None:
    """Tampilkan neraca kartu, dan bandingkan dengan kartunya satu per satu.

    Keluar dengan kode 1 bila ada yang berbeda.
    """
    summed = book.summed(book.balances())
    wrong = len(book.differences()) + book.astray()
    adds_up = summed.adds_up and not wrong
    tell(summed._asdict() | {"adds_up": adds_up, "differences": wrong}, as_json=as_json)
    if not adds_up:
        raise SystemExit(1)
