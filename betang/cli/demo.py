"""Peragaan: satu tahap bantuan, dari daftar sampai tanda terima."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlparse

import click

from betang import cluster

#: Written when a demonstration has come to its end: the next start keeps the data.
FINISHED = "demo-finished.json"
SITE_ANSWERS_WITHIN_S = 30


@click.command()
@click.option(
    "--families",
    type=click.IntRange(200, 1_000_000),
    default=20_000,
    show_default=True,
    help="Banyaknya keluarga.",
)
@click.option("--seed", type=int, default=62, show_default=True, help="Daftar yang sama diulang.")
@click.option(
    "--devices", type=click.IntRange(6, 500), default=42, show_default=True, help="Banyaknya HP."
)
@click.option("--boundaries", type=click.Path(path_type=Path), help="GeoJSON batas desa.")
@click.option("--no-serve", is_flag=True, help="Berhenti setelah selesai.")
@click.option("--json", "as_json", is_flag=True, help="Cetak ringkasan sebagai satu objek JSON.")
def command(
    families: int,
    seed: int,
    devices: int,
    boundaries: Path | None,
    no_serve: bool,
    as_json: bool,
) -> None:
    """Jalankan satu tahap bantuan dengan data contoh, lalu buka situsnya."""
    prepare()
    from betang.cli.demonstration import story  # noqa: PLC0415 - needs Django and a database

    var = cluster.var_folder()
    finished = var / FINISHED
    with running() as origin:
        if finished.exists():
            story.say("Peragaan sudah selesai dan datanya dipertahankan (`make clean` menghapus).")
        else:
            story.say(f"Papan pantau sudah dapat dibuka sekarang: {origin}/")
            story.tell(
                var / "demo", families=families, seed=seed, devices=devices, boundaries=boundaries,
                origin=origin,
            )  # fmt: skip
            finished.write_text("{}")
        figures = story.end(origin, as_json=as_json)
        if as_json:
            click.echo(json.dumps(figures, ensure_ascii=False))
        if not no_serve:
            story.say("Ctrl-C berhenti; data tetap tersimpan.")
            wait_for_ctrl_c()
    if cluster.embedded():
        cluster.stop()
    if not figures["books_balance"] or figures["paid_twice"]:
        sys.exit(1)


def prepare() -> None:
    """Set the demonstration's environment, start the database and bring it to the newest schema.

    A demonstration that was killed half way is forgotten first: its data are made up. On a server
    that somebody named, nothing is ever dropped.
    """
    var = cluster.var_folder()
    os.environ["BETANG_DEMO"] = "1"
    # A day of the demonstration reads a card six times; 128 readings of each would be minutes.
    os.environ.setdefault("BETANG_TICKETS", "12")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "betang.settings")
    if cluster.embedded() and (var / "demo").exists() and not (var / FINISHED).exists():
        cluster.stop()
        for name in ("postgres", "demo", "keys", "blobs"):
            shutil.rmtree(var / name, ignore_errors=True)
    passphrase = var / "keys" / "demo-passphrase"
    if not passphrase.exists():
        passphrase.parent.mkdir(parents=True, exist_ok=True)
        passphrase.touch(mode=0o600)
        passphrase.write_text(secrets.token_urlsafe(24))
    os.environ["BETANG_KEY_PASSPHRASE_FILE"] = str(passphrase)
    subprocess.run([sys.executable, "-m", "betang", "database", "migrate"], check=True)
    import django  # noqa: PLC0415

    django.setup()


@contextmanager
def running() -> Iterator[str]:
    """Run site, stream and worker in the background; gives the site's origin once it answers."""
    log_path = cluster.var_folder() / "serve.log"
    origin = os.environ.get("BETANG_ORIGIN", "http://localhost:8000")
    stream_origin = os.environ.get("BETANG_STREAM_ORIGIN", "http://localhost:8001")
    for taken in filter(answers, (origin, stream_origin)):
        raise click.ClickException(
            f"Sudah ada yang menjawab di {taken}. Hentikan dahulu, atau isi BETANG_ORIGIN dan "
            "BETANG_STREAM_ORIGIN dengan porta lain."
        )
    with log_path.open("ab") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "betang", "serve", "--with-parent"], stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        await_site(origin, server, log_path)
        yield origin
    finally:
        server.terminate()
        server.wait(20)


def answers(origin: str) -> bool:
    """Say whether something listens there already."""
    parts = urlparse(origin)
    address = (parts.hostname or "localhost", parts.port or 80)
    with suppress(OSError), socket.create_connection(address, timeout=1):
        return True
    return False


def await_site(origin: str, server: "subprocess.Popen[bytes]", log_path: Path) -> None:
    """Wait until the site answers; raises `click.ClickException` if it does not."""
    deadline = time.monotonic() + SITE_ANSWERS_WITHIN_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{origin}/api/v1/ping", timeout=2):  # noqa: S310
                return
        except OSError:
            time.sleep(0.1)
    tail = log_path.read_text(errors="replace")[-1500:]
    raise click.ClickException(
        f"Situs tidak menjawab di {origin}. Mungkin porta sudah dipakai; "
        f"isi BETANG_ORIGIN dengan porta lain. Catatan terakhir:\n{tail}"
    )


def wait_for_ctrl_c() -> None:
    """Wait until somebody presses Ctrl-C."""
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        click.echo("", err=True)
