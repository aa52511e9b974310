"""Empty old runs of their rows per household; the run, its counts and its digest stay (ADR 0075).

Kept whole: each run on which a decree rests, and the newest of its programme and cycle (runs that
name no cycle are one group), since that is what families are told from.
"""

from datetime import datetime, timedelta

from django.db import connection

from betang.core.actor import SYSTEM
from betang.core.errors import RefusedError
from betang.eligibility.models import Emptying, Run
from betang.journal.record import record

#: Rows taken in one transaction: well under a second, so that nobody waits for it.
ROWS_AT_ONCE = 20_000
DUE = """
SELECT r.id FROM eligibility_run r JOIN programmes_ruleset s ON s.id = r.rule_set_id
WHERE r.at < %s
  AND NOT EXISTS (SELECT FROM eligibility_emptying e WHERE e.run_id = r.id)
  AND NOT EXISTS (SELECT FROM eligibility_decree d
                  WHERE d.run_id = r.id AND d.state <> 'withdrawn')
  AND EXISTS (SELECT FROM eligibility_run n JOIN programmes_ruleset t ON t.id = n.rule_set_id
              WHERE n.id > r.id AND t.programme_id = s.programme_id
                AND n.cycle_id IS NOT DISTINCT FROM r.cycle_id)
ORDER BY r.id LIMIT 1
"""
EMPTY = """
DELETE FROM eligibility_assessment AS a USING (
    SELECT run_id, household_id FROM eligibility_assessment
    WHERE run_id = %s ORDER BY household_id LIMIT %s
) AS old
WHERE a.run_id = old.run_id AND a.household_id = old.household_id
"""


class RunEmptiedError(RefusedError):
    """The rows of the run are not kept any more."""

    code = "run.emptied"
    sentence = "Rincian per keluarga dari penilaian ini sudah tidak disimpan."
    do = "Nilai ulang lebih dahulu, lalu pakai hasil terbaru."


def is_emptied(run: Run) -> bool:
    """Say whether the rows of `run` are gone or going."""
    return Emptying.objects.filter(run=run).exists()


def check_whole(run: Run) -> None:
    """Refuse a run whose rows are gone or going. Raises `RunEmptiedError`."""
    if is_emptied(run):
        raise RunEmptiedError


def empty_old(*, at: datetime, days: int, rows: int = ROWS_AT_ONCE) -> int:
    """Take the next rows of runs older than `days`; give how many. Zero days keep everything.

    Each call is one batch: the worker's schedule calls again. A run is told as emptied before its
    first row goes, since from then on it explains nothing.
    """
    if days <= 0:
        return 0
    emptying = Emptying.objects.filter(done_at__isnull=True).order_by("run_id").first()
    if emptying is None:
        run = _due(at - timedelta(days=days))
        if run is None:
            return 0
        emptying = Emptying.objects.create(run=run, at=at)
        record(
            "run.emptied",
            run.uuid,
            actor=SYSTEM,
            at=at,
            count=run.counts.get("households", 0),
            digest=run.digest,
            days=days,
        )
    with connection.cursor() as cursor:
        cursor.execute(EMPTY, [emptying.run_id, rows])
        gone = int(cursor.rowcount)
    if gone < rows:
        Emptying.objects.filter(pk=emptying.pk).update(done_at=at)
    return gone


def _due(before: datetime) -> Run | None:
    with connection.cursor() as cursor:
        cursor.execute(DUE, [before])
        row = cursor.fetchone()
    return Run.objects.get(pk=row[0]) if row else None
