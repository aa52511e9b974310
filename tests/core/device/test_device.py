"""A device's words, its short id, its proof."""

import orjson
import pytest

from betang.core import jose
from betang.core.crypto.signing import new_private_key
from betang.core.device import proof
from betang.core.device.short_id import FORM, new_short_id
from betang.core.device.words import six_words

SECRET = b"secret of the tests"
URL = "https://betang.example/api/v1/device"


def made(key=None, **changes) -> str:
    key = key or new_private_key()
    jwk = jose.jwk_of(key.public_key())
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk} | changes.pop("header", {})
    claims = {
        "jti": "a-jti-of-sixteen",
        "htm": "GET",
        "htu": URL,
        "iat": 1,
        "nonce": proof.new_nonce(SECRET, now=1000),
    }
    return jose.make(key, header, orjson.dumps(claims | changes))


def check(header, body=b"", now=1000.0):
    return proof.check(header, method="GET", url=URL, body=body, nonce_secret=SECRET, now=now)


class TestAProof:
    @pytest.mark.parametrize(
        ("header", "refusal"),
        [
            (None, proof.ProofMissingError),
            ("", proof.ProofMissingError),
            ("x" * 5000, proof.ProofError),
            ("a.b.c", proof.ProofError),
            (made(header={"typ": "jwt"}), proof.ProofError),
            (made(header={"alg": "none"}), proof.ProofError),
            (made(header={"jwk": {"kty": "EC"}}), proof.ProofError),
            (made(jti="short"), proof.ProofError),
            (made(jti=1), proof.ProofError),
            (made(nonce=None), proof.UseNonceError),
            (made(nonce="AAAA"), proof.UseNonceError),
            (made(nonce=proof.new_nonce(b"other", now=1000)), proof.UseNonceError),
            (made(nonce=proof.new_nonce(SECRET, now=1)), proof.UseNonceError),
            (made(htm="POST"), proof.WrongRequestError),
            (made(htu="https://evil.example/api/v1/device"), proof.WrongRequestError),
        ],
    )
    def test_is_refused(self, header, refusal):
        with pytest.raises(refusal) as told:
            check(header)
        assert told.value.status == 401

    def test_of_a_key_that_is_not_the_one_it_names_is_refused(self):
        other = jose.jwk_of(new_private_key().public_key())

        with pytest.raises(proof.ProofSignatureError):
            check(made(header={"jwk": other}))

    def test_with_a_private_key_in_it_is_refused(self):
        key = new_private_key()
        jwk = jose.jwk_of(key.public_key()) | {"d": "AAAA"}

        with pytest.raises(proof.ProofError):
            check(made(key, header={"jwk": jwk}))

    def test_without_the_hash_of_the_body_is_refused(self):
        with pytest.raises(proof.WrongRequestError):
            check(made(), body=b"{}")

    def test_that_holds_names_the_key(self):
        key = new_private_key()

        shown = check(made(key))

        assert shown.thumbprint == jose.thumbprint(jose.jwk_of(key.public_key()))
        assert shown.device_clock == 1


class TestTheWords:
    def test_are_those_of_the_proquint_paper(self):
        assert six_words(bytes([127, 0, 0, 1, 63, 84, 220, 193, 63, 118, 7, 35])) == [
            "lusab", "babad", "gutih", "tugad", "gutuk", "bisog",
        ]  # fmt: skip


class TestTheShortId:
    def test_has_eight_characters_that_nobody_misreads(self):
        assert all(FORM.fullmatch(new_short_id()) for _ in range(200))


class TestBase64Url:
    @pytest.mark.parametrize("text", ["A", "AAAA=", "AA+A", "AA A", "AA\nA", "é"])
    def test_refuses_what_is_not_its_one_form(self, text):
        with pytest.raises(ValueError, match=r"ascii|base64url"):
            jose.from_b64u(text)

    def test_comes_back(self):
        for length in range(70):
            data = bytes(range(length))
            assert jose.from_b64u(jose.to_b64u(data)) == data
