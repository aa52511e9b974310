"""Basis data: nyalakan, matikan, dan perbarui skemanya."""

import json
import os
import subprocess
import sys

import click
from rich.console import Console

from betang import cluster

#: Not the option of the other rooms: these commands work where Django cannot be loaded.
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Hasil sebagai satu baris JSON.")


@click.group()
def command() -> None:
    """Jalankan dan siapkan basis data."""


@command.command()
@AS_JSON
def start(as_json: bool) -> None:
    """Nyalakan PostgreSQL bawaan."""
    with Console(stderr=True).status("Menyalakan PostgreSQL"):
        cluster.start()
    folder = str(cluster.socket_folder())
    _tell({"running": True, "socket": folder}, f"PostgreSQL siap di {folder}", as_json=as_json)


@command.command()
@AS_JSON
def stop(as_json: bool) -> None:
    """Matikan PostgreSQL bawaan."""
    with Console(stderr=True).status("Mematikan PostgreSQL"):
        cluster.stop()
    _tell({"running": False}, "", as_json=as_json)


@command.command()
@AS_JSON
def status(as_json: bool) -> None:
    """Katakan apakah PostgreSQL bawaan menyala; kode keluar 1 bila mati."""
    running = cluster.is_running()
    _tell({"running": running}, "menyala" if running else "mati", as_json=as_json)
    sys.exit(0 if running else 1)


@command.command()
@AS_JSON
def migrate(as_json: bool) -> None:
    """Bawa skema ke versi terbaru, sebagai pemilik, lalu beri hak kepada peran aplikasi."""
    with Console(stderr=True).status("Memperbarui skema"):
        if cluster.embedded():
            cluster.start()
        environment = os.environ | {"BETANG_ROLE": "owner"}
        for words in (["migrate", "--no-input", "-v", "0"], ["grant_app_role"]):
            ran = subprocess.run(
                [sys.executable, "-m", "betang", "manage", *words], check=False, env=environment
            )
            if ran.returncode:
                raise cluster.ClusterError(
                    "Skema belum diperbarui (lihat pesan di atas); setiap langkahnya utuh, "
                    "jadi perintah ini aman diulang."
                )
    _tell({"migrated": True}, "", as_json=as_json)


def _tell(told: dict[str, object], sentence: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told))
    elif sentence:
        click.echo(sentence)
