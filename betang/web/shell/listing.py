"""Tables that keep their filter in the address bar, say how many of how many, and export."""

import csv
from collections.abc import Callable, Iterable, Sequence
from io import StringIO
from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

#: Rows on a page: two screens of a clerk, and quick to build.
PER_PAGE = 50
#: Rows in one export; more is a report, which the command line makes.
EXPORT_AT_MOST = 50_000
#: A cell that begins so would be run as a formula by a spreadsheet.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Column(NamedTuple):
    """A column that can be sorted: its name in the address bar, its title, the fields behind it."""

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
    return rows.order_by(*order, "pk"), heads


def _turned(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"


def page_of(request: HttpRequest, rows: Any) -> Any:
    """Cut the page that `?hal=` asks for; a page that does not exist is the nearest that does."""
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("hal"))


def export(
    name: str, titles: Sequence[str], rows: Iterable[Any], line: Callable[[Any], Sequence[Any]]
) -> HttpResponse:
    """Answer what is shown as CSV (UTF-8 with a mark, semicolons: as Indonesian Excel reads it)."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(titles)
    for row in rows:
        writer.writerow([_safe(value) for value in line(row)])
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _safe(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
