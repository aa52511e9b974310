"""Pages of a long list, found by the row they begin behind (keyset) and never by counting rows off.

The place travels in `?hal=`, sealed (it may hold a name): the values by which the row before the
page is sorted, which way to read, and how many rows lie before. It stays right while rows are added
or taken away, and costs the same wherever it is: PostgreSQL goes there through the index of the
sort. Rows that have no value in the first column stand last, whichever way it is sorted; they are
read by a query of their own, because an OR would keep the index from being used.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import BooleanField, F, Func, Model, QuerySet, Value
from django.db.models.expressions import OrderBy
from django.http import HttpRequest

from betang.core.errors import RefusedError
from betang.web.shell.sealed import NotOursError, seal, unseal

#: Rows on a page: two screens of a clerk, and quick to build.
PER_PAGE = 50
#: What `?hal=` says for the last page; any other page is a sealed place.
LAST = "akhir"
PURPOSE = "place"


class NoSuchPlaceError(RefusedError):
    """The address names no place in this list: changed by hand, or made for another order."""

    code = "list.place"
    sentence = "Alamat halaman daftar ini tidak dikenal."
    do = "Buka daftarnya lagi dari menu, lalu telusuri dengan tombol halaman."
    status = 400


@dataclass(frozen=True)
class Page:
    """What of a list is shown, of how many, and the values of `hal` that lead elsewhere."""

    object_list: list[Any]
    start_index: int
    count: int
    previous: str | None
    next: str | None

    def __iter__(self) -> Iterator[Any]:
        return iter(self.object_list)

    def __len__(self) -> int:
        return len(self.object_list)

    @property
    def end_index(self) -> int:
        """Give the number of the last row shown, counted from 1 over the whole list."""
        return self.start_index + len(self.object_list) - 1 if self.object_list else 0

    @property
    def last(self) -> str:
        """Give the value of `hal` that leads to the last page."""
        return LAST


class _Sort(NamedTuple):
    """How a list is sorted: paths of fields, all the same way, the last of them unique."""

    model: type[Model]
    paths: tuple[str, ...]
    down: bool
    #: Fields of values that the query reckons for each row; they are never without a value.
    reckoned: dict[str, Any]

    @property
    def types(self) -> list[Any]:
        return [self.reckoned.get(p) or _type(_field(self.model, p)) for p in self.paths]

    @property
    def has_unknown(self) -> bool:
        """Say whether the first column may be without a value."""
        first = self.paths[0]
        return first not in self.reckoned and bool(_field(self.model, first).null)

    @property
    def purpose(self) -> tuple[str, str]:
        """Name the order that a place belongs to: in another order it would be nonsense."""
        return PURPOSE, f"{_options(self.model).label} {'-' * self.down}{' '.join(self.paths)}"


class _Place(NamedTuple):
    """Behind (or, backwards, before) a row of these sort values; `before` rows lie before it."""

    values: list[Any]
    before: int
    backwards: bool


def in_order(rows: QuerySet[Any], paths: Sequence[str]) -> QuerySet[Any]:
    """Sort by fields (`-name` downwards) and, where they do not tell rows apart, by the key.

    What is unknown stands last. All must run the same way: so runs the index. A value that the
    query reckons for each row (an annotation, never null) may be sorted by too: where lists are
    short, since no index helps.
    """
    down = paths[0].startswith("-")
    assert all(path.startswith("-") == down for path in paths), paths
    names = [path.removeprefix("-") for path in paths]
    reckoned = rows.query.annotations
    if not any(name not in reckoned and _tells_apart(rows.model, name) for name in names):
        names.append("pk")
    order = []
    for name in names:
        last = True if name not in reckoned and _field(rows.model, name).null else None
        order.append(OrderBy(F(name), descending=down, nulls_last=last))
    return rows.order_by(*order)


def page_of(request: HttpRequest, rows: QuerySet[Any]) -> Page:
    """Cut the page that `?hal=` asks for from what `in_order` sorted.

    Raises `NoSuchPlaceError` for a place that we did not make for this order.
    """
    sort = _sort_of(rows)
    count = rows.count()
    asked = request.GET.get("hal", "")
    if not asked:
        return _first(rows, sort, count)
    if asked == LAST:
        return _last(rows, sort, count)
    place = _opened(asked, sort)
    if place.backwards:
        found = _read(rows, sort, place, PER_PAGE + 1)
        if len(found) <= PER_PAGE:  # the beginning: its page is a full one
            return _first(rows, sort, count)
        shown = found[:PER_PAGE][::-1]
        return _page(shown, sort, max(1, place.before - PER_PAGE), count, more=True)
    found = _read(rows, sort, place, PER_PAGE + 1)
    if not found:  # what stood there is gone
        return _last(rows, sort, count)
    return _page(found[:PER_PAGE], sort, place.before, count, more=len(found) > PER_PAGE)


def _first(rows: QuerySet[Any], sort: _Sort, count: int) -> Page:
    found = _read(rows, sort, None, PER_PAGE + 1)
    return _page(found[:PER_PAGE], sort, 0, count, more=len(found) > PER_PAGE)


def _last(rows: QuerySet[Any], sort: _Sort, count: int) -> Page:
    if count <= PER_PAGE:
        return _first(rows, sort, count)
    shown = _read(rows, sort, None, (count - 1) % PER_PAGE + 1, backwards=True)[::-1]
    return _page(shown, sort, count - len(shown), count, more=False)


def _page(shown: list[Any], sort: _Sort, before: int, count: int, *, more: bool) -> Page:
    previous = following = None
    if before and shown:
        previous = _sealed(sort, shown[0], before, backwards=True)
    if more:
        following = _sealed(sort, shown[-1], before + len(shown), backwards=False)
    return Page(
        shown, before + 1 if shown else 0, max(count, before + len(shown)), previous, following
    )


def _read(
    rows: QuerySet[Any], sort: _Sort, place: _Place | None, limit: int, *, backwards: bool = False
) -> list[Any]:
    """Read `limit` rows from a place on, or from the beginning (the end, backwards)."""
    backwards = place.backwards if place else backwards
    found: list[Any] = []
    for unknown in _parts(sort, backwards=backwards):
        part = _part(rows, sort, unknown=unknown, backwards=backwards)
        if place is not None:
            here = place.values[0] is None
            if unknown == here:
                part = _beyond(part, sort, place, unknown=unknown)
            elif unknown == backwards:  # this part lies wholly before the place
                continue
        found += part[: limit - len(found)]
        if len(found) >= limit:
            break
    return found


def _parts(sort: _Sort, *, backwards: bool) -> tuple[bool, ...]:
    """Say which parts the list has, in the order they are read: False is known, True unknown."""
    if not sort.has_unknown:
        return (False,)
    return (True, False) if backwards else (False, True)


def _part(rows: QuerySet[Any], sort: _Sort, *, unknown: bool, backwards: bool) -> QuerySet[Any]:
    """Give the rows with, or without, a value in the first column, sorted for the index."""
    if sort.has_unknown:
        rows = rows.filter(**{f"{sort.paths[0]}__isnull": unknown})
    down = sort.down != backwards
    return rows.order_by(
        *(OrderBy(F(path), descending=down) for path in sort.paths[1 if unknown else 0 :])
    )


def _beyond(rows: QuerySet[Any], sort: _Sort, place: _Place, *, unknown: bool) -> QuerySet[Any]:
    """Keep the rows beyond a place: one comparison of rows, which an index answers."""
    start = 1 if unknown else 0
    types = sort.types[start:]
    left = Func(*(F(path) for path in sort.paths[start:]), template="(%(expressions)s)")
    right = Func(
        *(
            Value(value, output_field=kind)
            for value, kind in zip(place.values[start:], types, strict=True)
        ),
        template="(%(expressions)s)",
    )
    return rows.filter(
        Func(
            left,
            right,
            template="%(expressions)s",
            arg_joiner=" < " if sort.down != place.backwards else " > ",
            output_field=BooleanField(),
        )
    )


def _sealed(sort: _Sort, row: Any, before: int, *, backwards: bool) -> str:
    return seal([backwards, before, [_value(row, path) for path in sort.paths]], *sort.purpose)


def _opened(text: str, sort: _Sort) -> _Place:
    try:
        backwards, before, values = unseal(text, *sort.purpose)
    except NotOursError as error:
        raise NoSuchPlaceError from error
    known = [
        None if value is None else kind.to_python(value)
        for value, kind in zip(values, sort.types, strict=True)
    ]
    return _Place(known, before, backwards)


def _sort_of(rows: QuerySet[Any]) -> _Sort:
    order = rows.query.order_by
    assert order, "in_order sorts what page_of cuts"
    terms = []
    for each in order:
        assert isinstance(each, OrderBy), "in_order sorts what page_of cuts"
        assert isinstance(each.expression, F), "in_order sorts by fields"
        terms.append((str(vars(each.expression)["name"]), each.descending))
    paths = tuple(name for name, _ in terms)
    annotations = rows.query.annotations
    reckoned = {path: annotations[path].output_field for path in paths if path in annotations}
    return _Sort(rows.model, paths, bool(terms[0][1]), reckoned)


def _options(model: type[Model]) -> Any:
    return model._meta  # noqa: SLF001 - public in Django, in spite of its name


def _field(model: type[Model], path: str) -> Any:
    """Follow `owner__full_name` to its field."""
    if path == "pk":
        return _options(model).pk
    name, _, rest = path.partition("__")
    field: Any = _options(model).get_field(name)
    return _field(field.related_model, rest) if rest else field


def _type(field: Any) -> Any:
    """Give the field that reads and writes the values of `field` (a village's is its code)."""
    return field.target_field if field.is_relation else field


def _tells_apart(model: type[Model], path: str) -> bool:
    """Say whether no two rows share a value here."""
    if path == "pk":
        return True
    if "__" in path:
        return False
    field = _field(model, path)
    alone = {tuple(each.fields) for each in _options(model).total_unique_constraints}
    return not field.null and bool(field.unique or (field.name,) in alone)


def _value(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row
