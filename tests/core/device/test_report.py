"""What a device tells of itself is read without trust, and is never a reason to refuse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betang.core.device.report import (
    AGE_MAX_S,
    KINDS,
    Report,
    read_report,
    version_number,
    versions_min,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
MEMBERS = ["app", "kind", "unsent", "oldest_s", "list", "list_s", "ring_s", "persisted", "battery"]


class TestReading:
    @given(st.dictionaries(st.sampled_from(MEMBERS), JSON) | JSON)
    def test_takes_anything_and_keeps_only_what_fits(self, told):
        report = read_report(told)

        if report is not None:
            assert report.kind in {None, *KINDS}
            assert all(n is None or 0 <= n <= 2**31 - 1 for n in report[2:8])
            assert report.battery is None or 0 <= report.battery <= 100

    def test_knows_nothing_of_what_is_not_an_object(self):
        assert read_report(None) is None
        assert read_report([1]) is None

    def test_leaves_out_what_cannot_be_read(self):
        told = {"app": "a\nb", "kind": "toaster", "unsent": True, "oldest_s": -1, "persisted": 1}

        assert read_report(told) == Report()

    def test_bounds_what_is_too_large(self):
        report = read_report({"oldest_s": 10**30, "battery": 900})

        assert report == Report(oldest_s=AGE_MAX_S, battery=100)


class TestVersions:
    def test_sort_as_numbers_and_not_as_text(self):
        ordered = ["0.9", "0.10.0", "0.10.1-beta", "1.0.0", "1.0.12"]

        numbers = [version_number(one) for one in ordered]

        assert numbers == sorted(numbers)
        assert len(set(numbers)) == len(ordered)

    @pytest.mark.parametrize("text", ["", "beta-1", "1.2.3.4", "1234567.0"])
    def test_that_are_none_have_no_number(self, text):
        assert version_number(text) is None

    @pytest.mark.parametrize("text", ["phone", "phone=new", "toaster=1.0"])
    def test_of_an_operator_that_are_none_stop_the_start(self, text):
        with pytest.raises(ValueError, match="phone="):
            versions_min(text)

    def test_are_read_by_kind(self):
        assert versions_min(" phone=0.3, edc=1.2.0") == {
            "phone": version_number("0.3.0"),
            "edc": version_number("1.2"),
        }
