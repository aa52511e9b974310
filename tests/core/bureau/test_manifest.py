"""A manifest is believed only as our manifest key signed it."""

import json
from datetime import UTC, datetime

import pytest

from betang.core.bureau.manifest import (
    ManifestRefusedError,
    manifest_bytes,
    read_manifest,
    signature_bytes,
)
from betang.core.crypto import signing
from betang.core.crypto.keyring import Algorithm, Keyring, Purpose, RingKey

KEY = signing.new_private_key()
NOON = datetime(2026, 11, 12, 5, tzinfo=UTC)


def ring(purpose: Purpose = Purpose.MANIFEST) -> Keyring:
    public = signing.dump_public_key(KEY.public_key())
    return Keyring.of([RingKey(7, purpose, 1, Algorithm.ES256, public, NOON, NOON)])


CONTENT = manifest_bytes(
    run="r", at="2026-11-12T05:00:00.000Z", design="d", count=2, chips=3, rows_sha256="aa",
    parts=[], files={"kartu.csv": "bb"},
)  # fmt: skip


def signed(content: bytes = CONTENT) -> bytes:
    return signature_bytes(7, signing.sign(KEY, content))


@pytest.mark.parametrize("signature", [b"", b"{}", b"[]", b'{"kid": 7, "signature": "zz"}'])
def test_refuses_a_signature_that_cannot_be_read(signature):
    with pytest.raises(ManifestRefusedError, match=r"manifest\.malformed"):
        read_manifest(CONTENT, signature, ring())


def test_refuses_a_content_that_was_altered():
    with pytest.raises(ManifestRefusedError, match="bad_signature"):
        read_manifest(CONTENT.replace(b'"count": 2', b'"count": 3'), signed(), ring())


def test_refuses_a_key_of_another_purpose():
    with pytest.raises(ManifestRefusedError, match=r"key\.other_purpose"):
        read_manifest(CONTENT, signed(), ring(Purpose.CARD))


def test_refuses_what_the_key_signed_as_something_else():
    other = json.dumps({"typ": "betang-other+json"}).encode()

    with pytest.raises(ManifestRefusedError, match=r"manifest\.malformed"):
        read_manifest(other, signed(other), ring())


def test_gives_what_was_signed_and_compares_the_files():
    manifest = read_manifest(CONTENT, signed(), ring())

    assert (manifest.run, manifest.count, manifest.chips) == ("r", 2, 3)
    manifest.check({"kartu.csv": "bb"})
    with pytest.raises(ManifestRefusedError) as refused:
        manifest.check({"kartu.csv": "cc"})
    assert refused.value.files == ("kartu.csv",)
