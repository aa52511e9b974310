"""The real site on a port of this machine, for benchmarks that speak HTTP with it."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlparse

import psutil
from django.conf import settings


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
        for child in psutil.Process(server.pid).children(recursive=True):
            child.kill()
        server.kill()
        server.wait()


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
