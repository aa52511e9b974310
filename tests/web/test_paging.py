"""A long list is walked page by page: each row once, in order, from wherever one stands."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory

from betang.cards.models import Card
from betang.core.identifiers import new_uuid
from betang.core.identity.household_number import household_number
from betang.payments.models import Disbursement
from betang.registry.models import Household
from betang.web.cards.cards import COLUMNS as CARDS
from betang.web.payments.orders import COLUMNS as PAYMENTS
from betang.web.registry.households import COLUMNS as HOUSEHOLDS
from betang.web.shell import paging
from betang.web.shell.listing import Column, ordered
from betang.web.shell.paging import NoSuchPlaceError, Page, in_order, page_of

KAPUAS, GUNUNG_MAS = 6203011001, 6210011001
NOON = datetime(2026, 11, 12, 5, tzinfo=UTC)
ORDERS = [sign + column.name for column in HOUSEHOLDS for sign in ("", "-")]


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "PER_PAGE", 7)


def family(number: int, **more: Any) -> Household:
    chance = random.Random(number)
    given = {
        "uuid": new_uuid(), "number": household_number(number),
        "village_id": chance.choice((KAPUAS, GUNUNG_MAS)),
        "head_name": chance.choice(("Lamiang", "Yanti", "Sari")),
        "size": chance.choice((None, 1, 2, 5)), "decile": chance.choice((None, None, 1, 2)),
    }  # fmt: skip
    return Household.objects.create(**given | more)


@pytest.fixture
def families(areas: None) -> list[Household]:
    return [family(number) for number in range(1, 41)]


def look(order: str, hal: str = "") -> Page:
    request = RequestFactory().get("/keluarga/", {"urut": order, "hal": hal})
    rows, _ = ordered(request, Household.objects.all(), HOUSEHOLDS)  # type: ignore[arg-type]
    return page_of(request, rows)


def walk(order: str, hal: str, way: str) -> list[Page]:
    pages = [look(order, hal)]
    while getattr(pages[-1], way):
        pages.append(look(order, getattr(pages[-1], way)))
        assert len(pages) < 50, "the walk does not end"
    return pages


def numbers(pages: list[Page]) -> list[str]:
    return [row.number for page in pages for row in page]


def whole(order: str) -> list[str]:
    request = RequestFactory().get("/keluarga/", {"urut": order})
    rows, _ = ordered(request, Household.objects.all(), HOUSEHOLDS)  # type: ignore[arg-type]
    return [row.number for row in rows]


class TestAPlace:
    """What stands in `?hal=` is ours or is refused."""

    def test_with_any_letter_changed_is_refused(self, families):
        hal = look("kepala").next
        assert hal

        for position in range(len(hal) - 1):
            other = "A" if hal[position] != "A" else "B"
            with pytest.raises(NoSuchPlaceError):
                look("kepala", hal[:position] + other + hal[position + 1 :])

    def test_of_another_order_is_refused(self, families):
        hal = look("kepala").next
        assert hal

        for order in ("-kepala", "nomor", "desil"):
            with pytest.raises(NoSuchPlaceError):
                look(order, hal)

    def test_sealed_with_another_secret_is_refused(self, families, settings):
        hal = look("kepala").next
        assert hal
        settings.SECRET_KEY = "another secret of another house"

        with pytest.raises(NoSuchPlaceError):
            look("kepala", hal)

    def test_says_no_name(self, families):
        Household.objects.update(head_name="Lamiang")
        hal = look("kepala").next

        assert hal
        assert "Lamiang" not in hal

    def test_of_the_same_row_is_the_same(self, families):
        assert look("nomor").next == look("nomor").next


@pytest.mark.parametrize("order", ORDERS)
class TestWalk:
    def test_forward_meets_each_row_once_in_order(self, families, order):
        pages = walk(order, "", "next")

        assert numbers(pages) == whole(order)
        assert [page.start_index for page in pages] == [1, 8, 15, 22, 29, 36]
        assert pages[-1].end_index == 40

    def test_backward_from_the_end_meets_each_row_once(self, families, order):
        pages = walk(order, "akhir", "previous")

        assert numbers(pages[::-1]) == whole(order)
        assert [page.start_index for page in pages] == [36, 29, 22, 15, 8, 1]

    def test_there_and_back_is_the_same_page(self, families, order):
        second = look(order, look(order).next or "")
        third = look(order, second.next or "")

        assert numbers([look(order, third.previous or "")]) == numbers([second])


class TestOrder:
    def test_the_unknown_stands_last_whichever_way(self, families):
        for order in ("desil", "-desil"):
            deciles = [row.decile for page in walk(order, "", "next") for row in page]

            known = [decile for decile in deciles if decile is not None]
            assert deciles[len(known) :] == [None] * (len(deciles) - len(known))
            assert known == sorted(known, reverse=order.startswith("-"))

    def test_columns_that_run_against_each_other_are_a_programmers_error(self, db):
        with pytest.raises(AssertionError):
            in_order(Household.objects.all(), ("number", "-size"))


class TestWhileTheListChanges:
    def test_rows_added_before_a_place_shift_nothing(self, families):
        first = look("nomor")
        expected = numbers([look("nomor", first.next or "")])
        lowest = Household.objects.order_by("number").first()
        assert lowest
        Household.objects.create(
            uuid=new_uuid(), number="1" + "0" * 9, village_id=KAPUAS, head_name="Baru"
        )

        assert numbers([look("nomor", first.next or "")]) == expected

    def test_a_place_stands_though_its_row_is_gone(self, families):
        first = look("nomor")
        expected = numbers([look("nomor", first.next or "")])
        first.object_list[-1].delete()

        assert numbers([look("nomor", first.next or "")]) == expected

    def test_a_place_behind_which_nothing_is_left_shows_the_end(self, families):
        last_but_one = walk("nomor", "", "next")[-2]
        Household.objects.filter(number__gt=last_but_one.object_list[-1].number).delete()

        page = look("nomor", last_but_one.next or "")

        assert numbers([page]) == whole("nomor")[-len(page) :]

    def test_the_beginning_is_a_full_page_though_rows_went_away(self, families):
        second = look("nomor", look("nomor").next or "")
        Household.objects.filter(number__in=numbers([look("nomor")])[:3]).delete()

        page = look("nomor", second.previous or "")

        assert len(page) == 7
        assert page.previous is None

    def test_an_empty_list_has_one_empty_page(self, areas):
        for hal in ("", "akhir"):
            page = look("nomor", hal)

            assert (len(page), page.count, page.start_index, page.end_index) == (0, 0, 0, 0)
            assert page.previous is page.next is None


def plan(rows: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    return str(rows.explain())


LONG = [
    *((Household, column) for column in HOUSEHOLDS),
    *((Card, column) for column in CARDS),
    (Disbursement, PAYMENTS[0]),  # inside one order; by other columns its payments are sorted
]


class TestIndex:
    """The orders of lists that grow with the programme go through an index to their place."""

    @pytest.mark.parametrize(
        ("model", "column"), LONG, ids=[f"{m._meta.label}-{c.name}" for m, c in LONG]
    )
    def test_leads_to_the_place(self, db, model: Any, column: Column):
        rows = in_order(model.objects.all(), column.order)
        sort = paging._sort_of(rows)
        values = [NOON if kind.get_internal_type() == "DateTimeField" else "5"
                  for kind in sort.types]  # fmt: skip

        part = paging._part(rows, sort, unknown=False, backwards=False)
        beyond = paging._beyond(part, sort, paging._Place(values, 0, False), unknown=False)
        if model is Disbursement:
            beyond = beyond.filter(order=1)
        told = plan(beyond[:8])

        assert "Index Cond" in told, told
        assert "Sort  (" not in told.replace("Incremental Sort  (", ""), told
