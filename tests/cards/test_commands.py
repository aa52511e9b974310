"""The commands of cards and keys, as an office types them."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from betang.accounts.models import Role, RoleGrant, User
from betang.cards.models import Card, PrintRun, RevocationList
from betang.cli.cards import command as cards
from betang.cli.keys import command as keys_command
from betang.core.errors import NotAllowedError
from betang.keys import ring


@pytest.fixture
def office(db, keys, budi, wati, noon, settings):
    """A clerk of the province, granted by two persons; what is printed is thrown away."""
    user = User.objects.create(username="dinas", full_name="Dinas")
    RoleGrant.objects.create(
        user=user,
        role=Role.DINSOS_PROVINCE,
        area=None,
        proposed_by_person=budi.person,
        approved_by_person=wati.person,
        from_at=noon.replace(year=2020),
    )
    yield
    for run in PrintRun.objects.all():
        shutil.rmtree(Path(settings.VAR) / "print" / str(run.uuid), ignore_errors=True)


def typed(group, *words: str):
    return CliRunner().invoke(group, [*words], catch_exceptions=False)


def told(group, *words: str) -> dict:
    return json.loads(typed(group, *words, "--json").stdout)


BY = ("--by", "dinas")


class TestCards:
    def test_refuses_whoever_has_no_right(self, db):
        with pytest.raises(NotAllowedError):
            typed(cards, "issue", "--by", "charlie")

    def test_refuses_virtual_chips_outside_a_demonstration(self, office):
        ended = typed(cards, "issue", "--virtual-chips", *BY)

        assert ended.exit_code == 2
        assert "BETANG_DEMO" in ended.stderr

    def test_a_card_from_its_order_to_its_end(self, office, family):
        family()

        assert told(cards, "issue", *BY)["issued"] == 1
        assert told(cards, "print", "--check-all", *BY)["checked"] == 1
        assert told(cards, "receive", *BY) == {"received": 1}
        number = Card.objects.get().number
        assert told(cards, "hand-over", number, *BY)["state"] == "active"
        new = told(cards, "replace", number, *BY)["number"]
        assert told(cards, "block", new, "--reason", "lost", *BY)["list"] == 2
        assert told(cards, "revocations", *BY)["list"] == RevocationList.objects.count()
        counts = told(cards, "list")
        assert (counts["replaced"], counts["blocked"], counts["active"]) == (1, 1, 0)

    def test_entrusts_cards_to_a_device(self, office, waiting):
        device = str(waiting.uuid)

        assert told(cards, "entrust", device, "--area", "6201", *BY)["entrusted"] == 1

    def test_counts_by_state(self, office, waiting):
        assert "Menunggu diserahkan" in typed(cards, "list").stdout


class TestKeys:
    def test_are_made_once(self, office):
        assert told(keys_command, "init")["made"] is False
        assert "Sudah ada" in typed(keys_command, "init").stdout

    def test_are_shown_without_anything_secret(self, office):
        shown = told(keys_command, "ring")

        assert len(shown["keys"]) == len(ring.public_ring())
        assert "d" not in shown["keys"][0]
        assert "lease" in typed(keys_command, "ring").stdout

    def test_are_revoked_after_a_question(self, office):
        assert typed(keys_command, "revoke", "3", *BY).exit_code == 1
        assert told(keys_command, "revoke", "3", "--yes", *BY)["state"] == "revoked"
