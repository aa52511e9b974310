"""The report a clerk works from: what is wrong, where, and what to do."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from betang.intake.findings import CODES
from betang.intake.models import Batch, Finding

PAGE_MAX = 500
HEADER = ("baris", "kolom", "kode", "tingkat", "isi", "yang_salah", "yang_harus_dilakukan")
SEVERITY_WORDS = {"error": "tertahan", "warning": "peringatan"}
#: Cells that begin so are read as formulas by spreadsheets; an apostrophe makes them text.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def summary(batch: Batch) -> list[dict[str, Any]]:
    """Give one line a code: how often, how grave, what is wrong, what to do; gravest first."""
    counts = batch.problems.get("codes", {})
    lines = [
        {
            "code": code,
            "count": count,
            "severity": CODES[code].severity,
            "sentence": CODES[code].sentence,
            "do": CODES[code].do,
        }
        for code, count in counts.items()
        if code in CODES
    ]
    return sorted(lines, key=lambda line: (line["severity"], -line["count"]))


def findings(
    batch: Batch, *, code: str | None = None, after_row: int = 0, limit: int = 100
) -> list[dict[str, Any]]:
    """Give a page of findings in the order of the file, each with its sentence.

    `limit` may be passed by the rest of the last row's.
    """
    found = Finding.objects.filter(batch=batch, row_number__gt=after_row)
    if code:
        found = found.filter(code=code)
    page = list(found.order_by("row_number", "id")[: min(limit, PAGE_MAX)])
    if page:  # a row is never cut: the next page begins with the next row
        last = page[-1]
        page += found.filter(row_number=last.row_number, id__gt=last.pk).order_by("id")
    return [
        {
            "row": one.row_number,
            "column": one.column_name,
            "code": one.code,
            "severity": one.severity,
            "value": one.value_masked,
            "sentence": CODES[one.code].sentence,
            "do": CODES[one.code].do,
        }
        for one in page
    ]


def count(batch: Batch) -> int:
    """Count the findings, which is how many lines their file has."""
    return Finding.objects.filter(batch=batch).count()


def export_csv(batch: Batch) -> Iterator[str]:
    """Write all findings as CSV lines for a spreadsheet, with a mark that says UTF-8."""
    yield "\ufeff" + _line(HEADER)
    for one in Finding.objects.filter(batch=batch).order_by("row_number", "id").iterator():
        kind = CODES[one.code]
        yield _line(
            (
                str(one.row_number),
                one.column_name,
                one.code,
                SEVERITY_WORDS[one.severity],
                one.value_masked,
                kind.sentence,
                kind.do,
            )
        )


def _line(cells: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(
        ["'" + cell if cell.startswith(FORMULA_STARTS) else cell for cell in cells]
    )
    return out.getvalue()
