"""Families that came from another phone: their new phone may tell of them, wherever they live."""

import pytest

from betang.distribution.models import DayPart
from betang.registry.models import Household, HouseholdProposal
from sandbox.phones.phone import Phone
from sandbox.phones.transfer import give, offer, take
from tests.sync.days import make_day
from tests.sync.world import VILLAGES, World

HERE, ELSEWHERE = VILLAGES[0], VILLAGES[2]


@pytest.fixture
def taker(world: World) -> Phone:
    """A phone of another village, which took two families over and knows them from its bundle."""
    giver, taker = world.leased(areas=(HERE,)), world.leased(areas=(ELSEWHERE,))
    asked = offer(taker)
    take(taker, give(giver, asked, sorted(giver.rights)[:2]), asked)
    taker.synchronise()
    return taker


def families(phone: Phone) -> list[str]:
    return [one["uuid"] for one in phone.bundle["households"] if one["village"] == str(HERE)]


def codes(phone: Phone) -> list[str]:
    """What was decided of all but the hand-over itself."""
    phone.push()
    phone.pull()
    return [one["code"] for one in phone.decisions][1:]


class TestAFamilyThatWasNotHandedOver:
    def test_stays_the_business_of_others(self, world: World, taker: Phone):
        known = set(families(taker))
        other = Household.objects.filter(village_id=HERE).exclude(uuid__in=known).first()
        assert other
        taker.sign("household.verified", {"household": str(other.uuid), "outcome": "found"})

        assert codes(taker) == ["household.unknown"]

    def test_nor_does_a_transfer_that_the_receiver_never_signed_open_it(self, world: World):
        giver, taker = world.leased(areas=(HERE,)), world.confirmed(areas=(ELSEWHERE,))
        right = min(giver.rights)
        give(giver, offer(taker), [right])
        giver.push()
        family = Household.objects.get(
            uuid=next(e["household"] for e in giver.bundle["entitlements"] if e["uuid"] == right)
        )
        taker.sign("household.verified", {"household": str(family.uuid), "outcome": "found"})
        taker.push()
        taker.pull()

        assert [one["code"] for one in taker.decisions] == ["household.unknown"]

    def test_and_no_day_of_its_village_is_shown_before_the_receiver_signed(self, world: World):
        make_day(world, HERE)
        giver, taker = world.leased(areas=(HERE,)), world.confirmed(areas=(ELSEWHERE,))
        give(giver, offer(taker), sorted(giver.rights)[:2])
        giver.push()
        taker.fetch()

        assert (taker.bundle["leases"], taker.bundle["days"]) == ([], [])


class TestAFamilyThatWasTakenOver:
    def test_is_visited_and_found_at_home(self, taker: Phone):
        family = families(taker)[0]
        taker.sign("household.verified", {"household": family, "outcome": "found"})
        home = {"lat": -2.2, "lng": 113.9, "accuracy_m": 9.0}
        taker.sign("household.geotagged", {"household": family, "dwelling": "own"},
                   private={"home": home, "anchor": ""})  # fmt: skip

        assert codes(taker) == ["ok", "ok"]

    def test_is_spoken_of_in_problems_and_grievances(self, taker: Phone):
        family = families(taker)[0]
        place = {"household": family, "village": str(HERE)}
        taker.sign("problem.reported", place | {"code": "safety"}, private={"note": "x"})
        taker.sign("grievance.opened", place | {"kind": "complaint"}, private={"note": "x"})

        assert codes(taker) == ["ok", "ok"]

    def test_may_need_its_aid_at_home(self, taker: Phone):
        told = {"household": families(taker)[0], "reason": "sick", "day": None}
        taker.sign("household.needs_home_delivery", told, private={"note": ""})

        assert codes(taker) == ["ok"]


class TestTheVillageOfAFamilyThatWasTakenOver:
    def test_has_its_day_opened_and_closed(self, world: World, taker: Phone):
        day = make_day(world, HERE)
        taker.fetch()
        assert [one["uuid"] for one in taker.bundle["days"]] == [str(day.uuid)]
        taker.sign("day.opened", {"day": str(day.uuid), "point": None})
        told = {"day": str(day.uuid), "served": 0, "absent": 2, "left": []}
        taker.sign("day.closed", told, private={"note": "", "witness_name": ""})

        assert codes(taker) == ["ok", "ok"]
        assert DayPart.objects.get(day=day).absent_told == 2

    def test_has_its_stock_and_its_new_families_told_of(self, world: World, taker: Phone):
        item = {"item": "beras", "quantity": 5, "short": 0, "unit": "kg"}
        stock = {"village": str(HERE), "cycle": str(world.cycle.uuid), "items": [item]}
        taker.sign("stock.received", stock)
        taker.register(HERE, {"head_name": "Ibu Galuh"}, size=3)

        assert codes(taker) == ["ok", "household.proposed"]
        assert HouseholdProposal.objects.get().village_id == HERE
