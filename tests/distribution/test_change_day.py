"""Changing a plan: moved, cancelled, another day, at home; refused once the day began."""

from datetime import date, time, timedelta

import pytest

from betang.distribution import change_day as change
from betang.distribution.models import Day, HomeNeed, Invitation
from betang.distribution.queue import counts_of
from betang.journal.models import Entry
from betang.registry.models import Household
from tests.sync.days import make_day, make_point, today
from tests.sync.world import VILLAGES, World

VILLAGE = VILLAGES[0]


@pytest.fixture
def day(world: World) -> Day:
    return make_day(world, VILLAGE, after=7)


def moved(world: World, day: Day, **how: object) -> Day:
    options = {
        "to_on": day.held_on + timedelta(days=3), "today": today(), "reason": "flood",
        "actor": world.actor, "at": world.at,
    }  # fmt: skip
    return change.move_day(day, **(options | how))


def first_family() -> Household:
    return Household.objects.filter(village_id=VILLAGE).order_by("pk").first()


class TestMovingADay:
    @pytest.mark.parametrize("state", ["opened", "closed", "cancelled"])
    def test_that_began_or_ended_is_refused(self, world, day, state):
        Day.objects.filter(pk=day.pk).update(state=state, reason="other")

        with pytest.raises(change.DayBegunError):
            moved(world, day)

    @pytest.mark.parametrize(
        ("how", "refusal"),
        [
            ({"reason": "whim"}, change.DayReasonError),
            ({"note": "x" * 501}, change.DayReasonError),
            ({"to_on": date(2020, 1, 1)}, change.DayDateError),
            ({"to_on": date(2099, 1, 1)}, change.DayDateError),
            ({"closes": time(7)}, change.DayHoursError),
        ],
    )
    def test_to_nowhere_is_refused(self, world, day, how, refusal):
        with pytest.raises(refusal):
            moved(world, day, **how)

    def test_to_a_point_of_another_village_is_refused(self, world, day):
        with pytest.raises(change.PointElsewhereError):
            moved(world, day, to_point=make_point(VILLAGES[1]))

    def test_onto_another_day_of_its_point_is_refused(self, world, day):
        Day.objects.create(
            point=day.point, cycle=world.cycle, held_on=day.held_on + timedelta(days=3),
            opens=time(8), closes=time(12),
        )  # fmt: skip

        with pytest.raises(change.DayTakenError):
            moved(world, day)

    def test_keeps_its_queue_and_shifts_its_slots(self, world, day):
        last = Invitation.objects.order_by("-queue").first()

        moved(world, day, opens=time(13), closes=time(13, 30), note="Air sungai naik")

        day.refresh_from_db()
        assert day.held_on == today() + timedelta(days=10)
        assert change.note_of(day) == "Air sungai naik"
        slots = list(Invitation.objects.order_by("queue").values_list("slot", flat=True))
        assert slots[:2] == [time(13, 10), time(13, 20)]
        assert slots[-1] == time(13, 29)
        last.refresh_from_db()
        assert last.queue == 6
        entry = Entry.objects.get(kind="day.moved")
        assert entry.facts["reason"] == "flood"
        assert "Air" not in str(entry.facts)


class TestCancellingADay:
    def test_that_was_opened_is_refused(self, world, day):
        Day.objects.filter(pk=day.pk).update(state="opened")

        with pytest.raises(change.DayBegunError):
            change.cancel_day(day, reason="flood", actor=world.actor, at=world.at)

        assert Invitation.objects.filter(ended=None).count() == 6

    def test_frees_its_families_for_another_plan(self, world, day):
        assert change.cancel_day(day, reason="flood", actor=world.actor, at=world.at) == 6

        assert not Invitation.objects.filter(ended=None).exists()
        assert Entry.objects.get(kind="day.cancelled").facts["invitations"] == 6


class TestInvitingAFamilyElsewhere:
    @pytest.mark.parametrize("state", ["closed", "cancelled"])
    def test_into_a_day_that_is_over_is_refused(self, world, day, state):
        other = make_day(world, VILLAGES[1], after=8)
        Day.objects.filter(pk=other.pk).update(state=state, reason="other")

        with pytest.raises(change.DayFullError):
            change.invite(first_family(), other, actor=world.actor, at=world.at)

        assert Invitation.objects.get(household=first_family()).ended is None

    def test_into_its_own_day_is_refused(self, world, day):
        with pytest.raises(change.DayFullError):
            change.invite(first_family(), day, actor=world.actor, at=world.at)

    def test_who_was_served_is_refused(self, world, day):
        phone = world.leased()
        phone.deliver(world.rights(VILLAGE)[0])
        phone.push()
        other = make_day(world, VILLAGES[1], after=8)

        with pytest.raises(change.NotDueError):
            change.invite(first_family(), other, actor=world.actor, at=world.at)

    def test_gives_the_next_number_and_ends_the_old_place(self, world, day):
        other = make_day(world, VILLAGES[1], after=8)

        made = change.invite(first_family(), other, actor=world.actor, at=world.at)

        assert (made.queue, made.slot) == (7, time(9, 0))
        assert Invitation.objects.get(household=first_family(), day=day).ended == "moved"
        assert counts_of([day])[day.pk].invited == 5

    def test_keeps_that_it_was_absent_before(self, world, day):
        Day.objects.filter(pk=day.pk).update(state="closed")
        other = make_day(world, VILLAGES[1], after=8)

        change.invite(first_family(), other, actor=world.actor, at=world.at)

        day.refresh_from_db()
        count = counts_of([day])[day.pk]
        assert (count.invited, count.absent, count.waiting) == (6, 6, 0)


class TestServingAtHome:
    def test_without_a_reason_is_refused(self, world, day):
        with pytest.raises(change.HomeReasonError):
            change.serve_at_home(first_family(), "", actor=world.actor, at=world.at)

    def test_stands_until_the_family_can_come_again(self, world, day):
        change.serve_at_home(first_family(), "sick", actor=world.actor, at=world.at)
        assert Invitation.objects.get(household=first_family()).mode == "home"
        other = make_day(world, VILLAGES[1], after=8)
        made = change.invite(first_family(), other, actor=world.actor, at=world.at)
        assert (made.mode, made.reason) == ("home", "sick")

        change.serve_at_point(first_family(), actor=world.actor, at=world.at)

        made.refresh_from_db()
        assert (made.mode, made.reason) == ("point", None)
        assert not HomeNeed.objects.filter(ended_at=None).exists()
