"""Every command says what it does, ends with a code that means something, leaves things whole."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from django.db import connection, transaction
from django.utils import timezone

from betang import cluster
from betang.accounts.models import RoleGrant, User
from betang.cli._examples import EXAMPLES, leaves
from betang.cli.main import INTERRUPTED, NOT_HERE, REFUSED, main
from betang.core.actor import Actor
from betang.distribution.models import Entitlement
from betang.programmes.models import Cycle
from tests.conftest import LiveBetang
from tests.sync.world import make_world

#: They run until somebody ends them, or hand their words on.
WITHOUT_RESULT = {"serve", "manage", "documents"}
FILES = (
    "batas-desa.geojson",
    "kartu-lama.csv",
    "pkh.csv",
    "dtsen.xlsx",
    "segel-2026-11-24.cbor",
    "aturan.txt",
    "cip.csv",
    "kembali.csv",
    "titik.csv",
)
OPERATE = Path(__file__).resolve().parents[2] / "docs" / "operate" / "commands.md"
DEADLINE_S = 30

COMMANDS = dict(leaves(main))


class TestEveryCommand:
    def test_has_an_example(self):
        assert set(COMMANDS) == set(EXAMPLES)

    @pytest.mark.parametrize("path", sorted(EXAMPLES))
    def test_understands_its_example_and_shows_it(self, path, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        for name in FILES:
            (tmp_path / name).touch()

        with CliRunner().isolation():
            try:
                COMMANDS[path].make_context(path, shlex.split(EXAMPLES[path]))
            except click.Abort:
                asked = True  # it asks for a password or a yes: the words were understood
                assert asked
        shown = CliRunner().invoke(main, [*path.split(), "--help"])
        if path != "manage":  # Django's own help
            assert f"Contoh:  betang {path}" in shown.output

    def test_tells_machines_its_result(self):
        without = {
            path for path, one in COMMANDS.items() if "as_json" not in {p.name for p in one.params}
        }

        assert without == WITHOUT_RESULT

    def test_explains_each_of_its_options(self):
        silent = [
            (path, option.opts[0])
            for path, one in COMMANDS.items()
            for option in one.params
            if isinstance(option, click.Option) and not option.help
        ]

        assert silent == []


def betang(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a shell does."""
    return subprocess.run(
        [sys.executable, "-m", "betang", *words], check=False, capture_output=True, text=True,
        env=os.environ | environment, timeout=DEADLINE_S,
    )  # fmt: skip


@pytest.mark.django_db
class TestHowACommandEnds:
    def test_refused_with_1_and_a_body_for_machines(self):
        result = CliRunner().invoke(main, ["payments", "send", "--by", "charlie", "--json"])

        assert result.exit_code == REFUSED == 1
        assert set(json.loads(result.stderr)) == {"code", "sentence", "do"}
        assert result.stdout == ""

    def test_refused_with_two_lines_for_people(self):
        result = CliRunner().invoke(main, ["payments", "send", "--by", "charlie"])

        assert result.stderr.count("\n") == 2
        assert "[not_allowed]" in result.stderr

    def test_used_wrongly_with_2(self):
        assert CliRunner().invoke(main, ["payments", "send"]).exit_code == 2
        assert CliRunner().invoke(main, ["tidak-ada"]).exit_code == 2

    def test_said_no_with_1_and_nothing_done(self):
        result = CliRunner().invoke(main, ["keys", "revoke", "4", "--by", "wati"], input="n\n")

        assert result.exit_code == 1
        assert "tidak ada yang berubah" in result.stderr

    def test_without_a_database_with_3(self):
        ended = betang(
            "ledger", "check", "--json", BETANG_DATABASE_URL="postgresql://x@127.0.0.1:1/x"
        )

        assert ended.returncode == NOT_HERE == 3
        assert json.loads(ended.stderr)["code"] == "database.away"
        assert "Traceback" not in ended.stderr

    @pytest.mark.skipif(not cluster.embedded(), reason="needs an empty database beside this one")
    def test_before_the_schema_is_there_with_3(self):
        url = f"postgresql://{cluster.OWNER_ROLE}@/postgres?host={cluster.socket_folder()}"

        ended = betang("ledger", "check", BETANG_DATABASE_URL=url)

        assert ended.returncode == 3
        assert "betang database migrate" in ended.stderr
        assert "[database.behind]" in ended.stderr

    def test_is_written_down_for_operators(self):
        told = OPERATE.read_text()

        for code in (0, REFUSED, 2, NOT_HERE, INTERRUPTED):
            assert f"| {code} |" in told


class TestCtrlC:
    def test_in_the_middle_leaves_things_as_they_were(
        self, live_betang: LiveBetang, keys, budi: Actor, wati: Actor
    ):
        world = make_world(budi, wati)
        clerk = User.objects.create(username="budi", full_name="Budi")
        RoleGrant.objects.create(
            user=clerk, role="dinsos_province", from_at=timezone.now(),
            proposed_by_person=wati.person, approved_by_person=budi.person,
        )  # fmt: skip
        Cycle.objects.create(
            programme=world.programme, code="202602", name="Tahap II",
            opens_on="2026-03-01", closes_on="2027-12-31",
        )  # fmt: skip
        before = Entitlement.objects.count()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE distribution_villagetally IN ACCESS EXCLUSIVE MODE")
            opening = subprocess.Popen(
                [sys.executable, "-m", "betang", "distribution", "open", "202602", "--by", "budi"],
                env=live_betang.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                text=True,
            )  # fmt: skip
            self.until_it_waits()
            opening.send_signal(signal.SIGINT)
            _, said = opening.communicate(timeout=DEADLINE_S)

        assert opening.returncode == INTERRUPTED == 130
        assert "aman diulang" in said
        assert "Traceback" not in said
        assert Cycle.objects.get(code="202602").state == "planned"
        assert Entitlement.objects.count() == before

    def until_it_waits(self) -> None:
        """Wait until another connection waits for our lock."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                if cursor.fetchone() != (0,):
                    return
            time.sleep(0.05)
        raise AssertionError("the command never came to the lock")
