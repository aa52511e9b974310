"""The card's QR: refused first, then read; by our reader and by an independent one."""

import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import cbor2
import claim169
import numpy as np
import pytest
import zxingcpp
from hypothesis import example, given, seed, settings
from hypothesis import strategies as st

from betang.core.card import base45
from betang.core.card.qr import (
    CardClaims,
    QrRefusedError,
    name_on_card,
    read_token,
    sign_token,
)
from betang.core.card.verdict import QR_RED
from betang.core.clock import from_wire
from betang.core.crypto.keyring import Algorithm, Keyring, Purpose, RingKey
from betang.core.crypto.signing import dump_public_key, new_private_key, sign
from tests.core.card.vectors import read, ring_of, unix

VECTORS = read("qr.json")
RING = ring_of(VECTORS["ring"])
AT = from_wire(VECTORS["at"])
ISSUER = VECTORS["issuer"]
ISSUED = datetime(2026, 11, 1, tzinfo=UTC)
KEY = new_private_key()
OUR_RING = Keyring.of(
    [
        RingKey(
            kid=1,
            purpose=Purpose.CARD,
            version=1,
            algorithm=Algorithm.ES256,
            public=dump_public_key(KEY.public_key()),
            not_before=ISSUED,
            not_after=ISSUED + timedelta(days=3650),
        )
    ]
)
SUMIATI = CardClaims(
    issuer=ISSUER,
    issued_at=ISSUED,
    expires_at=ISSUED + timedelta(days=1826),
    card_number="62123456789701",
    household_name="Sumiati",
    regency=6201,
)


def read_here(text: str) -> CardClaims:
    return read_token(text, RING, issuer=ISSUER, at=AT)


def signed(claims: CardClaims = SUMIATI) -> str:
    return sign_token(claims, kid=1, sign=lambda message: sign(KEY, message))


def refusal_of(text: str, ring: Keyring = RING) -> str:
    """Read what must be refused; give the code. Any other exception fails the test."""
    with pytest.raises(QrRefusedError) as refused:
        read_token(text, ring, issuer=ISSUER, at=AT)
    return refused.value.code


class TestRefuses:
    @pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
    def test_each_published_case_with_its_code(self, case):
        assert refusal_of(case["text"]) == case["code"]

    def test_only_with_codes_that_a_verdict_knows(self):
        assert {case["code"] for case in VECTORS["refused"]} <= set(QR_RED)

    def test_every_single_byte_altered(self):
        data = zlib.decompress(base45.decode(signed()))

        for at in range(len(data)):
            altered = bytearray(data)
            altered[at] ^= 0x01
            text = base45.encode(zlib.compress(bytes(altered), 9))
            assert refusal_of(text, OUR_RING) in QR_RED

    def test_every_byte_of_the_message_with_any_bit_altered(self):
        data = zlib.decompress(base45.decode(signed()))

        for at in range(len(data)):
            for bit in range(8):
                altered = data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
                text = base45.encode(zlib.compress(altered, 0))
                assert refusal_of(text, OUR_RING) in QR_RED, (at, bit)

    def test_every_character_of_the_text_altered_into_any_other(self):
        text = signed()

        for at, was in enumerate(text):
            for letter in base45.ALPHABET:
                if letter != was:
                    altered = text[:at] + letter + text[at + 1 :]
                    assert refusal_of(altered, OUR_RING) in QR_RED, (at, letter)

    def test_the_independent_reader_refuses_every_byte_altered(self):
        data, public = zlib.decompress(base45.decode(signed())), dump_public_key(KEY.public_key())

        for at in range(len(data)):
            altered = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            text = base45.encode(zlib.compress(altered, 0))
            with pytest.raises(claim169.Claim169Exception):
                claim169.decode(text, verify_with_ecdsa_p256=public, validate_timestamps=False)

    @seed(62)
    @settings(max_examples=2000, deadline=None)
    @given(st.one_of(st.text(max_size=400), st.text(alphabet=base45.ALPHABET, max_size=1100)))
    def test_any_text(self, text):
        assert refusal_of(text) in QR_RED

    @seed(62)
    @settings(max_examples=1500, deadline=None)
    @given(st.binary(max_size=300))
    @example(b"\xd2\x84\x40\xa0\x40\x40")
    def test_any_packed_bytes(self, data):
        assert refusal_of(base45.encode(zlib.compress(data))) in QR_RED

    @seed(62)
    @settings(max_examples=1000, deadline=None)
    @given(st.data())
    def test_a_signed_payload_of_any_shape(self, data):
        leaf = st.one_of(st.integers(-(2**70), 2**70), st.text(max_size=9), st.binary(max_size=9))
        inner = st.dictionaries(leaf, leaf, max_size=3)
        known = st.sampled_from([1, 4, 6, 169])
        shape = st.one_of(leaf, st.lists(leaf, max_size=3), st.dictionaries(known, leaf | inner))
        payload = cbor2.dumps(data.draw(shape))
        protected = cbor2.dumps({1: -7, 4: b"\x01", 16: "application/betang-card+cose"})
        signature = sign(KEY, cbor2.dumps(["Signature1", protected, b"", payload]))
        message = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]))

        assert refusal_of(base45.encode(zlib.compress(message)), OUR_RING) == "qr.malformed"

    @seed(62)
    @settings(max_examples=500, deadline=None)
    @given(st.binary(max_size=60))
    def test_any_protected_header(self, protected):
        message = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, b"", bytes(64)]))

        code = refusal_of(base45.encode(zlib.compress(message)))

        assert code in {"qr.not_ours", "qr.malformed", "key.other_purpose"}


