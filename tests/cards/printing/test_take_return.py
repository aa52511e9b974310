"""The bureau's answer: what is refused whole, what is held row by row, what is taken."""

from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest

from betang.cards import custody
from betang.cards.models import Card, PrintFinding, PrintReturn, PrintRow, Revocation
from betang.cards.printing.close import close
from betang.cards.printing.runs import NotNowError
from betang.cards.printing.take_return import ReturnFileError, missing, take_return
from betang.core.errors import SamePersonError
from betang.core.identifiers import new_uuid
from betang.journal.models import Entry
from sandbox.bureau.answer import answer, chip_stock, honest

CHIPS = chip_stock(6, seed=7)


@pytest.fixture
def rows(opened):
    """Five good cards."""
    return honest([row["card_number"] for row in opened.cards()], CHIPS)


@pytest.fixture
def back(released, rows, budi, noon):
    """Send a return file; `wrong` names a mistake of the bureau."""

    def send(wrong: str = "", *, of=rows, run: UUID = released.uuid, made_at=noon):
        content = answer(run, made_at, of, wrong=wrong)
        return take_return(released, BytesIO(content), actor=budi, at=noon)

    return send


def found() -> list[tuple[int, str]]:
    return list(PrintFinding.objects.order_by("line").values_list("line", "code"))


def untouched() -> bool:
    return not (
        Card.objects.exclude(state="ordered").exists()
        or Card.objects.exclude(chip_uid=None).exists()
        or PrintReturn.objects.exists()
    )


class TestAFile:
    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            ("altered", "jumlah periksa"),
            ("truncated", "terpotong"),
            ("wrong-count", "barisnya"),
        ],
    )
    def test_that_is_not_whole_changes_nothing(self, back, wrong, told):
        with pytest.raises(ReturnFileError, match=told):
            back(wrong)

        assert untouched()

    def test_of_another_run_changes_nothing(self, back):
        with pytest.raises(ReturnFileError, match="proses cetak lain"):
            back(run=new_uuid())

    @pytest.mark.parametrize("days", [-2, 2])
    def test_from_another_time_changes_nothing(self, back, noon, days):
        with pytest.raises(ReturnFileError, match="waktu"):
            back(made_at=noon + timedelta(days=days))

    @pytest.mark.parametrize("content", [b"", b"\x00" * 500, b"PK\x03\x04\n", b"a" * 1000 + b"\n"])
    def test_that_is_something_else_changes_nothing(self, released, budi, noon, content):
        with pytest.raises(ReturnFileError, match="bukan berkas kembalian"):
            take_return(released, BytesIO(content), actor=budi, at=noon)

    def test_for_a_run_that_never_left_is_refused(self, drawn, budi, noon):
        with pytest.raises(NotNowError):
            take_return(drawn, BytesIO(b"x"), actor=budi, at=noon)

    def test_the_second_time_is_the_first_again(self, back):
        first = back()

        assert back().pk == first.pk
        assert Entry.objects.filter(kind="print.returned").count() == 1


