"""Freezing: a card is in one run, the list stays as it was, and only a cancelling frees it."""

import pytest
from django.db import IntegrityError, transaction

from betang.cards.models import PrintRow, PrintRun
from betang.cards.printing import rows
from betang.cards.printing.cancel import ReasonMissingError, cancel
from betang.cards.printing.draw import RowsAlteredError, draw
from betang.cards.printing.folder import folder_of
from betang.cards.printing.freeze import NothingToPrintError, freeze
from betang.cards.printing.runs import NotNowError
from betang.journal.models import Entry
from betang.registry.models import Household


class TestFreeze:
    def test_finds_nothing_in_what_another_run_holds(self, run, budi, noon):
        with pytest.raises(NothingToPrintError), transaction.atomic():
            freeze(actor=budi, at=noon)

        assert PrintRun.objects.count() == 1

    def test_no_card_is_in_two_runs_whatever_the_program_does(self, run, noon):
        other = PrintRun.objects.create(at=noon, count=1, design="x", rows_sha256=b"")
        row = PrintRow.objects.first()

        with pytest.raises(IntegrityError, match="cards_printed_in_one_run"), transaction.atomic():
            PrintRow.objects.create(run=other, card=row.card, position=1)

    def test_takes_all_in_order_and_cuts_them_into_parts(self, run):
        places = PrintRow.objects.filter(run=run).order_by("position")

        assert [row.position for row in places] == [1, 2, 3, 4, 5]
        numbers = [row.card.number for row in places]
        assert numbers == sorted(numbers)
        parts = run.parts.order_by("number").values_list("number", "first", "last")
        assert list(parts) == [(1, 1, 2), (2, 3, 4), (3, 5, 5)]
        assert Entry.objects.get(kind="print.frozen").facts["count"] == 5

    def test_leaves_out_a_name_that_cannot_be_written_and_says_why(self, family, keys, budi, noon):
        from betang.cards.issue import issue_cards

        family(head_name="明")
        family(head_name="Sumiati")
        issue_cards(actor=budi, at=noon)

        run = freeze(actor=budi, at=noon)

        assert (run.count, run.left_out) == (1, 1)
        assert PrintRow.objects.get(left_out="name").position is None

    def test_keeps_the_names_as_they_were(self, run):
        Household.objects.filter(head_name="Sumiati").update(head_name="Sumiyati")

        assert "Sumiati" in {face.name for face in rows.faces_of(run, 1, 5)}

    def test_a_row_that_was_changed_after_it_is_not_drawn(self, run, budi, noon):
        PrintRow.objects.filter(position=3).update(name="Sukiman")

        with pytest.raises(RowsAlteredError):
            draw(run, actor=budi, clock=lambda: noon, processes=1)


class TestCancel:
    @pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
    def test_refuses_without_a_reason(self, run, budi, noon, reason):
        with pytest.raises(ReasonMissingError):
            cancel(run, reason=reason, actor=budi, at=noon)

    def test_refuses_once_the_run_left_the_house(self, released, budi, noon):
        with pytest.raises(NotNowError, match="Dilepas"):
            cancel(released, reason="salah wilayah", actor=budi, at=noon)

    def test_frees_the_cards_and_removes_the_files(
        self, drawn, budi, noon, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            cancel(drawn, reason="salah wilayah", actor=budi, at=noon)

        assert not folder_of(drawn).exists()
        assert set(PrintRow.objects.values_list("left_out", "name")) == {("cancelled", "")}
        assert freeze(actor=budi, at=noon).count == 5
