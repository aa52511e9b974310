"""What a run says in numbers: decisions, and each indicator's answers, in all or in some areas."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from betang.accounts.access import village_range

DECISIONS = (("eligible", 1), ("not_eligible", 0), ("unknown", -1))
ANSWERS = ("TRUE", "FALSE", "NULL")


@dataclass(frozen=True, slots=True)
class Tally:
    """Households by decision, and by answer of each indicator: `[true, false, unknown]`."""

    counts: dict[str, int]
    indicators: dict[str, list[int]]


def tally(run_id: int, indicators: Sequence[str], areas: Sequence[int] | None = None) -> Tally:
    """Count a run's rows in one scan; `indicators` are its names in the order of the rule text.

    `areas` are area codes; without them, the whole run.
    """
    columns = ["count(*)"]
    columns += [f"count(*) FILTER (WHERE decision = {value:d})" for _, value in DECISIONS]
    columns += [
        f"count(*) FILTER (WHERE indicators[{place:d}] IS {answer})"
        for place in range(1, len(indicators) + 1)
        for answer in ANSWERS
    ]
    lasts = [village_range(area) for area in areas or ()]
    inside = "" if areas is None else f" AND ({_inside(len(lasts))})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(columns)} FROM eligibility_assessment WHERE run_id = %s{inside}",
            [run_id, *(code for both in lasts for code in both)],
        )
        households, *rest = cursor.fetchone()
    counts = {"households": households}
    counts |= {name: rest[place] for place, (name, _) in enumerate(DECISIONS)}
    answers = rest[len(DECISIONS) :]
    return Tally(
        counts,
        {
            name: list(answers[place * len(ANSWERS) : (place + 1) * len(ANSWERS)])
            for place, name in enumerate(indicators)
        },
    )


def _inside(areas: int) -> str:
    return " OR ".join(["village_id BETWEEN %s AND %s"] * areas) or "FALSE"
