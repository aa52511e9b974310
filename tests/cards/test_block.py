"""Blocking, replacing, and the list that tells phones."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from betang.cards import custody
from betang.cards.block import (
    BlockReasonError,
    BlockRow,
    NoSuchCardError,
    NotBlockableError,
    block,
    block_many,
)
from betang.cards.models import Card, Presentation, Revocation, RevocationList, Tally
from betang.cards.replace import NoIssueLeftError, NotReplaceableError, replace
from betang.cards.revocation import current_list, publish
from betang.core.card.revocation import read_list
from betang.journal.models import Entry
from betang.keys import ring


class TestBlock:
    def test_refuses_an_unknown_card_and_an_unknown_reason(self, active, budi, noon):
        with pytest.raises(NoSuchCardError):
            block("62123456789799", reason="lost", actor=budi, at=noon)
        with pytest.raises(BlockReasonError):
            block(active.number, reason="karena", actor=budi, at=noon)

    def test_refuses_a_second_time(self, active, budi, noon):
        block(active.number, reason="lost", actor=budi, at=noon)

        with pytest.raises(NotBlockableError):
            block(active.number, reason="stolen", actor=budi, at=noon)

    def test_revokes_the_card(self, active, budi, noon):
        card = block(active.number, reason="lost", actor=budi, at=noon)

        assert (card.state, card.blocked_reason) == ("blocked", "lost")
        assert Revocation.objects.get().card_number == active.number
        assert Tally.objects.get().blocked == 1
        assert Entry.objects.get(kind="card.blocked").facts["reason"] == "lost"


class TestBlockMany:
    def test_answers_each_row(self, active, budi, sari, noon):
        row = BlockRow(active.number, "lost", sari, noon)

        first = block_many([row, BlockRow("62000000000001", "lost", sari, noon), row])
        again = block_many([row])

        assert [answer.code for answer in first] == ["ok", "card.unknown", "card.blocked_before"]
        assert [answer.code for answer in again] == ["card.blocked_before"]
        assert Entry.objects.filter(kind="card.blocked").count() == 1
        assert Tally.objects.get().blocked == 1


class TestReplace:
    def test_refuses_an_unknown_card(self, db, budi, noon):
        with pytest.raises(NoSuchCardError):
            replace("62123456789799", actor=budi, at=noon)

    def test_refuses_a_card_that_was_never_out(self, ordered, budi, noon):
        with pytest.raises(NotReplaceableError):
            replace(ordered.number, actor=budi, at=noon)

    def test_refuses_a_second_time(self, active, budi, noon):
        replace(active.number, actor=budi, at=noon)

        with pytest.raises(NotReplaceableError):
            replace(active.number, actor=budi, at=noon)

    def test_refuses_the_hundredth_card(self, active, budi, noon):
        Card.objects.filter(pk=active.pk).delete()
        last = Card.objects.create(
            number=active.number[:12] + "99",
            household_id=active.household_id,
            issue=99,
            village_id=active.village_id,
            state="active",
            handed_over_at=noon,
            qr="",
            issued_at=noon,
            expires_on=noon.date(),
        )

        with pytest.raises(NoIssueLeftError):
            replace(last.number, actor=budi, at=noon)

    @pytest.mark.parametrize("blocked_first", [False, True])
    def test_orders_the_next_issue_and_revokes_the_former(self, active, budi, noon, blocked_first):
        if blocked_first:
            block(active.number, reason="stolen", actor=budi, at=noon)

        new = replace(active.number, actor=budi, at=noon)

        active.refresh_from_db()
        assert (new.number, new.state) == (active.number[:12] + "02", "ordered")
        assert active.state == "replaced"
        assert Revocation.objects.get().reason == "superseded"
        assert Tally.objects.get().issued == 2


class TestPublish:
    def test_signs_nothing_new_while_the_last_list_is_fresh(self, active, budi, noon):
        first = publish(actor=budi, at=noon)

        assert publish(actor=budi, at=noon + timedelta(hours=23)) == first
        assert publish(actor=budi, at=noon + timedelta(days=1)) == first + 1

    def test_tells_at_once_that_a_blocked_card_was_replaced(
        self, active, keys, budi, noon, settings
    ):
        block(active.number, reason="lost", actor=budi, at=noon)
        publish(actor=budi, at=noon)
        later = noon + timedelta(minutes=1)
        replace(active.number, actor=budi, at=later)

        assert publish(actor=budi, at=later) == 2

        held = read_list(current_list(), ring.keyring(), issuer=settings.CARD_HOST)
        assert held.says(active.number) == "card.superseded"

    def test_there_is_none_before_the_first(self, db):
        assert current_list() == b""

    def test_names_what_was_blocked_and_what_was_replaced(
        self, family, active, keys, budi, noon, settings
    ):
        publish(actor=budi, at=noon)
        new = replace(active.number, actor=budi, at=noon)
        block(new.number, reason="damaged", actor=budi, at=noon)

        publish(actor=budi, at=noon)

        held = read_list(current_list(), ring.keyring(), issuer=settings.CARD_HOST)
        assert (held.seq, held.since) == (2, 0)
        assert held.says(active.number) == "card.superseded"
        assert held.says(new.number) == "card.revoked"

    def test_a_list_that_was_given_out_is_never_changed(self, active, budi, noon):
        publish(actor=budi, at=noon)

        for change in (
            lambda: RevocationList.objects.update(content=b""),
            lambda: RevocationList.objects.all().delete(),
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()


class TestTheDatabase:
    @pytest.mark.parametrize(
        "change",
        [{"counter": 1}, {"number": "62000000000001"}, {"qr": "x"}, {"state": "active"}],
        ids=str,
    )
    def test_refuses_what_must_never_happen_to_a_card(self, active, budi, noon, change):
        Card.objects.update(counter=5)
        block(active.number, reason="lost", actor=budi, at=noon)

        with pytest.raises(IntegrityError), transaction.atomic():
            Card.objects.filter(pk=active.pk).update(**change)

    def test_keeps_every_presentation(self, active, noon):
        Presentation.objects.create(
            act="look", online=True, at=noon, heard_at=noon, colour="red", reason="card.unknown"
        )

        with pytest.raises(IntegrityError), transaction.atomic():
            Presentation.objects.update(colour="green")


def test_custody_ends_with_the_card(waiting, budi, noon):
    block(waiting.number, reason="lost", actor=budi, at=noon)

    assert custody.entrust_numbers(waiting.uuid, [waiting.number], actor=budi, at=noon) == 0
