"""Judge all known households by one rule set, in one statement inside PostgreSQL."""

from collections.abc import Callable
from datetime import datetime

from django.db import DataError, connection

from betang.core.actor import Actor
from betang.core.clock import WIB
from betang.core.criteria.rule_text import RuleText, read_rules, text_digest
from betang.core.criteria.sql import judging_sql
from betang.core.errors import FieldsError, RefusedError
from betang.core.identifiers import new_uuid
from betang.eligibility.models import Run
from betang.eligibility.results import tally
from betang.journal.record import record
from betang.programmes.models import Cycle, RuleSet
from betang.programmes.rule_sets import rules_in_force
from betang.registry.facts import FACTS, FACTS_RELATION

#: Called with what begins now, in Indonesian, and its place among the steps.
Progress = Callable[[str, int, int], None]

#: Ordered by household, whose order the primary key gives without sorting (ADR 0012). A village at
#: a time: one aggregate over 800,000 rows would hold them all in memory, and has an end (1 GB).
DIGEST = """
SELECT coalesce(encode(sha256(string_agg(part, ''::bytea ORDER BY bucket)), 'hex'),
                encode(sha256(''::bytea), 'hex'))
FROM (
    SELECT household_id / 4096 AS bucket,
           sha256(convert_to(string_agg(
               household_id || '|' || village_id || '|' || decision || '|' || indicators::text
               || '|' || inputs::text, E'\\n' ORDER BY household_id), 'UTF8')) AS part
    FROM eligibility_assessment WHERE run_id = %s
    GROUP BY household_id / 4096
) AS buckets
"""


class RulesNotApprovedError(RefusedError):
    """The rule set is a draft."""

    code = "run.rules_not_approved"
    sentence = "Aturan ini belum disetujui orang kedua, jadi belum dapat dipakai menilai."
    do = "Mintalah petugas lain yang berwenang untuk menyetujui aturannya."


class RulesNotInForceError(RefusedError):
    """The rule set does not hold yet, or a later one holds."""

    code = "run.rules_not_in_force"
    sentence = "Aturan ini tidak berlaku pada hari penilaian."
    do = "Pakai aturan terbaru yang sudah berlaku, atau tunggu hari berlakunya."


class NobodyToJudgeError(RefusedError):
    """No household is known."""

    code = "run.nobody"
    sentence = "Belum ada keluarga yang dapat dinilai."
    do = "Terima dahulu daftar keluarga."


class FactFailedError(RefusedError):
    """A declared fact could not be read for some household: the rules themselves cannot throw."""

    code = "run.fact_failed"
    sentence = "Ada data keluarga yang tidak dapat dibaca, sehingga penilaian dihentikan."
    do = "Laporkan kepada pengelola sistem: ada isian keluarga dengan bentuk yang tidak sah."


class OtherProgrammesCycleError(FieldsError):
    """The cycle belongs to another programme than the rule set."""

    code = "run.other_cycle"
    sentence = "Tahap yang dipilih bukan tahap dari program aturan ini."
    do = "Pilih tahap dan aturan dari program yang sama."


def assess(
    rule_set: RuleSet,
    *,
    actor: Actor,
    at: datetime,
    cycle: Cycle | None = None,
    progress: Progress | None = None,
) -> Run:
    """Judge every household that the registry offers, and keep each answer with its inputs.

    The rule text is read again and run by what it says today; nothing that was stored beside it
    is run. `cycle` says for which round it is made. Raises `RulesNotApprovedError`,
    `RulesNotInForceError`, `OtherProgrammesCycleError`, `NobodyToJudgeError`, `FactFailedError`,
    and `RuleTextError` where a declared fact has gone since the approval.
    """
    step = progress or _silent
    check_choice(rule_set, cycle, at=at)
    step("Membaca aturan", 1, 4)
    rules = read_rules(rule_set.text, FACTS)
    assert text_digest(rule_set.text) == rule_set.digest, "the table's constraint holds this"
    step("Menilai semua keluarga", 2, 4)
    run_id = _next_run_id()
    try:
        judged = judge(rules, run_id)
    except DataError as error:  # the caller's transaction is lost with the refusal, as it should
        raise FactFailedError from error
    if not judged:
        raise NobodyToJudgeError
    step("Menghitung hasil", 3, 4)
    indicators = [each.name for each in rules.indicators]
    result = tally(run_id, indicators)
    counts = result.counts
    step("Menyegel hasil", 4, 4)
    run = Run.objects.create(
        pk=run_id,
        uuid=new_uuid(),
        rule_set=rule_set,
        cycle=cycle,
        at=at,
        rules_digest=rules.digest,
        fact_names=list(rules.fact_names),
        counts=counts,
        indicator_counts=result.indicators,
        digest=digest(run_id),
    )
    record(
        "run.assessed",
        run.uuid,
        actor=actor,
        at=at,
        rule_set=rule_set.uuid,
        rules_digest=rules.digest,
        count=counts["households"],
        eligible=counts["eligible"],
        not_eligible=counts["not_eligible"],
        unknown=counts["unknown"],
        digest=run.digest,
        cycle=cycle.code if cycle else "",
    )
    return run


def check_choice(rule_set: RuleSet, cycle: Cycle | None, *, at: datetime) -> None:
    """Refuse what cannot be judged by or for; raises as `assess` does."""
    if rule_set.state != RuleSet.State.APPROVED:
        raise RulesNotApprovedError
    if rules_in_force(rule_set.programme, at.astimezone(WIB).date()) != rule_set:
        raise RulesNotInForceError
    if cycle is not None and cycle.programme_id != rule_set.programme_id:
        raise OtherProgrammesCycleError(field="cycle")


def judge(rules: RuleText, run_id: int) -> int:
    """Write the assessments of a run, one statement; give how many.

    For `assess`, and for the benchmark, which measures it beside its floors.
    """
    select = judging_sql(rules, FACTS, FACTS_RELATION)
    with connection.cursor() as cursor:
        # Literals of the rules may hold "%": the text goes as it is, with no parameters beside it.
        cursor.execute(
            "INSERT INTO eligibility_assessment "
            "(run_id, household_id, village_id, decision, indicators, inputs) "
            f"SELECT {run_id:d}, judged.* FROM ({select}) AS judged"
        )
        return int(cursor.rowcount)


def digest(run_id: int) -> str:
    """Give the SHA-256 over all assessments of a run (docs/decisions/0012-digest-of-a-run.md).

    It shows that a stored row was changed; it does not show that it was right.
    """
    with connection.cursor() as cursor:
        cursor.execute(DIGEST, [run_id])
        return str(cursor.fetchone()[0])


def _next_run_id() -> int:
    """Take the run's id first: its counts and digest are known after its rows, and it is fixed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('eligibility_run', 'id'))")
        return int(cursor.fetchone()[0])


def _silent(what: str, number: int, of: int) -> None:
    return None