class TestReads:
    @pytest.mark.parametrize("case", VECTORS["valid"], ids=lambda case: case["name"])
    def test_each_published_case(self, case):
        claims = read_here(case["text"])

        assert case["claims"] == {
            "issuer": claims.issuer,
            "issued_at": unix(claims.issued_at),
            "expires_at": unix(claims.expires_at),
            "card_number": claims.card_number,
            "household_name": claims.household_name,
            "regency": claims.regency,
        }

    def test_what_was_signed(self):
        assert read_token(signed(), OUR_RING, issuer=ISSUER, at=AT) == SUMIATI

    def test_is_read_and_verified_by_the_independent_reader(self):
        result = claim169.decode(
            signed(),
            verify_with_ecdsa_p256=dump_public_key(KEY.public_key()),
            validate_timestamps=False,
        )

        assert result.is_verified()
        assert result.cwt_meta.issuer == ISSUER
        assert result.cwt_meta.expires_at == unix(SUMIATI.expires_at)
        assert result.claim169.id == SUMIATI.card_number
        assert result.claim169.full_name == "Sumiati"
        assert result.claim169.location_code == "6201"

    def test_the_independent_reader_refuses_another_key(self):
        other = dump_public_key(new_private_key().public_key())

        with pytest.raises(claim169.SignatureError):
            claim169.decode(signed(), verify_with_ecdsa_p256=other, validate_timestamps=False)


class TestSize:
    def test_the_longest_name_fits_version_11_at_level_m(self):
        longest = replace(SUMIATI, household_name="Qwxyz Jkvbn Zhfgp Wqytr Xcvbm Plkjh Gfds")

        text = signed(longest)
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
        modules = np.array(code.to_image(scale=1, add_quiet_zones=False))

        assert len(longest.household_name) == 40
        assert len(text) <= 366
        assert modules.shape[0] <= 61  # 4 x 11 + 17 modules


class TestNameOnCard:
    @pytest.mark.parametrize(
        ("name", "cut"),
        [
            ("", ""),
            ("Sumiati", "Sumiati"),
            ("  Sumiati   Binti  Usup ", "Sumiati Binti Usup"),
            ("a" * 41, "a" * 40),
            ("é" * 30, "é" * 20),
            ("a" + "é" * 30, "a" + "é" * 19),
            (f"Siti {'b' * 40}", "Siti"),
            (
                "Nyai Undang Sumiati Binti Abdurrahman Saleh",
                "Nyai Undang Sumiati Binti Abdurrahman",
            ),
        ],
    )
    def test_is_cut_at_a_word_within_forty_bytes(self, name, cut):
        assert name_on_card(name) == cut
        assert len(name_on_card(name).encode()) <= 40
