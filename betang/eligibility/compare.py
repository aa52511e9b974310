"""Compare two runs: who would gain, who would lose, and through which indicators."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from betang.core.errors import RefusedError
from betang.eligibility.explain import rules_of
from betang.eligibility.models import Run
from betang.eligibility.retain import check_whole

MOVES = """
SELECT o.decision, n.decision, count(*)
FROM (SELECT household_id, decision FROM eligibility_assessment WHERE run_id = %s) AS o
FULL JOIN (SELECT household_id, decision FROM eligibility_assessment WHERE run_id = %s) AS n
USING (household_id)
GROUP BY 1, 2
"""
CHANGED = """
SELECT n.household_id, o.decision, n.decision
FROM eligibility_assessment AS n
JOIN eligibility_assessment AS o ON o.run_id = %s AND o.household_id = n.household_id
WHERE n.run_id = %s AND n.household_id > %s AND o.decision <> n.decision
ORDER BY n.household_id
LIMIT %s
"""


class OtherProgrammesError(RefusedError):
    """The runs are of different programmes."""

    code = "run.not_comparable"
    sentence = "Kedua penilaian ini berasal dari program yang berbeda."
    do = "Pilih dua penilaian dari program yang sama."


@dataclass(frozen=True, slots=True)
class IndicatorChange:
    """How an indicator that both rule texts have answers differently."""

    name: str
    label: str
    became_true: int
    became_false: int
    became_unknown: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between an older and a newer run.

    `moves` counts households by (decision before, decision after); None where a run did not judge
    the household.
    """

    moves: dict[tuple[int | None, int | None], int]
    indicators: list[IndicatorChange]
    only_before: list[str]
    only_after: list[str]

    @property
    def gained(self) -> int:
        """How many households became eligible."""
        return sum(n for (old, new), n in self.moves.items() if new == 1 and old != 1)

    @property
    def lost(self) -> int:
        """How many households are eligible no more."""
        return sum(n for (old, new), n in self.moves.items() if old == 1 and new != 1)

    @property
    def unchanged(self) -> int:
        """How many households have the same decision."""
        return sum(n for (old, new), n in self.moves.items() if old == new)


@dataclass(frozen=True, slots=True)
class Change:
    """One household whose decision changed."""

    household_id: int
    before: int
    after: int


def compare(older: Run, newer: Run) -> Comparison:
    """Compare two runs of one programme. Raises `OtherProgrammesError`, `RunEmptiedError`."""
    if older.rule_set.programme_id != newer.rule_set.programme_id:
        raise OtherProgrammesError
    for run in (older, newer):
        check_whole(run)
    before = [each.name for each in rules_of(older.rule_set).indicators]
    after = {each.name: each.label for each in rules_of(newer.rule_set).indicators}
    both = [name for name in after if name in before]
    places = [(before.index(name) + 1, list(after).index(name) + 1) for name in both]
    with connection.cursor() as cursor:
        cursor.execute(MOVES, [older.pk, newer.pk])
        moves = {(old, new): int(many) for old, new, many in cursor.fetchall()}
        counted = [0] * 3 * len(both)
        if both:
            cursor.execute(_indicators_sql(places), [older.pk, newer.pk])
            counted = list(cursor.fetchone())
    changes = [
        IndicatorChange(name, after[name], *counted[3 * number : 3 * number + 3])
        for number, name in enumerate(both)
    ]
    return Comparison(
        moves=moves,
        indicators=changes,
        only_before=[name for name in before if name not in after],
        only_after=[name for name in after if name not in before],
    )


def changed_households(
    older: Run, newer: Run, *, after_id: int = 0, limit: int = 100
) -> Iterator[Change]:
    """Give the households whose decision changed, by id, from `after_id` on."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGED, [older.pk, newer.pk, after_id, limit])
        rows = cursor.fetchall()
    return (Change(*row) for row in rows)


def _indicators_sql(places: list[tuple[int, int]]) -> str:
    columns = ", ".join(
        f"count(*) FILTER (WHERE {was} IS DISTINCT FROM {now} AND {now} IS {state})"
        for was, now in ((f"o.indicators[{old}]", f"n.indicators[{new}]") for old, new in places)
        for state in ("TRUE", "FALSE", "NULL")
    )
    return (
        f"SELECT {columns} FROM eligibility_assessment AS n "
        "JOIN eligibility_assessment AS o ON o.run_id = %s AND o.household_id = n.household_id "
        "WHERE n.run_id = %s"
    )
