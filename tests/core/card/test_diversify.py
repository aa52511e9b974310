"""AN10922 for many: what it refuses, then that it is the plain form, many times."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betang.core.card.chip import card_key, diversify
from betang.core.card.diversify import block_cipher, card_input, diversify_many

MASTER = bytes(range(16))


@pytest.mark.parametrize("size", [0, 32])
def test_refuses_inputs_that_an10922_does_not_know(size):
    with pytest.raises(ValueError, match="1 to 31"):
        diversify_many(block_cipher(MASTER), [b"x", bytes(size)])


def test_refuses_what_is_no_uid():
    with pytest.raises(ValueError, match="7 bytes"):
        card_input(bytes(6), key_number=0, version=1)


@given(st.binary(min_size=16, max_size=16), st.lists(st.binary(min_size=1, max_size=31)))
def test_gives_what_the_plain_form_gives(master, inputs):
    assert diversify_many(block_cipher(master), inputs) == [
        diversify(master, data) for data in inputs
    ]


def test_gives_the_keys_of_a_card():
    uid = bytes.fromhex("04E141124C2880")
    inputs = [card_input(uid, key_number=number, version=3) for number in range(5)]

    assert diversify_many(block_cipher(MASTER), inputs) == [
        card_key(MASTER, uid, key_number=number, version=3) for number in range(5)
    ]
