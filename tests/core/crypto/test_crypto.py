"""Signatures, the ring, sealing and Merkle trees: what is refused, then what is given."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from betang.core.crypto import merkle, sealing, signing
from betang.core.crypto.keyring import (
    Algorithm,
    Keyring,
    KeyState,
    NotTrustedError,
    Purpose,
    RingKey,
)
from tests.core.card.vectors import read

NOON = datetime(2026, 11, 12, 5, 0, tzinfo=UTC)
KEY = signing.new_private_key()


def ring_key(**facts) -> RingKey:
    usual = {
        "kid": 1,
        "purpose": Purpose.CARD,
        "version": 1,
        "algorithm": Algorithm.ES256,
        "public": signing.dump_public_key(KEY.public_key()),
        "not_before": NOON,
        "not_after": NOON + timedelta(days=1),
    }
    return RingKey(**{**usual, **facts})


class TestSigning:
    def test_refuses_scalars_and_points_that_are_none(self):
        for scalar in (b"", bytes(31), bytes(32), b"\xff" * 32):
            with pytest.raises(ValueError, match=r"."):
                signing.load_private_key(scalar)
        for point in (b"", bytes(65), b"\x04" + bytes(64), b"\x04" + b"\xff" * 64, bytes(33)):
            with pytest.raises(ValueError, match=r"."):
                signing.load_public_key(point)

    @given(st.binary(max_size=80))
    def test_no_other_bytes_verify(self, signature):
        assert not signing.verifies(KEY.public_key(), b"message", signature)

    def test_another_message_does_not_verify(self):
        assert not signing.verifies(KEY.public_key(), b"other", signing.sign(KEY, b"message"))

    def test_what_was_signed_verifies_with_the_key_read_again(self):
        again = signing.load_private_key(signing.dump_private_key(KEY))
        public = signing.load_public_key(signing.dump_public_key(KEY.public_key()))
        signature = signing.sign(again, b"message")

        assert len(signature) == 64
        assert signing.verifies(public, b"message", signature)

    def test_numbers_that_begin_with_zeros_fill_their_half_of_the_signature(self):
        # One number in 256 is shorter than 32 bytes: among 4,000 some are, but once in 6 million.
        signatures = [signing.sign(KEY, b"%d" % n) for n in range(2_000)]
        assert any(s[0] == 0 or s[32] == 0 for s in signatures)
        for n, signature in enumerate(signatures):
            assert len(signature) == 64
            assert signing.verifies(KEY.public_key(), b"%d" % n, signature)


class TestKeyring:
    @pytest.mark.parametrize(
        ("facts", "asked", "code"),
        [
            ({"kid": 2}, {}, "key.unknown"),
            ({"purpose": Purpose.LIST}, {}, "key.other_purpose"),
            ({"algorithm": Algorithm.ECDH}, {}, "key.other_purpose"),
            ({"state": KeyState.REVOKED}, {}, "key.rotated_out"),
            ({}, {"signed_at": NOON - timedelta(seconds=1)}, "key.not_valid_then"),
            ({}, {"signed_at": NOON + timedelta(days=2)}, "key.not_valid_then"),
        ],
    )
    def test_refuses_a_key_that_may_not(self, facts, asked, code):
        ring = Keyring.of([ring_key(**facts)])

        with pytest.raises(NotTrustedError, match=code):
            ring.trusted(1, Purpose.CARD, **asked)

    def test_a_retired_key_still_verifies_what_it_signed(self):
        ring = Keyring.of([ring_key(state=KeyState.RETIRED)])
        key = ring.trusted(1, Purpose.CARD, signed_at=NOON)

        assert ring.verifies(key, b"m", signing.sign(KEY, b"m"))
        assert ring.verifies(key, b"m", signing.sign(KEY, b"m"))

    def test_two_keys_of_one_number_are_a_mistake_of_ours(self):
        with pytest.raises(AssertionError):
            Keyring.of([ring_key(), ring_key()])


class TestSealing:
    VECTORS = read("seal.json")

    @pytest.mark.parametrize("size", [0, 64, 92, 93, 140])
    def test_refuses_other_bytes(self, size):
        with pytest.raises(sealing.NotSealedToUsError):
            sealing.open_sealed_to(KEY, bytes(size), context=b"x")

    def test_refuses_another_context_key_or_bit(self):
        sealed = sealing.seal_to(KEY.public_key(), b"message", context=b"a")
        altered = sealed[:-1] + bytes([sealed[-1] ^ 1])

        for key, data, context in (
            (KEY, sealed, b"b"),
            (signing.new_private_key(), sealed, b"a"),
            (KEY, altered, b"a"),
        ):
            with pytest.raises(sealing.NotSealedToUsError):
                sealing.open_sealed_to(key, data, context=context)

    @pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["context"])
    def test_each_published_case_both_ways(self, case):
        private = signing.load_private_key(bytes.fromhex(self.VECTORS["recipient_private"]))
        ephemeral = signing.load_private_key(bytes.fromhex(case["ephemeral_private"]))
        message, context = bytes.fromhex(case["message"]), case["context"].encode()

        sealed = sealing.seal_to(
            private.public_key(),
            message,
            context=context,
            ephemeral=ephemeral,
            nonce=bytes.fromhex(case["nonce"]),
        )

        assert sealed.hex() == case["sealed"]
        assert sealing.open_sealed_to(private, sealed, context=context) == message


def rfc_root(entries: list[bytes]) -> bytes:
    """The recursive definition of RFC 6962 section 2.1, word by word."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return sha256(b"\x01" + rfc_root(entries[:split]) + rfc_root(entries[split:])).digest()


class TestMerkle:
    def test_refuses_a_proof_of_what_is_not_there(self):
        with pytest.raises(IndexError):
            merkle.proof_of([b"a"], 1)
        assert not merkle.is_included(b"a", 1, 1, [], merkle.root_of([b"a"]))
        assert not merkle.is_included(b"a", 0, 1, [bytes(32)], merkle.root_of([b"a"]))

    @settings(max_examples=200)
    @given(st.lists(st.binary(max_size=8), min_size=1, max_size=40), st.data())
    def test_is_the_tree_of_the_rfc_and_proves_each_entry(self, entries, data):
        index = data.draw(st.integers(0, len(entries) - 1))
        root, path = merkle.root_of(entries), merkle.proof_of(entries, index)

        assert root == rfc_root(entries)
        assert merkle.is_included(entries[index], index, len(entries), path, root)
        assert not merkle.is_included(b"another entry", index, len(entries), path, root)
        assert not merkle.is_included(entries[index], index, len(entries), path, bytes(32))

    def test_of_nothing_is_the_hash_of_nothing(self):
        assert merkle.root_of([]) == rfc_root([])
