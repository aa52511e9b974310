"""Malformed input, thousands of it: each a clear refusal or a finding, never a traceback."""

import csv
import io
import zipfile
from datetime import date

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from betang.core.actor import Actor
from betang.core.errors import RefusedError
from betang.core.identity.area_code import CodeSystem
from betang.intake.check import check_list
from betang.intake.columns import CONDITIONS, FAMILY_NUMBERS, KNOWN, REQUIRED
from betang.intake.exclusions import COLUMNS as EXCLUSION_COLUMNS
from betang.intake.exclusions import _numbers, stage_exclusions
from betang.intake.findings import CODES
from betang.intake.models import Batch, Finding
from betang.intake.read import read_table
from betang.intake.stage import stage
from betang.journal.models import Entry
from sandbox.province.write import SheetFile
from tests.intake.conftest import COLUMNS, HEAD, as_csv

TODAY = date(2026, 11, 12)
#: Seeded: the same thousands on every machine.
MANY = settings(
    max_examples=2_000,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
SOME = settings(MANY, max_examples=500)
FEW = settings(MANY, max_examples=60)

NASTY = st.sampled_from(
    [
        "", " ", "\x00", "\x00\x00Budi", "=cmd|' /C calc'!A0", "@SUM(1)", "+1+1", "-2+3",
        '"', '""', '",', "'", "\n", "\r\n", "\t", "\u202e", "\u00a0", "\ufeff", "\uf7e9", "\ud7ff",
        "😀" * 50, "x" * 1_001, "9" * 40, "1e999", "-1", "NaN", "inf", "1E+15", "0x10", "٣",
        "6201011208900001", "2026-02-30", "99/99/9999", "32/13/1990", "00000", "99999",
        "0 Januari 0000", "'; DROP TABLE registry_member; --", "\\N", "\\.", "NULL", "{}", "%s",
    ]
)  # fmt: skip
CELL = NASTY | st.text(max_size=30) | st.from_regex(r"[0-9/.\-eE+ ]{0,18}", fullmatch=True)
HEADER = ",".join(COLUMNS).encode() + b"\n"


def clear(refusal):
    """Hold a refusal to what a clerk needs."""
    assert refusal.code.startswith("list.")
    assert refusal.told
    assert refusal.advice
    return refusal


def met(content, codes, system=CodeSystem.KEMENDAGRI):
    """Read and check; give the findings or the refusal."""
    try:
        table = read_table(content, known=KNOWN, required=REQUIRED)
        checked = check_list(table, codes, system, today=TODAY)
    except RefusedError as refusal:
        return clear(refusal)
    assert set(checked.findings.counts) <= set(CODES)
    return checked


class TestInProcess:
    @MANY
    @given(st.binary(max_size=400))
    def test_random_bytes(self, codes, content):
        met(content, codes)

    @SOME
    @given(st.binary(max_size=300))
    def test_random_bytes_under_a_good_header(self, codes, content):
        met(HEADER + content, codes)

    @SOME
    @given(st.text(alphabet='",;\n\r\t|\x00a1=', max_size=120))
    def test_broken_quotes_and_marks(self, codes, text):
        met(HEADER + text.encode(), codes)

    @SOME
    @given(st.dictionaries(st.sampled_from(COLUMNS), CELL, max_size=6))
    def test_hostile_cells_are_held_or_understood(self, codes, change):
        checked = met(as_csv([HEAD | change]), codes)

        assert isinstance(checked, RefusedError) or (
            checked.rows <= 1 or checked.findings.counts["row.broken"]
        )

    @SOME
    @given(
        st.dictionaries(
            st.sampled_from([*FAMILY_NUMBERS, *CONDITIONS, "lintang", "bujur", "akurasi_m"]),
            CELL,
            max_size=8,
        )
    )
    def test_hostile_conditions_become_unknown(self, codes, change):
        met(as_csv([HEAD | change], (*COLUMNS, *change)), codes)

    @MANY
    @given(st.lists(st.sampled_from([*COLUMNS, "x", "", "NIK", "nik "]), max_size=16))
    def test_missing_and_doubled_columns(self, codes, columns):
        met((",".join(columns) + "\n" + ",".join("1" for _ in columns)).encode(), codes)

    @SOME
    @given(st.lists(st.dictionaries(st.sampled_from(COLUMNS), CELL, max_size=3), max_size=5))
    def test_bps_lists(self, codes, rows):
        met(as_csv([HEAD | row for row in rows]), codes, CodeSystem.BPS)

    @MANY
    @given(st.integers(0, 4_000), st.binary(min_size=1, max_size=20), st.booleans())
    def test_damaged_workbooks(self, codes, tmp_path_factory, place, damage, cut):
        content = good_workbook()
        place %= len(content)
        damaged = content[:place] + damage + content[place + len(damage) :]

        met(content[:place] if cut else damaged, codes)

    @SOME
    @given(st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml"]), st.integers(0, 2_000),
           st.binary(max_size=30))  # fmt: skip
    def test_workbooks_damaged_inside(self, codes, name, place, damage):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(good_workbook())) as old, zipfile.ZipFile(out, "w") as new:
            for info in old.infolist():
                part = old.read(info)
                if info.filename == name:
                    at = place % len(part)
                    part = part[:at] + damage + part[at + len(damage) :]
                new.writestr(info.filename, part)

        met(out.getvalue(), codes)

    @SOME
    @given(st.lists(st.tuples(CELL, CELL), max_size=6))
    def test_exclusion_lists(self, rows):
        out = io.StringIO()
        csv.writer(out).writerows([EXCLUSION_COLUMNS, *rows])
        try:
            table = read_table(
                out.getvalue().encode("utf-8", "surrogatepass"),
                known=EXCLUSION_COLUMNS,
                required=EXCLUSION_COLUMNS,
                any_of=True,
            )
            numbers = _numbers(table)
        except RefusedError as refusal:
            clear(refusal)
        else:
            assert all(len(number) == 16 for number in numbers.niks + numbers.family_numbers)


