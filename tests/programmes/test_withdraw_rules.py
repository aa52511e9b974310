"""Taking a proposed rule set back: only before it is approved, and once."""

import pytest
from django.db import IntegrityError, transaction

from betang.journal.models import Entry
from betang.programmes.create import create_programme
from betang.programmes.models import RuleSet
from betang.programmes.rule_sets import (
    ApprovedStaysError,
    KnownTextError,
    WithdrawnError,
    approve_rules,
    default_rules,
    propose_rules,
    withdraw_rules,
)
from betang.registry.facts import FACTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(budi, noon):
    return create_programme(actor=budi, at=noon)


@pytest.fixture
def draft(programme, budi, noon):
    return propose_rules(programme, default_rules(), facts=FACTS, actor=budi, at=noon)


class TestWithdrawing:
    def test_is_refused_after_the_approval(self, draft, budi, wati, noon):
        stale = RuleSet.objects.get(pk=draft.pk)
        approve_rules(draft, facts=FACTS, actor=wati, at=noon)

        with pytest.raises(ApprovedStaysError):
            withdraw_rules(stale, actor=budi, at=noon)

        assert RuleSet.objects.get().state == "approved"
        assert not Entry.objects.filter(kind="ruleset.withdrawn").exists()

    def test_is_refused_a_second_time(self, draft, budi, noon):
        withdraw_rules(draft, actor=budi, at=noon)

        with pytest.raises(WithdrawnError):
            withdraw_rules(draft, actor=budi, at=noon)

        assert Entry.objects.filter(kind="ruleset.withdrawn").count() == 1

    def test_leaves_nothing_to_approve(self, draft, budi, wati, noon):
        stale = RuleSet.objects.get(pk=draft.pk)
        withdraw_rules(draft, actor=budi, at=noon)

        with pytest.raises(WithdrawnError):
            approve_rules(stale, facts=FACTS, actor=wati, at=noon)

    def test_lets_the_text_be_proposed_again(self, programme, draft, budi, noon):
        with pytest.raises(KnownTextError):
            propose_rules(programme, default_rules(), facts=FACTS, actor=budi, at=noon)
        withdraw_rules(draft, actor=budi, at=noon)

        again = propose_rules(programme, default_rules(), facts=FACTS, actor=budi, at=noon)

        assert (again.state, again.pk == draft.pk) == ("draft", False)

    def test_the_database_keeps_it_withdrawn(self, draft, budi, noon):
        withdraw_rules(draft, actor=budi, at=noon)

        with pytest.raises(IntegrityError), transaction.atomic():
            RuleSet.objects.filter(pk=draft.pk).update(
                state="draft", withdrawn_by_person=None, withdrawn_at=None
            )
