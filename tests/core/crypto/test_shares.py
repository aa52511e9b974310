"""A secret split k of n: what does not give it back, then what does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betang.core.crypto import shares

SECRET = bytes(range(16))


@pytest.mark.parametrize(("threshold", "count"), [(1, 3), (4, 3), (2, 17), (0, 0)])
def test_is_not_split_in_a_way_that_protects_nothing(threshold, count):
    with pytest.raises(ValueError, match="two"):
        shares.split(SECRET, threshold=threshold, count=count)


@given(st.integers(2, 6), st.data())
def test_too_few_shares_give_nothing(threshold, data):
    parts = shares.split(SECRET, threshold=threshold, count=6)
    few = data.draw(st.lists(st.sampled_from(parts), max_size=threshold - 1, unique=True))

    with pytest.raises(shares.WrongShareError):
        shares.join(few)


def test_fewer_shares_fit_every_secret():
    """With k-1 shares each other secret is as possible: for any byte, one polynomial fits."""
    (part,) = shares.split(b"\x07", threshold=2, count=2)[:1]

    fitting = {
        secret
        for secret in range(256)
        for slope in range(256)
        if shares._value(bytes([secret, slope]), part.number) == part.data[0]
    }

    assert fitting == set(range(256))


@given(st.data())
def test_a_share_with_any_byte_changed_is_noticed(data):
    parts = shares.split(SECRET, threshold=3, count=3)
    place = data.draw(st.integers(0, len(parts[0].data) - 1))
    altered = bytearray(parts[0].data)
    altered[place] ^= data.draw(st.integers(1, 255))
    wrong = shares.Share(parts[0].of, 3, parts[0].number, bytes(altered))

    with pytest.raises(shares.WrongShareError, match="wrong"):
        shares.join([wrong, *parts[1:]])


def test_shares_of_two_splittings_and_one_given_twice_are_refused():
    parts, others = (shares.split(SECRET, threshold=2, count=3) for _ in range(2))

    with pytest.raises(shares.WrongShareError, match="twice"):
        shares.join([parts[0], parts[0]])
    with pytest.raises(shares.WrongShareError, match="mixed"):
        shares.join([parts[0], shares.Share(b"zz", 2, 2, others[1].data)])


@given(st.data())
def test_a_mistyped_text_is_noticed(data):
    text = shares.write(shares.split(SECRET, threshold=2, count=2)[0])
    place = data.draw(st.sampled_from([n for n, letter in enumerate(text) if letter != " "]))
    letter = data.draw(st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ!"))
    typed = text[:place] + letter + text[place + 1 :]

    if typed != text:
        with pytest.raises(shares.WrongShareError):
            shares.read(typed)


@given(st.text(max_size=60))
def test_any_other_text_is_refused(text):
    with pytest.raises(shares.WrongShareError):
        shares.read(text)


@given(st.binary(min_size=1, max_size=40), st.data())
def test_any_k_of_n_give_the_secret_back(secret, data):
    count = data.draw(st.integers(2, 7))
    threshold = data.draw(st.integers(2, count))
    parts = shares.split(secret, threshold=threshold, count=count)
    given_ = data.draw(st.permutations(parts))[:threshold]

    assert shares.join(given_) == secret
    assert shares.join(parts) == secret


@given(st.binary(min_size=1, max_size=40))
def test_a_text_is_read_in_any_case_and_spacing(secret):
    part = shares.split(secret, threshold=2, count=2)[1]
    text = shares.write(part)

    assert shares.read(text) == part
    assert shares.read(text.lower().replace(" ", "-").replace("0", "o").replace("1", "l")) == part
    assert part.data.hex() not in repr(part)


def test_multiplies_as_fips_197_says():
    assert shares._times(0x57, 0x83) == 0xC1  # FIPS 197 section 4.2
    assert all(shares._times(a, shares._inverse(a)) == 1 for a in range(1, 256))
