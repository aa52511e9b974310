"""The commands of accounts and monitoring: two persons here too, and answers for machines."""

import json

import pytest
from click.testing import CliRunner

from betang.accounts.access import may
from betang.accounts.models import User
from betang.accounts.roles import NoNikError
from betang.accounts.users import NoMarkError, PersonKnownError
from betang.cli import monitoring, users
from betang.core.errors import NotAllowedError, SamePersonError

PASSWORD = "tiga perahu biru"


def run(command, *words):
    return CliRunner().invoke(command, list(words))


def told(command, *words):
    ran = run(command, *words, "--json")
    assert ran.exit_code == 0, ran.output + repr(ran.exception)
    return json.loads(ran.output)


def create(name, *marks):
    return told(
        users.command, "create", name, "--name", name.title(), "--password", PASSWORD, *marks
    )


@pytest.fixture
def office(keys):
    for number, name in enumerate(("agus", "budi", "wati"), start=1):
        create(name, "--nik", f"627101550899000{number}", "--phone", f"0812 3456 780{number}")
    told(users.command, "found", "agus", "budi")


class TestCreate:
    def test_is_refused_where_nobody_says_who_the_human_is(self, db):
        words = ("create", "agus", "--name", "Agus", "--password", PASSWORD)

        assert isinstance(run(users.command, *words).exception, NoMarkError)
        assert not User.objects.exists()

    def test_is_refused_for_a_human_who_has_an_account_until_that_is_said(self, office):
        words = (
            "create", "agus.dua", "--name", "Agus", "--phone", "0812-3456-7801",
            "--password", PASSWORD,
        )  # fmt: skip

        assert isinstance(run(users.command, *words).exception, PersonKnownError)
        told(users.command, *words, "--same-person")

        first, second = (User.objects.get(username=name) for name in ("agus", "agus.dua"))
        assert first.person == second.person
        assert second.phone is None


class TestUsers:
    def test_founds_no_house_with_people_whose_nik_nobody_named(self, db):
        create("agus", "--phone", "0812 3456 7801")
        create("budi", "--phone", "0812 3456 7802")

        assert isinstance(run(users.command, "found", "agus", "budi").exception, NoNikError)

    def test_proposes_a_role_that_decides_for_nobody_whose_nik_is_unknown(self, office):
        create("dewi", "--phone", "0812 3456 7809")

        ran = run(users.command, "propose", "dewi", "supervisor", "--by", "agus")

        assert isinstance(ran.exception, NoNikError)
        told(users.command, "propose", "dewi", "facilitator", "--by", "agus")

    def test_nobody_proposes_a_role_without_being_allowed_to(self, office):
        ran = run(users.command, "propose", "wati", "supervisor", "--by", "wati")

        assert isinstance(ran.exception, NotAllowedError)

    def test_the_proposer_does_not_approve(self, office):
        told(users.command, "propose", "wati", "supervisor", "--by", "budi")

        ran = run(users.command, "approve", "wati", "supervisor", "--by", "budi")

        assert isinstance(ran.exception, SamePersonError)

    def test_an_area_that_is_none_is_told_plainly(self, office):
        ran = run(users.command, "propose", "wati", "viewer", "--area", "99", "--by", "agus")

        assert ran.exit_code == 2
        assert "bukan kode wilayah" in ran.output

    def test_two_persons_give_a_role(self, office):
        told(users.command, "propose", "wati", "supervisor", "--by", "agus")
        told(users.command, "approve", "wati", "supervisor", "--by", "budi")

        assert may(User.objects.get(username="wati"), "card.block")


class TestMonitoring:
    def test_figures_of_an_empty_system_are_unknown_and_not_zero(self, db):
        assert told(monitoring.command, "figures")["served"] is None

    def test_looking_for_silence_finds_none_in_an_empty_system(self, db):
        assert told(monitoring.command, "look") == {"open_before": 0, "open_after": 0}
        assert told(monitoring.command, "alerts") == {"open": []}
