"""NIK and KK numbers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betang.core.identity.family_number import FamilyNumberFault, family_number_fault
from betang.core.identity.nik import Nik, NikFault, make_nik, mask, read_nik


class TestReadNik:
    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("", NikFault.DIGITS),
            ("620101520890000", NikFault.LENGTH),
            ("62010152089000011", NikFault.LENGTH),
            ("62010152O8900001", NikFault.DIGITS),
            ("٦٢٠١٠١٥٢٠٨٩٠٠٠٠١", NikFault.DIGITS),
            (" 201015208900001", NikFault.DIGITS),
            ("0001015208900001", NikFault.AREA),
            ("9801015208900001", NikFault.AREA),
            ("6200015208900001", NikFault.AREA),
            ("6201005208900001", NikFault.AREA),
            ("6201013213900001", NikFault.DATE),
            ("6201010013900001", NikFault.DATE),
            ("6201017212900001", NikFault.DATE),
            ("6201012902010001", NikFault.DATE),
            ("6201015208900000", NikFault.SERIAL),
        ],
    )
    def test_refuses_what_no_register_writes(self, text, fault):
        assert read_nik(text) == fault

    def test_reads_a_woman_by_forty_added_to_her_day(self):
        nik = read_nik("6201015208900001")

        assert nik == Nik("6201015208900001", 620101, 12, 8, 90, "P", 1)

    def test_does_not_mind_a_foreign_district(self):
        assert isinstance(read_nik("3573011208900001"), Nik)

    def test_accepts_29_february_where_either_century_has_it(self):
        assert isinstance(read_nik("6201012902000001"), Nik)

    @given(
        st.dates(date(1930, 1, 1), date(2026, 1, 1)),
        st.sampled_from("LP"),
        st.integers(1, 9999),
    )
    def test_reads_back_what_is_written(self, born_on, sex, serial):
        nik = read_nik(make_nik(area=620101, born_on=born_on, sex=sex, serial=serial))

        assert isinstance(nik, Nik)
        assert (nik.sex, nik.serial) == (sex, serial)
        assert nik.born_on(today=date(2026, 1, 2)).replace(year=2000) == born_on.replace(year=2000)

    def test_takes_the_century_in_which_the_person_is_born_already(self):
        nik = read_nik("6201011208260001")

        assert isinstance(nik, Nik)
        assert nik.born_on(today=date(2026, 8, 11)) == date(1926, 8, 12)
        assert nik.born_on(today=date(2026, 8, 12)) == date(2026, 8, 12)


class TestMask:
    def test_shows_the_ends_only(self):
        assert mask("6201015208900001") == "6201••••••••0001"

    def test_shows_nothing_of_a_short_one(self):
        assert mask("62010152") == "••••••••"


class TestFamilyNumber:
    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("62010112089000", FamilyNumberFault.LENGTH),
            ("6.2010112089E+15", FamilyNumberFault.DIGITS),
            ("0001011208900001", FamilyNumberFault.AREA),
            ("6201011208900001", None),
        ],
    )
    def test_is_refused_only_where_it_is_certainly_wrong(self, text, fault):
        assert family_number_fault(text) == fault
