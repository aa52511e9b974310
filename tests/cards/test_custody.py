"""Where cards are: no card moves without the book, no parcel without two persons."""

import json

import pytest
from django.db import IntegrityError, connection, transaction

from betang.accounts.models import Device, User
from betang.cards import balance, custody, places
from betang.cards import transfer as parcels
from betang.cards.block import block
from betang.cards.hand_over import HandOverRow, hand_over_many
from betang.cards.issue import issue_cards
from betang.cards.models import Card, Place, Posting, Transfer
from betang.cards.parcel import holds
from betang.core.actor import SYSTEM
from betang.core.errors import SamePersonError
from betang.core.identifiers import new_uuid
from betang.journal.models import Entry
from tests.cards.conftest import PHONE, VILLAGES

UNBALANCED = """
INSERT INTO cards_posting (place_id, state, amount, at)
SELECT place_id, 'active', 5, now() FROM cards_posting LIMIT 1
"""


@pytest.fixture
def stock(family, keys, budi, noon) -> list[Card]:
    """Six cards in the province's stock, two a village."""
    for village in VILLAGES:
        family(village), family(village)
    issue_cards(actor=budi, at=noon)
    Card.objects.update(state="printed")
    custody.receive(actor=budi, at=noon)
    return list(Card.objects.order_by("number"))


@pytest.fixture
def parcel(stock, budi, noon) -> Transfer:
    """Four cards on their way to the regency."""
    return parcels.send(places.province(), places.office(6201), area=6201, actor=budi, at=noon)


def numbers(transfer: Transfer, count: int) -> list[int]:
    return transfer.numbers[:count]


def held(kind: str) -> int:
    return sum(line.amount for line in balance.balances() if line.kind == kind)


def is_sound() -> bool:
    return (
        balance.differences() == []
        and balance.astray() == 0
        and balance.summed(balance.balances()).adds_up
    )


class TestSend:
    def test_refuses_an_office_that_is_none(self, stock):
        with pytest.raises(places.NoSuchPlaceError):
            places.office(620101)

    def test_refuses_to_send_from_an_office_to_itself(self, stock, budi, noon):
        with pytest.raises(parcels.SamePlaceError):
            parcels.send(places.province(), places.province(), area=None, actor=budi, at=noon)

    def test_refuses_where_the_sender_has_none(self, stock, budi, noon):
        with pytest.raises(parcels.NothingToSendError):
            parcels.send(places.office(6202), places.province(), area=62, actor=budi, at=noon)

    def test_what_is_on_its_way_is_nowhere_else(self, parcel, stock, budi, noon):
        assert (parcel.count, held("transit"), held("province"), held("regency")) == (4, 4, 2, 0)
        assert custody.entrust(PHONE, area=6201, actor=budi, at=noon) == 0
        assert is_sound()

    def test_is_signed_over_places_count_and_numbers(self, parcel):
        told = json.loads(parcel.sent_document)

        assert holds(parcel)
        assert (told["to"]["area"], told["count"]) == (6201, 4)
        assert told["numbers_sha256"] == bytes(parcel.numbers_sha256).hex()

    def test_one_changed_number_no_longer_holds(self, parcel):
        parcel.numbers = [parcel.numbers[0] + 1, *parcel.numbers[1:]]

        assert not holds(parcel)


