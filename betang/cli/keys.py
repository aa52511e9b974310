"""Kunci: membuat berkas kunci dan melihat daftar kunci publik."""

import click
from django.db import transaction
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from betang.cli._acting import acting, as_json_option, shared, tell
from betang.core.actor import SYSTEM
from betang.core.clock import day
from betang.keys import place, ring
from betang.keys.init import init as init_keys

STATES = {"active": "aktif", "retired": "pensiun", "revoked": "dicabut"}


@click.group()
def command() -> None:
    """Buat dan lihat kunci pemasangan ini."""


@command.command()
@as_json_option
def init(as_json: bool) -> None:
    """Buat berkas kunci (sekali saja) dan umumkan kunci publiknya."""
    with transaction.atomic():
        made = init_keys(actor=SYSTEM, at=timezone.now())
        keys = len(ring.public_ring())
    if as_json:
        tell({"made": made, "file": str(place.key_path()), "keys": keys}, as_json=True)
        return
    click.echo(f"{'Dibuat' if made else 'Sudah ada'}: {place.key_path()} ({keys} kunci)")
    if made:
        click.echo(
            "Simpan salinan berkas ini dan frasa sandinya di dua tempat terpisah: tanpa keduanya, "
            "NIK, nomor KK, dan rekening tidak akan pernah terbaca lagi."
        )


@command.command(name="ring")
@as_json_option
def show_ring(as_json: bool) -> None:
    """Tampilkan kunci publik: nomor, kegunaan, masa berlaku, keadaan."""
    keys = ring.public_ring()
    if as_json:
        tell({"keys": [ring.as_json(key) for key in keys]}, as_json=True)
        return
    table = Table("No.", "Kegunaan", "Versi", "Algoritma", "Berlaku sampai", "Keadaan")
    for key in keys:
        until = day(key.not_after.date())
        row = (str(key.kid), key.purpose.value, str(key.version), key.algorithm.value, until)
        table.add_row(*row, STATES[key.state.value])
    Console().print(table)


@command.command()
@click.argument("kid", type=int)
@click.confirmation_option(
    prompt="Semua yang ditandatangani kunci ini tidak lagi dipercaya. Lanjutkan?"
)
@shared
def revoke(kid: int, username: str, as_json: bool) -> None:
    """Cabut sebuah kunci: apa pun yang ditandatanganinya tidak lagi dipercaya."""
    actor = acting(username, "role.approve")
    with transaction.atomic():
        row = ring.revoke(kid, actor=actor, at=timezone.now())
    tell({"kid": row.kid, "purpose": row.purpose, "state": row.state}, as_json=as_json)
