"""Two at once: planners of one cycle, phones that close one day; on connections of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from betang.core.identifiers import new_uuid
from betang.distribution.hold_day import Closed, Opened, Teller, close_part, open_parts
from betang.distribution.models import Day, DayPart, Invitation
from betang.distribution.plan import NobodyToInviteError, Shape, Wave, plan_days
from betang.journal.models import Entry
from tests.conftest import PATIENCE_S
from tests.sync.days import make_day, today
from tests.sync.world import VILLAGES, World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(keys, budi, wati) -> World:
    return make_world(budi, wati)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do each act in a transaction and thread of its own, begun together; give what came of it."""
    ready = Barrier(len(acts))

    def doing(act: Callable[[], object]) -> object:
        try:
            ready.wait(PATIENCE_S)
            with transaction.atomic():
                return act()
        except NobodyToInviteError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(doing, acts))


def test_two_planners_invite_each_family_once(world):
    def plan() -> object:
        waves = [Wave(62, today())]
        return plan_days(
            world.cycle, waves, Shape(sundays=True), today=today(), actor=world.actor, at=world.at
        )

    came = at_once(plan, plan, plan)

    assert sum(isinstance(one, NobodyToInviteError) for one in came) == 2
    assert Invitation.objects.count() == 18
    assert Day.objects.count() == 3
    assert Entry.objects.filter(kind="days.planned").count() == 1


def test_phones_that_close_a_day_at_one_moment_close_it(world):
    day = make_day(world, VILLAGES[0])
    devices = [world.device(world.confirmed()) for _ in range(4)]
    tellers = [Teller(one.pk, one.uuid, one.short_id, world.actor) for one in devices]
    for by in tellers:
        with transaction.atomic():
            open_parts([Opened(new_uuid(), day.uuid, world.at)], by=by, at=world.at)

    def closing(by: Teller) -> Callable[[], object]:
        told = Closed(new_uuid(), day.uuid, world.at, 0, 6, (), None, ())
        return lambda: close_part(told, by=by, at=world.at)

    assert at_once(*map(closing, tellers)) == [True] * 4
    assert DayPart.objects.filter(closed_at=None).count() == 0
    assert Day.objects.get().state == "closed"
