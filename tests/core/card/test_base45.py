"""Base45, against the examples of RFC 9285 section 4.3 and 4.4."""

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from betang.core.card import base45


@pytest.mark.parametrize("text", ["A", "ABCD", "a1", "GGW", ":::", "::", "AB\n", "É0"], ids=repr)
def test_refuses_what_it_would_not_have_written(text):
    with pytest.raises(ValueError, match=r"."):
        base45.decode(text)


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"", "")],
)
def test_the_examples_of_the_rfc(data, text):
    assert base45.encode(data) == text
    assert base45.decode(text) == data


@seed(62)
@given(st.binary(min_size=1, max_size=400))
def test_never_ends_in_the_space_that_forms_strip(data):
    # The last of three characters is at most 65535 // 2025 = 32 ("W"), of two 255 // 45 = 5.
    assert not base45.encode(data).endswith(" ")


@seed(62)
@given(st.binary(max_size=400))
def test_reads_back_what_it_wrote(data):
    assert base45.decode(base45.encode(data)) == data
