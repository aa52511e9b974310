"""A family with a new card: its rights go on, and nothing is delivered twice over both cards."""

import pytest
from django.utils import timezone

from betang.cards import custody
from betang.cards import visit as visits
from betang.cards.models import Card
from betang.distribution.models import Delivery
from betang.registry.models import Household, Member
from tests.sync.test_cards import carded, entrusted, outcomes  # noqa: F401 -- a fixture
from tests.sync.world import World


@pytest.fixture
def served(carded: World):  # noqa: F811 -- the fixture
    """A phone, the right and the card of one family, which has its card."""
    phone = entrusted(carded)
    card = phone.bundle["cards"][0]
    right = next(
        e["uuid"] for e in phone.bundle["entitlements"] if e["household"] == card["household"]
    )
    phone.sign("card.handed_over", {"card": card["number"], "collector": "head"})
    phone.push()
    return carded, phone, card["number"], right


def shown(number: str) -> dict:
    return {"number": number, "colour": "green", "reason": "qr.valid", "qr": True}


def replaced(world: World, number: str) -> str:
    """Lose the card and get the next one in one visit; give its number."""
    at, household = timezone.now(), Household.objects.get(number=number[2:12])
    member = Member.objects.filter(household=household)[0]
    visit = visits.open_visit(
        number,
        reason="lost",
        checked="identity",
        asked_by=member.uuid,
        actor=world.actor,
        at=at,
    )
    visits.made_here(visit, actor=world.actor, at=at, office=None)
    visits.finish(visit, actor=world.actor, at=timezone.now())
    return visit.new.number


def test_the_old_card_gets_nothing_and_the_new_one_everything_once(served):
    world, phone, old, right = served
    new = replaced(world, old)

    phone.deliver(right, card=shown(old))
    phone.deliver(right, card=shown(new))
    phone.deliver(right, card=shown(new))
    phone.push()

    assert outcomes(phone) == ["ok", "claim.card_refused", "ok", "claim.already_delivered"]
    assert Delivery.objects.filter(counted=True).count() == 1


def test_what_the_old_card_got_the_new_one_does_not_get_again(served):
    world, phone, old, right = served
    phone.deliver(right, card=shown(old))
    phone.push()
    new = replaced(world, old)

    phone.deliver(right, card=shown(new))
    phone.push()

    assert outcomes(phone) == ["ok", "ok", "claim.already_delivered"]
    assert Card.objects.get(number=new).state == "active"
    assert custody.take_back(world.device(phone).uuid, actor=world.actor, at=timezone.now()) >= 0
