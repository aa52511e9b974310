"""Card designs as one command with parts of its own."""

import click

from betang.cli.card_life import design_acts


@click.group()
def designs() -> None:
    """Sebutkan, ekspor, impor, dan periksa rancangan kartu."""


for _each in vars(design_acts).values():
    if isinstance(_each, click.Command):
        designs.add_command(_each)
