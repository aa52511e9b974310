"""One person for many cards is noticed; a facilitator's hard day is not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from betang.cards import custody
from betang.cards.collected import CollectedRow, forget_old, keep_collected
from betang.cards.hand_over import HandOverRow, hand_over_many
from betang.cards.issue import issue_cards
from betang.cards.models import Card, Collection
from betang.core.identifiers import new_uuid
from betang.monitoring import many_cards
from betang.monitoring.close import close
from betang.monitoring.models import Alert
from betang.registry.models import Household
from tests.sync.world import VILLAGES, World, make_world

PHONE = new_uuid()


@pytest.fixture
def world(db, keys, budi, wati) -> World:
    return make_world(budi, wati)


def collected(count: int, name: str = "Pak Jaya") -> None:
    today = timezone.now().date()
    families = Household.objects.order_by("pk")[:count]
    keep_collected([CollectedRow(new_uuid(), name, one.pk, PHONE, today) for one in families])


class TestOneWhoCollectsForMany:
    def test_is_not_a_neighbour_who_helps(self, world):
        collected(many_cards.COLLECTED_FOR_MAX)

        assert many_cards.look(at=timezone.now()) == 0

    def test_is_noticed_however_the_name_is_written_and_once(self, world):
        collected(3, "Pak Jaya")
        today = timezone.now().date()
        others = Household.objects.order_by("-pk")[:3]
        keep_collected(
            [CollectedRow(new_uuid(), "PAK  JAYA.", one.pk, PHONE, today) for one in others]
        )
        for _ in range(2):
            many_cards.look(at=timezone.now())

        alert = Alert.objects.get()
        assert (alert.kind, alert.facts["count"], alert.times) == ("collects_for_many", 6, 1)

    def test_is_not_opened_again_once_somebody_looked(self, world, wati):
        collected(6)
        many_cards.look(at=timezone.now())
        close(Alert.objects.get(), "Ketua RT, dengan surat kuasa.", actor=wati, at=timezone.now())

        many_cards.look(at=timezone.now())

        assert Alert.objects.count() == 1

    def test_is_told_by_the_phones_event_and_forgotten_in_time(self, world):
        phone = world.leased()
        phone.deliver(
            world.rights(VILLAGES[0])[0],
            collector="representative",
            private={"collector_name": "Pak Jaya"},
        )
        phone.deliver(world.rights(VILLAGES[0])[1], private={"collector_name": "Sumiati"})
        phone.push()

        assert Collection.objects.count() == 1
        assert forget_old(before=timezone.now() + timedelta(days=2)) == 1


class TestADeviceThatHandsOverMany:
    @pytest.fixture
    def handed(self, world, budi, sari, noon):
        issue_cards(actor=budi, at=noon)
        Card.objects.update(state="printed")
        custody.receive(actor=budi, at=noon)
        custody.entrust(PHONE, area=62, actor=budi, at=noon)
        cards = list(Card.objects.order_by("number"))
        at = timezone.now() - timedelta(days=1)
        hand_over_many([HandOverRow(card.number, PHONE, sari, at) for card in cards])
        return cards

    def test_is_not_one_with_an_honest_queue(self, handed):
        assert many_cards.look(at=timezone.now()) == 0

    def test_is_noticed_past_the_hour_with_the_count_and_the_day(self, handed, monkeypatch, sari):
        monkeypatch.setattr(many_cards, "HANDED_AN_HOUR_MAX", len(handed) - 1)

        many_cards.look(at=timezone.now())

        alert = Alert.objects.get()
        assert (alert.kind, alert.facts["count"]) == ("hands_over_many", len(handed))
        assert alert.facts["device"] == str(sari.uuid)
