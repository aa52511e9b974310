"""Judge all households by 15 indicators, with what explains each answer, against two floors.

Floors, in the same run: the same SELECT into a plain table without index or foreign key, and into
a table with the constraints of ours. Ours also counts the decisions, seals the run with a digest
over every row, and records the journal entry. The telling of an explanation is measured beside it.
"""

import resource
import time
from typing import LiteralString

from django.db import transaction
from django.utils import timezone

from benchmarks import field_world
from benchmarks.row import Row
from betang.core.criteria.rule_text import RuleText, read_rules
from betang.core.criteria.sql import judging_sql
from betang.eligibility.assess import assess
from betang.eligibility.explain import explain
from betang.eligibility.models import Assessment, Run
from betang.programmes.create import create_programme
from betang.programmes.models import RuleSet
from betang.programmes.rule_sets import approve_rules, default_rules, propose_rules
from betang.registry.facts import FACTS, FACTS_RELATION

SIZE = 800_000
#: Floors and ours take turns, and of each the best counts: other load on the machine only adds.
TURNS = 2
EXPLAINED = 1_000

#: Beside the eight of the default rules: arithmetic, lists, codes and columns kept as JSON.
MORE = (
    ("exclude fine_floor", "floor_code = 1 AND floor_area_m2 / NULLIF(size, 0) > 20"),
    ("require wall", "wall_code IN (1, 2, 3, 4, 5, 6, 7) OR extreme_poverty"),
    ("require per_head", "COALESCE(income_rupiah, 0) / NULLIF(members_alive, 0) < 5000000"),
    ("exclude camp", "dwelling = 'camp' AND decile > 3"),
    ("require water", "water_code BETWEEN 1 AND 11"),
    ("exclude car", "owns_car"),
    ("exclude herd", "CASE WHEN cattle >= 5 OR buffaloes >= 5 THEN TRUE ELSE FALSE END"),
)  # fmt: skip

HOUSEHOLDS: LiteralString = """
INSERT INTO registry_household (uuid, village_id, head_name, address, rt, rw, anchor, dwelling,
    decile, income_rupiah, size, floor_area_m2, floor_code, wall_code, water_code, extreme_poverty,
    conditions, state, members_alive, head_deceased, head_moved, any_moved, any_deceased,
    inside_province, has_pkh, has_sembako, has_bltdd)
SELECT gen_random_uuid(), v.code, 'WARGA ' || n, 'JALAN ' || n, '001', '002', '',
       (ARRAY['own', 'rent', 'shared', 'river', 'camp', 'none', NULL])[1 + h / 8 %% 7],
       nullif(h %% 11, 0), nullif(h / 4 %% 60, 0) * 100000, 1 + h %% 8, 20 + h %% 60, 1 + h %% 9,
       1 + h %% 7, 1 + h %% 11, CASE h %% 5 WHEN 0 THEN true WHEN 1 THEN false END,
       CASE WHEN h %% 9 = 0
            THEN '{"aset_bergerak_mobil": "0", "jml_sapi": "2", "jml_kerbau": "0", "pbi": "1"}'
            ELSE '{"aset_bergerak_mobil": "0", "aset_bergerak_perahu": "1", "pbi": "0"}' END::jsonb,
       'active', 1 + h %% 6, h %% 50 = 0, h %% 70 = 0, h %% 20 = 0, h %% 30 = 0, h %% 97 <> 0,
       h %% 9 = 0, h %% 7 = 0, h %% 13 = 0
FROM (SELECT n, abs(hashint4(n::int)) AS h FROM generate_series(1, %(size)s) AS n) AS g
JOIN (SELECT code, row_number() OVER (ORDER BY code) - 1 AS k FROM areas_area WHERE level = 4) AS v
  ON v.k = g.n * 1571 / (%(size)s + 1)
"""
LISTS: LiteralString = """
INSERT INTO registry_outsideaidlist (programme, list_uuid, period, people, at)
SELECT name, gen_random_uuid(), '2026-01', 1, now() FROM unnest('{PKH,SEMBAKO,BLTDD}'::text[]) name
"""
PLAIN: LiteralString = """
CREATE TABLE floor_judge (run_id bigint, household_id bigint, village_id bigint,
    decision smallint, indicators boolean[], inputs text[])
"""
CONSTRAINED: LiteralString = """
CREATE TABLE floor_judge (LIKE eligibility_assessment INCLUDING ALL);
ALTER TABLE floor_judge ADD FOREIGN KEY (household_id) REFERENCES registry_household (id)
    DEFERRABLE INITIALLY DEFERRED
"""


