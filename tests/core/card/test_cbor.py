"""The strict reader of CBOR, against cbor2."""

import cbor2
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from betang.core.card import cbor

LEAVES = st.one_of(st.integers(-(2**64), 2**64 - 1), st.binary(max_size=40), st.text(max_size=20))
ITEMS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.integers(-99, 99), st.text(max_size=5)), inner, max_size=4),
    ),
    max_leaves=3,
)


def plain(item: object) -> object:
    """Give true and false as cbor2 does."""
    match item:
        case cbor.Truth():
            return item is cbor.Truth.TRUE
        case list():
            return [plain(inner) for inner in item]
        case dict():
            return {key: plain(inner) for key, inner in item.items()}
        case _:
            return item


@pytest.mark.parametrize(
    "hexadecimal",
    [
        "",  # nothing
        "18",  # a head cut short
        "1817",  # 23, not in the shortest form
        "190017",
        "1a00000017",
        "1b0000000000000017",
        "1f",  # reserved
        "5f41004100ff",  # indefinite length
        "4201",  # bytes cut short
        "61ff",  # not UTF-8
        "8201",  # an array cut short
        "9b7fffffffffffffff",  # an absurd count
        "a1",  # a map cut short
        "a201000101",  # a key twice
        "a14100f6",  # a key that is bytes
        "f3",  # a simple value that nobody defined
        "f6",  # null
        "f7",  # undefined
        "f814",  # false in two bytes
        "f8ff",  # a simple value of two bytes
        "a1f500",  # a key that is true
        "f97e00",  # a float
        "0000",  # bytes after the end
        "81818181818100",  # nested too deep
        "c0",  # a tag on nothing
    ],
)
def test_refuses(hexadecimal):
    with pytest.raises(cbor.NotOurCborError):
        cbor.decode(bytes.fromhex(hexadecimal))


def test_reads_a_tag():
    assert cbor.decode(bytes.fromhex("d28101")) == cbor.Tagged(18, [1])


def test_reads_true_and_false_as_what_no_number_is():
    read = cbor.decode(bytes.fromhex("82f5f4"))

    assert read == [cbor.Truth.TRUE, cbor.Truth.FALSE]
    assert 1 not in read
    assert not any(isinstance(item, int) for item in read)


@seed(62)
@settings(max_examples=500)
@given(ITEMS)
def test_reads_what_cbor2_writes(item):
    assert cbor.decode(cbor2.dumps([item])) == [item]


@seed(62)
@settings(max_examples=2000)
@given(st.binary(max_size=60))
def test_reads_nothing_that_cbor2_reads_otherwise(data):
    try:
        item = cbor.decode(data)
    except cbor.NotOurCborError:
        return
    if b"\xc0" <= data[:1] < b"\xe0" or any(0xC0 <= byte < 0xE0 for byte in data):
        return  # cbor2 gives tags a meaning of its own
    assert cbor2.loads(data) == plain(item)


@pytest.mark.parametrize("size", [0, 1, 23, 24, 255, 256, 65_535, 65_536, 80_000])
def test_a_byte_string_is_written_in_the_one_form_that_is_read(size):
    data = bytes(size)
    written = cbor.byte_string(data)
    assert written == cbor2.dumps(data)
    assert cbor.decode(written) == data
