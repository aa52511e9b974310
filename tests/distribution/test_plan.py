"""Planning the days of a cycle: refused, previewed, made once, made again for who came later."""

from datetime import date, time, timedelta

import pytest

from betang.areas.models import DistributionPoint
from betang.distribution.models import Day, Entitlement, HomeNeed, Invitation
from betang.distribution.plan import (
    CycleNotOpenError,
    NobodyToInviteError,
    Shape,
    ShapeError,
    TooManyForPointError,
    Wave,
    WavesError,
    plan_days,
    preview,
)
from betang.journal.models import Entry
from betang.programmes.models import Cycle
from betang.registry.models import Household
from tests.sync.days import make_point
from tests.sync.world import VILLAGES, World

MONDAY = date(2026, 11, 30)
TODAY = date(2026, 11, 24)


def planned(world: World, *waves: Wave, **shape: object):
    return plan_days(
        world.cycle,
        waves or (Wave(62, MONDAY),),
        Shape(**shape),
        today=TODAY,
        actor=world.actor,
        at=world.at,
    )


def queues() -> list[tuple[int, date, list[int]]]:
    return [
        (
            day.point.village_id,
            day.held_on,
            list(
                Invitation.objects.filter(day=day, ended=None)
                .order_by("queue")
                .values_list("queue", flat=True)
            ),
        )
        for day in Day.objects.select_related("point").order_by("point__village_id", "held_on")
    ]


