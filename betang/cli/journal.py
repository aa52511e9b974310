"""Jurnal: segel bertanda tangan, dan pemeriksaan terhadap segel itu."""

import sys
from pathlib import Path

import click
import orjson
from django.db import transaction
from django.utils import timezone
from rich.console import Console

from betang.core.clock import moment, to_wire
from betang.core.crypto.keyring import Purpose
from betang.core.errors import NotFoundError
from betang.core.money import number
from betang.journal import feed
from betang.journal.checkpoint import (
    NotACheckpointError,
    Verified,
    kid_of,
    read_checkpoint,
    seal_journal,
)
from betang.journal.checkpoint import verify as verify_journal
from betang.keys import ring, signer

#: What each finding means, for who reads it.
MEANINGS = {
    "edited": "catatan diubah",
    "removed": "catatan dihapus",
    "inserted": "catatan disisipkan",
    "reordered": "urutan catatan ditukar",
    "backdated": "catatan bertanggal mundur",
    "unlisted": "catatan tersembunyi dari urutan",
    "changed_before": "catatan sebelum berkas ini berubah; periksa dengan segel sebelumnya",
}
SHOWN_MAX = 50


@click.group()
def command() -> None:
    """Segel jurnal dan periksa keutuhannya."""


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Muat semua catatan, bukan yang baru saja.")
@click.option("--json", "as_json", is_flag=True, help="Hasil sebagai satu baris JSON.")
def checkpoint(file: Path, everything: bool, as_json: bool) -> None:
    """Buat segel jurnal; serahkan berkasnya kepada pemeriksa di luar gedung."""
    with Console(stderr=True).status("Menyegel jurnal"):
        while feed.move().entries:
            pass
        kid, public = signer.current(Purpose.CHECKPOINT)
        with transaction.atomic():
            content = seal_journal(
                lambda message: signer.sign(Purpose.CHECKPOINT, message), kid=kid,
                at=timezone.now(), everything=everything,
            )  # fmt: skip
    file.write_bytes(content)
    sealed = read_checkpoint(content, public)
    told = {
        "file": str(file), "size": sealed.size, "root": sealed.root.hex(), "kid": kid,
        "public_key": public.hex(), "at": to_wire(sealed.at),
    }  # fmt: skip
    if as_json:
        click.echo(orjson.dumps(told).decode())
        return
    click.echo(f"{number(sealed.size)} catatan disegel pada {moment(sealed.at)}.")
    click.echo(f"Kunci publik, untuk disimpan terpisah dari berkasnya:\n{public.hex()}")


@command.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--key", "key_hex", default="", help="Kunci publik (heksadesimal) dari luar sistem.")
@click.option("--json", "as_json", is_flag=True, help="Hasil sebagai satu baris JSON.")
def verify(file: Path, key_hex: str, as_json: bool) -> None:
    """Periksa jurnal terhadap berkas segel; kode keluar 1 bila tidak utuh."""
    content = file.read_bytes()
    public = _outside_key(key_hex) if key_hex else _ring_key(kid_of(content))
    with Console(stderr=True).status("Memeriksa jurnal"):
        verified = verify_journal(read_checkpoint(content, public))
    if as_json:
        click.echo(orjson.dumps(_told(verified, outside=bool(key_hex))).decode())
    else:
        _show(verified, outside=bool(key_hex))
    sys.exit(0 if verified.intact else 1)


def _outside_key(key_hex: str) -> bytes:
    try:
        return bytes.fromhex(key_hex)
    except ValueError as wrong:
        raise NotACheckpointError(why="kunci") from wrong


def _ring_key(kid: int) -> bytes:
    for key in ring.public_ring():
        if key.kid == kid and key.purpose is Purpose.CHECKPOINT:
            return key.public
    raise NotFoundError


def _told(verified: Verified, *, outside: bool) -> dict[str, object]:
    return {
        "intact": verified.intact,
        "size": verified.sealed.size,
        "root_matches": verified.root_matches,
        "key_from_outside": outside,
        "findings": [
            {"what": one.what, "position": one.position, "entry": one.entry and str(one.entry)}
            for one in verified.findings
        ],
    }


def _show(verified: Verified, *, outside: bool) -> None:
    sealed = verified.sealed
    if verified.intact:
        click.echo(f"Utuh: {number(sealed.size)} catatan sama dengan segel {moment(sealed.at)}.")
    else:
        click.echo(f"TIDAK UTUH terhadap segel {moment(sealed.at)}:")
    for one in verified.findings[:SHOWN_MAX]:
        place = f"posisi {number(one.position)}" if one.position else str(one.entry or "")
        click.echo(f"  {MEANINGS[one.what]} {place}")
    if len(verified.findings) > SHOWN_MAX:
        click.echo(f"  ... dan {number(len(verified.findings) - SHOWN_MAX)} lainnya")
    if not outside:
        click.echo("Kunci diambil dari basis data ini; pemeriksa sebaiknya memakai --key.")
