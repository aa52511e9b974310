"""Days at a point as phones tell them: refused, opened, closed in parts, in any order."""

from itertools import permutations

import pytest
from django.utils import timezone

from betang.core.identifiers import new_uuid
from betang.distribution.models import Day, DayPart, Entitlement, HomeNeed, Invitation
from betang.distribution.queue import queue_of
from betang.journal.models import Entry
from betang.registry.models import Household
from tests.sync.days import make_day
from tests.sync.world import VILLAGES, World

VILLAGE = VILLAGES[0]


def told(phone):
    phone.push()
    phone.pull()
    return [(d["outcome"], d["code"]) for d in phone.decisions]


def opened(phone, day):
    return phone.sign("day.opened", {"day": str(day.uuid), "point": None})


def closed(phone, day, served, absent, **more):
    data = {"day": str(day.uuid), "served": served, "absent": absent, "left": [], "photos": []}
    return phone.sign("day.closed", data | more, private={"witness_name": "Pak RT", "note": ""})


def state(day):
    return Day.objects.get(pk=day.pk).state


def states(day):
    return [place.state for place in queue_of(day)]


def split(world, day):
    """Give two phones that hold three families of the day each."""
    phones = [world.confirmed(areas=(VILLAGE,)) for _ in range(2)]
    for phone in phones:
        world.lease(phone, families=3)
        phone.fetch()
    return phones


class TestADay:
    def test_that_is_unknown_is_refused(self, world: World):
        phone = world.leased()
        phone.sign("day.opened", {"day": str(new_uuid())})

        assert told(phone) == [("refused", "day.unknown")]

    def test_outside_the_areas_of_the_device_is_refused(self, world: World):
        day = make_day(world, VILLAGES[2])
        phone = world.leased(areas=(VILLAGE,))
        opened(phone, day)
        closed(phone, day, 0, 6)

        assert told(phone) == [("refused", "day.unknown")] * 2
        assert state(day) == "planned"

    def test_is_opened_once_however_often_it_is_told(self, world: World):
        day = make_day(world, VILLAGE)
        phone = world.leased()
        opened(phone, day)
        opened(phone, day)

        assert told(phone) == [("accepted", "ok")] * 2
        assert state(day) == "opened"
        assert DayPart.objects.count() == 1
        assert states(day) == ["waiting"] * 6

    def test_marks_those_served_as_they_are_heard_and_the_rest_absent_at_its_close(self, world):
        day = make_day(world, VILLAGE)
        phone = world.leased()
        opened(phone, day)
        for right in world.rights(VILLAGE)[:4]:
            phone.deliver(right)
        left = [{"item": "beras", "quantity": 10, "unit": "kg"}]
        closed(phone, day, 4, 2, left=left, photos=["ab" * 32])

        assert set(told(phone)) == {("accepted", "ok")}
        assert state(day) == "closed"
        assert states(day) == ["served"] * 4 + ["absent"] * 2
        part = DayPart.objects.get()
        assert (part.served_told, part.absent_told, part.left_told) == (4, 2, left)
        assert part.photos == ["ab" * 32]
        assert not Entry.objects.filter(kind="day.differs").exists()

    def test_tells_the_office_when_told_and_counted_differ(self, world: World):
        day = make_day(world, VILLAGE)
        phone = world.leased()
        phone.deliver(world.rights(VILLAGE)[0])
        closed(phone, day, 3, 3)

        assert told(phone)[-1] == ("accepted", "ok")
        entry = Entry.objects.get(kind="day.differs")
        assert (entry.facts["served"], entry.facts["counted"]) == (3, 1)

    def test_counts_at_its_close_whatever_way_the_events_were_cut_into_batches(self, world):
        day = make_day(world, VILLAGE)
        phone = world.leased()
        first, second = world.rights(VILLAGE)[:2]
        phone.deliver(first)
        closed(phone, day, 1, 5)
        phone.deliver(second)

        assert set(told(phone)) == {("accepted", "ok")}
        assert not Entry.objects.filter(kind="day.differs").exists()
        assert states(day) == ["served"] * 2 + ["absent"] * 4

    def test_that_was_cancelled_stays_so_and_the_office_hears_of_it(self, world: World):
        day = make_day(world, VILLAGE)
        phone = world.leased()
        Day.objects.filter(pk=day.pk).update(state="cancelled", reason="flood")
        opened(phone, day)

        assert told(phone) == [("accepted", "ok")]
        assert state(day) == "cancelled"
        assert Entry.objects.filter(kind="day.opened_though_cancelled").count() == 1

    def test_waits_again_when_a_delivery_is_taken_back(self, world: World, budi, wati):
        day = make_day(world, VILLAGE)
        phone = world.leased()
        phone.deliver(world.rights(VILLAGE)[0])
        phone.push()
        assert states(day)[0] == "served"

        Entitlement.objects.filter(uuid=world.rights(VILLAGE)[0]).update(
            state="open", parts_delivered=0
        )

        assert states(day)[0] == "waiting"


