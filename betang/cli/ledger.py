"""Buku besar: saldo, dan pemeriksaan keseimbangan."""

import sys

import click
import orjson
from rich.console import Console
from rich.table import Table

from betang.cli._acting import as_json_option, busy
from betang.core.money import number, rupiah
from betang.ledger.balance import balances as all_balances
from betang.ledger.balance import imbalance
from betang.ledger.chart import RUPIAH


@click.group()
def command() -> None:
    """Lihat buku besar uang dan barang."""


@command.command()
@as_json_option
def balances(as_json: bool) -> None:
    """Tampilkan saldo setiap akun."""
    with busy("Menjumlahkan"):
        rows = all_balances()
    if as_json:
        click.echo(orjson.dumps([row._asdict() for row in rows]).decode())
        return
    table = Table("Akun", "Nama", "Saldo", "Jumlah ayat")
    for row in rows:
        amount = rupiah(row.amount) if row.commodity == RUPIAH else number(row.amount)
        table.add_row(row.code, row.name, f"{amount}", number(row.postings))
    Console().print(table)


@command.command()
@as_json_option
def check(as_json: bool) -> None:
    """Pastikan setiap transaksi seimbang; kode keluar 1 bila ada yang tidak."""
    with busy("Memeriksa setiap transaksi"):
        wrong = imbalance()
    if as_json:
        told = {"balanced": not wrong, "wrong": [str(one.transaction) for one in wrong]}
        click.echo(orjson.dumps(told).decode())
    else:
        click.echo("Seimbang." if not wrong else f"{number(len(wrong))} transaksi tidak seimbang.")
    sys.exit(1 if wrong else 0)
