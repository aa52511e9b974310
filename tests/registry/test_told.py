"""What a device tells of a family is read without trust, and never loses the family."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betang.registry.told import Person, open_told, read_told, seal_told

TODAY = date(2026, 11, 24)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
NAMES = (
    "head_name", "head_nik", "head_born", "family_number", "members", "address", "anchor",
    "custodian_name", "custodian_contact", "note",
)  # fmt: skip


class TestReadTold:
    @pytest.mark.parametrize(
        "private", [{}, {"head_name": ""}, {"head_name": " "}, {"head_name": 7}]
    )
    def test_of_nobody_is_nobody(self, private):
        assert read_told(private) is None

    @given(st.dictionaries(st.sampled_from(NAMES), ANYTHING))
    def test_bears_anything(self, private):
        told = read_told(private | {"head_name": "Nyai Undang"})

        assert told is not None
        assert told.head_name == "Nyai Undang"
        assert len(told.people) <= 21
        assert all(one.born_on(today=TODAY) is None or one.born for one in told.people[1:])

    @pytest.mark.parametrize("born", ["1987-13-01", "87", "1987-5-2", "3000", "0000-00-00"])
    def test_leaves_out_a_birth_that_is_none(self, born):
        assert read_told({"head_name": "Ina", "head_born": born}).people[0].born == ""

    def test_keeps_a_number_that_is_not_well_formed_and_indexes_it_not(self):
        told = read_told({"head_name": "Ina", "head_nik": "62 01", "family_number": "7"})

        assert (told.people[0].nik, told.niks) == ("6201", [])
        assert (told.family_number, told.family_number_read) == ("7", "")


class TestABirth:
    @pytest.mark.parametrize(
        ("person", "day"),
        [
            (Person("Ina"), None),
            (Person("Ina", born="1987"), None),
            (Person("Ina", born="1987-05-02"), date(1987, 5, 2)),
            (Person("Ina", nik="6201014205870007"), date(1987, 5, 2)),
            (Person("Ina", born="1987", nik="6201014205870007"), date(1987, 5, 2)),
        ],
    )
    def test_is_a_day_only_where_a_day_was_told(self, person, day):
        assert person.born_on(today=TODAY) == day


def test_what_was_told_is_sealed_and_opened_again(keys):
    told = read_told({"head_name": "Nyai Undang", "members": [{"name": "Itak", "born": "1951"}]})

    sealed = seal_told(told)

    assert b"Undang" not in sealed
    assert open_told(sealed) == told