class TestTwoPhonesAtOnePoint:
    def test_each_close_their_part_and_the_last_closes_the_day(self, world: World):
        day = make_day(world, VILLAGE)
        one, two = split(world, day)
        for phone in (one, two):
            opened(phone, day)
            phone.deliver(next(iter(phone.rights)))
        two.push()
        closed(one, day, 1, 2)
        one.push()
        assert state(day) == "opened"
        assert "absent" not in states(day)

        closed(two, day, 1, 2)
        two.push()

        assert state(day) == "closed"
        assert sorted(states(day)) == ["absent"] * 4 + ["served"] * 2
        assert not Entry.objects.filter(kind="day.differs").exists()

    def test_reopen_the_day_when_the_second_is_heard_after_the_first_closed(self, world: World):
        day = make_day(world, VILLAGE)
        one, two = split(world, day)
        closed(one, day, 0, 6)
        one.push()
        assert states(day) == ["absent"] * 6

        opened(two, day)
        two.push()

        assert state(day) == "opened"
        assert states(day) == ["waiting"] * 6

    @pytest.mark.parametrize("order", list(permutations(range(4))))
    def test_come_to_the_same_end_in_whatever_order_they_are_heard(self, world: World, order):
        day = make_day(world, VILLAGE)
        phones = split(world, day)
        for phone in phones:
            opened(phone, day)
            phone.deliver(next(iter(phone.rights)))
            closed(phone, day, 1, 2)
        halves = [(0, 1), (0, 2), (1, 1), (1, 2)]

        for n in order:  # a half that comes too early is held, and applied when the gap is filled
            which, size = halves[n]
            queue = phones[which].queue
            phones[which].send(queue[:1] if size == 1 else queue[1:])

        assert state(day) == "closed"
        assert sorted(states(day)) == ["absent"] * 4 + ["served"] * 2
        assert not Entry.objects.filter(kind="day.differs").exists()


class TestAFamilyThatCannotCome:
    def test_is_unknown_outside_the_areas_of_the_device(self, world: World):
        family = Household.objects.filter(village_id=VILLAGES[2]).first()
        phone = world.leased(areas=(VILLAGE,))
        phone.sign(
            "household.needs_home_delivery", {"household": str(family.uuid), "reason": "sick"}
        )

        assert told(phone) == [("refused", "household.unknown")]
        assert not HomeNeed.objects.exists()

    def test_is_served_at_home_from_now_on_and_the_journal_does_not_say_why(self, world: World):
        day = make_day(world, VILLAGE)
        family = Household.objects.filter(village_id=VILLAGE).first()
        phone = world.leased()
        data = {"household": str(family.uuid), "reason": "elderly", "day": str(day.uuid)}
        phone.sign("household.needs_home_delivery", data)

        assert told(phone) == [("accepted", "ok")]
        invitation = Invitation.objects.get(household=family)
        assert (invitation.mode, invitation.reason) == ("home", "elderly")
        assert HomeNeed.objects.get().reason == "elderly"
        assert "reason" not in Entry.objects.get(kind="household.needs_home").facts
        phone.fetch()
        assert phone.bundle["days"][0]["invitations"][0]["mode"] == "home"

    def test_is_told_twice_and_stands_once_with_the_newest_reason(self, world: World):
        make_day(world, VILLAGE)
        family = Household.objects.filter(village_id=VILLAGE).first()
        phone = world.leased()
        for reason in ("sick", "disabled"):
            phone.sign(
                "household.needs_home_delivery",
                {"household": str(family.uuid), "reason": reason},
                at=timezone.now(),
            )

        told(phone)

        assert [need.reason for need in HomeNeed.objects.all()] == ["disabled"]
        assert Invitation.objects.get(household=family).reason == "disabled"
