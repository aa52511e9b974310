"""Kunci: upacara pembuatan, daftar kunci publik, penggantian dan pencabutan."""

import sys
from uuid import UUID

import click
from django.db import transaction
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from betang.cli._acting import acting, as_json_option, shared, tell
from betang.core.actor import SYSTEM
from betang.core.clock import day
from betang.core.crypto.keyring import Purpose
from betang.core.errors import SamePersonError
from betang.keys import ceremony as ceremonies
from betang.keys import place, ring, rotate
from betang.keys.backend import backend
from betang.keys.init import init as init_keys
from betang.keys.models import KeyChange

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


PURPOSES = [*(purpose.value for purpose in Purpose), *rotate.ROTATED_SECRETS]


@command.command(name="rotate")
@click.argument("purpose", type=click.Choice(PURPOSES))
@shared
def rotate_(purpose: str, username: str, as_json: bool) -> None:
    """Usulkan versi baru sebuah kunci; orang kedua menyetujuinya dengan `approve`."""
    actor = acting(username, "role.approve")
    with transaction.atomic():
        change = rotate.propose(purpose, actor=actor, at=timezone.now())
    tell({"change": str(change.uuid), "purpose": purpose}, as_json=as_json)


@command.command()
@click.argument("change", type=click.UUID)
@shared
def approve(change: UUID, username: str, as_json: bool) -> None:
    """Setujui penggantian kunci sebagai orang kedua, dan laksanakan."""
    actor = acting(username, "role.approve")
    with transaction.atomic():
        done = rotate.approve(change, actor=actor, at=timezone.now())
    told = {"purpose": done.purpose, "version": done.version, "kid": done.kid}
    if not as_json:
        click.echo("Salin berkas kunci (atau cadangan HSM) lagi sekarang: cadangan lama kurang.")
    tell(told, as_json=as_json)


@command.command()
@as_json_option
def status(as_json: bool) -> None:
    """Katakan di mana kunci berada, versi induk cip, dan usulan yang menunggu."""
    waiting = KeyChange.objects.filter(approved_at=None).order_by("id")
    told = {
        "back_end": type(backend()).__name__,
        "keys": len(backend().ring()),
        "chip_masters": list(backend().chip_versions()),
        "waiting": [f"{each.uuid} {each.purpose}" for each in waiting],
    }
    tell(told, as_json=as_json)


@command.command()
@click.option("--custodian", "custodians", multiple=True, required=True, help="Nama pemegang.")
@click.option("--threshold", type=int, required=True, help="Berapa pemegang membuka bersama.")
@click.option("--witness", required=True, help="Nama pengguna saksi, orang kedua.")
@click.option("--rehearsal", is_flag=True, help="Latihan: tidak ada kunci yang dibuat.")
@shared
def ceremony(
    custodians: tuple[str, ...],
    threshold: int,
    witness: str,
    rehearsal: bool,
    username: str,
    as_json: bool,
) -> None:
    """Buat kunci untuk pertama kali, dengan rahasia yang dibagi kepada para pemegang."""
    actor, second = acting(username, "role.approve"), acting(witness, "role.approve")
    if actor.person == second.person:
        raise SamePersonError
    _at_a_terminal()
    if rehearsal:
        ceremonies.rehearse(custodians, threshold, show=_show, ask=_ask)
        tell({"rehearsal": True, "custodians": len(custodians)}, as_json=as_json)
        return
    with transaction.atomic():
        protocol = ceremonies.hold(
            custodians, threshold, show=_show, ask=_ask,
            actor=actor, witness=second, at=timezone.now(),
        )  # fmt: skip
    tell({"file": str(place.key_path()), "protocol": str(protocol)}, as_json=as_json)


@command.command(name="open")
@as_json_option
def open_(as_json: bool) -> None:
    """Buka kunci setelah mesin menyala: para pemegang mengetik bagiannya bergantian."""
    _at_a_terminal()
    tell({"opened": str(ceremonies.reopen(_ask))}, as_json=as_json)


def _at_a_terminal() -> None:
    """Refuse a pipe or a file: a share is shown to a person's eyes or nowhere."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("Jalankan di terminal: bagian kunci tidak boleh masuk ke berkas.")


def _show(name: str, share: str) -> None:
    click.clear()
    click.echo(f"Hanya {name} yang boleh melihat layar. Tekan Enter bila siap.", nl=True)
    click.pause(info="")
    click.echo(f"\n  {share}\n\nTulis di kartu Anda, dua kali. Enter: layar dihapus.")
    click.pause(info="")
    # Also what scrolled away: ED 3 is xterm's, most terminals know it.
    click.echo("\033[3J", nl=False)
    click.clear()


def _ask(who: str) -> str:
    return str(click.prompt(f"Bagian pemegang {who}, tak terlihat", hide_input=True))
