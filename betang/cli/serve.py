"""Layanan: situs, siaran langsung dan pekerja."""

import os
import signal
import subprocess
import sys
import time
from types import FrameType
from urllib.parse import urlparse

import click

#: A child that ended is started again after this rest; a crash loop must not eat the machine.
REST_S = 1.0
#: How long children may take to end.
GRACE_S = 8


def commands(origin: str, stream_origin: str, host: str) -> dict[str, list[str]]:
    """Give the command of each process."""
    port = str(urlparse(origin).port or 8000)
    stream_port = str(urlparse(stream_origin).port or 8001)
    python = [sys.executable, "-m"]
    return {
        "site": [
            *python, "granian", "--interface", "wsgi", "--host", host, "--port", port,
            "--workers", "2", "--blocking-threads", "4", "--no-ws", "--log-level", "warning",
            "betang.wsgi:application",
        ],
        "stream": [
            *python, "uvicorn", "--host", host, "--port", stream_port, "--log-level", "warning",
            "--no-access-log", "--timeout-graceful-shutdown", "2", "betang.stream:application",
        ],
        "worker": [*python, "betang.worker"],
    }  # fmt: skip


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Alamat yang didengarkan.")
@click.option("--with-parent", is_flag=True, hidden=True, help="Berhenti bila induknya berhenti.")
def command(host: str, with_parent: bool) -> None:
    """Jalankan situs, siaran langsung dan pekerja sampai Ctrl-C."""
    from django.conf import settings  # noqa: PLC0415

    click.echo(f"Betang di {settings.ORIGIN} (siaran {settings.STREAM_ORIGIN}). Ctrl-C berhenti.")
    wanted = commands(settings.ORIGIN, settings.STREAM_ORIGIN, host)
    supervise(wanted, parent=os.getppid() if with_parent else None)


def supervise(wanted: dict[str, list[str]], *, parent: int | None = None) -> None:
    """Keep the processes running until SIGINT or SIGTERM, or until `parent` is gone; end them."""
    ending = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal ending
        ending = True

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    # A session of their own: Ctrl-C reaches us alone, and we end them in order.
    running = {name: start(words) for name, words in wanted.items()}
    while not ending and (parent is None or os.getppid() == parent):
        time.sleep(0.2)
        for name, process in running.items():
            if process.poll() is not None and not ending:
                click.echo(f"{name} berhenti ({process.returncode}); dinyalakan lagi", err=True)
                time.sleep(REST_S)
                running[name] = start(wanted[name])
    end_all(list(running.values()))


def start(words: list[str]) -> "subprocess.Popen[bytes]":
    """Start one process in a session of its own."""
    return subprocess.Popen(words, start_new_session=True)


def end_all(processes: "list[subprocess.Popen[bytes]]") -> None:
    """Ask every process to end, then insist."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + GRACE_S
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
