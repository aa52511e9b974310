"""Kartu: terbitkan, cetak, terima, titipkan, serahkan, blokir, ganti."""

import click

from betang.cli.card_life import (
    designs,
    ending,
    former,
    keeping,
    order,
    parcels,
    personalise,
    printing,
    reissue,
)


@click.group()
def command() -> None:
    """Urus kartu keluarga, dari pesanan sampai pencabutan."""


for _part in (order, printing, personalise, keeping, parcels, ending, reissue, former, designs):
    for _command in vars(_part).values():
        if isinstance(_command, click.Command):
            command.add_command(_command)
