"""Kartu: terbitkan, cetak, terima, titipkan, serahkan, blokir, ganti."""

import click

from betang.cli.card_life import designs, ending, keeping, order, parcels, printing


@click.group()
def command() -> None:
    """Urus kartu keluarga, dari pesanan sampai pencabutan."""


for _part in (order, printing, keeping, parcels, ending, designs):
    for _command in vars(_part).values():
        if isinstance(_command, click.Command):
            command.add_command(_command)
