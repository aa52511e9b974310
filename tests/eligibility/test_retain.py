"""Old runs are emptied of their rows, but never one that somebody may still be told from."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from betang.areas.models import Area
from betang.eligibility.assess import assess
from betang.eligibility.compare import compare
from betang.eligibility.decree import propose, withdraw
from betang.eligibility.models import Assessment, Decree, Emptying, Run
from betang.eligibility.retain import RunEmptiedError, empty_old
from betang.journal.models import Entry
from betang.programmes.cycles import plan_cycle

pytestmark = pytest.mark.django_db
DAYS = 180


@pytest.fixture
def rules(approved, household):
    for _ in range(3):
        household()
    return approved()


@pytest.fixture
def judged(rules, budi, noon):
    """Judge `n` times, a day after the other."""

    def made(n, cycle=None):
        at = noon + timedelta(days=Run.objects.count())
        return [
            assess(rules, cycle=cycle, actor=budi, at=at + timedelta(days=day)) for day in range(n)
        ]

    return made


def rows(run):
    return Assessment.objects.filter(run=run).count()


def decreed(run, actor, at):
    return propose(
        run, area=Area.objects.get(pk=62), number=f"SK {run.pk}", on_date=at.date(), actor=actor,
        at=at,
    )  # fmt: skip


class TestEmptying:
    @pytest.fixture
    def later(self, noon):
        return noon + timedelta(days=DAYS + 30)

    def test_leaves_young_runs_alone(self, judged, noon):
        older, _ = judged(2)

        assert empty_old(at=noon + timedelta(days=DAYS - 1), days=DAYS) == 0
        assert rows(older) == 3

    def test_leaves_the_newest_alone_however_old(self, judged, later):
        (run,) = judged(1)

        assert empty_old(at=later, days=DAYS) == 0
        assert rows(run) == 3

    def test_leaves_the_newest_of_each_cycle_alone(self, rules, judged, budi, noon, later):
        cycle = plan_cycle(
            rules.programme, code="202601", name="I", opens_on=date(2026, 1, 1),
            closes_on=date(2026, 3, 1), actor=budi, at=noon,
        )  # fmt: skip
        first, of_cycle = judged(2, cycle)
        without, newest = judged(2)

        while empty_old(at=later, days=DAYS):
            pass

        assert [rows(run) for run in (first, of_cycle, without, newest)] == [0, 3, 0, 3]

    @pytest.mark.parametrize("withdrawn", [False, True])
    def test_leaves_a_run_alone_on_which_a_decree_rests(self, judged, budi, noon, later, withdrawn):
        (older,) = judged(1)
        decree = decreed(older, budi, noon)
        if withdrawn:
            withdraw(decree, actor=budi, at=noon)
        judged(1)

        empty_old(at=later, days=DAYS)

        assert rows(older) == (0 if withdrawn else 3)

    def test_keeps_everything_where_the_setting_is_zero(self, judged, later):
        older, _ = judged(2)

        assert empty_old(at=later, days=0) == 0
        assert rows(older) == 3

    def test_goes_by_batches_and_says_so_once(self, judged, later):
        older, _ = judged(2)
        before = Run.objects.get(pk=older.pk)

        gone = [empty_old(at=later, days=DAYS, rows=2) for _ in range(3)]

        after = Run.objects.get(pk=older.pk)
        assert gone == [2, 1, 0]
        assert Entry.objects.get(kind="run.emptied").facts["digest"] == older.digest
        assert Emptying.objects.get().done_at == later
        assert (after.digest, after.counts, after.indicator_counts) == (
            before.digest, before.counts, before.indicator_counts,
        )  # fmt: skip
        assert after.indicator_counts

    def test_leaves_a_run_that_nobody_compares_with(self, judged, later):
        older, newer = judged(2)
        empty_old(at=later, days=DAYS)

        with pytest.raises(RunEmptiedError):
            compare(older, newer)


class TestTheDatabase:
    def test_lets_no_row_go_of_a_run_that_is_kept(self, judged):
        older, _ = judged(2)

        with pytest.raises(IntegrityError, match="the run is kept"), transaction.atomic():
            delete_all()

        assert rows(older) == 3

    def test_refuses_to_empty_a_run_on_which_a_decree_rests(self, judged, budi, noon):
        (run,) = judged(1)
        decreed(run, budi, noon)

        with pytest.raises(IntegrityError, match="a decree rests"), transaction.atomic():
            Emptying.objects.create(run=run, at=noon)

    def test_refuses_a_decree_on_an_emptied_run(self, judged, budi, noon):
        (run,) = judged(1)
        Emptying.objects.create(run=run, at=noon)

        with pytest.raises(RunEmptiedError):
            decreed(run, budi, noon)
        with pytest.raises(IntegrityError, match="were emptied"), transaction.atomic():
            Decree.objects.create(
                number="x", on_date=noon.date(), programme=run.rule_set.programme, area_id=62,
                run=run, household_count=1, digest="0" * 64, proposed_by_person=budi.person,
                proposed_at=noon,
            )  # fmt: skip

    def test_never_unsays_that_a_run_was_emptied(self, judged, noon):
        (run,) = judged(1)
        Emptying.objects.create(run=run, at=noon)

        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Emptying.objects.all().delete()


def delete_all():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM eligibility_assessment")
