"""A rule text takes two persons, and once approved it never changes."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from betang.core.criteria.kinds import RuleTextError
from betang.journal.models import Entry
from betang.programmes.create import create_programme
from betang.programmes.models import RuleSet
from betang.programmes.rule_sets import (
    DayTakenError,
    KnownTextError,
    NotDraftError,
    OtherProgrammeError,
    ProposerApprovesError,
    approve_rules,
    check_rules,
    default_rules,
    propose_rules,
    rules_in_force,
)
from betang.registry.facts import FACTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(budi, noon):
    return create_programme(actor=budi, at=noon)


@pytest.fixture
def propose(programme, budi, noon):
    def proposed(text=None):
        return propose_rules(programme, text or default_rules(), facts=FACTS, actor=budi, at=noon)

    return proposed


def from_day(day):
    return default_rules().replace("valid_from: 2026-01-01", f"valid_from: {day}")


class TestAProposal:
    def test_is_refused_with_the_places_that_are_wrong(self, propose):
        with pytest.raises(RuleTextError) as refused:
            propose(default_rules().replace("decile <= decile_max", "desil <= decile_max"))

        assert "Baris" in refused.value.told
        assert not RuleSet.objects.exists()

    def test_is_refused_for_another_programme(self, propose):
        with pytest.raises(OtherProgrammeError):
            propose(default_rules().replace("programme: KHBS", "programme: LAIN"))

    def test_is_refused_a_second_time_also_with_other_line_ends(self, propose):
        propose()

        with pytest.raises(KnownTextError):
            propose(default_rules().replace("\n", "\r\n"))

    def test_keeps_the_text_and_what_was_understood(self, propose):
        rule_set = propose()

        assert rule_set.text == default_rules()
        assert rule_set.state == "draft"
        assert rule_set.valid_from == date(2026, 1, 1)
        assert [each["name"] for each in rule_set.compiled["indicators"]][:2] == [
            "inside_province",
            "decile_within",
        ]
        entry = Entry.objects.get(kind="ruleset.proposed")
        assert entry.facts["digest"] == rule_set.digest


class TestAnApproval:
    def test_is_refused_to_the_proposer_even_from_another_account(self, propose, budi, noon):
        rule_set = propose()
        other_account = type(budi)(budi.kind, rule_set.uuid, budi.person)

        with pytest.raises(ProposerApprovesError):
            approve_rules(rule_set, facts=FACTS, actor=other_account, at=noon)

        assert RuleSet.objects.get().state == "draft"

    def test_is_refused_a_second_time(self, propose, wati, noon):
        rule_set = propose()
        approve_rules(rule_set, facts=FACTS, actor=wati, at=noon)

        with pytest.raises(NotDraftError):
            approve_rules(rule_set, facts=FACTS, actor=wati, at=noon)

        assert Entry.objects.filter(kind="ruleset.approved").count() == 1

    def test_is_refused_for_a_day_that_has_rules(self, propose, wati, noon):
        approve_rules(propose(), facts=FACTS, actor=wati, at=noon)
        other = propose(default_rules().replace("decile_max = 4", "decile_max = 3"))

        with pytest.raises(DayTakenError):
            approve_rules(other, facts=FACTS, actor=wati, at=noon)

    def test_is_refused_when_a_fact_went_away_after_the_proposal(self, propose, wati, noon):
        rule_set = propose()
        fewer = {name: told for name, told in FACTS.items() if name != "decile"}

        with pytest.raises(RuleTextError):
            approve_rules(rule_set, facts=fewer, actor=wati, at=noon)

    def test_lets_the_latest_that_began_be_in_force(self, programme, propose, wati, noon):
        older = approve_rules(propose(), facts=FACTS, actor=wati, at=noon)
        newer = approve_rules(propose(from_day("2026-07-01")), facts=FACTS, actor=wati, at=noon)
        propose(from_day("2026-02-01"))

        assert rules_in_force(programme, date(2025, 12, 31)) is None
        assert rules_in_force(programme, date(2026, 6, 30)) == older
        assert rules_in_force(programme, date(2026, 7, 1)) == newer


class TestTheDatabase:
    def test_refuses_an_approval_by_the_proposer(self, propose, budi, noon):
        rule_set = propose()

        with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
            RuleSet.objects.filter(pk=rule_set.pk).update(
                state="approved", approved_by_person=budi.person, approved_at=noon
            )

    def test_refuses_to_change_or_delete_an_approved_text(self, propose, wati, noon):
        rule_set = approve_rules(propose(), facts=FACTS, actor=wati, at=noon)

        for statement in (
            "UPDATE programmes_ruleset SET name = 'lain' WHERE id = %s",
            "UPDATE programmes_ruleset SET state = 'draft' WHERE id = %s",
            "DELETE FROM programmes_ruleset WHERE id = %s",
        ):
            with (
                pytest.raises(IntegrityError),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement, [rule_set.pk])

    def test_refuses_another_text_under_a_digest(self, propose):
        rule_set = propose()

        with pytest.raises(IntegrityError), transaction.atomic():
            RuleSet.objects.filter(pk=rule_set.pk).update(text=rule_set.text + "\n# tambahan")


class TestTheDefaultRules:
    def test_are_right_over_the_declared_facts(self, programme):
        rules = check_rules(default_rules(), FACTS, programme)

        assert [each.name for each in rules.indicators] == [
            "inside_province",
            "decile_within",
            "income_below_ump",
            "head_present",
            "nobody_left",
            "receives_pkh",
            "receives_sembako",
            "receives_bltdd",
        ]
