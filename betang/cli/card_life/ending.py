"""Blocking, replacing, spoilt, returned and found cards, and the list that says so."""

import click
from django.db import transaction
from django.utils import timezone

from betang.cards import revocation
from betang.cards import spoil as ends
from betang.cards.block import REASONS
from betang.cards.block import block as block_card
from betang.cards.replace import replace as replace_card
from betang.cli._acting import acting, shared, tell
from betang.cli.card_life.options import village_of


@click.command()
@click.argument("number")
@click.option("--reason", type=click.Choice(REASONS), required=True, help="Alasan.")
@shared
def block(number: str, reason: str, username: str, as_json: bool) -> None:
    """Blokir sebuah kartu dan tanda tangani daftar pencabutan yang baru."""
    actor, at = acting(username, "card.block", village_of(number)), timezone.now()
    with transaction.atomic():
        card = block_card(number, reason=reason, actor=actor, at=at)
        seq = revocation.publish(actor=actor, at=at)
    tell({"number": card.number, "state": card.state, "list": seq}, as_json=as_json)


@click.command()
@click.argument("number")
@shared
def replace(number: str, username: str, as_json: bool) -> None:
    """Pesan kartu pengganti; kartu lama langsung tidak berlaku."""
    actor, at = acting(username, "card.block", village_of(number)), timezone.now()
    with transaction.atomic():
        card = replace_card(number, actor=actor, at=at)
        seq = revocation.publish(actor=actor, at=at)
    tell({"replaced": number, "number": card.number, "list": seq}, as_json=as_json)


@click.command()
@click.argument("number")
@click.option("--reason", type=click.Choice(tuple(ends.SPOILT)), required=True, help="Alasan.")
@shared
def spoil(number: str, reason: str, username: str, as_json: bool) -> None:
    """Catat kartu yang rusak sebelum diserahkan; terbitan berikutnya dipesan."""
    actor, at = acting(username, "card.keep", village_of(number)), timezone.now()
    with transaction.atomic():
        card = ends.spoil(number, reason=reason, actor=actor, at=at)
        seq = revocation.publish(actor=actor, at=at)
    tell({"spoilt": number, "number": card.number, "list": seq}, as_json=as_json)


@click.command(name="return")
@click.argument("number")
@click.option("--reason", type=click.Choice(tuple(ends.RETURNED)), required=True, help="Alasan.")
@click.option("--into", type=int, help="Kode kantor penerima; tanpa ini kantor provinsi.")
@shared
def return_(number: str, reason: str, into: int | None, username: str, as_json: bool) -> None:
    """Catat kartu yang tidak terserahkan dan kembali ke kantor."""
    actor, at = acting(username, "card.keep", village_of(number)), timezone.now()
    with transaction.atomic():
        card = ends.give_back(number, reason=reason, actor=actor, at=at, into=into)
        revocation.publish(actor=actor, at=at)
    tell({"number": card.number, "state": card.state}, as_json=as_json)


@click.command()
@click.argument("number")
@click.option("--into", type=int, help="Kode kantor penerima; tanpa ini kantor provinsi.")
@shared
def find(number: str, into: int | None, username: str, as_json: bool) -> None:
    """Catat kartu yang ditemukan orang dan dibawa ke kantor."""
    actor, at = acting(username, "card.keep", village_of(number)), timezone.now()
    with transaction.atomic():
        card = ends.find(number, actor=actor, at=at, into=into)
        revocation.publish(actor=actor, at=at)
    tell({"number": card.number, "state": card.state}, as_json=as_json)


@click.command()
@shared
def revocations(username: str, as_json: bool) -> None:
    """Tanda tangani daftar kartu yang dicabut, bila ada yang baru atau sudah sehari."""
    actor = acting(username, "card.block")
    with transaction.atomic():
        seq = revocation.publish(actor=actor, at=timezone.now())
    tell({"list": seq, "bytes": len(revocation.current_list())}, as_json=as_json)
