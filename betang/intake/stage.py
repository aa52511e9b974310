"""Stage a list: keep the file sealed, read it, check it, put what may pass beside the registry.

The same bytes are the same batch for ever: staging them again gives the batch that is there.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

import polars as pl
from django.db import connection

from betang.areas.look_up import code_table
from betang.core.actor import Actor
from betang.core.clock import WIB
from betang.core.errors import NotAllowedError, RefusedError
from betang.core.identifiers import new_uuid
from betang.core.identity.area_code import CodeSystem
from betang.intake.check import CheckedList, check_list
from betang.intake.check_home import with_conditions
from betang.intake.collect import Findings
from betang.intake.columns import KNOWN, REQUIRED
from betang.intake.findings import CODES, ERRORS
from betang.intake.models import Batch, Finding
from betang.intake.read import read_table
from betang.journal.record import record
from betang.keys import blobs
from betang.registry import incoming
from betang.registry.receive import conflicts

#: Rows that nobody accepted are emptied after this; the sealed file can fill them again.
WAITS_DAYS = 14
#: A village's code without its last six digits is its regency's.
VILLAGES_IN_REGENCY = 1_000_000
FILE_NAME_CHARS_MAX = 200
COPY_FINDINGS = (
    "COPY intake_finding (batch_id, row_number, column_name, code, severity, value_masked) "
    "FROM STDIN (FORMAT csv)"
)
#: Called with a step's name as the work goes on, for a progress bar.
Told = Callable[[str], None]


class NoAreasError(RefusedError):
    """No areas are loaded, so every row would be wrong."""

    code = "list.no_areas"
    sentence = "Daftar wilayah belum dimuat."
    do = "Jalankan `betang areas load`, lalu unggah lagi."


def stage(
    content: bytes,
    *,
    file_name: str,
    code_system: CodeSystem = CodeSystem.KEMENDAGRI,
    actor: Actor,
    at: datetime,
    told: Told | None = None,
) -> Batch:
    """Read and check a list of households; give its batch, reported and waiting for approval.

    Raises the refusals of `betang.intake.read` for what is no list, and then keeps nothing.
    """
    if actor.person is None:
        raise NotAllowedError
    digest = sha256(content).digest()
    known = Batch.objects.filter(sha256=digest).first()
    if known is not None:
        return known
    batch = Batch(
        uuid=new_uuid(),
        kind="households",
        code_system=code_system,
        file_name=kept_name(file_name),
        sha256=digest,
        uploaded_by_person=actor.person,
        at=at,
    )
    fill(batch, content, told=told)
    record(
        "batch.staged", batch.uuid, actor=actor, at=at,
        list_kind=batch.kind, rows=batch.rows, held=batch.held_rows, warned=batch.warned_rows,
        sha256=digest.hex(),
    )  # fmt: skip
    return batch


def fill(batch: Batch, content: bytes, *, told: Told | None = None) -> None:
    """Read `content` into the batch's findings and incoming rows; for the first time, or again."""
    tell = told or silent
    codes = code_table()
    if not codes.villages:
        raise NoAreasError
    table = read_table(content, known=KNOWN, required=REQUIRED)
    # Before the rows are read: sealing needs the file twice over, and so do the rows.
    tell("menyimpan berkas tersegel")
    if batch.blob is None:
        batch.blob = blobs.store(content, at=batch.at)
    batch.file_format = table.file_format
    tell("membaca dan memeriksa")
    today = batch.at.astimezone(WIB).date()
    checked = check_list(table, codes, CodeSystem(batch.code_system), today=today)
    tell("menyegel dan menyalin baris")
    incoming.create(batch.uuid)
    _copy_rows(batch, checked)
    tell("mencocokkan dengan data terdaftar")
    _note_conflicts(batch, checked)
    batch.rows = checked.rows
    batch.households = checked.homes.height
    batch.regencies = _regencies(checked)
    batch.state = "reported"
    save_findings(batch, checked.findings, unknown_columns=table.unknown)


def save_findings(batch: Batch, findings: Findings, *, unknown_columns: int) -> None:
    """Save the batch with its counts, and its findings in place of earlier ones."""
    batch.held_rows = len(findings.held_rows())
    batch.warned_rows = len(findings.warned_rows())
    batch.problems = {
        "codes": dict(findings.counts.most_common()),
        "unknown_columns": unknown_columns,
    }
    batch.save()
    Finding.objects.filter(batch=batch).delete()
    frame = findings.frame()
    if frame.is_empty():
        return
    severities = {code: kind.severity for code, kind in CODES.items()}
    rows = frame.select(
        pl.lit(batch.pk).alias("batch"),
        "row",
        "column",
        "code",
        pl.col("code").replace_strict(severities).alias("severity"),
        "value",
    )
    with connection.cursor() as cursor:
        copying = cursor.cursor.copy(COPY_FINDINGS)
        with copying as copy:
            copy.write(rows.write_csv(include_header=False))


def kept_name(file_name: str) -> str:
    """Keep a file's name for people: printable, without folders, not too long."""
    last = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable())[:FILE_NAME_CHARS_MAX]


def empty_old(*, at: datetime) -> int:
    """Empty the incoming rows of batches that nobody accepted in `WAITS_DAYS`; give how many."""
    old = Batch.objects.filter(
        kind="households", state="reported", at__lt=at - timedelta(days=WAITS_DAYS)
    )
    emptied = 0
    for batch in old:
        if incoming.held(batch.uuid) is not None:
            incoming.drop(batch.uuid)
            emptied += 1
    return emptied


def silent(step: str) -> None:
    """Tell nobody."""


def _regencies(checked: CheckedList) -> list[int]:
    """Give the regencies of the families that may pass."""
    if checked.people.is_empty():
        return []
    return (checked.people["village"] // VILLAGES_IN_REGENCY).drop_nulls().unique().sort().to_list()


def _copy_rows(batch: Batch, checked: CheckedList) -> None:
    """Number the families and hand them to the registry, which seals what must be sealed."""
    if checked.homes.is_empty():
        return
    heads = checked.people.filter("is_head").select(
        "row", kk="kk_n", village="village", head_name="nama"
    )
    homes = checked.homes.rename({"alamat": "address"}).join(heads, on="row").sort("row")
    homes = homes.with_row_index("key")
    people = checked.people.rename({"nik_n": "nik", "nama": "name", "born": "birth_on"}).join(
        homes.select("key", kk_n="kk"), on="kk_n", maintain_order="left"
    )
    incoming.add_homes(batch.uuid, map(with_conditions, homes.iter_slices(incoming.SLICE)))
    incoming.add_people(batch.uuid, people)
    incoming.finish(batch.uuid)


def _note_conflicts(batch: Batch, checked: CheckedList) -> None:
    """Report rows that do not fit what is registered; they wait, and are left out of a merge."""
    found = conflicts(batch.uuid)
    for code in sorted({conflict.code for conflict in found}):
        rows = [conflict.row for conflict in found if conflict.code == code]
        frame = pl.DataFrame({"row": rows}, schema={"row": pl.UInt32})
        column = "nik" if code == "nik.elsewhere" else "no_kk"
        checked.findings.add(frame, column, code)
        assert code in ERRORS or code == "kk.changed", code