class TestARow:
    @pytest.mark.parametrize(
        ("wrong", "findings"),
        [
            ("uid-twice", [(3, "return.uid_twice"), (4, "return.uid_twice")]),
            ("card-twice", [(3, "return.card_twice"), (8, "return.card_twice")]),
            ("foreign-card", [(3, "return.card_unknown")]),
            ("key-version", [(3, "return.key_version")]),
        ],
    )
    def test_that_cannot_stand_is_held_with_its_line_and_the_others_are_taken(
        self, back, wrong, findings
    ):
        told = back(wrong)

        assert found() == findings
        assert (told.ok, told.held) == (told.count - len(findings), len(findings))
        assert Card.objects.filter(state="printed").count() == told.ok

    def test_with_a_chip_of_another_card_is_held(self, back, family, keys, budi, noon):
        from betang.cards.issue import issue_cards

        family()
        issue_cards(actor=budi, at=noon)
        other = Card.objects.order_by("-pk")[0]
        Card.objects.filter(pk=other.pk).update(chip_uid=CHIPS[2])

        back()

        assert found() == [(5, "return.uid_used")]

    @pytest.mark.parametrize(
        ("row", "fault"),
        [
            ("{n},04A1B2C3D4E5F6,1,ok", "row.fields"),
            ("7,04A1B2C3D4E5F6,1,ok,", "row.card_number"),
            ("{n},05A1B2C3D4E5F6,1,ok,", "row.uid"),
            ("{n},,1,ok,", "row.uid"),
            ("{n},04A1B2C3D4E5F6,x,ok,", "row.key_version"),
            ("{n},04A1B2C3D4E5F6,1,good,", "row.result"),
            ("{n},04A1B2C3D4E5F6,1,spoilt,rain", "row.reason"),
        ],
    )
    def test_that_cannot_be_read_is_held(self, released, rows, budi, noon, row, fault):
        from hashlib import sha256

        body = (
            f"betang-return,1,{released.uuid},2026-11-12T05:00:00.000Z,1\n"
            f"card_number,uid,key_version,result,reason\n{row.format(n=rows[0][0])}\n"
        ).encode()
        content = body + f"sha256,{sha256(body).hexdigest()}\n".encode()

        take_return(released, BytesIO(content), actor=budi, at=noon)

        assert found() == [(3, fault)]
        assert not Card.objects.exclude(state="ordered").exists()

    def test_that_says_otherwise_later_is_held_and_the_same_again_is_not(self, back, rows):
        back()
        changed = [(rows[0][0], CHIPS[5], 1, "ok", ""), *rows[1:]]

        told = back(of=changed)

        assert (told.again, told.held, found()) == (4, 1, [(3, "return.answered_before")])


class TestWhatStands:
    def test_binds_the_chips_and_lets_custody_receive_the_cards(self, back, released, rows, noon):
        told = back()

        assert (told.ok, told.spoilt, told.held, missing(released)) == (5, 0, 0, 0)
        for number, uid, *_ in rows:
            card = Card.objects.get(number=number)
            assert bytes(card.chip_uid) == uid
            assert (card.state, card.personalised_at, card.checked_at) == ("printed", noon, noon)
            assert card.print_run_id == released.pk
        released.refresh_from_db()
        assert released.state == "returned"

    def test_cards_in_custody_are_the_printed_less_the_spoilt(self, back, rows, budi, noon):
        back(of=honest([row[0] for row in rows], CHIPS, spoilt=[1]))

        assert custody.receive(actor=budi, at=noon) == 4

    def test_ends_the_spoilt_and_revokes_them(self, back, rows):
        told = back(of=honest([row[0] for row in rows], CHIPS, spoilt=[1, 2]))

        assert (told.ok, told.spoilt) == (3, 2)
        spoilt = set(Card.objects.filter(state="spoilt").values_list("number", flat=True))
        assert spoilt == {rows[1][0], rows[2][0]}
        assert set(Revocation.objects.values_list("card_number", flat=True)) == spoilt
        assert set(PrintRow.objects.filter(result="spoilt").values_list("spoilt_reason")) == {
            ("print",)
        }

    def test_leaves_a_card_blocked_that_was_blocked_meanwhile(self, back, rows, budi, noon):
        from betang.cards.block import block

        block(rows[0][0], reason="deceased", actor=budi, at=noon)

        back()

        card = Card.objects.get(number=rows[0][0])
        assert (card.state, bytes(card.chip_uid)) == ("blocked", CHIPS[0])

    def test_comes_in_two_files_and_tells_what_is_owed(self, back, released, rows):
        back("missing")
        released.refresh_from_db()
        assert (missing(released), released.state) == (1, "released")

        back(of=rows[:1])

        released.refresh_from_db()
        assert (missing(released), released.state) == (0, "returned")


class TestClose:
    def test_refuses_who_released_it(self, released, wati, noon):
        with pytest.raises(SamePersonError):
            close(released, reason="biro tutup", actor=wati, at=noon)

    def test_revokes_what_the_bureau_owes(self, back, released, rows, budi, noon):
        back("missing")

        assert close(released, reason="hilang di biro", actor=budi, at=noon) == 1

        card = Card.objects.get(number=rows[0][0])
        assert (card.state, card.blocked_reason) == ("spoilt", "missing")
        assert Revocation.objects.get().card_number == card.number
