"""`betang payments` from the account file to a clean statement, by the people who may."""

import json

import pytest
from click.testing import CliRunner, Result
from django.utils import timezone

from betang.accounts.models import RoleGrant, User
from betang.cli import ledger
from betang.cli.payments import command
from betang.core.errors import NotAllowedError, SamePersonError
from betang.core.identifiers import new_uuid

pytestmark = [pytest.mark.django_db, pytest.mark.server]


@pytest.fixture
def people(db):
    """Budi prepares, Tuti is the treasurer, Charlie looks."""
    for name, role in (("budi", "dinsos_province"), ("tuti", "treasurer"), ("charlie", "viewer")):
        user = User.objects.create(username=name, full_name=name.title(), person=new_uuid())
        RoleGrant.objects.create(
            user=user, role=role, from_at=timezone.now(), proposed_by_person=new_uuid(),
            approved_by_person=new_uuid(),
        )  # fmt: skip


def run(office, *words: str) -> Result:
    """Run a command with the bank's address; a refusal comes through as it is."""
    url, keys = office.bank_process.url, str(office.bank_process.folder)
    environment = {"BETANG_BANK_URL": url, "BETANG_BANK_KEYS": keys}
    return CliRunner().invoke(command, [*words, "--json"], env=environment)


def told(result: Result) -> dict[str, object]:
    """Read the one line of JSON of a command that went well."""
    assert result.exit_code == 0, result.exception
    line = json.loads(result.stdout)
    assert isinstance(line, dict)
    return line


@pytest.mark.usefixtures("people")
class TestTheCommand:
    @pytest.mark.parametrize("who", ["charlie", "nobody"])
    @pytest.mark.parametrize(
        "words",
        [
            ["accounts", "--check"],
            ["prepare", "202601"],
            ["approve", "00000000-0000-7000-8000-000000000001"],
            ["send"],
            ["reconcile"],
        ],
    )
    def test_refuses_who_may_not(self, office, who, words):
        result = run(office, *words, "--by", who)

        assert isinstance(result.exception, NotAllowedError)

    def test_refuses_to_send_for_the_clerk_who_prepares(self, office):
        assert isinstance(run(office, "send", "--by", "budi").exception, NotAllowedError)

    def test_refuses_a_treasurer_who_approves_what_he_prepared(self, office):
        office.open_accounts()
        order = str(told(run(office, "prepare", "202601", "--by", "tuti"))["order"])

        result = run(office, "approve", order, "--by", "tuti")

        assert isinstance(result.exception, SamePersonError)

    def test_pays_a_cycle_from_the_file_to_the_statement(self, office, tmp_path):
        request, answer = tmp_path / "minta.csv", tmp_path / "jawab.csv"
        asked = told(run(office, "accounts", "--request", str(request), "--by", "budi"))
        answer.write_bytes(office.bank_process.burekol(request.read_text()))
        staged = told(run(office, "accounts", "--load", str(answer), "--by", "budi"))
        accounts = told(
            run(office, "accounts", "--accept", str(staged["file"]), "--check", "--by", "tuti")
        )
        order = told(run(office, "prepare", "202601", "--by", "budi"))
        told(run(office, "approve", str(order["order"]), "--by", "tuti"))
        sent = told(run(office, "send", "--by", "tuti"))
        matched = told(run(office, "reconcile", "--by", "budi"))
        books = CliRunner().invoke(ledger.command, ["check", "--json"])

        assert asked == {"requested": 10}
        assert request.stat().st_mode & 0o077 == 0
        assert (accounts["opened"], accounts["verified"], accounts["refused"]) == (10, 10, [])
        assert (order["count"], order["total_rupiah"]) == (10, 2_500_000)
        assert (sent["paid"], sent["unknown"]) == (10, 0)
        assert matched["clean"] is True
        assert json.loads(books.stdout) == {"balanced": True, "wrong": []}

    def test_tells_people_what_they_can_read(self, office, tmp_path):
        answer = tmp_path / "jawab.csv"
        answer.write_text("nomor_keluarga,nomor_rekening,nama_pemilik,keterangan\n1,1,A,\n")

        result = CliRunner().invoke(command, ["accounts", "--load", str(answer), "--by", "budi"])
        books = CliRunner().invoke(ledger.command, ["balances"])

        assert "baris 2: Nomor rekening harus 5 sampai 34 angka" in result.stdout
        assert "Kas daerah" in books.stdout
