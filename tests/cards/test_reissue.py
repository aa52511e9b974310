"""Issuing anew what a known key made: who may not, what is counted, what a halt leaves."""

import json
from itertools import count as counting

import pytest
from click.testing import CliRunner
from django.db import IntegrityError, transaction

from betang.accounts.models import RoleGrant, User
from betang.cards import reissue
from betang.cards.balance import astray, differences
from betang.cards.issue import issue_cards
from betang.cards.models import Card, Reissue, Revocation, RevocationList, Tally
from betang.cli.main import main
from betang.core.card.qr import signing_key_of
from betang.core.errors import SamePersonError
from betang.journal.models import Entry
from betang.keys import ring, rotate, signer
from tests.cards.conftest import VILLAGES
from tests.keys.test_rotate import own  # noqa: F401 -- a fixture

FAR = VILLAGES[2]


def turn(purpose, budi, wati, at):
    return rotate.approve(rotate.propose(purpose, actor=budi, at=at).uuid, actor=wati, at=at).kid


@pytest.fixture
def stolen(own, family, budi, wati, noon):  # noqa: F811 -- the fixture
    """Seven cards of a key that is known to a thief, one of them blocked; the next key serves."""
    families = [family() for _ in range(5)] + [family(FAR) for _ in range(2)]
    issue_cards(actor=budi, at=noon, virtual_chips=True)
    Card.objects.filter(household__in=families[:2]).update(
        state="active", handed_over_at=noon, place=None
    )
    Card.objects.filter(household=families[2]).update(state="blocked")
    kid, _ = signer.current("card")
    ring.revoke(kid, actor=budi, at=noon)
    turn("card", budi, wati, noon)
    return reissue.Known(kid=kid)


class TestIsRefused:
    def test_for_the_key_that_signs_now(self, stolen, budi, noon):
        kid, _ = signer.current("card")

        with pytest.raises(reissue.KeyStillSignsError):
            reissue.propose(reissue.Known(kid=kid), actor=budi, at=noon)

    def test_while_no_key_can_sign_the_new_ones(self, stolen, budi, noon):
        ring.revoke(signer.current("card")[0], actor=budi, at=noon)

        with pytest.raises(signer.KeyOutOfUseError):
            reissue.propose(stolen, actor=budi, at=noon)

    def test_where_no_card_has_that_key(self, stolen, budi, noon):
        with pytest.raises(reissue.NothingToReissueError):
            reissue.propose(reissue.Known(kid=200), actor=budi, at=noon)
        with pytest.raises(reissue.NothingToReissueError):
            reissue.propose(stolen, actor=budi, at=noon, area=6203)

    def test_to_one_person_alone_also_by_the_database(self, stolen, budi, noon):
        act = reissue.propose(stolen, actor=budi, at=noon)

        with pytest.raises(SamePersonError):
            reissue.confirm(act.uuid, actor=budi, at=noon)
        with pytest.raises(IntegrityError, match="two_persons"), transaction.atomic():
            Reissue.objects.update(state="running", confirmed_by_person=budi.person)
        assert Card.objects.count() == 7

    def test_twice_at_once_and_when_it_is_done(self, stolen, budi, wati, noon):
        act = reissue.propose(stolen, actor=budi, at=noon)
        with pytest.raises(reissue.ReissueOpenError):
            reissue.propose(stolen, actor=wati, at=noon)
        reissue.confirm(act.uuid, actor=wati, at=noon)

        with pytest.raises(reissue.NoReissueError):
            reissue.confirm(act.uuid, actor=wati, at=noon)


