"""Handing over: what is not handed over and why, then what is."""

from uuid import uuid4

import pytest

from betang.cards import custody
from betang.cards.block import NoSuchCardError, block
from betang.cards.hand_over import (
    AlreadyHandedOverError,
    HandOverRow,
    NotWaitingError,
    hand_over,
    hand_over_many,
)
from betang.cards.models import Card, Tally
from betang.journal.models import Entry
from tests.cards.conftest import PHONE, VILLAGES


def entries(kind: str) -> int:
    return Entry.objects.filter(kind=kind).count()


class TestHandOver:
    def test_refuses_a_card_that_does_not_exist(self, db, sari, noon):
        with pytest.raises(NoSuchCardError):
            hand_over("62123456789701", actor=sari, at=noon)

    def test_refuses_when_another_was_first(self, waiting, sari, budi, noon):
        hand_over(waiting.number, actor=sari, at=noon)

        with pytest.raises(AlreadyHandedOverError):
            hand_over(waiting.number, actor=budi, at=noon)

        assert entries("card.handed_over") == 1  # an office refusal leaves no trace

    @pytest.mark.parametrize("state", ["ordered", "printed"])
    def test_refuses_a_card_that_is_not_here(self, ordered, sari, noon, state):
        Card.objects.update(state=state)

        with pytest.raises(NotWaitingError):
            hand_over(ordered.number, actor=sari, at=noon)

    def test_refuses_a_card_that_a_phone_carries(self, waiting, sari, budi, noon):
        custody.entrust(PHONE, area=VILLAGES[0], actor=budi, at=noon)

        with pytest.raises(NotWaitingError):
            hand_over(waiting.number, actor=sari, at=noon)

    def test_activates_the_card(self, waiting, sari, noon):
        card = hand_over(waiting.number, actor=sari, at=noon)

        assert card.state == "active"
        assert (card.handed_over_at, card.handed_over_by) == (noon, sari.uuid)
        assert Tally.objects.get().handed_over == 1


class TestHandOverMany:
    def row(self, number, sari, noon, device=PHONE):
        return HandOverRow(number, device, sari, noon)

    def test_answers_nothing_to_nothing(self, db):
        assert hand_over_many([]) == []

    def test_tells_why_each_was_not_handed_over(self, family, waiting, keys, budi, sari, noon):
        custody.entrust(PHONE, area=VILLAGES[0], actor=budi, at=noon)
        block(waiting.number, reason="lost", actor=budi, at=noon)

        verdicts = hand_over_many(
            [self.row(waiting.number, sari, noon), self.row("62123456789701", sari, noon)]
        )

        assert [verdict.code for verdict in verdicts] == ["card.revoked", "card.unknown"]
        assert entries("card.handed_over") == 0

    def test_hands_over_only_what_the_phone_carries(self, waiting, budi, sari, noon):
        custody.entrust(uuid4(), area=VILLAGES[0], actor=budi, at=noon)

        (verdict,) = hand_over_many([self.row(waiting.number, sari, noon)])

        assert verdict.code == "card.not_in_custody"

    def test_of_two_rows_with_one_card_the_first_counts(self, waiting, budi, sari, noon):
        custody.entrust(PHONE, area=VILLAGES[0], actor=budi, at=noon)
        row = self.row(waiting.number, sari, noon)

        verdicts = hand_over_many([row, row])

        assert [verdict.code for verdict in verdicts] == ["ok", "card.already_handed_over"]
        assert entries("card.handed_over") == 1
        assert Tally.objects.get().handed_over == 1

    def test_saying_it_again_changes_nothing(self, waiting, budi, sari, noon):
        custody.entrust_numbers(PHONE, [waiting.number], actor=budi, at=noon)
        hand_over_many([self.row(waiting.number, sari, noon)])

        (again,) = hand_over_many([self.row(waiting.number, sari, noon)])

        assert again.code == "card.already_handed_over"
        assert Card.objects.get().custodian_device is None


class TestCustody:
    def test_takes_nothing_from_another_phone(self, waiting, budi, noon):
        other = uuid4()
        custody.entrust(other, area=62, actor=budi, at=noon)

        assert custody.entrust(PHONE, area=62, actor=budi, at=noon) == 0
        assert Card.objects.get().custodian_device == other

    def test_takes_back_what_a_phone_still_holds(self, waiting, budi, noon):
        custody.entrust(PHONE, area=620101, actor=budi, at=noon)

        assert custody.take_back(PHONE, actor=budi, at=noon) == 1
        assert custody.take_back(PHONE, actor=budi, at=noon) == 0
        assert Card.objects.get().custodian_device is None
        assert entries("cards.taken_back") == 1

    def test_receives_only_what_was_printed(self, ordered, budi, noon):
        assert custody.receive(actor=budi, at=noon) == 0
        assert entries("cards.received") == 0
