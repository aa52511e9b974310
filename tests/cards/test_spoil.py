"""Cards that never reach their family, and a family that comes without its card."""

import pytest

from betang.cards import balance, custody, spoil
from betang.cards import visit as visits
from betang.cards.block import NoSuchCardError
from betang.cards.hand_over import hand_over
from betang.cards.models import Card, ReplacementVisit, Revocation, RevocationList
from betang.core.identifiers import new_uuid
from betang.journal.models import Entry
from betang.registry.models import Member
from tests.cards.conftest import PHONE, VILLAGES


def is_sound() -> bool:
    summed = balance.summed(balance.balances())
    return balance.differences() == [] and balance.astray() == 0 and summed.adds_up


class TestSpoil:
    def test_refuses_an_unknown_card_and_an_unknown_reason(self, db, budi, noon):
        with pytest.raises(NoSuchCardError):
            spoil.spoil("62123456789701", reason="torn", actor=budi, at=noon)
        with pytest.raises(spoil.EndReasonError):
            spoil.spoil("62123456789701", reason="ugly", actor=budi, at=noon)

    def test_refuses_a_card_that_its_family_has(self, active, budi, noon):
        with pytest.raises(spoil.NotBeforeHandOverError):
            spoil.spoil(active.number, reason="torn", actor=budi, at=noon)

    def test_orders_the_next_issue_and_makes_a_stray_copy_red(self, waiting, budi, noon):
        new = spoil.spoil(waiting.number, reason="misprint", actor=budi, at=noon)

        waiting.refresh_from_db()
        assert (waiting.state, new.state, new.issue) == ("spoilt", "ordered", 2)
        assert Revocation.objects.get().card_number == waiting.number
        assert balance.summed(balance.balances()).spoilt == 1
        assert is_sound()


class TestGiveBack:
    def test_refuses_a_card_that_its_family_has(self, active, budi, noon):
        with pytest.raises(spoil.NotBeforeHandOverError):
            spoil.give_back(active.number, reason="moved", actor=budi, at=noon)

    def test_books_it_at_the_office_that_took_it_in(self, waiting, budi, noon):
        custody.entrust(PHONE, area=VILLAGES[0], actor=budi, at=noon)

        card = spoil.give_back(waiting.number, reason="moved", actor=budi, at=noon, into=6201)

        card.refresh_from_db()
        assert (card.state, card.place.area, card.custodian_device) == ("returned", 6201, None)
        assert Entry.objects.get(kind="card.returned").facts["reason"] == "moved"
        assert is_sound()


class TestFind:
    def test_refuses_a_card_that_was_never_out(self, waiting, budi, noon):
        with pytest.raises(spoil.NotToBeFoundError):
            spoil.find(waiting.number, actor=budi, at=noon)

    def test_an_active_card_that_was_found_is_trusted_no_more(self, active, budi, noon):
        card = spoil.find(active.number, actor=budi, at=noon, into=6201)

        assert (card.state, card.place.area) == ("blocked", 6201)
        assert Revocation.objects.get().card_number == active.number
        assert is_sound()


@pytest.fixture
def member(active) -> Member:
    return Member.objects.create(
        uuid=new_uuid(), household_id=active.household_id, name="Sumiati", is_head=True
    )


@pytest.fixture
def visit(active, member, budi, noon) -> ReplacementVisit:
    return visits.open_visit(
        active.number,
        reason="lost",
        checked="identity",
        asked_by=member.uuid,
        photo=b"JPEG",
        actor=budi,
        at=noon,
    )


class TestVisit:
    @pytest.mark.parametrize(
        ("wrong", "refusal"),
        [
            ({"reason": "bored"}, visits.VisitReasonError),
            ({"checked": "face"}, visits.VisitCheckedError),
            ({"asked_by": None}, visits.VisitAskedError),
            ({"asked_by": new_uuid()}, visits.VisitAskedError),
        ],
    )
    def test_refuses_whoever_is_not_known(self, active, member, budi, noon, wrong, refusal):
        asked = {"reason": "lost", "checked": "witness", "asked_by": member.uuid} | wrong

        with pytest.raises(refusal):
            visits.open_visit(active.number, actor=budi, at=noon, **asked)

        assert Card.objects.get().state == "active"

    def test_refuses_a_second_one_for_the_family(self, visit, member, budi, noon):
        with pytest.raises(visits.VisitOpenError):
            visits.open_visit(
                visit.new.number,
                reason="lost",
                checked="identity",
                asked_by=member.uuid,
                actor=budi,
                at=noon,
            )

    def test_refuses_to_hand_over_what_is_not_printed(self, visit, budi, noon):
        with pytest.raises(visits.VisitStepError):
            visits.finish(visit, actor=budi, at=noon)

    def test_kills_the_old_card_at_once_and_in_the_next_list(self, visit, active):
        active.refresh_from_db()

        assert active.state == "replaced"
        assert RevocationList.objects.get().revoked_count == 1
        assert visit.photo_sha256

    def test_hands_over_a_card_printed_here(self, visit, budi, noon):
        visits.made_here(visit, actor=budi, at=noon, office=6201)
        done = visits.finish(visit, actor=budi, at=noon)

        new = Card.objects.get(issue=2)
        assert (done.state, new.state) == ("done", "active")
        assert is_sound()

    def test_hands_over_a_card_that_the_bureau_printed_meanwhile(self, visit, budi, noon):
        Card.objects.filter(issue=2).update(state="printed")

        visits.finish(visit, actor=budi, at=noon)

        assert Card.objects.get(issue=2).state == "active"

    def test_can_be_left_and_the_card_goes_its_usual_way(self, visit, budi, sari, noon):
        visits.leave(visit, actor=budi, at=noon)

        with pytest.raises(visits.VisitStepError):
            visits.finish(visit, actor=budi, at=noon)
        Card.objects.filter(issue=2).update(state="printed")
        custody.receive(actor=budi, at=noon)
        assert hand_over(Card.objects.get(issue=2).number, actor=sari, at=noon).state == "active"
