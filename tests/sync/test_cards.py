"""Cards in the field: handed over from custody, copied, blocked."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from betang.cards import custody
from betang.cards.issue import issue_cards
from betang.cards.models import Card, Presentation, Revocation
from betang.core.card.chip import sun_mac
from betang.distribution.models import Delivery, Entitlement
from betang.journal.models import Entry
from betang.keys import chip_master
from betang.registry.models import Geotag, Household
from betang.sync.models import Decision
from sandbox.phones.transfer import give, offer, take
from tests.sync.world import VILLAGES, World

HERE, _, ELSEWHERE = VILLAGES


def outcomes(phone):
    phone.pull()
    return [d["code"] for d in phone.decisions]


@pytest.fixture
def carded(world: World, settings):
    """A world with issued cards in stock, in a demonstration: only there chips are virtual."""
    settings.DEMO = True
    chip_master.make_test_master()
    issue_cards(actor=world.actor, at=timezone.now(), virtual_chips=True)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cards_card SET state = 'printed'")
    custody.receive(actor=world.actor, at=timezone.now())
    return world


def entrusted(world: World):
    phone = world.leased()
    custody.entrust(world.device(phone).uuid, area=6201, actor=world.actor, at=timezone.now())
    phone.fetch()
    return phone


def tap(card: Card, counter: int) -> dict:
    key = chip_master.file_read_key(bytes(card.chip_uid), version=card.key_version)
    mac = sun_mac(key, bytes(card.chip_uid), counter)
    return {"uid": bytes(card.chip_uid).hex(), "counter": counter, "mac": mac.hex()}


def issued(village: int) -> str:
    """Give the number of a card of a village."""
    return Card.objects.filter(village_id=village)[0].number


class TestHandingOver:
    def test_of_a_card_in_other_custody_is_refused(self, carded: World):
        phone = carded.leased()
        card = Card.objects.filter(village_id=6201011001)[0]
        phone.sign("card.handed_over", {"card": card.number, "collector": "head"})
        phone.push()

        assert outcomes(phone) == ["card.not_in_custody"]

    def test_twice_counts_once(self, carded: World):
        phone = entrusted(carded)
        number = next(c["number"] for c in phone.bundle["cards"] if c["custody"])
        for _ in range(2):
            phone.sign("card.handed_over", {"card": number, "collector": "head"})
        phone.push()

        assert outcomes(phone) == ["ok", "card.not_waiting"]

    def test_and_the_first_aid_in_the_same_queue(self, carded: World):
        phone = entrusted(carded)
        card = phone.bundle["cards"][0]
        right = next(
            e["uuid"] for e in phone.bundle["entitlements"] if e["household"] == card["household"]
        )
        shown = {"number": card["number"], "colour": "green", "reason": "qr.valid", "qr": True}
        home = {"lat": -2.5, "lng": 111.9, "accuracy_m": 9.0}
        phone.sign("card.handed_over", {"card": card["number"], "collector": "head"})
        phone.deliver(right, card=shown, private={"collector_name": "Sumiati", "home": home})
        phone.push()

        assert outcomes(phone) == ["ok", "ok"]
        assert Presentation.objects.count() == 1
        assert Geotag.objects.get().household == Household.objects.get(uuid=card["household"])


class TestTheCardOfAnotherFamily:
    def test_is_refused_and_said_so(self, carded: World):
        phone = entrusted(carded)
        own, foreign = phone.bundle["cards"][:2]
        right = next(
            e["uuid"] for e in phone.bundle["entitlements"] if e["household"] == own["household"]
        )
        shown = {"number": foreign["number"], "colour": "green", "reason": "qr.valid", "qr": True}
        phone.sign("card.handed_over", {"card": foreign["number"], "collector": "head"})
        phone.deliver(right, card=shown)
        phone.push()

        assert outcomes(phone) == ["ok", "claim.card_refused"]
        assert "card.other_family" in Decision.objects.latest("id").sentence
        assert not Delivery.objects.filter(counted=True).exists()


class TestACopy:
    def test_told_offline_is_refused_and_noticed(self, carded: World):
        phone = entrusted(carded)
        card = Card.objects.get(number=phone.bundle["cards"][0]["number"])
        right = next(
            e["uuid"]
            for e in phone.bundle["entitlements"]
            if e["household"] == phone.bundle["cards"][0]["household"]
        )
        forged = tap(card, 5) | {"mac": "00" * 8}
        shown = {"number": card.number, "colour": "green", "reason": "tap.genuine", "qr": False}
        phone.sign("card.handed_over", {"card": card.number, "collector": "head"})
        phone.deliver(right, card=shown | {"taps": [forged]})
        phone.push()

        assert outcomes(phone) == ["ok", "claim.card_refused"]
        assert Entry.objects.filter(kind="card.copied").count() == 1
        assert not Delivery.objects.filter(counted=True).exists()

    def test_shown_online_twice_is_red_the_second_time(self, carded: World):
        phone = entrusted(carded)
        card = Card.objects.get(number=phone.bundle["cards"][0]["number"])
        one = tap(card, 7)

        first = phone.tap(one["uid"], one["counter"], one["mac"])
        second = phone.tap(one["uid"], one["counter"], one["mac"])

        assert first["colour"] != "red"
        assert (second["colour"], second["reason"]) == ("red", "tap.replayed")
        assert second["card"] is None

    def test_shown_after_the_lease_is_not_green(self, carded: World):
        phone = entrusted(carded)
        card = Card.objects.get(number=phone.bundle["cards"][0]["number"])
        phone.sign("card.handed_over", {"card": card.number, "collector": "head"})
        phone.push()
        Entitlement.objects.update(held_until=timezone.now() - timedelta(days=1))

        for counter in (7, 8):
            one = tap(card, counter)
            seen = phone.tap(one["uid"], counter, one["mac"], act="deliver")

        assert (seen["colour"], seen["reason"]) == ("amber", "lease.reserve_first")


class TestABlockedCard:
    def test_of_a_family_elsewhere_stays_as_it_is(self, carded: World):
        phone = carded.leased(areas=(HERE,))
        numbers = [issued(village) for village in (ELSEWHERE, HERE)]
        for number in numbers:
            phone.sign("card.blocked", {"card": number, "reason": "lost"})
        phone.push()

        assert outcomes(phone) == ["household.unknown", "ok"]
        assert [one.card_number for one in Revocation.objects.all()] == numbers[1:]

    def test_of_a_family_that_came_from_another_phone_is_blocked(self, carded: World):
        giver, taker = carded.leased(areas=(HERE,)), carded.leased(areas=(ELSEWHERE,))
        asked = offer(taker)
        take(taker, give(giver, asked, sorted(giver.rights)), asked)
        taker.push()
        taker.sign("card.blocked", {"card": issued(HERE), "reason": "lost"})
        taker.push()

        assert outcomes(taker) == ["ok", "ok"]

    def test_by_a_clock_that_runs_ahead_was_blocked_when_we_heard(self, carded: World):
        phone = carded.leased(areas=(HERE,))
        ahead = datetime(2190, 1, 1, tzinfo=UTC)
        phone.sign("card.blocked", {"card": issued(HERE), "reason": "lost"}, at=ahead)
        phone.push()

        assert Revocation.objects.get().at <= timezone.now()


class TestAVisit:
    def test_to_a_family_elsewhere_is_refused(self, carded: World):
        phone = carded.leased(areas=(6201011001,))
        other = Household.objects.filter(village_id=6202011001)[0]
        phone.sign("household.verified", {"household": str(other.uuid), "outcome": "found"})
        phone.push()

        assert outcomes(phone) == ["household.unknown"]

    def test_to_a_family_without_a_house_keeps_the_landmark(self, carded: World):
        phone = carded.leased()
        family = phone.bundle["households"][0]["uuid"]
        data = {"household": family, "dwelling": "none"}
        phone.sign("household.geotagged", data, private={"home": None, "anchor": "perahu biru"})
        phone.push()

        assert outcomes(phone) == ["ok"]
        kept = Household.objects.get(uuid=family)
        assert (kept.dwelling, kept.anchor) == ("none", "perahu biru")
