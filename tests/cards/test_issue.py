"""Issuing: who gets no card, then who gets which."""

import zlib
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from betang.cards.issue import issue_cards
from betang.cards.models import Card, Tally
from betang.core.card import base45
from betang.core.card.qr import read_token
from betang.journal.models import Entry
from betang.keys import ring
from tests.cards.conftest import VILLAGES


class TestIssueCards:
    def test_gives_none_to_a_family_without_a_decree(self, family, keys, budi, noon):
        family(enrolled=False)

        run = issue_cards(actor=budi, at=noon)

        assert run.count == 0
        assert not Card.objects.exists()
        assert not Entry.objects.filter(kind="cards.issued").exists()

    @pytest.mark.parametrize("state", ["merged", "left"])
    def test_gives_none_to_a_family_that_is_no_more(self, family, keys, budi, noon, state):
        family(state=state)

        assert issue_cards(actor=budi, at=noon).count == 0

    def test_gives_no_second_card(self, family, keys, budi, noon):
        family()
        issue_cards(actor=budi, at=noon)

        assert issue_cards(actor=budi, at=noon).count == 0
        assert Tally.objects.get(village_id=VILLAGES[0]).issued == 1

    def test_gives_none_after_a_blocked_card_for_that_is_decided_by_a_person(
        self, family, keys, budi, noon
    ):
        family()
        issue_cards(actor=budi, at=noon)
        Card.objects.update(state="blocked")

        assert issue_cards(actor=budi, at=noon).count == 0

    def test_the_database_refuses_a_second_live_card(self, ordered):
        with pytest.raises(IntegrityError), transaction.atomic():
            Card.objects.create(
                number="62000000000002",
                household_id=ordered.household_id,
                issue=2,
                village_id=ordered.village_id,
                qr="",
                issued_at=ordered.issued_at,
                expires_on=ordered.expires_on,
            )

    def test_gives_each_family_a_number_and_a_signed_code(self, family, keys, budi, noon, settings):
        household = family(VILLAGES[2], head_name="Nyai Undang Sumiati Binti Abdurrahman Saleh")

        issue_cards(actor=budi, at=noon)

        card = Card.objects.get()
        claims = read_token(card.qr, ring.keyring(), issuer=settings.CARD_HOST, at=noon)
        assert card.number == f"62{household.number}01"
        assert (card.state, card.chip_uid) == ("ordered", None)
        assert card.expires_on == date(2031, 11, 12)
        assert claims.card_number == card.number
        assert claims.household_name == "Nyai Undang Sumiati Binti Abdurrahman"
        assert claims.regency == 6202
        assert claims.expires_at - noon > timedelta(days=5 * 365)

    def test_tells_neither_nik_nor_address_in_the_code(self, family, keys, budi, noon):
        family(address="Jalan Rahasia 7")

        issue_cards(actor=budi, at=noon)

        assert b"Rahasia" not in zlib.decompress(base45.decode(Card.objects.get().qr))

    def test_keeps_to_its_area_and_tells_how_far(self, family, keys, budi, noon):
        for village in VILLAGES:
            family(village)
        told = []

        run = issue_cards(
            actor=budi, at=noon, area=6201, progress=lambda done, all_: told.append((done, all_))
        )

        assert run.count == 2
        assert told == [(2, 2)]
        assert not Card.objects.filter(village_id=VILLAGES[2]).exists()
        assert issue_cards(actor=budi, at=noon).count == 1

    def test_is_one_entry_for_the_whole_run(self, family, keys, budi, noon):
        for _ in range(3):
            family()

        run = issue_cards(actor=budi, at=noon)

        entry = Entry.objects.get(kind="cards.issued")
        assert entry.subject == run.uuid
        assert entry.facts == {"count": 3, "rows_sha256": run.rows_sha256.hex()}

    def test_binds_virtual_chips_where_asked(self, ordered):
        assert bytes(ordered.chip_uid)[:1] == b"\x04"
        assert len(bytes(ordered.chip_uid)) == 7

    def test_a_card_on_the_last_day_of_february_ends_on_the_28th(self, family, keys, budi, noon):
        family()

        issue_cards(actor=budi, at=noon.replace(year=2028, month=2, day=29))

        assert Card.objects.get().expires_on == date(2033, 2, 28)
