"""The template of a world, made once, and a copy of it for each run."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.chaos import clock, mutants
from benchmarks.served import free_port
from betang import cluster

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "frasa sandi untuk kekacauan"  # noqa: S105 - it opens keys made for a run


class Template:
    """A world of a size: its database and its keys, kept until its making changes."""

    def __init__(self, devices: int, households: int) -> None:
        """Name it by its size and by what makes it."""
        self.devices, self.households = devices, households
        digest = hashlib.sha256()
        migrations = (ROOT / "betang").glob("*/migrations/*.py")
        for path in sorted([*migrations, Path(__file__).with_name("world.py")]):
            digest.update(path.read_bytes())
        self.empty = f"chaos_empty_{digest.hexdigest()[:10]}"
        self.name = f"chaos_{devices}_{households}_{digest.hexdigest()[:10]}"
        self.folder = cluster.var_folder() / "chaos" / self.name
        self.var = self.folder / "var"

    def ready(self) -> None:
        """Make it, where it is not there: of two processes that ask at once, one."""
        cluster.start()
        with psycopg.connect(_owner_url("postgres"), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(hashtext('betang.chaos.template'))")
            self._make()  # the lock ends with the connection

    def _make(self) -> None:
        if (self.folder / "ready").exists() and self._exists(self.name):
            return
        self.var.mkdir(parents=True, exist_ok=True)
        (self.folder / "passphrase").write_text(PASSPHRASE)
        self._make_empty()
        _copy(self.empty, self.name)
        environment = self.environment(self.name)
        making = (
            "import django; django.setup(); from benchmarks.chaos import world; "
            f"world.make({self.devices}, {self.households})"
        )
        subprocess.run([sys.executable, "-c", making], check=True, env=environment, cwd=ROOT)
        with psycopg.connect(_owner_url(self.name), autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
        (self.folder / "ready").touch()

    @contextmanager
    def copy(self, name: str, *, mutant: str = "") -> Iterator[dict[str, str]]:
        """Copy the world into a database of its own; give the environment of the run."""
        _copy(self.name, name)
        # No database is killed here, so a flush at each commit would prove nothing.
        _as_owner(f"ALTER DATABASE {name} SET synchronous_commit = off")
        if mutant in mutants.UNGUARD:
            with psycopg.connect(_owner_url(name), autocommit=True) as connection:
                connection.execute(mutants.UNGUARD[mutant])
        try:
            yield self.environment(name, mutant)
        finally:
            _as_owner(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def environment(self, database: str, mutant: str = "") -> dict[str, str]:
        """Give the environment of everything that works on `database`."""
        return os.environ | {
            "BETANG_ROLE": "app",
            "BETANG_VAR": str(self.var),
            "BETANG_DATABASE_URL": _url(database, cluster.APP_ROLE),
            "BETANG_OWNER_DATABASE_URL": _owner_url(database),
            "BETANG_KEY_PASSPHRASE_FILE": str(self.folder / "passphrase"),
            "BETANG_DEMO": "1",
            "BETANG_TICKETS": "0",
            "BETANG_ORIGIN": f"http://localhost:{free_port()}",
            "DJANGO_SETTINGS_MODULE": "betang.settings",
            clock.VARIABLE: str(self.folder / f"{database}.clock"),
            mutants.VARIABLE: mutant,
        }

    def _make_empty(self) -> None:
        """Migrate a database without a family, once for all sizes; whole or not at all."""
        if self._exists(self.empty):
            return
        name = f"{self.empty}_{os.getpid()}"
        _as_owner(f"CREATE DATABASE {name} OWNER {cluster.OWNER_ROLE}")
        words = [sys.executable, "-m", "betang", "database", "migrate"]
        subprocess.run(words, check=True, env=self.environment(name))
        _as_owner(f"ALTER DATABASE {name} RENAME TO {self.empty}")

    def _exists(self, name: str) -> bool:
        with psycopg.connect(_owner_url("postgres"), autocommit=True) as connection:
            asked = "SELECT 1 FROM pg_database WHERE datname = %s"
            return connection.execute(asked, [name]).fetchone() is not None


def _as_owner(statement: str) -> None:
    with psycopg.connect(_owner_url("postgres"), autocommit=True) as connection:
        connection.execute(statement.encode())


def _copy(template: str, name: str) -> None:
    _as_owner(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    _as_owner(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {cluster.OWNER_ROLE}")


def _url(database: str, role: str) -> str:
    return f"postgresql://{role}@/{database}?host={cluster.socket_folder()}"


def _owner_url(database: str) -> str:
    return _url(database, cluster.OWNER_ROLE)
