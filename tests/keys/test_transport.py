"""Card keys on their way to the bureau: what does not open, then what does."""

import secrets

import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from betang.core.identifiers import new_uuid
from betang.keys import transport
from betang.keys.models import TransportKey

KEY = bytes(range(32))
UID = bytes.fromhex("04E141124C2880")
KEYS = tuple(bytes([n]) * 16 for n in range(5))


def test_do_not_open_with_another_key_for_another_card_or_altered():
    wrapped = transport.wrap_card_keys(KEY, UID, KEYS)

    for key, uid, told in (
        (bytes(32), UID, wrapped),
        (KEY, bytes(7), wrapped),
        (KEY, UID, wrapped[:-1]),
        (KEY, UID, b""),
        (KEY, UID, aes_key_wrap_with_padding(KEY, UID)),
        (KEY, UID, aes_key_wrap_with_padding(KEY, UID + bytes(17))),
    ):
        with pytest.raises(transport.NotThisTransportKeyError):
            transport.unwrap_card_keys(key, uid, told)


@given(st.integers(0, 96 * 8 - 1))
def test_do_not_open_with_any_bit_flipped(bit):
    altered = bytearray(transport.wrap_card_keys(KEY, UID, KEYS))
    altered[bit // 8] ^= 1 << bit % 8

    with pytest.raises(transport.NotThisTransportKeyError):
        transport.unwrap_card_keys(KEY, UID, bytes(altered))


@pytest.mark.parametrize(("uid", "keys"), [(bytes(6), KEYS), (UID, [bytes(15)])])
def test_are_not_wrapped_in_another_form(uid, keys):
    with pytest.raises(ValueError, match="UID"):
        transport.wrap_card_keys(KEY, uid, keys)


def test_wrap_as_rfc_5649_says():
    """Its section 6: seven octets under a 192-bit key, through the library that we rely on."""
    kek = bytes.fromhex("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8")

    wrapped = aes_key_wrap_with_padding(kek, bytes.fromhex("466f7250617369"))

    assert wrapped.hex() == "afbeb0f07dfbf5419200f2ccb50bb24f"


def test_open_for_their_card():
    wrapped = transport.wrap_card_keys(KEY, UID, KEYS)

    assert transport.unwrap_card_keys(KEY, UID, wrapped) == KEYS
    assert len(wrapped) == 96


def test_a_run_has_one_transport_key_and_only_its_check_value_is_kept(db, budi, noon):
    key, run = transport.new_transport_key(), new_uuid()

    row = transport.note(key, run, key_version=1, actor=budi, at=noon)

    assert row.check_value == transport.check_value(key)
    with pytest.raises(IntegrityError), transaction.atomic():
        transport.note(transport.new_transport_key(), run, key_version=1, actor=budi, at=noon)
    with pytest.raises(IntegrityError, match="check_value"), transaction.atomic():
        TransportKey.objects.update(check_value=key.hex())


class TestComponents:
    def test_too_few_or_wrong_ones_make_no_key(self):
        key = transport.new_transport_key()
        check = transport.check_value(key)
        parts = transport.split(key, 3)

        for wrong in (parts[:2], [*parts[:2], secrets.token_bytes(32)], [*parts[:2], b"x"], []):
            with pytest.raises(transport.NotThisTransportKeyError):
                transport.join(wrong, check=check)
        with pytest.raises(ValueError, match="two"):
            transport.split(key, 1)

    def test_all_of_them_make_the_key(self):
        key = transport.new_transport_key()

        parts = transport.split(key, 3)

        assert transport.join(parts[::-1], check=transport.check_value(key).lower()) == key
        assert key not in parts
