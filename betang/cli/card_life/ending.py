"""Blocking and replacing cards, and the list that says so."""

import click
from django.db import transaction
from django.utils import timezone

from betang.cards import revocation
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
@shared
def revocations(username: str, as_json: bool) -> None:
    """Tanda tangani daftar kartu yang dicabut, bila ada yang baru atau sudah sehari."""
    actor = acting(username, "card.block")
    with transaction.atomic():
        seq = revocation.publish(actor=actor, at=timezone.now())
    tell({"list": seq, "bytes": len(revocation.current_list())}, as_json=as_json)
