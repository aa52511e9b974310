"""Who had a network and did not ask about what was drawn is noticed; who had none is not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from betang.distribution.models import Delivery, Entitlement
from betang.monitoring import not_asked
from betang.monitoring.close import close
from betang.monitoring.models import Alert
from betang.wiring import SCHEDULE
from tests.sync.drawn import draw
from tests.sync.world import World, make_world

ENOUGH = not_asked.UNASKED_A_DAY_MAX + 1


@pytest.fixture
def world(db, keys, budi, wati) -> World:
    return make_world(budi, wati)


@pytest.fixture
def drawn(world, monkeypatch) -> list[str]:
    """Rights that the next lease draws, as many as make an alert."""
    rights = world.rights()
    found: list[str] = []

    def enough(drawn) -> bool:
        found[:] = [right for right in rights if drawn(right)]
        return len(found) == ENOUGH

    draw(monkeypatch, enough)
    return found


@pytest.fixture
def phone(world, drawn):
    return world.leased(areas=(62,))


def look() -> list[str]:
    not_asked.look(at=timezone.now())
    return list(Alert.objects.values_list("kind", flat=True))


class TestNoAlert:
    def test_where_there_was_no_network(self, phone, drawn):
        for right in drawn:
            phone.deliver(right, at=timezone.now() - timedelta(minutes=10))
        phone.push()

        assert Delivery.objects.filter(counted=True).count() == ENOUGH
        assert look() == []

    def test_of_a_clock_that_is_days_ahead(self, phone, drawn):
        for right in drawn:
            phone.deliver(right)
        phone.push()
        Delivery.objects.update(at=timezone.now() + timedelta(days=1))

        assert look() == []

    def test_of_rights_that_were_not_drawn(self, phone, drawn, world):
        for right in set(world.rights()) - set(drawn):
            phone.deliver(right)
        phone.push()

        assert look() == []

    def test_of_who_asked(self, phone, drawn):
        for right in drawn:
            phone.reserve(entitlement=right)
            phone.deliver(right)
        phone.push()

        assert look() == []
        assert set(Entitlement.objects.filter(uuid__in=drawn).values_list("state", flat=True)) == {
            "delivered"
        }

    def test_of_a_cell_that_came_back_a_minute_later(self, phone, drawn):
        phone.reserve(entitlement=drawn[0])
        for right in drawn:
            phone.deliver(right)
        phone.push()

        assert look() == []


class TestAnAlert:
    def test_is_raised_once_for_a_day_and_stays_closed(self, phone, drawn, world, wati):
        for right in drawn:
            phone.deliver(right)
        phone.push()

        assert look() == look() == ["office_not_asked"]
        alert = Alert.objects.get()
        assert (alert.facts["count"], alert.times) == (ENOUGH, 1)
        assert alert.facts["device"] == str(world.device(phone).uuid)
        close(alert, "Sinyal putus-putus di dermaga.", actor=wati, at=timezone.now())
        assert look() == ["office_not_asked"]

    def test_comes_though_another_phone_asked(self, phone, drawn, world):
        other = world.confirmed(areas=(62,))
        for right in drawn:
            with pytest.raises(Exception, match="held_elsewhere"):
                other.reserve(entitlement=right)
            phone.deliver(right)
        phone.push()

        assert look() == ["office_not_asked"]

    def test_is_looked_for_by_the_worker(self, phone, drawn):
        for right in drawn:
            phone.deliver(right)
        phone.push()

        for job in SCHEDULE:
            job()

        assert Alert.objects.filter(kind="office_not_asked").count() == 1
