"""SQL for checked expressions. Written from our own tree only: no piece of a rule text gets here.

Three-valued logic is PostgreSQL's own. Nothing that is written here can throw: numbers are counted
in `numeric`, divisors are never zero, and kinds were checked (docs/protocols/rules.md).
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from betang.core.criteria.kinds import Facts, Kind, kind_of
from betang.core.criteria.rule_text import Indicator, Role, RuleText
from betang.core.criteria.tree import Node, Value

#: Each takes its parts in their places; arithmetic is written by `_COUNTED`.
_TEMPLATES: dict[str, str] = {
    "not": "(NOT {0})",
    "=": "({0} = {1})",
    "<>": "({0} <> {1})",
    "<": "({0} < {1})",
    "<=": "({0} <= {1})",
    ">": "({0} > {1})",
    ">=": "({0} >= {1})",
    "distinct": "({0} IS DISTINCT FROM {1})",
    "not distinct": "({0} IS NOT DISTINCT FROM {1})",
    "between": "({0} BETWEEN {1} AND {2})",
    "is null": "({0} IS NULL)",
    "is true": "({0} IS TRUE)",
    "is false": "({0} IS FALSE)",
    "nullif": "nullif({0}, {1})",
    "null": "NULL",
}
#: In `numeric`, which has no end that these limits could reach: integers would overflow.
_COUNTED: dict[str, str] = {
    "+": "({0}::numeric + {1}::numeric)",
    "-": "({0}::numeric - {1}::numeric)",
    "*": "({0}::numeric * {1}::numeric)",
    "/": "({0}::numeric / {1}::numeric)",
    "negative": "(- {0}::numeric)",
    "absolute": "abs({0}::numeric)",
}


def expression_sql(node: Node, facts: Facts) -> str:
    """Write `node` as SQL over a FROM item named `f` that has the facts as columns."""
    if node.operation == "fact":
        return fact_sql(node.name, facts)
    if node.operation in ("literal", "parameter"):
        assert node.value is not None
        return literal_sql(node.value)
    parts = [expression_sql(part, facts) for part in node.parts]
    if node.operation in ("and", "or"):
        return f"({f' {node.operation.upper()} '.join(parts)})"
    return _called(node.operation, parts)


def _called(operation: str, parts: list[str]) -> str:
    if operation == "in":
        return f"({parts[0]} IN ({', '.join(parts[1:])}))"
    if operation == "coalesce":
        return f"coalesce({', '.join(parts)})"
    if operation == "case":
        return _case_sql(parts)
    return (_TEMPLATES | _COUNTED)[operation].format(*parts)


def _case_sql(parts: list[str]) -> str:
    branches = "".join(
        f" WHEN {condition} THEN {result}"
        for condition, result in zip(parts[:-1:2], parts[1:-1:2], strict=True)
    )
    return f"(CASE{branches} ELSE {parts[-1]} END)"


def fact_sql(name: str, facts: Facts) -> str:
    """Write the column of a fact, in a type that cannot overflow in a comparison."""
    sql_type = facts[name][0].lower()
    column = f'f."{name}"'
    if kind_of(sql_type) is Kind.NUMBER:
        return f"{column}::numeric"
    if kind_of(sql_type) is Kind.TEXT and sql_type != "text":
        return f"{column}::text"
    return column


def literal_sql(value: Value) -> str:
    """Write a constant. Text has no backslash (rule texts refuse it), so quoting is doubling."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | Decimal):
        # In parentheses: `- 5::numeric` is read as -(5::numeric), but `--5` as a comment.
        digits = str(value) if isinstance(value, int) else f"{value:f}"
        return f"({digits})" if value < 0 else digits
    if isinstance(value, date):
        return f"'{value.isoformat()}'::date"
    assert not {"\\", "\0"} & set(value)
    return "'" + value.replace("'", "''") + "'::text"


def judging_sql(rules: RuleText, facts: Facts, relation: str) -> str:
    """Write the SELECT that judges every row of `relation`, one row a household.

    Its columns are household_id, village_id, decision, indicators, inputs (as in
    `eligibility.Assessment`). `relation` is a FROM item with household_id, village_id and a column
    for each fact, NULL meaning unknown.
    """
    indicators = [expression_sql(each.condition, facts) for each in rules.indicators]
    columns = ", ".join(f"{sql} AS i{number}" for number, sql in enumerate(indicators))
    verdict = " AND ".join(
        f"j.i{number}" if each.role is Role.REQUIRE else f"NOT j.i{number}"
        for number, each in enumerate(rules.indicators)
    )
    names = ", ".join(f"j.i{number}" for number in range(len(indicators)))
    return (
        "SELECT j.household_id, j.village_id, "
        f"CASE WHEN {verdict} THEN 1 WHEN ({verdict}) IS NULL THEN -1 ELSE 0 END AS decision, "
        f"ARRAY[{names}]::boolean[] AS indicators, j.inputs "
        f"FROM (SELECT f.household_id, f.village_id, {columns}, "
        f"{inputs_sql(rules.fact_names)} AS inputs FROM {relation} AS f OFFSET 0) AS j"
    )


def inputs_sql(fact_names: Sequence[str]) -> str:
    """Write the array of the values of `fact_names` as text, NULL for unknown."""
    return "ARRAY[" + ", ".join(f'f."{name}"::text' for name in fact_names) + "]::text[]"


def indicators_sql(indicators: Sequence[Indicator], facts: Facts) -> str:
    """Write the array of what each indicator says of `f`."""
    parts = ", ".join(expression_sql(each.condition, facts) for each in indicators)
    return f"ARRAY[{parts}]::boolean[]"
