"""From the rule text to the decree with the command alone, and what it says when it may not."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from betang.accounts.models import Role, RoleGrant
from betang.accounts.users import create_user
from betang.cli.main import main
from betang.eligibility.models import Enrolment
from betang.programmes.rule_sets import default_rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(areas, budi):
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    for username, role, area in (
        ("budi", Role.DINSOS_PROVINCE, None),
        ("wati", Role.SUPERVISOR, None),
        ("dewi", Role.DINSOS_REGENCY, 6271),
        ("charlie", Role.VIEWER, None),
    ):
        user = create_user(
            username, full_name=username, password="tiga kata acak", actor=budi, at=long_ago
        )
        RoleGrant.objects.create(
            user=user,
            role=role,
            area_id=area,
            proposed_by_person=budi.person,
            approved_by_person=budi.uuid,
            from_at=long_ago,
        )


@pytest.fixture
def betang(staff):
    def run(*words, code=0):
        result = CliRunner().invoke(main, words)
        assert result.exit_code == code, result.output
        return result

    return run


def told(result):
    return json.loads(result.stdout)


class TestTheCommand:
    def test_refuses_who_may_not(self, betang, household):
        family = household()

        for words in (
            ("programmes", "create", "--by", "charlie"),
            ("programmes", "create", "--by", "nobody"),
            ("programmes", "rules", "propose", "--by", "wati"),
            ("eligibility", "assess", "--by", "charlie"),
            ("eligibility", "explain", family.number, "--by", "charlie"),
            ("eligibility", "explain", family.number, "--by", "dewi"),
            ("eligibility", "compare", "--by", "charlie"),
            ("eligibility", "propose", "--by", "wati"),
            ("eligibility", "approve", "SK-1", "--by", "budi"),
        ):
            result = betang(*words, code=1)
            assert "[not_allowed]" in result.stderr or "[not_found]" in result.stderr

    def test_says_every_place_where_a_rule_text_is_wrong(self, betang, tmp_path):
        file = tmp_path / "aturan.rules"
        file.write_text(default_rules().replace("decile <= decile_max", "desil <= batas"))

        result = betang("programmes", "rules", "check", str(file), code=1)

        assert f"{file}:26:9: Nama «desil» tidak dikenal." in result.stderr
        as_json = betang("programmes", "rules", "check", str(file), "--json", code=1)
        assert told(as_json)["findings"][0]["line"] == 26

    def test_refuses_a_file_that_is_no_text(self, betang, tmp_path):
        file = tmp_path / "aturan.rules"
        file.write_bytes(b"\x89PNG\r\n\x1a\n\x00")

        result = betang("programmes", "rules", "check", str(file), code=1)

        assert "UTF-8" in result.stderr

    def test_refuses_to_judge_without_rules_and_to_decree_without_a_run(self, betang, household):
        household()
        betang("programmes", "create", "--by", "budi")

        assert "[run.no_rules]" in betang("eligibility", "assess", "--by", "budi", code=1).stderr
        assert "[run.not_judged]" in betang("eligibility", "propose", "--by", "budi", code=1).stderr

    def test_leads_from_the_rule_text_to_enrolment(self, betang, household):
        family = household()
        household(decile=9)
        betang("programmes", "create", "--by", "budi", "--json")
        betang(
            "programmes", "plan", "202601", "--name", "Tahap I", "--opens", "2026-02-20",
            "--closes", "2026-03-15", "--by", "budi",
        )  # fmt: skip
        checked = betang("programmes", "rules", "check")
        assert "8 indikator" in checked.stdout
        proposed = told(betang("programmes", "rules", "propose", "--by", "budi", "--json"))
        approve = ("programmes", "rules", "approve", proposed["rule_set"], "--by")
        assert "[rules.two_persons]" in betang(*approve, "budi", code=1).stderr
        betang(*approve, "wati")
        assert told(betang("programmes", "rules", "list", "--json"))[0]["state"] == "approved"

        run = told(betang("eligibility", "assess", "--by", "budi", "--json"))
        explained = betang("eligibility", "explain", family.number, "--by", "budi")
        assert "Keluarga ini layak" in explained.stdout
        betang("eligibility", "assess", "--by", "budi")
        compared = told(betang("eligibility", "compare", "--by", "budi", "--json"))
        decree = told(
            betang("eligibility", "propose", "--on", "2026-11-12", "--by", "budi", "--json")
        )
        betang("eligibility", "approve", decree["number"], "--by", "wati")

        assert (run["households"], run["eligible"]) == (2, 1)
        assert (compared["gained"], compared["unchanged"]) == (0, 2)
        assert decree["households"] == 1
        assert Enrolment.objects.get().household == family

    def test_tells_the_declared_facts(self, betang):
        assert "decile" in betang("programmes", "rules", "facts").stdout
        assert "label" in told(betang("programmes", "rules", "facts", "--json"))["decile"]
