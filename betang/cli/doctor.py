"""Pemeriksaan mesin: apa yang kurang, dan apa yang harus dilakukan."""

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from betang import cluster

#: The oldest Node that builds the front end (Vite 8).
NODE_OLDEST = (20, 19)
SPACE_WANTED_GB = 2
#: `betang.accounts.access.DECIDING`, which cannot be asked before Django stands; a test compares.
DECIDING_ROLES = {"admin", "dinsos_province", "dinsos_regency", "supervisor", "treasurer"}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    good: bool
    found: str
    do: str = ""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Cetak sebagai JSON.")
def command(as_json: bool) -> None:
    """Periksa apakah mesin ini siap, dan apa yang harus dilengkapi."""
    checks = list(look())
    if as_json:
        click.echo(json.dumps([asdict(check) for check in checks], ensure_ascii=False, indent=1))
    else:
        for check in checks:
            click.echo(f"{'✓' if check.good else '✗'} {check.name}: {check.found}")
            if not check.good:
                click.echo(f"    {check.do}")
    sys.exit(0 if all(check.good for check in checks) else 1)


def look() -> Iterator[Check]:
    """Look at everything that Betang needs, from the machine upwards."""
    yield _python()
    yield _space()
    yield _node()
    yield _front()
    yield _chromium()
    yield _passphrase()
    yield _key_holder()
    yield _second_factor()
    yield from _database()


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check(
        "Python", sys.version_info >= (3, 11), version, "Pasang Python 3.11 atau lebih baru."
    )


def _space() -> Check:
    place = cluster.var_folder()
    while not place.exists():
        place = place.parent
    free_gb = shutil.disk_usage(place).free / 1e9
    return Check(
        "Ruang simpan", free_gb >= SPACE_WANTED_GB, f"{free_gb:.0f} GB kosong",
        f"Sediakan sedikitnya {SPACE_WANTED_GB} GB untuk {cluster.var_folder()}.",
    )  # fmt: skip


def _node() -> Check:
    node = shutil.which("node")
    told = _said([node, "--version"]) if node else ""
    try:
        major, minor = (int(part) for part in told.lstrip("v").split(".")[:2])
    except ValueError:
        major, minor = 0, 0
    if (major, minor) >= NODE_OLDEST:
        return Check("Node", True, told)
    # Not a fault: `make setup` brings Node inside the virtual environment.
    return Check("Node", True, f"{told or 'tidak ada'}; `make setup` memasang Node sendiri")


def _front() -> Check:
    static = Path(__file__).resolve().parents[1] / "web" / "static"
    built = all(any((static / name).glob("*")) for name in ("betang", "lapangan"))
    return Check("Antarmuka", built, "terbangun" if built else "belum", "Jalankan `make setup`.")


def _chromium() -> Check:
    found = shutil.which("chromium")
    return Check(
        "Peramban uji",
        True,
        found or "tidak ada; hanya diperlukan `make test` (paket Debian chromium)",
    )


def _passphrase() -> Check:
    named = os.environ.get("BETANG_KEY_PASSPHRASE_FILE")
    if not named:
        demo = os.environ.get("BETANG_DEMO") == "1"
        return Check("Frasa sandi kunci", True, "belum diatur" + (" (peragaan)" if demo else ""))
    path = Path(named)
    if not path.is_file():
        return Check("Frasa sandi kunci", False, "berkas tidak ada", f"Buat berkas {path}.")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Check("Frasa sandi kunci", False, "terbaca orang lain", f"chmod 600 {path}")
    return Check("Frasa sandi kunci", True, "ada")


def _key_holder() -> Check:
    """Say what holds the keys, and whether it opens; keys that expire are the ring's to say."""
    from betang.cli._keys_checked import holder  # noqa: PLC0415 - the first checks must work alone

    found, good, do = holder(cluster.var_folder())
    return Check("Pemegang kunci", good, found, do)


def _second_factor() -> Check:
    """Who approves or administers signs in with more than a password, but for a demonstration."""
    set_to = os.environ.get("BETANG_SECOND_FACTOR_ROLES")
    if set_to is None:
        demo = os.environ.get("BETANG_DEMO") == "1"
        return Check("Langkah kedua", True, "hanya ditawarkan (peragaan)" if demo else "diwajibkan")
    left = sorted(DECIDING_ROLES - set(set_to.replace(",", " ").split()))
    if not left:
        return Check("Langkah kedua", True, "diwajibkan")
    return Check(
        "Langkah kedua", False, f"tidak diwajibkan bagi {', '.join(left)}",
        "Hapus BETANG_SECOND_FACTOR_ROLES, atau tambahkan peran itu.",
    )  # fmt: skip


def _database() -> Iterator[Check]:
    import psycopg  # noqa: PLC0415 - the first checks must work where it is missing

    if cluster.embedded():
        try:
            found = _said([str(cluster.binaries() / "postgres"), "--version"])
        except cluster.ClusterError as missing:
            yield Check("PostgreSQL", False, "tidak ada", str(missing))
            return
        running = cluster.is_running()
        yield Check("PostgreSQL bawaan", True, f"{found}; {'menyala' if running else 'mati'}")
        if not running:
            return
    settings = cluster.django_database("app")
    try:
        connection = psycopg.connect(
            host=settings["HOST"], port=settings["PORT"] or None, user=settings["USER"],
            password=settings.get("PASSWORD"), dbname=settings["NAME"], connect_timeout=5,
            **settings["OPTIONS"],
        )  # fmt: skip
    except psycopg.OperationalError as error:
        yield Check("Basis data", False, str(error).strip(), "Periksa BETANG_DATABASE_URL.")
        return
    with connection:
        yield _server_version(connection)
        yield _app_role(connection)


def _server_version(connection: "object") -> Check:
    version = connection.info.server_version  # type: ignore[attr-defined]
    return Check(
        "Versi PostgreSQL", version >= cluster.OLDEST_SERVER * 10_000, str(version // 10_000),
        f"Pakai PostgreSQL {cluster.OLDEST_SERVER} atau lebih baru.",
    )  # fmt: skip


def _app_role(connection: "object") -> Check:
    """The app role must not be able to rewrite the journal, nor be its owner or a superuser."""
    row = connection.execute(  # type: ignore[attr-defined]
        "SELECT r.rolsuper, coalesce(c.relowner = r.oid, false), "
        "c.oid IS NOT NULL AND has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE') "
        "FROM pg_roles r LEFT JOIN pg_class c ON c.relname = 'journal_entry' "
        "WHERE r.rolname = current_user"
    ).fetchone()
    superuser, owns, may_rewrite = row
    looked_at = {
        "superuser": superuser,
        "memiliki jurnal": owns,
        "dapat mengubah jurnal": may_rewrite,
    }
    wrong = [name for name, found in looked_at.items() if found]
    return Check(
        "Peran aplikasi", not wrong, ", ".join(wrong) or "tidak dapat mengubah jurnal",
        f"Pakai peran {cluster.APP_ROLE} di BETANG_DATABASE_URL dan pemilik di "
        "BETANG_OWNER_DATABASE_URL, lalu jalankan `betang database migrate`.",
    )  # fmt: skip


def _said(command: list[str]) -> str:
    try:
        ran = subprocess.run(command, check=False, capture_output=True, text=True, timeout=20)
    except OSError:
        return ""
    return ran.stdout.strip()
