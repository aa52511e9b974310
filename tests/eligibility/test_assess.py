"""Judging: what is refused, and what each family is told by the default rules."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from betang.eligibility.assess import (
    FactFailedError,
    NobodyToJudgeError,
    RulesNotApprovedError,
    RulesNotInForceError,
    assess,
    digest,
)
from betang.eligibility.explain import (
    decision_sentence,
    explain,
    latest_assessment,
    recompute,
)
from betang.eligibility.models import Assessment, Run
from betang.journal.models import Entry
from betang.programmes.rule_sets import default_rules, propose_rules
from betang.registry.facts import FACTS
from betang.registry.models import OutsideAidList

pytestmark = pytest.mark.django_db


class TestJudging:
    def test_is_refused_with_rules_that_nobody_approved(self, programme, household, budi, noon):
        household()
        draft = propose_rules(programme, default_rules(), facts=FACTS, actor=budi, at=noon)

        with pytest.raises(RulesNotApprovedError):
            assess(draft, actor=budi, at=noon)

        assert not Run.objects.exists()

    def test_is_refused_with_rules_of_another_day(self, approved, household, budi, noon):
        household()
        older = approved()
        later = approved(default_rules().replace("2026-01-01", "2026-11-12"))
        future = approved(default_rules().replace("2026-01-01", "2027-01-01"))

        with pytest.raises(RulesNotInForceError):
            assess(older, actor=budi, at=noon)
        with pytest.raises(RulesNotInForceError):
            assess(future, actor=budi, at=noon)
        assert assess(later, actor=budi, at=noon).counts["households"] == 1

    def test_counts_the_days_of_the_province(self, approved, household, budi, noon):
        household()
        rules = approved(default_rules().replace("2026-01-01", "2026-11-12"))
        midnight = noon.replace(hour=17) - timedelta(days=1)  # 00.00 WIB on 12 November

        with pytest.raises(RulesNotInForceError):
            assess(rules, actor=budi, at=midnight - timedelta(seconds=1))
        assert assess(rules, actor=budi, at=midnight)

    def test_is_refused_when_nobody_is_known(self, approved, household, budi, noon):
        household(state="left")

        with pytest.raises(NobodyToJudgeError):
            assess(approved(), actor=budi, at=noon)

        assert not Entry.objects.filter(kind="run.assessed").exists()

    def test_is_refused_plainly_when_a_stored_value_cannot_be_read(
        self, approved, household, budi, noon
    ):
        """Whether the registry lets such a value in is its matter; a traceback is not an answer."""
        household(conditions={"jml_sapi": "99999999999"})
        text = default_rules() + (
            "\nexclude herd\n  label: Sapi\n  when: cattle > 5\n"
            "  true: Ya.\n  false: Tidak.\n  unknown: ?\n"
        )

        with pytest.raises(FactFailedError), transaction.atomic():
            assess(approved(text), actor=budi, at=noon)

        assert not Run.objects.exists()

    def test_tells_its_progress_and_records_one_entry(self, approved, household, budi, noon):
        household()
        household(decile=9)
        household(decile=None)
        steps = []

        run = assess(approved(), actor=budi, at=noon, progress=lambda *step: steps.append(step))

        assert [number for _, number, _ in steps] == [1, 2, 3, 4]
        assert run.counts == {"households": 3, "eligible": 1, "not_eligible": 1, "unknown": 1}
        entry = Entry.objects.get(kind="run.assessed")
        assert entry.subject == run.uuid
        assert (entry.facts["count"], entry.facts["digest"]) == (3, run.digest)
        assert digest(run.pk) == run.digest

    def test_gives_the_same_digest_for_the_same_families(self, approved, household, budi, noon):
        for decile in (1, 4, 9, None):
            household(decile=decile)
        rules = approved()

        one, two = (assess(rules, actor=budi, at=noon) for _ in range(2))

        assert one.digest == two.digest
        assert one.uuid != two.uuid


class TestTheDefaultRules:
    @pytest.mark.parametrize(
        ("facts", "decision", "against"),
        [
            ({}, 1, []),
            ({"decile": 5}, 0, ["decile_within"]),
            ({"decile": None}, -1, []),
            ({"income_rupiah": 3_473_621}, 0, ["income_below_ump"]),
            ({"income_rupiah": 3_473_620}, 1, []),
            ({"income_rupiah": None}, 1, []),
            ({"income_rupiah": None, "decile": 3}, -1, []),
            ({"has_pkh": True}, 0, ["receives_pkh"]),
            ({"has_sembako": True}, 0, ["receives_sembako"]),
            ({"has_bltdd": True, "decile": None}, 0, ["receives_bltdd"]),
            ({"head_deceased": True}, -1, []),
            ({"head_moved": True}, -1, []),
            ({"members_alive": 0, "head_deceased": True}, 0, ["nobody_left"]),
            ({"inside_province": False}, 0, ["inside_province"]),
            ({"inside_province": None}, -1, []),
            ({"dwelling": "none"}, 1, []),
            ({"dwelling": None, "size": None}, 1, []),
            ({"decile": 9, "has_pkh": True}, 0, ["decile_within", "receives_pkh"]),
        ],
    )
    def test_decide_and_say_why(
        self, approved, household, programme, budi, noon, facts, decision, against
    ):
        family = household(**facts)
        assess(approved(), actor=budi, at=noon)

        assessment = latest_assessment(family, programme)

        assert assessment.decision == decision
        answers = explain(assessment)
        assert [each.name for each in answers if each.stands_against] == against
        assert (decision == -1) == (
            not against and any(each.value == "unknown" for each in answers)
        )

    def test_leave_everybody_open_until_the_lists_of_other_aid_are_here(
        self, approved, household, budi, noon
    ):
        household()
        OutsideAidList.objects.filter(programme="PKH").delete()

        run = assess(approved(), actor=budi, at=noon)

        assert run.counts["unknown"] == 1


class TestAnExplanation:
    def test_tells_each_indicator_with_the_values_of_the_family(
        self, approved, household, programme, budi, noon
    ):
        family = household(decile=5, income_rupiah=None, has_pkh=True)
        assess(approved(), actor=budi, at=noon)

        told = {each.name: each for each in explain(latest_assessment(family, programme))}

        assert told["decile_within"].sentence == ("Desil keluarga 5, melebihi batas desil 4.")
        assert told["decile_within"].value == "false"
        assert told["income_below_ump"].value == "unknown"
        assert told["income_below_ump"].sentence == (
            "Penghasilan keluarga belum diketahui dan desilnya 5; perlu verifikasi."
        )
        assert told["receives_pkh"].sentence == "Keluarga tercatat menerima PKH."
        assert told["receives_pkh"].stands_against
        assert not told["receives_bltdd"].stands_against

    def test_stays_what_it_was_when_the_family_changes(
        self, approved, household, programme, budi, noon
    ):
        family = household(decile=5)
        assess(approved(), actor=budi, at=noon)
        family.decile = 1
        family.save()

        assessment = latest_assessment(family, programme)

        assert "Desil keluarga 5" in explain(assessment)[1].sentence
        assert recompute(assessment) == assessment.indicators

    def test_of_the_decision_is_one_sentence(self, approved, household, programme, budi, noon):
        family = household(decile=None)
        assess(approved(), actor=budi, at=noon)

        assert decision_sentence(latest_assessment(family, programme)).startswith(
            "Belum dapat diputuskan"
        )

    def test_is_none_for_a_family_that_was_not_judged(
        self, household, programme, approved, budi, noon
    ):
        family = household()
        assert latest_assessment(family, programme) is None

        assess(approved(), actor=budi, at=noon)
        late = household()

        assert latest_assessment(late, programme) is None

    def test_shows_text_of_the_rules_with_percent_signs_and_quotes(
        self, approved, household, programme, budi, noon
    ):
        text = default_rules() + (
            "\nexclude odd\n  label: Aneh 100%\n  when: dwelling = '100% it''s {} %s'\n"
            "  true: 100% {dwelling}.\n  false: Bukan %s: {dwelling}.\n  unknown: ?\n"
        )
        family = household()
        assess(approved(text), actor=budi, at=noon)

        assessment = latest_assessment(family, programme)

        assert explain(assessment)[-1].sentence == "Bukan %s: own."
        assert recompute(assessment) == assessment.indicators


class TestTheDatabase:
    def test_refuses_to_change_or_forget_what_was_judged(self, approved, household, budi, noon):
        household()
        run = assess(approved(), actor=budi, at=noon)

        for statement in (
            "UPDATE eligibility_assessment SET decision = 1",
            "DELETE FROM eligibility_assessment",
            "UPDATE eligibility_run SET digest = ''",
            "DELETE FROM eligibility_run",
        ):
            with (
                pytest.raises(IntegrityError, match="append-only"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)
        assert digest(run.pk) == run.digest

    def test_refuses_an_assessment_of_nobody_or_twice(self, approved, household, budi, noon):
        family = household()
        run = assess(approved(), actor=budi, at=noon)
        fields = {
            "run_id": run.pk, "village_id": 1, "decision": 1, "indicators": [], "inputs": [],
        }  # fmt: skip

        with pytest.raises(IntegrityError), transaction.atomic():
            Assessment.objects.create(household_id=family.pk, **fields)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError), transaction.atomic():
            Assessment.objects.create(household_id=family.pk + 1000, **fields)

    def test_has_another_digest_when_a_row_is_changed_behind_its_back(
        self, approved, household, budi, noon
    ):
        household(decile=9)
        run = assess(approved(), actor=budi, at=noon)

        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE eligibility_assessment DISABLE TRIGGER USER")
            cursor.execute("UPDATE eligibility_assessment SET inputs[1] = '1'")
            cursor.execute("ALTER TABLE eligibility_assessment ENABLE TRIGGER USER")

        assert digest(run.pk) != run.digest
