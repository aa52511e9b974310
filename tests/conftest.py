"""What every test may ask for: the database, a cast of people, a fixed noon."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import hypothesis
import pytest
from playwright._impl import timeout_settings
from playwright.sync_api import expect

from benchmarks.served import free_port, kill_whole
from betang import cluster
from betang.core.actor import Actor, ActorKind

_started = False

# No failure because a machine was busy. Tests of hostile input seed themselves.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

#: The same for browsers and servers: two minutes for what must come, twice a phone's own minute.
PATIENCE_S = 120
timeout_settings.DEFAULT_PLAYWRIGHT_TIMEOUT = PATIENCE_S * 1000
expect.set_options(timeout=PATIENCE_S * 1000)


def pytest_configure(config: pytest.Config) -> None:
    """Start the private PostgreSQL before any test, in the controlling process only."""
    global _started  # noqa: PLW0603
    if hasattr(config, "workerinput"):
        return
    if cluster.embedded():
        _started = cluster.start()
    _make_key_file()


def _make_key_file() -> None:
    """Make the tests' own key file, cheap to open (a weak scrypt is enough for nothing)."""
    from betang.keys import keyfile

    path = cluster.var_folder() / "keys" / "keyfile.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        keyfile.create(path, Path(os.environ["BETANG_KEY_PASSPHRASE_FILE"]).read_bytes(), cost=1024)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what `pytest_configure` started."""
    if _started and not os.environ.get("BETANG_KEEP_DATABASE"):
        cluster.stop()


def _person(number: int) -> Actor:
    return Actor(
        ActorKind.STAFF,
        UUID(f"00000000-0000-7000-8000-00000000{number:04d}"),
        UUID(f"00000000-0000-7000-9000-00000000{number:04d}"),
    )


@pytest.fixture
def noon() -> datetime:
    """A fixed moment: 12 November 2026, 12.00 WIB."""
    return datetime(2026, 11, 12, 5, 0, tzinfo=UTC)


@pytest.fixture
def budi() -> Actor:
    """A clerk of Dinas Sosial, who proposes."""
    return _person(1)


@pytest.fixture
def wati() -> Actor:
    """A supervisor, who approves."""
    return _person(2)


@pytest.fixture
def sari() -> Actor:
    """A facilitator in the field."""
    return _person(3)


@pytest.fixture
def charlie() -> Actor:
    """Somebody who must see nothing."""
    return _person(4)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Give the app role its rights in the test database too: servers under test use that role."""
    from django.core.management import call_command
    from django.db import connection

    with django_db_blocker.unblock():
        call_command("grant_app_role")
        _let_flush_pass(connection)


def _let_flush_pass(connection: Any) -> None:
    """Let Django empty the tables between committed tests, though triggers refuse TRUNCATE.

    The refusal itself is tested; only the cleaning between tests steps around it, as the owner.
    """
    refusing = """
        SELECT DISTINCT c.oid::regclass::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE NOT t.tgisinternal AND t.tgtype & 32 <> 0
    """
    plain = connection.ops.execute_sql_flush

    def flush(statements: list[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(refusing)
            tables = [name for (name,) in cursor.fetchall()]
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            try:
                plain(statements)
            finally:
                for table in tables:
                    cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    connection.ops.execute_sql_flush = flush


@dataclass
class LiveBetang:
    """A running site: its origin, its processes, and how to kill and start them again."""

    origin: str
    stream_origin: str
    environment: dict[str, str]
    log: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, *names: str) -> None:
        """Start `site`, `stream` and `worker`, or those named, and wait until they answer."""
        port = self.origin.rsplit(":", 1)[1]
        stream_port = self.stream_origin.rsplit(":", 1)[1]
        commands = {
            "site": [
                "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", port,
                "--workers", "1", "--blocking-threads", "4", "--no-ws", "betang.wsgi:application",
            ],
            "stream": [
                "uvicorn", "--host", "127.0.0.1", "--port", stream_port,
                "--timeout-graceful-shutdown", "1", "--no-access-log", "betang.stream:application",
            ],
            "worker": ["betang.worker"],
        }  # fmt: skip
        for name in names or commands:
            with self.log.open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    [sys.executable, "-m", *commands[name]],
                    stdout=log, stderr=log, env=self.environment,
                )  # fmt: skip
        for name in names or commands:
            if name == "site":
                self._await_site()
            elif name == "stream":
                self._await(int(stream_port))

    def kill(self, *names: str) -> None:
        """Kill -9: what a power cut does. The parent first, or it would start new workers."""
        for name in names or tuple(self.processes):
            process = self.processes.pop(name)
            kill_whole(process)

    def stop(self) -> None:
        """End everything that still runs."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                kill_whole(process)
        self.processes.clear()

    def _await_site(self) -> None:
        """Wait for an answer: granian listens before its worker can speak."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.origin}/api/v1/ping", timeout=30).status_code == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(f"no answer from {self.origin}:\n{self.log.read_text()[-3000:]}")

    def _await(self, port: int) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            time.sleep(0.05)
        raise AssertionError(f"nothing answers on {port}:\n{self.log.read_text()[-3000:]}")


@pytest.fixture
def live_betang(transactional_db: None, tmp_path: Path) -> Iterator[LiveBetang]:
    """The real site, stream and worker, as the app role, on the test database. Not started yet."""
    from django.db import connection

    port, stream_port = free_port(), free_port()
    database = connection.settings_dict["NAME"]
    origin = f"http://localhost:{port}"
    stream_origin = f"http://localhost:{stream_port}"
    environment = os.environ | {
        "BETANG_ROLE": "app",
        "BETANG_DATABASE_URL": f"postgresql://{cluster.APP_ROLE}@/{database}"
        f"?host={cluster.socket_folder()}",
        "BETANG_ORIGIN": origin,
        "BETANG_STREAM_ORIGIN": stream_origin,
        "DJANGO_SETTINGS_MODULE": "betang.settings",
    }
    live = LiveBetang(origin, stream_origin, environment, tmp_path / "servers.log")
    yield live
    live.stop()


@pytest.fixture
def keys(db: None, noon: datetime) -> None:
    """Publish the tests' key ring in this test's database."""
    from betang.core.actor import SYSTEM
    from betang.keys.init import init

    init(actor=SYSTEM, at=noon)
