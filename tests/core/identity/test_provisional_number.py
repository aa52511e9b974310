"""The provisional number: apart from every other number, and one wrong digit is seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betang.core.event.kinds import read
from betang.core.identity.household_number import is_household_number
from betang.core.identity.provisional_number import (
    RANGE,
    is_provisional_number,
    provisional_number,
)
from tests.core.identity import identity_vectors

SERIALS = st.integers(min_value=1, max_value=RANGE)


class TestIsProvisionalNumber:
    @pytest.mark.parametrize(
        "text",
        ["", "S-6562-3077", "s-6562-3076", "S-6562-307", "S-0562-3076", "6562-3076", "S65623076",
         "S-6562-30761", "S-٦562-3076", "1234567897"],
    )  # fmt: skip
    def test_refuses_what_is_none(self, text):
        assert not is_provisional_number(text)

    @given(SERIALS, st.integers(min_value=0, max_value=7), st.integers(min_value=1, max_value=9))
    def test_sees_one_wrong_digit(self, serial, place, by):
        number = provisional_number(serial)
        digits = [at for at, letter in enumerate(number) if letter.isdigit()]
        at = digits[place]

        wrong = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]

        assert not is_provisional_number(wrong)


@given(SERIALS)
def test_a_number_fits_the_event_and_is_no_household_number(serial):
    number = provisional_number(serial)

    assert is_provisional_number(number)
    assert not is_household_number(number)
    data = {"provisional": number, "village": "6201011001"}
    assert read("household.registered", data).provisional == number


def test_no_number_is_made_twice():
    """The step shares no factor with the range, so the cycle is full."""
    made = {provisional_number(serial) for serial in range(1, 20_001)}

    assert len(made) == 20_000
    assert provisional_number(RANGE + 1) == provisional_number(1)


def test_the_vectors_are_what_we_say():
    assert identity_vectors.PATH.read_text() == identity_vectors.written()
