"""The site and the worker of a run: real processes, started, killed, started again."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.chaos.clock import SharedClock
from benchmarks.served import kill_whole

#: The machine may be busy: only a site that never answers takes so long.
PATIENCE_S = 90.0


@dataclass
class Servers:
    """The processes of one run."""

    port: int
    clock: SharedClock
    log: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def set_clock(self, now: float) -> None:
        """Move the time of all processes."""
        self.clock.set(now)

    def start(self) -> None:
        """Start both."""
        self.start_worker()
        self.start_site()

    def start_site(self) -> None:
        """Start the site, and wait until it answers."""
        self._start(
            "site", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port",
            str(self.port), "--workers", "1", "--blocking-threads", "4", "--no-ws",
            "benchmarks.chaos.site:application",
        )  # fmt: skip
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                if httpx.get(f"http://localhost:{self.port}/api/v1/ping", timeout=5).is_success:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"the site does not answer:\n{self.log.read_text()[-3000:]}")

    def start_worker(self) -> None:
        """Start the worker."""
        self._start("worker", "benchmarks.chaos.work")

    def kill_site(self) -> None:
        """End the site at once."""
        self._kill("site")

    def kill_worker(self) -> None:
        """End the worker at once."""
        self._kill("worker")

    def stop(self) -> None:
        """End what still runs, as a shutdown does."""
        for process in self.processes.values():
            process.terminate()
        for name in list(self.processes):
            with suppress(subprocess.TimeoutExpired):
                self.processes[name].wait(20)
            self._kill(name)

    def _start(self, name: str, *words: str) -> None:
        with self.log.open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *words], stdout=log, stderr=log, env=os.environ
            )

    def _kill(self, name: str) -> None:
        kill_whole(self.processes.pop(name))
