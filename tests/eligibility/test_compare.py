"""Two runs side by side: who gains, who loses, through which indicator."""

import pytest

from betang.eligibility.assess import assess
from betang.eligibility.compare import OtherProgrammesError, changed_households, compare
from betang.eligibility.models import Run
from betang.programmes.create import create_programme
from betang.programmes.rule_sets import approve_rules, default_rules, propose_rules
from betang.registry.facts import FACTS

pytestmark = pytest.mark.django_db


class TestComparing:
    def test_is_refused_between_programmes(self, household, approved, budi, wati, noon):
        household()
        one = assess(approved(), actor=budi, at=noon)
        other = create_programme(code="LAIN", name="Lain", actor=budi, at=noon)
        text = default_rules().replace("programme: KHBS", "programme: LAIN")
        rules = propose_rules(other, text, facts=FACTS, actor=budi, at=noon)
        rules = approve_rules(rules, facts=FACTS, actor=wati, at=noon)
        two = assess(rules, actor=budi, at=noon)

        with pytest.raises(OtherProgrammesError):
            compare(one, two)

    def test_counts_moves_and_indicators(self, household, approved, budi, noon):
        gains, loses, same, unsure = (household() for _ in range(4))
        gains.decile = 5
        gains.save()
        rule_set = approved()
        older = assess(rule_set, actor=budi, at=noon)
        for each, decile in ((gains, 1), (loses, 10), (unsure, None)):
            each.decile = decile
            each.save()
        household()
        same.state = "left"
        same.save()

        newer = assess(rule_set, actor=budi, at=noon)
        told = compare(older, newer)

        assert told.moves == {
            (0, 1): 1, (1, 0): 1, (1, -1): 1, (None, 1): 1, (1, None): 1,
        }  # fmt: skip
        assert (told.gained, told.lost, told.unchanged) == (2, 3, 0)
        decile = next(each for each in told.indicators if each.name == "decile_within")
        assert (decile.became_true, decile.became_false, decile.became_unknown) == (1, 1, 1)
        changed = changed_households(older, newer)
        assert [(each.household_id, each.before, each.after) for each in changed] == [
            (gains.pk, 0, 1), (loses.pk, 1, 0), (unsure.pk, 1, -1),
        ]  # fmt: skip
        assert len(list(changed_households(older, newer, after_id=gains.pk, limit=1))) == 1

    def test_matches_indicators_by_name_between_rule_texts(self, household, approved, budi, noon):
        household(decile=4)
        assess(approved(), actor=budi, at=noon)
        text = default_rules().replace("2026-01-01", "2026-06-01").replace("= 4\n", "= 3\n")
        head = text.index("require head_present")
        tail = text.index("exclude nobody_left")
        assess(approved(text[:head] + text[tail:]), actor=budi, at=noon)

        older, newer = Run.objects.order_by("id")
        told = compare(older, newer)

        assert told.only_before == ["head_present"]
        assert told.only_after == []
        changed = [each.name for each in told.indicators if each.became_false]
        assert changed == ["decile_within"]
