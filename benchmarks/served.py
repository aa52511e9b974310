"""Servers of this machine: a port, the real site on one, and its end."""

import http.client
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlparse

import psutil
from django.conf import settings

#: Below what systems give to outgoing connections: a server that was killed finds its port free.
PORTS = range(20_000, 32_000)


def free_port() -> int:
    """Give a loopback port that is free now, and that nobody is given by chance."""
    while True:
        port = random.SystemRandom().choice(PORTS)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def site(workers: int = 2, **environment: str) -> Iterator[tuple[int, int]]:
    """Start granian with the site on the configured origin's port; give port and process id.

    `environment` is set for the site besides what this process has.
    """
    port = urlparse(settings.ORIGIN).port or 8000
    server = subprocess.Popen(
        [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
            "--port", str(port), "--workers", str(workers), "--blocking-threads", "4", "--no-ws",
            "--log-level", "warning", "betang.wsgi:application",
        ],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "betang.settings"} | environment,
    )  # fmt: skip
    try:
        nonce(port)
        yield port, server.pid
    finally:
        kill_whole(server)


def kill_whole(process: subprocess.Popen[bytes], *, patience_s: float = 120.0) -> None:
    """Kill a server and what it started, and wait until nothing of it is left.

    The parent first: it would start new workers.
    """
    children: list[psutil.Process] = []
    with suppress(psutil.NoSuchProcess):
        children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    for child in children:
        with suppress(psutil.NoSuchProcess):
            child.kill()
    process.wait()
    psutil.wait_procs(children, timeout=patience_s)


def nonce(port: int) -> str:
    """Wait until the site answers; give its nonce."""
    for _ in range(600):
        try:
            client = http.client.HTTPConnection("127.0.0.1", port)
            client.request("GET", "/api/v1/ping")
            answer = client.getresponse()
            answer.read()
            if given := answer.headers["DPoP-Nonce"]:
                return given
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the server did not start")


def memory_mb(pid: int) -> float:
    """Give the memory of a process and its children."""
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return sum(process.memory_info().rss for process in processes) / 1024 / 1024