def run(size: int = SIZE) -> list[Row]:
    """Measure the judging of `size` households."""
    rule_set = _world(size)
    rules = read_rules(rule_set.text, FACTS)
    assert len(rules.indicators) == 15
    turns = [
        (_floor(PLAIN, rules), _floor(CONSTRAINED, rules), _assess(rule_set, size))
        for _ in range(TURNS)
    ]
    plain, constrained, took = (min(taken) for taken in zip(*turns, strict=True))
    telling = _tell(Run.objects.order_by("-id")[0], size)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        _row("judge vs plain", took, plain, peak, size),
        _row("judge vs constrained", took, constrained, peak, size),
        {
            "name": "judge: explain a household",
            "value": telling * 1000,
            "unit": "ms",
            "floor": None,
            "ratio": None,
            "peak_mb": peak,
            "size": size,
        },
    ]


def _row(name: str, took: float, floor: float, peak: float, size: int) -> Row:
    return {
        "name": name,
        "value": took,
        "unit": "s",
        "floor": floor,
        "ratio": took / floor,
        "peak_mb": peak,
        "size": size,
    }


def _world(size: int) -> RuleSet:
    """Make households in 1,571 villages, and rules that two persons agreed to."""
    with field_world.owner() as connection:
        connection.execute(field_world.AREAS)
        connection.execute(HOUSEHOLDS, {"size": size})
        connection.execute(LISTS)
        connection.execute("VACUUM (ANALYZE) registry_household")
    at = timezone.now()
    text = default_rules() + "".join(
        f"\n{head}\n  label: Uji\n  when: {when}\n  true: Ya.\n  false: Tidak.\n  unknown: Belum.\n"
        for head, when in MORE
    )
    with transaction.atomic():
        programme = create_programme(actor=field_world.CLERK, at=at)
        rules = propose_rules(programme, text, facts=FACTS, actor=field_world.CLERK, at=at)
        return approve_rules(rules, facts=FACTS, actor=field_world.SECOND, at=at)


def _floor(create: LiteralString, rules: RuleText) -> float:
    """Measure the same SELECT into an empty table, its commit with it."""
    select = judging_sql(rules, FACTS, FACTS_RELATION)

    with field_world.owner() as connection:
        connection.execute(create)
        began = time.perf_counter()
        connection.execute(
            "INSERT INTO floor_judge (run_id, household_id, village_id, decision, indicators, "
            f"inputs) SELECT 1, judged.* FROM ({select}) AS judged"
        )
        took = time.perf_counter() - began
        connection.execute("DROP TABLE floor_judge")
    return took


def _assess(rule_set: RuleSet, size: int) -> float:
    began = time.perf_counter()
    with transaction.atomic():
        made = assess(rule_set, actor=field_world.CLERK, at=timezone.now())
    took = time.perf_counter() - began
    assert made.counts["households"] == size
    assert made.counts["eligible"] > 0
    assert made.counts["unknown"] > 0
    return took


def _tell(made: Run, size: int) -> float:
    """Measure reading and telling one explanation, as a page would, in the mean of a thousand."""
    chosen = Assessment.objects.select_related("run__rule_set").filter(run=made)
    step = max(size // EXPLAINED, 1)
    households = list(
        chosen.values_list("household_id", flat=True).order_by("household_id")[::step]
    )
    began = time.perf_counter()
    for household in households:
        assert len(explain(chosen.get(household=household))) == 15
    return (time.perf_counter() - began) / len(households)
