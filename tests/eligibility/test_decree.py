"""A decree takes two persons; enrolment follows, and nobody is enrolled twice."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from betang.eligibility.assess import assess
from betang.eligibility.decree import (
    BackdatedError,
    DecreeAreaError,
    DecreeExistsError,
    DecreeNotProposedError,
    DecreeNumberError,
    DecreeNumberTakenError,
    DecreeSamePersonError,
    NobodyEligibleError,
    RunAlteredError,
    RunSupersededError,
    approve,
    next_number,
    propose,
)
from betang.eligibility.models import Decree, Enrolment
from betang.journal.models import Entry

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 12)


@pytest.fixture
def judge(approved, budi, noon):
    rule_set = []

    def judged():
        if not rule_set:
            rule_set.append(approved())
        return assess(rule_set[0], actor=budi, at=noon)

    return judged


@pytest.fixture
def proposed(areas, budi, noon):
    def made(run, area=62, number="SK-1", on_date=ON):
        return propose(run, area=areas[area], number=number, on_date=on_date, actor=budi, at=noon)

    return made


@pytest.fixture
def decreed(proposed, wati, noon):
    def made(run, **given):
        return approve(proposed(run, **given), actor=wati, at=noon)

    return made


def enrolled():
    active = Enrolment.objects.filter(until_on__isnull=True)
    return set(active.values_list("household_id", flat=True))


class TestAProposal:
    @pytest.mark.parametrize("area", [620101, 6201012001])
    def test_is_refused_for_an_area_without_a_head_of_region(
        self, household, judge, proposed, area
    ):
        household()

        with pytest.raises(DecreeAreaError):
            proposed(judge(), area=area)

    @pytest.mark.parametrize("number", ["", "   ", "x" * 61, "SK\n1", "SK\x00"])
    def test_is_refused_a_number_that_is_none(self, household, judge, proposed, number):
        household()

        with pytest.raises(DecreeNumberError):
            proposed(judge(), number=number)

    def test_is_refused_over_a_run_that_was_superseded(self, household, judge, proposed):
        household()
        older = judge()
        judge()

        with pytest.raises(RunSupersededError):
            proposed(older)

    def test_is_refused_a_number_that_another_has(self, household, judge, proposed):
        household()
        run = judge()
        proposed(run, area=6201)

        with pytest.raises(DecreeNumberTakenError):
            proposed(run, area=62)

    def test_is_refused_twice_for_one_area(self, household, judge, proposed):
        household()
        run = judge()
        proposed(run)

        with pytest.raises(DecreeExistsError):
            proposed(run, number="SK-2")

    def test_is_refused_where_nobody_is_eligible(self, household, judge, proposed):
        household()

        with pytest.raises(NobodyEligibleError):
            proposed(judge(), area=6271)

    def test_counts_and_digests_the_list_and_enrols_nobody(self, household, judge, proposed):
        household()
        household(village=6271011001)
        household(decile=9)

        decree = proposed(judge(), area=6201)

        assert (decree.household_count, decree.state) == (1, "proposed")
        assert len(decree.digest) == 64
        assert enrolled() == set()
        assert Entry.objects.get(kind="decree.proposed").area == 6201

    def test_is_offered_the_next_number(self, household, judge, proposed, programme, areas):
        household()
        number = next_number(programme, areas[62], ON)
        proposed(judge(), number=number)

        assert number == "SK/KHBS/62/2026/001"
        assert next_number(programme, areas[62], ON) == "SK/KHBS/62/2026/002"


class TestAnApproval:
    def test_is_refused_to_the_proposer_even_from_another_account(
        self, household, judge, proposed, budi, noon
    ):
        household()
        decree = proposed(judge())

        with pytest.raises(DecreeSamePersonError):
            approve(decree, actor=type(budi)(budi.kind, decree.uuid, budi.person), at=noon)

        assert enrolled() == set()

    def test_is_refused_when_another_approved_first(
        self, household, judge, proposed, wati, sari, noon
    ):
        household()
        seen_by_sari = proposed(judge())
        approve(Decree.objects.get(), actor=wati, at=noon)

        with pytest.raises(DecreeNotProposedError):
            approve(seen_by_sari, actor=sari, at=noon)

        assert Entry.objects.filter(kind="decree.approved").count() == 1

    def test_is_refused_when_the_result_was_changed_behind_its_back(
        self, household, judge, proposed, wati, noon
    ):
        household()
        household(decile=9)
        decree = proposed(judge())
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE eligibility_assessment DISABLE TRIGGER USER")
            cursor.execute("UPDATE eligibility_assessment SET decision = 1")
            cursor.execute("ALTER TABLE eligibility_assessment ENABLE TRIGGER USER")

        with pytest.raises(RunAlteredError):
            approve(decree, actor=wati, at=noon)

    def test_is_refused_before_the_day_of_an_enrolment_that_stands(
        self, household, judge, decreed, proposed, wati, noon
    ):
        household()
        decreed(judge())
        earlier = proposed(judge(), number="SK-2", on_date=ON - timedelta(days=1))

        with pytest.raises(BackdatedError):
            approve(earlier, actor=wati, at=noon)

    def test_enrols_who_is_eligible_in_its_area_and_no_one_else(
        self, household, judge, decreed, programme
    ):
        near = household()
        household(decile=9)
        household(decile=None)
        household(village=6271011001)

        decree = decreed(judge(), area=6201)

        assert enrolled() == {near.pk}
        enrolment = Enrolment.objects.get()
        assert (enrolment.decree, enrolment.programme, enrolment.from_on) == (decree, programme, ON)
        entry = Entry.objects.get(kind="decree.approved")
        assert entry.area == 6201
        assert entry.facts | {"run": 0, "programme": 0, "digest": 0} == {
            "run": 0, "programme": 0, "digest": 0,
            "count": 1, "entered": 1, "left": 0, "stayed": 0, "undecided": 1,
        }  # fmt: skip

    def test_lets_each_regency_have_its_own(self, household, judge, decreed):
        near, far = household(), household(village=6271011001)
        run = judge()

        decreed(run, area=6201)
        decreed(run, area=6271, number="SK-2")

        assert enrolled() == {near.pk, far.pk}


class TestASecondDecree:
    def test_ends_who_is_eligible_no_more_and_keeps_the_others(self, household, judge, decreed):
        stays, leaves, doubtful, enters = (household() for _ in range(4))
        enters.decile = 9
        enters.save()
        first = decreed(judge())
        leaves.decile = 9
        doubtful.decile = None
        enters.decile = 1
        for each in (leaves, doubtful, enters):
            each.save()

        second = decreed(judge(), number="SK-2", on_date=ON + timedelta(days=30))

        assert enrolled() == {stays.pk, doubtful.pk, enters.pk}
        ended = Enrolment.objects.get(household=leaves)
        assert (ended.until_on, ended.ended_by) == (ON + timedelta(days=30), second)
        assert Enrolment.objects.get(household=stays).decree == first
        assert Enrolment.objects.get(household=enters).decree == second

    def test_ends_a_household_that_was_merged_or_left(self, household, judge, decreed):
        stays, merged = household(), household()
        decreed(judge())
        merged.state = "merged"
        merged.save()

        decreed(judge(), number="SK-2")

        assert enrolled() == {stays.pk}

    def test_leaves_other_regencies_alone(self, household, judge, decreed):
        household()
        far = household(village=6271011001)
        decreed(judge())
        far.decile = 9
        far.save()

        decreed(judge(), number="SK-2", area=6201)

        assert far.pk in enrolled()

    def test_lets_a_household_come_back(self, household, judge, decreed):
        household()
        family = household()
        decreed(judge())
        for number, decile in (("SK-2", 9), ("SK-3", 1)):
            family.decile = decile
            family.save()
            decreed(judge(), number=number)

        assert Enrolment.objects.filter(household=family).count() == 2
        assert family.pk in enrolled()


class TestTheDatabase:
    def test_refuses_two_active_enrolments_of_a_household(self, household, judge, decreed):
        household()
        decree = decreed(judge())
        one = Enrolment.objects.get()

        with pytest.raises(IntegrityError, match="one_active"), transaction.atomic():
            Enrolment.objects.create(
                household=one.household, programme=one.programme, decree=decree, from_on=ON
            )

    def test_refuses_to_change_or_delete_an_approved_decree(self, household, judge, decreed):
        household()
        decreed(judge())

        for statement in (
            "UPDATE eligibility_decree SET number = 'lain'",
            "UPDATE eligibility_decree SET state = 'proposed'",
            "DELETE FROM eligibility_decree",
        ):
            with (
                pytest.raises(IntegrityError),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)
