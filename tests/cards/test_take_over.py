"""Cards of a running programme: what is not taken over and why, then what a taken one proves."""

import pytest
from django.db import IntegrityError, transaction

from betang.cards import balance
from betang.cards.models import Card, Presentation, Revocation, TakenOver, TakeOver
from betang.cards.present import PresentedRow, record_presentations
from betang.cards.replace import replace
from betang.cards.take_over import WRONG, take_over, upgrade
from betang.cards.tap import present
from betang.intake.read import ColumnMissingError
from tests.cards.conftest import PHONE


def listed(*rows: str) -> bytes:
    return ("nomor_kartu,nomor_keluarga,no_kk,nik,uid\n" + "\n".join(rows)).encode()


@pytest.fixture
def taken(family, keys, budi, noon):
    """A card with an unknown chip, and one that is only printed."""
    first, second = family(), family()
    content = listed(f"KHBS-1,{first.number},,,04a1b2c3d4e5f6", f"KHBS-2,{second.number},,,")
    return content, take_over(content, name="lama.csv", actor=budi, at=noon)


class TestTakeOver:
    def test_refuses_a_list_without_card_numbers(self, db, keys, budi, noon):
        with pytest.raises(ColumnMissingError):
            take_over(b"nama,desa\na,b\n", name="x.csv", actor=budi, at=noon)

    def test_tells_row_by_row_what_is_wrong(self, family, taken, budi, noon):
        one, two = family(), family()
        has_card = Card.objects.first().household
        content = listed(
            f",{one.number},,,",
            f"KHBS-1,{one.number},,,",
            f"KHBS-9,{one.number},,,xyz",
            f"KHBS-9,{one.number},,,04A1B2C3D4E5F6",
            "KHBS-9,0000000000,,,",
            f"KHBS-9,{has_card.number},,,",
            f"KHBS-9,{one.number},,,",
            f"KHBS-9,{two.number},,,",
            f"KHBS-8,{one.number},,,",
        )

        run = take_over(content, name="x.csv", actor=budi, at=noon)

        assert [code for _, code in run.report] == [
            "number_missing",
            "number_taken_over",
            "uid_malformed",
            "uid_twice",
            "household_unknown",
            "household_has_card",
            "number_twice",
            "household_twice",
        ]
        assert (run.rows, run.taken) == (9, 1)
        assert {code for _, code in run.report} <= set(WRONG)

    def test_the_same_file_again_changes_nothing(self, taken, budi, noon):
        content, run = taken

        assert take_over(content, name="other.csv", actor=budi, at=noon) == run
        assert (TakeOver.objects.count(), TakenOver.objects.count()) == (1, 2)

    def test_grades_each_by_what_it_proves(self, taken):
        grades = Card.objects.order_by("pk").values_list("grade", "state", "qr", "key_version")

        assert list(grades) == [
            ("foreign_chip", "active", "", 0),
            ("printed_only", "active", "", 0),
        ]

    def test_is_in_the_book_but_was_never_printed_by_us(self, taken):
        summed = balance.summed(balance.balances())

        assert (summed.printed, summed.taken_over, summed.with_families) == (0, 2, 2)
        assert summed.adds_up
        assert balance.differences() == []


class TestWhatItProves:
    def test_its_tap_is_never_green(self, taken, sari, noon):
        uid = bytes.fromhex("04a1b2c3d4e5f6")

        for counter in (1, 2):
            present(uid, counter, b"\0" * 8, act="deliver", actor=sari, at=noon, device=PHONE,
                    lease=True, tap_required=False)  # fmt: skip

        seen = set(Presentation.objects.values_list("colour", "reason"))
        assert seen == {("amber", "tap.past_window")}

    def test_a_device_that_says_green_is_not_believed(self, taken, sari, noon):
        rows = [
            PresentedRow(card.number, "deliver", "green", "qr.valid", (), PHONE, sari, noon)
            for card in Card.objects.all()
        ]

        verdicts = record_presentations(rows, heard_at=noon)

        assert {(one.colour, one.reason) for one in verdicts} == {("amber", "nothing.shown")}

    @pytest.mark.parametrize("change", [{"grade": "ours"}, {"qr": "NCF"}])
    def test_nobody_makes_it_more_than_it_is(self, taken, change):
        with pytest.raises(IntegrityError), transaction.atomic():
            Card.objects.update(**change)

    def test_gives_way_to_ours_one_by_one(self, taken, budi, noon):
        old = Card.objects.first()

        new = replace(old.number, actor=budi, at=noon)

        assert (new.grade, new.state, bool(new.qr)) == ("ours", "ordered", True)

    def test_gives_way_to_ours_all_at_once(self, taken, budi, noon):
        run = upgrade(actor=budi, at=noon)

        assert run.count == 2
        assert Card.objects.filter(grade="ours", state="ordered", issue=2).count() == 2
        assert Revocation.objects.filter(reason="superseded").count() == 2
