"""Days that nobody opened an hour after their time, or closed by the next morning, are alerts."""

from datetime import datetime, timedelta

import pytest

from betang.core.clock import WIB
from betang.distribution.models import Day
from betang.journal import feed
from betang.monitoring import late_days
from betang.monitoring.models import Alert
from betang.monitoring.watch import follow
from betang.wiring import SCHEDULE
from tests.sync.days import make_day
from tests.sync.world import VILLAGES, World, make_world


@pytest.fixture
def world(db, keys, budi, wati) -> World:
    return make_world(budi, wati)


@pytest.fixture
def day(world) -> Day:
    return make_day(world, VILLAGES[0])


def clock(day: Day, hour: int, minute: int = 0, *, days: int = 0) -> datetime:
    on = day.held_on + timedelta(days=days)
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=WIB)


def alerts() -> list[tuple[str, str]]:
    return list(Alert.objects.order_by("pk").values_list("kind", "state"))


class TestADayThatWasNotOpened:
    def test_is_no_alert_within_the_hour(self, day):
        late_days.look(at=clock(day, 8, 59))

        assert alerts() == []

    def test_is_one_alert_after_it_and_none_when_it_is_heard_of(self, day):
        late_days.look(at=clock(day, 9, 1))
        late_days.look(at=clock(day, 9, 2))
        alert = Alert.objects.get()
        assert (alert.kind, alert.subject, alert.area) == ("day_not_opened", day.uuid, VILLAGES[0])
        Day.objects.update(state="opened")

        late_days.look(at=clock(day, 9, 3))

        assert alerts() == [("day_not_opened", "closed")]

    @pytest.mark.parametrize("state", ["cancelled", "closed", "opened"])
    def test_is_no_alert_where_it_is_not_planned_any_more(self, day, state):
        Day.objects.update(state=state, reason="flood")

        late_days.look(at=clock(day, 15))

        assert alerts() == []


class TestADayThatWasNotClosed:
    def test_is_an_alert_the_next_morning_until_it_is(self, day):
        Day.objects.update(state="opened")
        late_days.look(at=clock(day, 5, 59, days=1))
        assert alerts() == []

        late_days.look(at=clock(day, 6, 1, days=1))
        assert alerts() == [("day_not_closed", "open")]
        Day.objects.update(state="closed")
        late_days.look(at=clock(day, 6, 2, days=1))

        assert alerts() == [("day_not_closed", "closed")]


def test_told_and_counted_that_differ_are_an_alert_of_the_day(world, day):
    phone = world.leased()
    phone.sign("day.closed", {"day": str(day.uuid), "served": 3, "absent": 3})
    phone.push()
    feed.move()

    follow([entry for entry in feed.after(0) if entry.kind == "day.differs"])

    assert Alert.objects.get(kind="day_differs").subject == day.uuid


def test_runs_by_the_clock_of_the_worker(world, day):
    Day.objects.update(held_on=day.held_on - timedelta(days=1))

    for job, every in SCHEDULE.items():
        if every == 60.0:
            job()

    assert ("day_not_opened", "open") in alerts()
