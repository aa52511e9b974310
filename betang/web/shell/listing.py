"""Tables that keep their filter in the address bar, say how many of how many, and export."""

import csv
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse

from betang.web.shell.paging import in_order

#: Rows of an export that are in memory at once: read from the server's cursor, and sent, together.
EXPORT_CHUNK = 1_000
#: A cell that begins so would be run as a formula by a spreadsheet.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Column(NamedTuple):
    """A column that can be sorted: its name in the address bar, its title, the fields behind it.

    All fields run the same way, and only the first may be without a value (`paging`).
    """

    name: str
    title: str
    order: tuple[str, ...]
    numeric: bool = False


class Sorted(NamedTuple):
    """A column's head: title, the address value that sorts by it next, and how it is sorted now."""

    title: str
    next: str
    direction: str
    numeric: bool


def ordered(
    request: HttpRequest, rows: QuerySet[Any], columns: Sequence[Column]
) -> tuple[QuerySet[Any], list[Sorted]]:
    """Sort by `?urut=name` or `?urut=-name`; anything else means the first column."""
    asked = request.GET.get("urut", "")
    name = asked.lstrip("-")
    chosen = next((column for column in columns if column.name == name), columns[0])
    down = asked.startswith("-") and chosen.name == name
    order = [_turned(field) if down else field for field in chosen.order]
    falls = chosen.order[0].startswith("-") != down
    heads = [
        Sorted(
            column.title,
            f"-{column.name}" if column is chosen and not down else column.name,
            ("descending" if falls else "ascending") if column is chosen else "",
            column.numeric,
        )
        for column in columns
    ]
    return in_order(rows, order), heads


def _turned(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"


def export(
    name: str, titles: Sequence[str], rows: QuerySet[Any], line: Callable[[Any], Sequence[Any]]
) -> StreamingHttpResponse:
    """Answer a whole list as CSV (UTF-8 with a mark, semicolons: as Indonesian Excel reads it).

    It is read through a cursor of the server and sent as it is read, so its length costs no memory.
    An error on the way breaks the download off, which the browser tells: a file that ends early
    without a word would be taken for the whole.
    """
    name = f"CONTOH-{name}" if settings.DEMO else name
    return StreamingHttpResponse(
        _lines(titles, rows, line),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _lines(
    titles: Sequence[str], rows: QuerySet[Any], line: Callable[[Any], Sequence[Any]]
) -> Iterator[str]:
    text = StringIO()
    writer = csv.writer(text, delimiter=";")
    text.write("\ufeff")
    writer.writerow(titles)
    for number, row in enumerate(rows.iterator(chunk_size=EXPORT_CHUNK), start=1):
        writer.writerow(map(_safe, line(row)))
        if number % EXPORT_CHUNK == 0:
            yield _taken(text)
    yield _taken(text)


def _taken(text: StringIO) -> str:
    """Take what was written so far out of the buffer."""
    written = text.getvalue()
    text.seek(0)
    text.truncate()
    return written


def _safe(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
