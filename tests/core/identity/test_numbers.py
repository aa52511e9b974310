"""Household and card numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betang.core.identity.card_number import CardNumber, card_number, read_card_number
from betang.core.identity.check_digit import luhn_digit, passes_luhn
from betang.core.identity.household_number import RANGE, STEP, household_number, is_household_number


class TestLuhn:
    @pytest.mark.parametrize("number", ["", "7", "79927398710", "7992739871٣", "79927398713x"])
    def test_refuses(self, number):
        assert not passes_luhn(number)

    def test_knows_the_published_example(self):
        assert luhn_digit("7992739871") == "3"

    @given(st.from_regex(r"[0-9]{9}", fullmatch=True), st.integers(0, 9), st.integers(0, 9))
    def test_catches_every_single_wrong_digit(self, nine, place, digit):
        number = nine + luhn_digit(nine)
        wrong = number[:place] + str(digit) + number[place + 1 :]

        assert passes_luhn(wrong) == (wrong == number)


class TestHouseholdNumber:
    @pytest.mark.parametrize("text", ["", "718033989", "7180339893", "0180339892", "718033989x"])
    def test_refuses(self, text):
        assert not is_household_number(text)

    @given(st.integers(1, 10**12))
    def test_is_ten_digits_that_a_spreadsheet_keeps(self, serial):
        assert is_household_number(household_number(serial))

    def test_is_given_once_in_a_full_cycle(self):
        numbers = {household_number(serial) for serial in range(1, 100_001)}

        assert len(numbers) == 100_000
        assert [RANGE % prime for prime in (2, 3, 5)] == [0, 0, 0]
        assert all(STEP % prime for prime in (2, 3, 5))


class TestCardNumber:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "62718033989201x",
            "63718033989201",
            "62718033989301",
            "62718033989200",
            "6271803398921",
        ],
    )
    def test_refuses(self, text):
        assert read_card_number(text) is None

    @pytest.mark.parametrize(("number", "issue"), [("7180339893", 1), ("7180339892", 100)])
    def test_is_not_made_of_what_is_none(self, number, issue):
        with pytest.raises(ValueError, match=r"household number|issue"):
            card_number(number, issue)

    def test_is_read_as_people_type_it(self):
        text = card_number("7180339892", 1)

        assert text == "62718033989201"
        assert read_card_number("62 7180339892-01") == CardNumber("7180339892", 1)
