"""Basis data: nyalakan, matikan, dan perbarui skemanya."""

import os
import subprocess
import sys

import click

from betang import cluster


@click.group()
def command() -> None:
    """Jalankan dan siapkan basis data."""


@command.command()
def start() -> None:
    """Nyalakan PostgreSQL bawaan."""
    cluster.start()
    click.echo(f"PostgreSQL siap di {cluster.socket_folder()}")


@command.command()
def stop() -> None:
    """Matikan PostgreSQL bawaan."""
    cluster.stop()


@command.command()
def status() -> None:
    """Katakan apakah PostgreSQL bawaan menyala."""
    running = cluster.is_running()
    click.echo("menyala" if running else "mati")
    sys.exit(0 if running else 1)


@command.command()
def migrate() -> None:
    """Bawa skema ke versi terbaru, sebagai pemilik, lalu beri hak kepada peran aplikasi."""
    if cluster.embedded():
        cluster.start()
    environment = os.environ | {"BETANG_ROLE": "owner"}
    subprocess.run(
        [sys.executable, "-m", "betang", "manage", "migrate", "--no-input", "-v", "0"],
        check=True,
        env=environment,
    )
    subprocess.run(
        [sys.executable, "-m", "betang", "manage", "grant_app_role"],
        check=True,
        env=environment,
    )
