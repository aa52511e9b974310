"""Tell a household why: each indicator of the rules, its answer, and a sentence with the values.

Everything is told from what the run kept (inputs, indicators, the rule text), never from today's
data, so an explanation stays what it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django.db import connection

from betang.core.criteria.kinds import Facts, Kind
from betang.core.criteria.rule_text import Role, RuleText, read_rules
from betang.core.criteria.sentence import fill, value_of
from betang.core.criteria.sql import indicators_sql
from betang.core.criteria.tree import Value
from betang.eligibility.models import Assessment, Decision, Run
from betang.programmes.models import Programme, RuleSet
from betang.registry.models import Household

#: Rule texts that a process keeps read; there are a few a year.
RULE_TEXTS_KEPT = 16

#: A type wide enough for whatever the fact was when the run kept its value as text.
_SQL_TYPES: dict[str, str] = {
    Kind.BOOLEAN: "boolean",
    Kind.INTEGER: "bigint",
    Kind.NUMBER: "numeric",
    Kind.TEXT: "text",
    Kind.DATE: "date",
}


class Answer(StrEnum):
    """What an indicator says of a household."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class IndicatorAnswer:
    """One indicator for one household.

    `stands_against` says whether this answer by itself makes the household not eligible.
    """

    name: str
    label: str
    role: str
    value: Answer
    sentence: str
    stands_against: bool


def explain(assessment: Assessment) -> list[IndicatorAnswer]:
    """Answer for each indicator, in the order of the rule text, in Indonesian."""
    rules = rules_of(assessment.run.rule_set)
    values = _values(rules, assessment)
    answers = []
    for indicator, truth in zip(rules.indicators, assessment.indicators, strict=True):
        told = indicator.when_unknown
        value = Answer.UNKNOWN
        if truth is not None:
            told = indicator.when_true if truth else indicator.when_false
            value = Answer.TRUE if truth else Answer.FALSE
        answers.append(
            IndicatorAnswer(
                name=indicator.name,
                label=indicator.label,
                role=indicator.role,
                value=value,
                sentence=fill(told, values),
                stands_against=truth is (indicator.role is Role.EXCLUDE),
            )
        )
    return answers


def decision_sentence(assessment: Assessment) -> str:
    """Say the decision itself in one sentence."""
    return {
        Decision.ELIGIBLE: "Keluarga ini layak menerima bantuan menurut aturan yang berlaku.",
        Decision.NOT_ELIGIBLE: "Keluarga ini tidak layak menerima bantuan menurut aturan.",
        Decision.UNKNOWN: "Belum dapat diputuskan: ada data keluarga yang belum diketahui.",
    }[Decision(assessment.decision)]


def latest_assessment(household: Household, programme: Programme) -> Assessment | None:
    """Give what the newest run of `programme` says of `household`; None if it was not judged."""
    run = latest_run(programme)
    if run is None:
        return None
    return (
        Assessment.objects.select_related("run__rule_set")
        .filter(run=run, household=household)
        .first()
    )


def latest_run(programme: Programme) -> Run | None:
    """Give the newest run of a programme."""
    return Run.objects.filter(rule_set__programme=programme).order_by("-id").first()


def recompute(assessment: Assessment) -> list[bool | None]:
    """Judge the kept inputs again. Equal to `assessment.indicators`, or a row was tampered with."""
    rule_set = assessment.run.rule_set
    rules = rules_of(rule_set)
    columns = ", ".join(
        f'%s::{_SQL_TYPES[rules.fact_kinds[name]]} AS "{name}"'
        for name in assessment.run.fact_names
    )
    expressions = indicators_sql(rules.indicators, facts_of(rule_set)).replace("%", "%%")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {expressions} FROM (SELECT {columns}) AS f", assessment.inputs)
        answers: list[bool | None] = cursor.fetchone()[0]
    return answers


def rules_of(rule_set: RuleSet) -> RuleText:
    """Read the rules of a rule set with the facts that were declared when it was proposed."""
    facts = facts_of(rule_set)
    return _read(rule_set.text, tuple((name, *told) for name, told in facts.items()))


def facts_of(rule_set: RuleSet) -> Facts:
    """Give the facts that a rule set uses, as they were declared then."""
    compiled: dict[str, Any] = rule_set.compiled
    return {
        fact["name"]: (_SQL_TYPES[Kind(fact["kind"])], fact["label"]) for fact in compiled["facts"]
    }


@lru_cache(maxsize=RULE_TEXTS_KEPT)
def _read(text: str, facts: tuple[tuple[str, str, str], ...]) -> RuleText:
    return read_rules(text, {name: (sql_type, label) for name, sql_type, label in facts})


def _values(rules: RuleText, assessment: Assessment) -> Mapping[str, Value | None]:
    values: dict[str, Value | None] = {each.name: each.value for each in rules.parameters}
    for name, text in zip(assessment.run.fact_names, assessment.inputs, strict=True):
        values[name] = value_of(text, rules.fact_kinds[name])
    return values