class TestThroughTheDatabase:
    """The same, down to the tables: what passes the check must also be storable."""

    @FEW
    @given(st.lists(st.dictionaries(st.sampled_from(COLUMNS), CELL, max_size=4), max_size=4))
    def test_lists(self, ready, budi: Actor, noon, rows):
        before = Batch.objects.count(), Entry.objects.count()
        try:
            batch = stage(
                as_csv([HEAD | row for row in rows]), file_name="\x00=x", actor=budi, at=noon
            )
        except RefusedError as refusal:
            clear(refusal)
            after = Batch.objects.count(), Entry.objects.count()
        else:
            after = before
            assert batch.state == "reported"
            for finding in Finding.objects.filter(batch=batch):
                assert finding.code in CODES
                assert len(finding.value_masked) <= 40
        assert after == before

    @FEW
    @given(st.lists(st.tuples(CELL, CELL), max_size=4), CELL)
    def test_exclusion_lists(self, ready, budi: Actor, noon, rows, period):
        out = io.StringIO()
        csv.writer(out).writerows([EXCLUSION_COLUMNS, *rows])
        try:
            batch = stage_exclusions(
                out.getvalue().encode("utf-8", "surrogatepass"),
                programme="PKH",
                period=period,
                file_name=period,
                actor=budi,
                at=noon,
            )
        except RefusedError as refusal:
            clear(refusal)
        else:
            assert batch.state == "reported"


_WORKBOOKS: list[bytes] = []


def good_workbook() -> bytes:
    """A list as XLSX, made once."""
    if not _WORKBOOKS:
        frame = pl.DataFrame([HEAD, HEAD | {"nik": "1"}])
        out = io.BytesIO()
        with SheetFile(out, frame.columns) as book:  # type: ignore[arg-type]
            book.add(frame)
        _WORKBOOKS.append(out.getvalue())
    return _WORKBOOKS[0]