class TestAPlan:
    def test_of_a_cycle_that_does_not_run_is_refused(self, world: World):
        Cycle.objects.filter(pk=world.cycle.pk).update(state="closed")

        with pytest.raises(CycleNotOpenError):
            planned(world)

    @pytest.mark.parametrize(
        "shape",
        [
            {"per_day": 0},
            {"per_day": 1_001},
            {"slot_minutes": 0},
            {"closes": time(8)},
            {"closes": time(7)},
            {"slot_minutes": 600},
        ],
    )
    def test_of_a_day_that_is_none_is_refused(self, world: World, shape):
        with pytest.raises(ShapeError):
            planned(world, **shape)

    @pytest.mark.parametrize(
        "waves",
        [
            [Wave(62, TODAY - timedelta(days=1))],
            [Wave(6201, MONDAY), Wave(6201, MONDAY)],
            [Wave(62, MONDAY)] * 201,
        ],
    )
    def test_of_waves_that_are_none_is_refused(self, world: World, waves):
        with pytest.raises(WavesError):
            planned(world, *waves)

    def test_of_an_area_where_nobody_is_due_is_refused_and_leaves_nothing(self, world: World):
        with pytest.raises(NobodyToInviteError):
            planned(world, Wave(6299, MONDAY))

        assert not Day.objects.exists()

    def test_that_a_point_cannot_hold_is_refused(self, world: World):
        households = Household.objects.filter(village_id=VILLAGES[0])
        base = households.first()
        made = Household.objects.bulk_create(
            Household(uuid=f"00000000-0000-7000-8000-{n:012d}", number=f"9{n:09d}",
                      village_id=VILLAGES[0], head_name="Warga")
            for n in range(60)
        )  # fmt: skip
        right = Entitlement.objects.filter(household=base, channel="hand").first()
        Entitlement.objects.bulk_create(
            Entitlement(household=one, cycle=world.cycle, benefit=right.benefit,
                        village_id=VILLAGES[0], channel="hand", amount_rupiah=1)
            for one in made
        )  # fmt: skip

        with pytest.raises(TooManyForPointError) as refused:
            planned(world, per_day=1)

        assert "13 keluarga" in refused.value.told  # 66 families, 53 working days

    def test_gives_every_village_a_point_and_every_family_a_place(self, world: World):
        done = planned(world)

        assert (done.days, done.invitations, done.points) == (3, 18, 3)
        assert queues() == [(village, MONDAY, [1, 2, 3, 4, 5, 6]) for village in VILLAGES]
        names = set(DistributionPoint.objects.values_list("name", flat=True))
        assert f"Balai Desa Desa {VILLAGES[0]}" in names
        entry = Entry.objects.get(kind="days.planned")
        assert entry.facts["invitations"] == 18
        assert entry.facts["digest"] == done.digest

    def test_shows_first_what_it_makes_then(self, world: World):
        for village in VILLAGES:
            make_point(village)

        shown = preview(world.cycle, [Wave(62, MONDAY)], Shape(per_day=4), today=TODAY)
        assert not Day.objects.exists()
        done = planned(world, per_day=4)

        assert (shown.days, shown.families) == (done.days, done.invitations)
        assert shown.without_point == 0
        assert [one.last_on for one in shown.districts] == [MONDAY + timedelta(days=1)] * 2

    def test_fills_days_and_slots_in_order_and_rests_on_sundays(self, world: World):
        saturday = MONDAY - timedelta(days=2)

        planned(world, Wave(VILLAGES[0], saturday), per_day=4, slot_minutes=60, closes=time(10))

        assert queues() == [
            (VILLAGES[0], saturday, [1, 2, 3, 4]),
            (VILLAGES[0], MONDAY, [1, 2]),
        ]
        slots = Invitation.objects.filter(day__held_on=saturday).order_by("queue")
        assert [one.slot for one in slots] == [time(8), time(8), time(9), time(9)]

    def test_follows_the_wave_with_the_longest_code(self, world: World):
        later = MONDAY + timedelta(days=7)

        planned(world, Wave(62, MONDAY), Wave(VILLAGES[1], later))

        assert [(village, on) for village, on, _ in queues()] == [
            (VILLAGES[0], MONDAY),
            (VILLAGES[1], later),
            (VILLAGES[2], MONDAY),
        ]

    def test_shares_a_village_between_its_points_by_neighbourhood(self, world: World):
        make_point(VILLAGES[0], "Hulu")
        make_point(VILLAGES[0], "Hilir")
        DistributionPoint.objects.create(
            uuid="00000000-0000-7000-8000-000000000001", name="Lama", village_id=VILLAGES[0],
            active=False,
        )  # fmt: skip
        families = list(Household.objects.filter(village_id=VILLAGES[0]).order_by("pk"))
        for n, one in enumerate(families):
            Household.objects.filter(pk=one.pk).update(rw="002" if n % 2 else "001")

        planned(world, Wave(VILLAGES[0], MONDAY))

        upstream = Invitation.objects.filter(day__point__name="Hulu").order_by("queue")
        assert [one.household_id for one in upstream] == [one.pk for one in families[::2]]
        assert Invitation.objects.filter(day__point__name="Hilir").count() == 3

    def test_plans_a_home_delivery_for_who_cannot_come(self, world: World):
        family = Household.objects.filter(village_id=VILLAGES[0]).first()
        HomeNeed.objects.create(household=family, reason="disabled", told_at=world.at)

        planned(world)

        modes = Invitation.objects.filter(mode="home")
        assert [(one.household_id, one.reason) for one in modes] == [(family.pk, "disabled")]

    def test_run_again_invites_only_who_has_no_invitation(self, world: World):
        planned(world, per_day=4)
        before = set(Invitation.objects.values_list("pk", flat=True))
        with pytest.raises(NobodyToInviteError):
            planned(world, per_day=4)
        late = Invitation.objects.filter(day__point__village_id=VILLAGES[0], queue=2).first()
        Invitation.objects.filter(pk=late.pk).update(ended="moved")

        done = planned(world, per_day=4)

        assert (done.days, done.invitations) == (0, 1)
        (fresh,) = Invitation.objects.exclude(pk__in=before)
        assert fresh.day_id == late.day_id
        assert fresh.queue == 5  # number 2 stands on a slip of paper: it is not given out again

    def test_run_again_leaves_a_day_alone_that_was_opened(self, world: World):
        planned(world)
        Day.objects.update(state="opened")
        Invitation.objects.filter(queue=6).update(ended="moved")

        done = planned(world)

        assert done.days == 3
        assert {on for _, on, _ in queues()} == {MONDAY, MONDAY + timedelta(days=1)}

    def test_leaves_out_who_has_been_served(self, world: World):
        phone = world.leased()
        phone.deliver(world.rights(VILLAGES[0])[0])
        phone.push()

        assert planned(world).invitations == 17
