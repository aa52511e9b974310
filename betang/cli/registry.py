"""Data keluarga: berapa banyak, dan apakah fakta tersimpan masih cocok."""

import sys

import click
import orjson

from betang.cli._acting import as_json_option, busy
from betang.core.money import number
from betang.registry.facts import disagreements
from betang.registry.models import Household, Member


@click.group()
def command() -> None:
    """Lihat data keluarga yang terdaftar."""


@command.command()
@as_json_option
def count(as_json: bool) -> None:
    """Hitung keluarga dan anggota."""
    told = {
        "households": Household.objects.filter(state="active").count(),
        "members": Member.objects.count(),
    }
    if as_json:
        click.echo(orjson.dumps(told).decode())
        return
    click.echo(f"{number(told['households'])} keluarga, {number(told['members'])} anggota.")


@command.command()
@as_json_option
def check(as_json: bool) -> None:
    """Pastikan fakta setiap keluarga cocok dengan anggotanya; kode keluar 1 bila tidak."""
    with busy("Mencocokkan fakta keluarga"):
        wrong = disagreements()
    if as_json:
        click.echo(orjson.dumps({"disagreements": wrong}).decode())
    else:
        click.echo("Cocok." if not wrong else f"{number(wrong)} keluarga tidak cocok.")
    sys.exit(1 if wrong else 0)
