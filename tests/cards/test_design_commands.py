"""Card designs on the command line: what is refused, and that what goes out comes in again."""

import json

import pytest
from click.testing import CliRunner

from betang.accounts.models import Role, RoleGrant, User
from betang.cards.models import DesignVersion
from betang.cli.main import main
from tests.cards.designs import changed, told


@pytest.fixture
def office(db, budi, wati, noon):
    """A clerk of the province, granted by two persons."""
    user = User.objects.create(username="dinas", full_name="Dinas")
    RoleGrant.objects.create(
        user=user, role=Role.DINSOS_PROVINCE, proposed_by_person=budi.person,
        approved_by_person=wati.person, from_at=noon.replace(year=2020),
    )  # fmt: skip


def typed(*words: str):
    return CliRunner().invoke(main, ["cards", "designs", *words])


class TestImport:
    @pytest.mark.parametrize("text", ["", "{}", "bukan json", " " * 70_000])
    def test_refuses_what_is_no_layout(self, office, tmp_path, text):
        (tmp_path / "a.json").write_text(text)

        answer = typed("import", str(tmp_path / "a.json"), "--name", "lain", "--by", "dinas")

        assert answer.exit_code == 1
        assert "Berkas ini bukan rancangan kartu" in answer.stderr

    def test_refuses_a_file_that_is_not_there(self, office, tmp_path):
        answer = typed("import", str(tmp_path / "x.json"), "--name", "lain", "--by", "dinas")

        assert "berkasnya tidak ada" in answer.stderr

    @pytest.mark.parametrize("name", ["Lain", "a b", "../x", "", "x" * 40])
    def test_refuses_a_name_that_is_none(self, office, tmp_path, name):
        (tmp_path / "a.json").write_text(json.dumps(told()))

        answer = typed("import", str(tmp_path / "a.json"), "--name", name, "--by", "dinas")

        assert answer.exit_code == 1
        assert "Nama rancangan" in answer.stderr

    def test_makes_a_draft_of_what_was_exported(self, office, tmp_path):
        path = tmp_path / "a.json"
        assert typed("export", "rumah-panjang-1", "--to", str(path)).exit_code == 0

        answer = typed("import", str(path), "--name", "gubernur", "--by", "dinas", "--json")

        assert json.loads(answer.stdout) == {"design": "gubernur-1", "state": "draft"}
        assert DesignVersion.objects.get().content == told()


class TestCheck:
    def test_ends_with_one_where_something_is_wrong(self, db, tmp_path):
        (tmp_path / "a.json").write_text(json.dumps(changed("front", "qr", x=560)))

        answer = typed("check", str(tmp_path / "a.json"), "--json")

        assert answer.exit_code == 1
        assert "menyentuh bidang kosong" in json.loads(answer.stdout)["findings"][0]

    def test_finds_nothing_in_the_first_design(self, db):
        answer = typed("check", "rumah-panjang-1", "--json")

        assert (answer.exit_code, json.loads(answer.stdout)["findings"]) == (0, [])


def test_list_says_which_is_in_use(db):
    answer = json.loads(typed("list", "--json").stdout)

    assert answer == {"in_use": "rumah-panjang-1", "designs": {"rumah-panjang-1": "approved"}}


def test_export_of_an_unknown_version_is_refused(db):
    answer = typed("export", "rumah-panjang-9")

    assert (answer.exit_code, "tidak ditemukan" in answer.stderr) == (1, True)
