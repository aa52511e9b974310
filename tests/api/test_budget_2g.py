"""What a village of 178 families costs on 2G: bytes and round trips, held to the budget.

The budget is that of docs/protocols/device.md, section 15; seconds come from it, and are measured
through a slow network by `make bench`.
"""

from typing import NamedTuple

import pytest
from django.db import connection

from benchmarks.field_world import CARDS
from benchmarks.village import FAMILIES, FURNISH, MEMBERS, Wire, serve_all
from betang.core.actor import Actor
from betang.distribution.models import Delivery
from sandbox.phones.phone import Phone
from tests.sync.world import VILLAGES, World, make_world

HERE = VILLAGES[0]


class Budget(NamedTuple):
    """Round trips and bytes, headers included."""

    trips: int
    up: int
    down: int


#: docs/protocols/device.md, section 15.
MORNING = Budget(trips=2, up=2_000, down=60_000)
EVENING = Budget(trips=5, up=210_000, down=16_000)
NOTHING_NEW = Budget(trips=2, up=2_000, down=2_500)


@pytest.fixture
def village(db: None, keys: None, budi: Actor, wati: Actor) -> World:
    world = make_world(budi, wati, families=FAMILIES)
    with connection.cursor() as cursor:
        cursor.execute(FURNISH, {"village": HERE})
        cursor.execute(MEMBERS, {"village": HERE})
        cursor.execute(CARDS)
    return world


def watched(phone: Phone) -> Wire:
    assert phone.client is not None
    return Wire().watch(phone.client)


class TestAVillageOn2G:
    def test_stays_in_the_budget(self, village: World):
        phone = village.confirmed(areas=(HERE,))
        village.lease(phone)
        phone.brief = True

        morning = watched(phone)
        phone.synchronise()
        serve_all(phone)
        evening = watched(phone)
        phone.synchronise()
        nothing_new = watched(phone)
        phone.synchronise()

        assert Delivery.objects.filter(counted=True).count() == FAMILIES
        assert len(phone.decisions) == FAMILIES
        assert not phone.queue
        for wire, budget in ((morning, MORNING), (evening, EVENING), (nothing_new, NOTHING_NEW)):
            assert wire.trips <= budget.trips, wire.paths
            assert wire.up <= budget.up
            assert wire.down <= budget.down

    def test_is_not_sent_whole_again_when_one_family_was_served_elsewhere(self, village: World):
        phone = village.confirmed(areas=(HERE,))
        village.lease(phone)
        phone.synchronise()
        phone.deliver(next(iter(phone.rights)))
        one = watched(phone)

        phone.synchronise()

        assert one.up + one.down < (MORNING.up + MORNING.down) / 2
