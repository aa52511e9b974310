"""`betang cards personalise`: the station's commands as one group."""

import click

from betang.cli.card_life import station

personalise = click.Group(
    "personalise",
    commands=[one for one in vars(station).values() if isinstance(one, click.Command)],
    help="Tulis kunci dan tautan ke cip kartu pada alat pembaca.",
)
