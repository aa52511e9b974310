"""The public page answers genuine or not, to anybody, and never who."""

from datetime import date

import pytest
from django.test import Client

from betang.cards.models import Card
from betang.core.identifiers import new_uuid
from betang.core.identity.household_number import household_number
from betang.registry.models import Household

VILLAGE = 6203011001


@pytest.fixture
def card(areas, noon):
    number = household_number(77)
    household = Household.objects.create(
        uuid=new_uuid(), number=number, village_id=VILLAGE, head_name="Lamiang Sutini"
    )
    return Card.objects.create(
        number=f"62{number}01", household=household, issue=1, village_id=VILLAGE, state="active",
        qr="", issued_at=noon, handed_over_at=noon, expires_on=date(2036, 1, 1),
    )  # fmt: skip


def ask(number, client=None):
    return (client or Client()).post("/k", {"number": number})


class TestLook:
    @pytest.mark.parametrize("typed", ["", "62", "abc", "62" * 8, "62 1234 5678 97 0x", "٦٢" * 7])
    def test_says_how_a_number_looks_when_it_is_none(self, card, typed):
        answer = ask(typed)

        assert answer.status_code == 422
        assert "14 angka" in answer.content.decode()

    def test_says_that_a_number_is_not_known(self, card):
        assert "tidak tercatat" in ask("62000000000001").content.decode()

    def test_refuses_a_code_that_we_did_not_sign(self, card, keys):
        page = Client().post("/k", {"qr": "6BFOXN*TS0BI"}).content.decode()

        assert "bukan kode kartu kami" in page

    def test_refuses_to_answer_about_one_card_all_day(self, card):
        for _ in range(30):
            ask(card.number)

        assert ask(card.number).status_code == 429

    def test_says_that_a_blocked_card_does_not_count(self, card):
        Card.objects.update(state="blocked")

        assert "tidak berlaku lagi" in ask(card.number).content.decode()

    def test_says_that_a_number_alone_proves_no_card(self, card):
        assert "belum membuktikan" in ask(card.number).content.decode()

    def test_answers_that_it_counts_and_names_nobody(self, card):
        page = ask(f"62 {card.number[2:6]} {card.number[6:10]} {card.number[10:12]} 01")

        text = page.content.decode()
        assert "tercatat dan berlaku" in text
        assert "Lamiang" not in text
        assert "Malahoi" not in text


class TestTap:
    @pytest.mark.parametrize(
        "query", ["", "?u=zz&n=1&c=2", "?u=04112233445566&n=000001&c=" + "0" * 999]
    )
    def test_refuses_what_is_no_tap(self, card, query):
        answer = Client().get(f"/t{query}")

        assert answer.status_code == 200
        assert "bukan kode kartu kami" in answer.content.decode()
        assert answer["Referrer-Policy"] == "no-referrer"

    def test_never_raises_the_real_counter(self, card):
        Card.objects.update(chip_uid=bytes.fromhex("04112233445566"))

        Client().get("/t?u=04112233445566&n=000009&c=0011223344556677")

        card.refresh_from_db()
        assert card.counter == 0