class TestIssuedAnew:
    def test_every_live_card_of_the_key_and_no_other(self, stolen, budi, wati, noon):
        old = dict(Card.objects.values_list("number", "state"))
        assert reissue.count(stolen) == {"ordered": 4, "active": 2}

        act = reissue.propose(stolen, actor=budi, at=noon)
        act = reissue.confirm(act.uuid, actor=wati, at=noon)

        assert (act.state, act.ended, act.ordered) == ("done", 6, 6)
        ended = Card.objects.filter(state="replaced")
        assert {card.number for card in ended} == {n for n in old if old[n] != "blocked"}
        assert set(Revocation.objects.values_list("reason", flat=True)) == {"superseded"}
        assert RevocationList.objects.latest("seq").revoked_count == 6
        new = Card.objects.filter(state="ordered")
        assert {signing_key_of(card.qr) for card in new} == {signer.current("card")[0]}
        assert {(card.issue, card.chip_uid) for card in new} == {(2, None)}
        assert reissue.count(stolen) == {}
        assert Tally.objects.get(village_id=FAR).issued == 4
        assert (differences(), astray()) == ([], 0)
        facts = Entry.objects.get(kind="cards.reissued").facts
        assert (facts["ended"], facts["rows_sha256"]) == (6, bytes(act.digest).hex())

    def test_those_of_one_area_first(self, stolen, budi, wati, noon):
        act = reissue.propose(stolen, actor=budi, at=noon, area=6202)
        act = reissue.confirm(act.uuid, actor=wati, at=noon)

        assert act.ended == 2
        assert sum(reissue.count(stolen).values()) == 4

    def test_no_card_for_a_family_that_is_no_more(self, stolen, budi, wati, noon):
        left = Card.objects.filter(state="active")[0].household
        left.state = "left"
        left.save()

        act = reissue.propose(stolen, actor=budi, at=noon)
        act = reissue.confirm(act.uuid, actor=wati, at=noon)

        assert (act.ended, act.ordered) == (6, 5)
        assert not Card.objects.filter(household=left, state="ordered").exists()

    def test_after_a_halt_where_it_was(self, stolen, budi, wati, noon, monkeypatch):
        monkeypatch.setattr(reissue, "CHUNK", 2)
        act = reissue.propose(stolen, actor=budi, at=noon)
        asked = counting()

        act = reissue.confirm(act.uuid, actor=wati, at=noon, halted=lambda: next(asked) == 2)
        assert (act.state, act.ended < 6) == ("running", True)
        seen = []
        act = reissue.confirm(
            act.uuid, actor=wati, at=noon, progress=lambda done, of: seen.append((done, of))
        )

        assert (act.state, act.ended, act.ordered) == ("done", 6, 6)
        assert seen[-1] == (6, 6)
        assert Card.objects.filter(state="ordered").count() == 6

    def test_a_chip_master_that_is_known(self, stolen, budi, wati, noon):
        turn("chip-master", budi, wati, noon)
        known = reissue.Known(key_version=1)
        with pytest.raises(reissue.KeyStillSignsError):
            reissue.propose(reissue.Known(key_version=2), actor=budi, at=noon)

        act = reissue.propose(known, actor=budi, at=noon)
        act = reissue.confirm(act.uuid, actor=wati, at=noon)

        assert act.ended == 6
        assert reissue.count(known) == {}  # the new ones have no chip yet


def test_the_beginning_of_a_token_names_its_key_and_a_stranger_names_none(stolen):
    qr = Card.objects.all()[0].qr

    assert signing_key_of(qr) == signing_key_of(qr[:120]) == stolen.kid
    for text in ("", "A", "kartu", qr[:30], "0" * 120, qr[3:]):
        assert signing_key_of(text) is None


@pytest.mark.parametrize("words", [[], ["--key", "1", "--chip-version", "1"]])
def test_the_command_wants_one_key(words):
    ran = CliRunner().invoke(main, ["cards", "reissue", *words, "--by", "budi"])

    assert ran.exit_code == 2


def test_the_commands_count_first_and_take_two(stolen, budi, wati, noon):
    for person, name in ((budi, "budi"), (wati, "wati")):
        user = User.objects.create(username=name, full_name=name, person=person.person)
        for role in ("dinsos_province", "supervisor"):
            RoleGrant.objects.create(
                user=user, role=role, area=None, from_at=noon,
                proposed_by_person=budi.person, approved_by_person=wati.person,
            )  # fmt: skip

    told = CliRunner().invoke(main, ["cards", "reissue", "--key", str(stolen.kid), "--by", "budi"])
    assert told.output.splitlines()[:3] == ["6 kartu", "  Dipesan: 4", "  Aktif: 2"]
    number = str(Reissue.objects.get().uuid)
    alone = CliRunner().invoke(main, ["cards", "reissue-confirm", number, "--by", "budi"])
    assert SamePersonError.code in alone.stderr
    done = CliRunner().invoke(main, ["cards", "reissue-confirm", number, "--by", "wati", "--json"])

    assert json.loads(done.stdout) == {"ended": 6, "ordered": 6}