class TestCount:
    def test_refuses_the_sender(self, parcel, budi, noon):
        with pytest.raises(SamePersonError):
            parcels.acknowledge(parcel, counted=4, actor=budi, at=noon)

    def test_refuses_a_count_that_nobody_explains(self, parcel, wati, noon):
        with pytest.raises(parcels.CountError) as refused:
            parcels.acknowledge(parcel, counted=3, actor=wati, at=noon)

        assert "seharusnya 4" in refused.value.told

    def test_refuses_a_difference_without_a_reason(self, parcel, wati, noon):
        with pytest.raises(parcels.ReasonError):
            parcels.acknowledge(parcel, counted=3, missing=numbers(parcel, 1), actor=wati, at=noon)

    def test_refuses_a_missing_card_that_was_never_sent(self, parcel, stock, wati, noon):
        other = next(int(c.number) for c in stock if int(c.number) not in parcel.numbers)

        with pytest.raises(parcels.NotInParcelError):
            parcels.acknowledge(
                parcel, counted=3, missing=[other], reason="lost", actor=wati, at=noon
            )

    def test_refuses_an_extra_card_that_is_elsewhere_by_the_book(
        self, parcel, stock, wati, budi, noon
    ):
        other = next(c for c in stock if int(c.number) not in parcel.numbers)
        custody.entrust_numbers(PHONE, [other.number], actor=budi, at=noon)

        with pytest.raises(parcels.ExtraElsewhereError):
            parcels.acknowledge(
                parcel,
                counted=5,
                extra=[int(other.number)],
                reason="packed_extra",
                actor=wati,
                at=noon,
            )

    def test_refuses_a_second_count(self, parcel, wati, noon):
        parcels.acknowledge(parcel, counted=4, actor=wati, at=noon)

        with pytest.raises(parcels.NotOnItsWayError):
            parcels.acknowledge(parcel, counted=4, actor=wati, at=noon)

    def test_brings_the_cards_into_the_receivers_stock(self, parcel, wati, noon):
        done = parcels.acknowledge(parcel, counted=4, actor=wati, at=noon)

        assert (done.state, held("regency"), held("transit")) == ("received", 4, 0)
        assert holds(Transfer.objects.get(pk=done.pk))
        assert is_sound()

    def test_what_is_missing_stays_on_its_way_and_is_named(self, parcel, wati, noon):
        gone = numbers(parcel, 1)

        done = parcels.acknowledge(
            parcel, counted=3, missing=gone, reason="unknown", actor=wati, at=noon
        )

        assert (done.state, done.missing, held("transit"), held("regency")) == ("short", gone, 1, 3)
        assert Entry.objects.get(kind="cards.counted").facts["missing"] == 1
        assert is_sound()

    def test_what_came_too_much_is_booked(self, parcel, stock, wati, noon):
        other = next(int(c.number) for c in stock if int(c.number) not in parcel.numbers)

        parcels.acknowledge(
            parcel, counted=5, extra=[other], reason="packed_extra", actor=wati, at=noon
        )

        assert held("regency") == 5
        assert is_sound()


class TestSettle:
    @pytest.fixture
    def short(self, parcel, wati, noon) -> Transfer:
        return parcels.acknowledge(
            parcel,
            counted=2,
            missing=numbers(parcel, 2),
            reason="unknown",
            actor=wati,
            at=noon,
        )

    def test_refuses_a_card_that_was_not_missing(self, short, budi, noon):
        with pytest.raises(parcels.NotInParcelError):
            parcels.settle(short, [short.numbers[3]], found=True, actor=budi, at=noon)

    def test_a_found_card_arrives_and_a_lost_one_is_red(self, short, budi, noon):
        found, lost = short.missing
        parcels.settle(short, [found], found=True, actor=budi, at=noon)
        done = parcels.settle(short, [lost], found=False, actor=budi, at=noon)

        assert done.state == "settled"
        assert held("regency") == 3
        assert Card.objects.get(number=str(lost)).state == "blocked"
        assert is_sound()

    def test_a_recalled_parcel_is_back_with_its_sender(self, parcel, wati, budi, noon):
        parcels.recall(parcel, actor=budi, at=noon)

        assert (held("province"), held("transit")) == (6, 0)
        with pytest.raises(parcels.NotOnItsWayError):
            parcels.acknowledge(parcel, counted=4, actor=wati, at=noon)


