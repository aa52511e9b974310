"""Lists of who has aid elsewhere: PKH, sembako, BLT-DD, keyed by NIK and KK."""

from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

import polars as pl

from betang.core.actor import Actor
from betang.core.errors import FieldsError, NotAllowedError
from betang.core.identifiers import new_uuid
from betang.intake.cells import clean
from betang.intake.check_numbers import check_numbers
from betang.intake.collect import Findings
from betang.intake.models import Batch
from betang.intake.read import Table, read_table
from betang.intake.stage import kept_name, save_findings
from betang.journal.record import record
from betang.keys import blobs
from betang.registry import outside_aid
from betang.registry.models import OUTSIDE_PROGRAMMES

COLUMNS = ("no_kk", "nik")
PERIOD_CHARS_MAX = 40


class UnknownProgrammeError(FieldsError):
    """There is no such programme."""

    code = "exclusions.programme"
    sentence = "Program bantuan lain ini tidak dikenal."
    do = "Pilih PKH, SEMBAKO, atau BLTDD."


class Numbers(NamedTuple):
    """Who is on the list."""

    niks: list[str]
    family_numbers: list[str]
    rows: int
    findings: Findings


def stage_exclusions(
    content: bytes,
    *,
    programme: str,
    period: str,
    file_name: str,
    actor: Actor,
    at: datetime,
) -> Batch:
    """Read a list of another programme; give its batch, waiting for approval.

    The same bytes give the batch that is there. Raises `UnknownProgrammeError` and the refusals
    of `betang.intake.read`.
    """
    if actor.person is None:
        raise NotAllowedError
    if programme not in OUTSIDE_PROGRAMMES:
        raise UnknownProgrammeError(field="programme")
    digest = sha256(content).digest()
    known = Batch.objects.filter(sha256=digest).first()
    if known is not None:
        return known
    table = _table(content)
    numbers = _numbers(table)
    batch = Batch(
        uuid=new_uuid(),
        kind="exclusion",
        programme=programme,
        period=kept_name(period)[:PERIOD_CHARS_MAX],
        file_name=kept_name(file_name),
        file_format=table.file_format,
        sha256=digest,
        blob=blobs.store(content, at=at),
        rows=numbers.rows,
        state="reported",
        uploaded_by_person=actor.person,
        at=at,
    )
    save_findings(batch, numbers.findings, unknown_columns=table.unknown)
    record(
        "batch.staged", batch.uuid, actor=actor, at=at,
        list_kind=batch.kind, rows=batch.rows, held=batch.held_rows, warned=batch.warned_rows,
        sha256=digest.hex(),
    )  # fmt: skip
    return batch


def take_over(batch: Batch, *, at: datetime) -> dict[str, Any]:
    """Let the batch be the list of its programme that counts; called by `accept`."""
    assert batch.blob is not None
    numbers = _numbers(_table(blobs.fetch(bytes(batch.blob))))
    people = numbers.rows - len(numbers.findings.held_rows())
    changed = outside_aid.replace_list(
        batch.programme,
        list_uuid=batch.uuid,
        niks=numbers.niks,
        family_numbers=numbers.family_numbers,
        period=batch.period,
        people=people,
        at=at,
    )
    return {"programme": batch.programme, "listed": people, "households_changed": changed}


def _table(content: bytes) -> Table:
    return read_table(content, known=COLUMNS, required=COLUMNS, any_of=True)


def _numbers(table: Table) -> Numbers:
    """Read the numbers of a list: a row with a wrong one is held, whichever it is."""
    findings = Findings()
    niks: list[str] = []
    families: list[str] = []
    rows = 0
    for chunk in table.chunks():
        rows += chunk.height
        findings.add(chunk.filter("broken"), "", "row.broken")
        frame = clean(chunk, COLUMNS, findings)
        empty = frame.filter(pl.col("nik").is_null() & pl.col("no_kk").is_null() & ~pl.col("bad"))
        findings.add(empty, "nik", "row.empty")
        # A missing number is fine here, so each is checked as if the other were.
        checked = check_numbers(frame.filter(~pl.col("bad")), Findings())
        wrong_nik = pl.col("nik").is_not_null() & pl.col("nik_n").is_null()
        wrong_kk = pl.col("no_kk").is_not_null() & pl.col("kk_n").is_null()
        findings.add(checked.filter(wrong_nik), "nik", "nik.length", "nik")
        findings.add(checked.filter(wrong_kk), "no_kk", "kk.form", "no_kk")
        fine = checked.filter(~wrong_nik & ~wrong_kk)
        niks += fine["nik_n"].drop_nulls().cast(pl.String).to_list()
        families += fine["kk_n"].drop_nulls().cast(pl.String).to_list()
    return Numbers(sorted(set(niks)), sorted(set(families)), rows, findings)
