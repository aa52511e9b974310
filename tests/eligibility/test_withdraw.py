"""Taking a proposal back: only before it is approved, and once."""

import pytest
from django.db import IntegrityError, transaction

from betang.areas.models import Area
from betang.eligibility.assess import assess
from betang.eligibility.decree import (
    DecreeNumberTakenError,
    DecreeStandsError,
    DecreeWithdrawnError,
    approve,
    propose,
    withdraw,
)
from betang.eligibility.models import Decree, Enrolment
from betang.journal.models import Entry

pytestmark = pytest.mark.django_db
NUMBER = "SK/62/2026/1"


@pytest.fixture
def run(approved, household, budi, noon):
    household()
    return assess(approved(), actor=budi, at=noon)


@pytest.fixture
def proposed(run, budi, noon):
    return proposal(run, budi, noon)


def proposal(run, actor, at):
    area = Area.objects.get(pk=62)
    return propose(run, area=area, number=NUMBER, on_date=at.date(), actor=actor, at=at)


class TestWithdrawing:
    def test_is_refused_after_the_approval(self, proposed, budi, wati, noon):
        stale = Decree.objects.get(pk=proposed.pk)
        approve(proposed, actor=wati, at=noon)

        with pytest.raises(DecreeStandsError):
            withdraw(stale, actor=budi, at=noon)

        assert Enrolment.objects.count() == 1
        assert not Entry.objects.filter(kind="decree.withdrawn").exists()

    def test_is_refused_a_second_time(self, proposed, budi, noon):
        withdraw(proposed, actor=budi, at=noon)

        with pytest.raises(DecreeWithdrawnError):
            withdraw(proposed, actor=budi, at=noon)

        assert Entry.objects.filter(kind="decree.withdrawn").count() == 1

    def test_leaves_nothing_to_approve(self, proposed, budi, wati, noon):
        stale = Decree.objects.get(pk=proposed.pk)
        withdraw(proposed, actor=budi, at=noon)

        with pytest.raises(DecreeWithdrawnError):
            approve(stale, actor=wati, at=noon)

        assert not Enrolment.objects.exists()

    def test_frees_the_number_and_the_run(self, run, proposed, budi, noon):
        with pytest.raises(DecreeNumberTakenError):
            proposal(run, budi, noon)
        withdraw(proposed, actor=budi, at=noon)

        again = proposal(run, budi, noon)

        assert again.state == "proposed"
        assert Decree.objects.filter(number=NUMBER).count() == 2

    def test_the_database_keeps_it_withdrawn(self, proposed, budi, noon):
        withdraw(proposed, actor=budi, at=noon)

        for changed in (
            {"state": "proposed", "withdrawn_by_person": None, "withdrawn_at": None},
            {"withdrawn_by_person": budi.uuid},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                Decree.objects.filter(pk=proposed.pk).update(**changed)