class TestTheDevice:
    @pytest.fixture
    def sari_phone(self, db, sari) -> Device:
        owner = User.objects.create(username="sari", full_name="Sari", person=sari.person)
        return Device.objects.create(
            short_id="7K3M9QXA",
            owner=owner,
            public_jwk={},
            thumbprint=b"x" * 32,
            enrolled_at="2026-11-01T00:00Z",
            state="active",
        )

    def test_its_officer_does_not_take_back_his_own_cards(
        self, stock, sari_phone, sari, budi, noon
    ):
        custody.entrust(sari_phone.uuid, area=6201, actor=budi, at=noon)

        with pytest.raises(SamePersonError):
            custody.take_back(sari_phone.uuid, actor=sari, at=noon)

    def test_its_officer_counts_what_he_took_along(self, stock, sari_phone, sari, budi, noon):
        custody.entrust(sari_phone.uuid, area=6201, actor=budi, at=noon)
        given = Transfer.objects.get(state="carried")

        done = parcels.acknowledge(
            given,
            counted=3,
            missing=given.numbers[:1],
            reason="not_packed",
            actor=sari,
            at=noon,
        )

        assert (done.state, held("device"), held("transit")) == ("short", 3, 1)
        assert Card.objects.get(number=str(given.numbers[0])).custodian_device is None
        assert is_sound()

    def test_what_he_hands_over_is_with_the_families(self, stock, budi, sari, noon):
        custody.entrust(PHONE, area=VILLAGES[0], actor=budi, at=noon)
        carried = Card.objects.filter(custodian_device=PHONE)

        hand_over_many([HandOverRow(card.number, PHONE, sari, noon) for card in carried])

        assert (held("device"), held("family")) == (0, 2)
        assert is_sound()

    def test_a_blocked_card_in_his_hands_comes_back_with_the_others(self, stock, budi, wati, noon):
        custody.entrust(PHONE, area=VILLAGES[0], actor=budi, at=noon)
        block(Card.objects.filter(custodian_device=PHONE)[0].number, reason="damaged",
              actor=budi, at=noon)  # fmt: skip

        assert custody.take_back(PHONE, actor=wati, at=noon, into=6201) == 2
        assert (held("device"), held("regency")) == (0, 2)
        assert is_sound()


class TestTheBook:
    def test_every_card_that_was_printed_is_accounted_for(self, stock):
        summed = balance.summed(balance.balances())

        assert (summed.printed, summed.in_stock) == (6, 6)
        assert summed.adds_up

    def test_a_statement_that_bypasses_every_act_is_posted_all_the_same(self, stock):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE cards_card SET state = 'spoilt' WHERE id = %s", [stock[0].pk])

        assert balance.summed(balance.balances()).spoilt == 1
        assert is_sound()

    @pytest.mark.parametrize("sql", [
        "UPDATE cards_posting SET amount = amount + 1",
        "DELETE FROM cards_posting",
        UNBALANCED,
        "DELETE FROM cards_transfer",
        "UPDATE cards_transfer SET count = 1",
        "UPDATE cards_place SET area = 6201 WHERE kind = 'bureau'",
    ])  # fmt: skip
    def test_nobody_rewrites_it(self, parcel, sql):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)

    def test_two_persons_are_the_databases_rule_too(self, parcel, noon):
        with pytest.raises(IntegrityError), transaction.atomic():
            Transfer.objects.filter(pk=parcel.pk).update(
                received_by_person=parcel.sent_by_person, received_at=noon
            )

    def test_a_posting_behind_the_triggers_back_is_found(self, stock, noon):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE cards_card DISABLE TRIGGER cards_card_moved")
            cursor.execute("UPDATE cards_card SET state = 'spoilt' WHERE id = %s", [stock[0].pk])
            cursor.execute("ALTER TABLE cards_card ENABLE TRIGGER cards_card_moved")

        found = {(wrong.state, wrong.book, wrong.counted) for wrong in balance.differences()}

        assert found == {("in_custody", 6, 5), ("spoilt", 0, 1)}
        assert balance.check(actor=SYSTEM, at=noon) == 2
        assert Entry.objects.filter(kind="cards.book_differs").count() == 1

    def test_a_quiet_night_leaves_no_entry(self, stock, noon):
        assert balance.check(actor=SYSTEM, at=noon) == 0
        assert not Entry.objects.filter(kind="cards.book_differs").exists()

    def test_a_tap_writes_no_posting(self, stock):
        before = Posting.objects.count()

        Card.objects.filter(pk=stock[0].pk).update(counter=9)

        assert Posting.objects.count() == before

    def test_each_place_is_there_once(self, stock):
        assert places.province() == places.province()
        with pytest.raises(IntegrityError), transaction.atomic():
            Place.objects.create(kind="province")
        assert places.of_device(PHONE) != places.of_device(new_uuid())
