"""`betang areas` and `betang intake`, as an operator types them."""

import json

import pytest
from click.testing import CliRunner
from django.utils import timezone

from betang.accounts.models import Role, RoleGrant, User
from betang.areas.models import BpsCode
from betang.cli.main import main
from tests.intake.conftest import HEAD, SPOUSE, as_csv


@pytest.fixture
def office(db, keys):
    """Two clerks and a viewer, by name."""
    people = {}
    for name, role in (
        ("budi", Role.DINSOS_PROVINCE), ("wati", Role.SUPERVISOR), ("charlie", Role.VIEWER),
    ):  # fmt: skip
        user = User.objects.create(username=name, full_name=name, password="!")
        RoleGrant.objects.create(
            user=user, role=role, proposed_by_person=user.person,
            approved_by_person=User().person, from_at=timezone.now(),
        )  # fmt: skip
        people[name] = user
    return people


def betang(*words):
    return CliRunner().invoke(main, list(map(str, words)))


def told(*words):
    result = betang(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


class TestIntake:
    def test_refuses_who_may_not(self, office, tmp_path):
        path = tmp_path / "x.csv"
        path.write_bytes(as_csv([HEAD]))
        told("areas", "load")

        result = betang("intake", "stage", path, "--by", "charlie")

        assert result.exit_code == 1
        assert "berwenang" in result.output

    def test_refuses_a_second_person_who_answers_for_another_regency(self, office, tmp_path):
        path = tmp_path / "x.csv"
        path.write_bytes(as_csv([HEAD]))
        told("areas", "load")
        batch = told("intake", "stage", path, "--by", "budi")
        RoleGrant.objects.filter(user=office["wati"]).update(area_id=6203)

        result = betang("intake", "accept", batch["uuid"], "--by", "wati")

        assert result.exit_code == 1
        assert "berwenang" in result.output

    def test_refuses_a_file_that_is_no_list_with_a_sentence(self, office, tmp_path):
        path = tmp_path / "x.csv"
        path.write_bytes(b"%PDF-1.7")
        told("areas", "load")

        result = betang("intake", "stage", path, "--by", "budi")

        assert result.exit_code == 1
        assert "Kolom wajib tidak ada" in result.output

    def test_carries_a_list_to_the_registry_by_two_hands(self, office, tmp_path):
        path = tmp_path / "x.csv"
        path.write_bytes(as_csv([HEAD, SPOUSE | {"nik": "1"}]))
        assert told("areas", "load")["areas"] == 1722
        batch = told("intake", "stage", path, "--by", "budi")

        alone = betang("intake", "accept", batch["uuid"], "--by", "budi")
        accepted = told("intake", "accept", batch["uuid"], "--by", "wati")

        assert (batch["rows"], batch["held"], batch["codes"]) == (2, 1, {"nik.length": 1})
        assert alone.exit_code == 1
        assert "Pengusul tidak boleh" in alone.output
        assert accepted["outcome"]["households_new"] == 1
        assert told("registry", "count") == {"households": 1, "members": 1}
        assert told("registry", "check") == {"disagreements": 0}
        assert [one["state"] for one in told("intake", "list")] == ["accepted"]

    def test_writes_the_report_for_the_clerk(self, office, tmp_path):
        path, report = tmp_path / "x.csv", tmp_path / "report.csv"
        path.write_bytes(as_csv([HEAD | {"nik": "1"}]))
        told("areas", "load")
        batch = told("intake", "stage", path, "--by", "budi")

        result = betang("intake", "report", batch["uuid"], "--csv", report)

        assert result.exit_code == 0, result.output
        assert "nik.length" in report.read_text(encoding="utf-8-sig")

    def test_takes_exclusion_lists(self, office, tmp_path):
        path = tmp_path / "x.csv"
        path.write_bytes(as_csv([HEAD], ("no_kk", "nik")))
        batch = told(
            "intake", "exclusions", path, "--programme", "PKH", "--period", "T4", "--by", "budi"
        )

        assert told("intake", "accept", batch["uuid"], "--by", "wati")["outcome"]["listed"] == 1


class TestAreas:
    def test_refuses_what_is_no_code_and_who_may_not(self, office):
        told("areas", "load")

        wrong = betang("areas", "confirm", "6206010001", "kumai", "--by", "budi")
        charlie = betang("areas", "confirm", "6206010001", "62.08.01.2001", "--by", "charlie")

        assert wrong.exit_code == 2
        assert charlie.exit_code == 1

    def test_confirms_what_a_bps_number_means(self, office):
        told("areas", "load")
        line = BpsCode.objects.filter(level=4, state="proposed").first()

        confirmed = told("areas", "confirm", line.bps_code, line.area_id, "--by", "budi")

        assert confirmed == {"bps_code": line.bps_code, "area": line.area_id, "state": "confirmed"}

    def test_loads_boundaries(self, office, tmp_path):
        ring = [[111, -2], [112, -2], [112, -3], [111, -2]]
        feature = {
            "properties": {"kode": "62.01.01.1011"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        path = tmp_path / "x.geojson"
        path.write_text(json.dumps({"features": [feature]}))
        told("areas", "load")

        assert told("areas", "boundaries", path) == [
            {"file": "x.geojson", "read": 1, "changed": 1, "unknown": 0}
        ]
