"""What several commands of the cards are asked with."""

import click

from betang.cards.models import Card

AREA = click.option("--area", type=int, help="Kode Kemendagri; tanpa ini seluruh provinsi.")


def village_of(number: str) -> int | None:
    """Give the village of a card, so that the right to block is asked for its area."""
    return Card.objects.filter(number=number).values_list("village_id", flat=True).first()
