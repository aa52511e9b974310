"""A day of handing over: opened with what goes out, closed when it adds up."""

import pytest
from django.db import IntegrityError, transaction

from betang.accounts.models import Device, User
from betang.cards import balance, custody
from betang.cards import hand_over_day as days
from betang.cards.hand_over import HandOverRow, hand_over_many
from betang.cards.issue import issue_cards
from betang.cards.models import Card, HandOverSession
from betang.core.errors import SamePersonError
from betang.core.identifiers import new_uuid
from betang.journal.models import Entry
from tests.cards.conftest import VILLAGES

HERE = VILLAGES[0]


@pytest.fixture
def phone(db, sari) -> Device:
    owner = User.objects.create(username="sari", full_name="Sari", person=sari.person)
    return Device.objects.create(
        short_id="7K3M9QXA",
        owner=owner,
        public_jwk={},
        thumbprint=b"x" * 32,
        enrolled_at="2026-11-01T00:00Z",
        state="active",
    )


@pytest.fixture
def stock(family, keys, budi, noon) -> None:
    for _ in range(5):
        family(HERE)
    issue_cards(actor=budi, at=noon)
    Card.objects.update(state="printed")
    custody.receive(actor=budi, at=noon)


@pytest.fixture
def day(stock, phone, budi, noon) -> HandOverSession:
    custody.entrust(phone.uuid, area=HERE, actor=budi, at=noon)
    return days.open_day(
        phone, village=HERE, on=noon.date(), invited=6, actor=budi, at=noon, point="Balai desa"
    )


def handed(day: HandOverSession, count: int, sari, noon) -> None:
    cards = Card.objects.filter(custodian_device=day.device).order_by("number")[:count]
    hand_over_many([HandOverRow(card.number, day.device, sari, noon) for card in cards])


class TestOpen:
    def test_refuses_a_device_that_carries_nothing(self, stock, phone, budi, noon):
        with pytest.raises(days.NoCardsOutError):
            days.open_day(phone, village=HERE, on=noon.date(), invited=5, actor=budi, at=noon)

    def test_refuses_no_family(self, stock, phone, budi, noon):
        with pytest.raises(days.InvitedError):
            days.open_day(phone, village=HERE, on=noon.date(), invited=0, actor=budi, at=noon)

    def test_refuses_a_second_one(self, day, phone, budi, noon):
        with pytest.raises(days.OpenedBeforeError):
            days.open_day(phone, village=HERE, on=noon.date(), invited=5, actor=budi, at=noon)

    def test_knows_what_goes_out(self, day):
        assert len(day.numbers) == 5
        assert days.progress([day])[day.pk] == days.Progress(0, 0, 0, 5)


class TestOnTheWay:
    def test_what_phones_tell_shows_without_anybodys_doing(self, day, sari, noon):
        handed(day, 3, sari, noon)

        assert days.progress([day])[day.pk] == days.Progress(3, 0, 0, 2)

    def test_the_last_reason_of_each_card_counts(self, day, noon):
        first, second = (f"{number:014d}" for number in day.numbers[:2])
        told = [("absent", first), ("moved", first), ("absent", second)]
        rows = [
            days.NotHandedOverRow(new_uuid(), number, day.device, reason, noon.replace(minute=n))
            for n, (reason, number) in enumerate(told)
        ]
        days.keep_reasons([*rows, rows[0]], heard_at=noon)

        assert dict(days.reasons(day)) == {"absent": 1, "moved": 1}


class TestClose:
    def test_refuses_the_officer_himself(self, day, sari, noon):
        with pytest.raises(SamePersonError):
            days.close_day(day, counted=5, actor=sari, at=noon)

    def test_refuses_a_count_that_does_not_add_up(self, day, sari, wati, noon):
        handed(day, 3, sari, noon)

        with pytest.raises(days.LeftOverError) as refused:
            days.close_day(day, counted=1, actor=wati, at=noon)

        assert "masih membawa 2 kartu" in refused.value.told

    def test_refuses_a_lost_card_that_is_not_out(self, day, sari, wati, noon):
        handed(day, 3, sari, noon)

        with pytest.raises(days.LeftOverError):
            days.close_day(day, counted=1, lost=[day.numbers[0]], actor=wati, at=noon)

    def test_adds_up(self, day, sari, wati, noon):
        handed(day, 3, sari, noon)

        done = days.close_day(day, counted=1, lost=[day.numbers[4]], actor=wati, at=noon)

        assert (done.state, done.handed_over, done.brought_back, done.ended) == ("closed", 3, 1, 1)
        assert Entry.objects.get(kind="cards.session_closed").facts["lost"] == 1
        summed = balance.summed(balance.balances())
        assert (summed.with_families, summed.in_stock, summed.blocked) == (3, 1, 1)
        assert summed.adds_up

    def test_refuses_a_second_time(self, day, wati, noon):
        days.close_day(day, counted=5, actor=wati, at=noon)

        with pytest.raises(days.AlreadyClosedError):
            days.close_day(day, counted=0, actor=wati, at=noon)

    def test_the_database_does_not_close_what_does_not_add_up(self, day, noon):
        with pytest.raises(IntegrityError), transaction.atomic():
            HandOverSession.objects.filter(pk=day.pk).update(
                state="closed", closed_at=noon, handed_over=1, brought_back=1, ended=0
            )
