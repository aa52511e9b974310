"""Two clerks at the same moment: the database lets one of them through."""

import threading

import pytest
from django.db import connection, transaction

from betang.core.errors import RefusedError
from betang.eligibility.assess import assess
from betang.eligibility.decree import approve, propose
from betang.eligibility.models import Decree, Enrolment
from betang.journal.models import Entry
from betang.programmes.models import RuleSet
from betang.programmes.rule_sets import approve_rules, default_rules, propose_rules
from betang.registry.facts import FACTS
from tests.conftest import PATIENCE_S

from .test_decree import ON

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Run each act in a thread and a transaction of its own; give the refusals' codes."""
    gate = threading.Barrier(len(acts))
    refused, broken = [], []

    def run(act):
        try:
            with transaction.atomic():
                gate.wait(PATIENCE_S)
                act()
        except RefusedError as refusal:
            refused.append(refusal.code)
        except Exception as error:  # noqa: BLE001 -- told to the test below
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert broken == []
    return refused


class TestTwoAtOnce:
    def test_approve_one_decree_once(self, areas, household, approved, budi, wati, sari, noon):
        household()
        run = assess(approved(), actor=budi, at=noon)
        propose(run, area=areas[62], number="SK-1", on_date=ON, actor=budi, at=noon)

        refused = at_once(
            lambda: approve(Decree.objects.get(), actor=wati, at=noon),
            lambda: approve(Decree.objects.get(), actor=sari, at=noon),
        )

        assert refused == ["decree.not_proposed"]
        assert Enrolment.objects.count() == 1
        assert Entry.objects.filter(kind="decree.approved").count() == 1

    def test_enrol_a_household_once_by_two_decrees(
        self, areas, household, approved, budi, wati, sari, noon
    ):
        for _ in range(20):
            household()
        run = assess(approved(), actor=budi, at=noon)
        province = propose(run, area=areas[62], number="SK-1", on_date=ON, actor=budi, at=noon)
        regency = propose(run, area=areas[6201], number="SK-2", on_date=ON, actor=budi, at=noon)

        refused = at_once(
            lambda: approve(province, actor=wati, at=noon),
            lambda: approve(regency, actor=sari, at=noon),
        )

        assert refused == []
        assert Enrolment.objects.count() == 20

    def test_approve_one_rule_text_for_a_day(self, programme, budi, wati, sari, noon):
        texts = [default_rules(), default_rules().replace("decile_max = 4", "decile_max = 3")]
        one, other = (
            propose_rules(programme, text, facts=FACTS, actor=budi, at=noon) for text in texts
        )

        refused = at_once(
            lambda: approve_rules(one, facts=FACTS, actor=wati, at=noon),
            lambda: approve_rules(other, facts=FACTS, actor=sari, at=noon),
        )

        assert refused == ["rules.day_taken"]
        assert RuleSet.objects.filter(state="approved").count() == 1
