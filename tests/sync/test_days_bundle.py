"""The days at a point, as a device reads them with its bundle."""

import pytest
from django.db import IntegrityError, transaction

from betang.distribution.models import Day, Invitation
from betang.registry.models import Household
from tests.sync.days import make_day, today
from tests.sync.world import VILLAGES, World


class TestABundle:
    def test_tells_no_day_of_a_village_without_a_lease(self, world: World):
        make_day(world, VILLAGES[0])
        phone = world.confirmed(areas=(6201,))

        phone.fetch()

        assert phone.bundle["days"] == []

    def test_tells_no_day_of_another_village_than_those_of_the_lease(self, world: World):
        make_day(world, VILLAGES[2])

        phone = world.leased(areas=(6201,))

        assert phone.bundle["days"] == []

    def test_leaves_out_a_cancelled_day(self, world: World):
        day = make_day(world, VILLAGES[0])
        Day.objects.filter(pk=day.pk).update(state="cancelled", reason="flood")

        phone = world.leased()

        assert phone.bundle["days"] == []

    def test_tells_day_point_and_queue_in_order(self, world: World):
        day = make_day(world, VILLAGES[0])
        families = list(Household.objects.filter(village_id=VILLAGES[0]).order_by("pk"))
        Invitation.objects.filter(household=families[1]).update(mode="home", reason="sick")
        Invitation.objects.filter(household=families[2]).update(ended="moved")

        phone = world.leased()

        (told,) = phone.bundle["days"]
        invited = told.pop("invitations")
        assert told == {
            "uuid": str(day.uuid),
            "point": {
                "uuid": str(day.point.uuid),
                "name": "Balai Desa",
                "village": str(VILLAGES[0]),
                "lat": None,
                "lng": None,
            },
            "cycle": str(world.cycle.uuid),
            "date": today().isoformat(),
            "opens": "08:00",
            "closes": "15:00",
            "state": "planned",
        }
        assert [one["queue"] for one in invited] == [1, 2, 4, 5, 6]
        assert invited[1] == {
            "household": str(families[1].uuid),
            "queue": 2,
            "slot": "08:20",
            "mode": "home",
        }

    def test_still_tells_the_day_when_its_last_family_was_served(self, world: World):
        make_day(world, VILLAGES[0])
        phone = world.leased(areas=(VILLAGES[0],))
        for right in world.rights(VILLAGES[0]):
            phone.deliver(right)
        phone.push()

        phone.fetch()

        assert len(phone.bundle["days"]) == 1


class TestTheDatabase:
    def test_refuses_a_second_live_invitation_of_a_family_in_a_cycle(self, world: World):
        make_day(world, VILLAGES[0])
        other = make_day(world, VILLAGES[1])
        family = Household.objects.filter(village_id=VILLAGES[0]).first()

        with pytest.raises(IntegrityError, match="invited_once_a_cycle"), transaction.atomic():
            Invitation.objects.create(
                day=other, cycle=world.cycle, household=family, queue=99, slot="09:00"
            )

    def test_refuses_an_invitation_into_a_day_of_another_cycle(self, world: World):
        day = make_day(world, VILLAGES[0])
        row = Invitation.objects.filter(day=day).first()

        with pytest.raises(IntegrityError, match="of_a_day_of_its_cycle"), transaction.atomic():
            Invitation.objects.filter(pk=row.pk).update(cycle_id=world.cycle.pk + 1)

    def test_refuses_a_home_delivery_without_a_reason(self, world: World):
        make_day(world, VILLAGES[0])

        with pytest.raises(IntegrityError, match="home_with_a_reason"), transaction.atomic():
            Invitation.objects.all().update(mode="home")
