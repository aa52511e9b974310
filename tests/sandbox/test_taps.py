"""The fleet's taps: judged offline by the tickets that the phone carries, borne out at sync."""

from datetime import timedelta
from random import Random

import pytest
from django.utils import timezone

from betang.cards import custody
from betang.cards.issue import issue_cards
from betang.cards.models import Card, Presentation
from betang.cli.demonstration.field import wallet_of_chips
from betang.core.actor import Actor
from betang.distribution.models import Delivery
from betang.keys import chip_master
from betang.sync import tickets
from sandbox.phones import mischief
from sandbox.phones.day import Day, Plan
from sandbox.phones.reader import Reader
from tests.sync.world import VILLAGES, World, make_world

HERE = VILLAGES[0]


@pytest.fixture
def day(db: None, keys: None, budi: Actor, wati: Actor, settings, monkeypatch):
    """A phone with NFC whose six families have their cards; the chips answer over their socket."""
    settings.DEMO, settings.TICKETS = True, 8
    monkeypatch.setenv("BETANG_DEMO", "1")  # the chips' process asks as well
    chip_master.make_test_master()
    world: World = make_world(budi, wati)
    at = timezone.now()
    issue_cards(actor=budi, at=at, virtual_chips=True)
    Card.objects.update(state="printed")
    custody.receive(actor=budi, at=at)
    Card.objects.filter(village_id=HERE).update(state="active", handed_over_at=at)
    phone = world.leased(areas=(HERE,), has_nfc=True)
    with wallet_of_chips() as chips:
        reader = Reader(chips)
        made = Day(phone, Random(7), Plan(serve=1, geotag=0), at - timedelta(hours=2), reader)
        made.prepare()
        yield made
        reader.close()


def build() -> None:
    while tickets.build_next(at=timezone.now()):
        pass


def take(day: Day) -> None:
    day.phone.fetch()
    day.prepare()


class TestADay:
    def test_without_tickets_cannot_tell_a_tap(self, day: Day):
        card = next(iter(day.cards.values()))

        assert not day.covered()
        assert day.phone.tickets.see(day.reader.tap(card["uid"], 2), counter=0) == "past_window"

    def test_with_tickets_is_green_offline_and_borne_out_at_sync(self, day: Day):
        build()
        take(day)
        assert day.covered()
        client, day.phone.client = day.phone.client, None

        day.serve_offline(day.families)

        assert day.did["shown_tap_genuine"] == 6
        day.phone.client = client
        day.phone.push()
        assert set(Delivery.objects.values_list("counted", "colour")) == {(True, "green")}
        assert Presentation.objects.filter(reason="tap.genuine").count() == 6
        assert set(Card.objects.filter(village_id=HERE).values_list("counter", flat=True)) == {2}

    def test_tells_a_forged_and_a_copied_chip(self, day: Day):
        build()
        take(day)
        card, other = list(day.cards.values())[:2]
        copy = day.reader.copy(card["uid"])
        forged = [copy[0] | {"mac": "00" * 8}]

        assert day.shown(card, forged)["reason"] == "tap.forged"
        assert day.shown(card, copy)["reason"] == "tap.replayed"
        right = day.rights[other["household"]][0]
        mischief.show_a_copy_offline(day, other, right)
        day.phone.push()
        assert not Delivery.objects.filter(counted=True).exists()
