"""Sealing of single values (NIK, KK, account and phone numbers) and their blind index.

A sealed value is `version (1) || nonce (12) || ciphertext || tag (16)`, AES-256-GCM. A blind index
is the first 16 bytes of HMAC-SHA-256 under a key of its kind: equal values of one kind have equal
indexes, so it serves look-ups and nothing else. It does not hide that two rows are equal, and who
holds the key can try all NIK; who holds only the database cannot.
"""

import os
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from hmac import digest

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from betang.keys import place

#: The key of the blind indexes is never rotated alone: every index would have to be made anew.
INDEX_VERSION = 1
NONCE_BYTES = 12
TAG_BYTES = 16
INDEX_BYTES = 16
BLOCK_BYTES = 64

#: Kinds of values that have an index. An index of one kind says nothing of another's.
KINDS = ("nik", "family_number", "account", "phone", "collector")


class NotSealedHereError(Exception):
    """The bytes were not sealed by this installation's data key, or were altered."""


def seal(value: str | bytes) -> bytes:
    """Encrypt one value."""
    return seal_many([value])[0]


def seal_many(values: Iterable[str | bytes]) -> list[bytes]:
    """Encrypt many values, each with a nonce of its own, at about a microsecond each.

    Nonces are random (96 bits): one data key serves 2^32 values (NIST SP 800-38D section 8.3),
    a thousand times the province.
    """
    plain = [value.encode() if isinstance(value, str) else value for value in values]
    version, secret = place.opened().newest_data("data-seal")
    encrypt = _cipher(version, secret).encrypt
    version_byte = bytes([version])
    nonces = os.urandom(NONCE_BYTES * len(plain))
    return [
        version_byte + (nonce := nonces[start : start + NONCE_BYTES]) + encrypt(nonce, value, None)
        for start, value in zip(range(0, len(nonces), NONCE_BYTES), plain, strict=True)
    ]


def open_sealed(sealed: bytes) -> bytes:
    """Decrypt what `seal` gave; raises `NotSealedHereError` for anything else."""
    sealed = bytes(sealed)
    if len(sealed) < 1 + NONCE_BYTES + TAG_BYTES:
        raise NotSealedHereError("too short")
    cipher = _cipher_of(sealed[0])
    if cipher is None:
        raise NotSealedHereError("no such data key")
    try:
        nonce, rest = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        return cipher.decrypt(nonce, rest, None)
    except InvalidTag:
        raise NotSealedHereError("altered, or another key's") from None


def blind_index(kind: str, value: str) -> bytes:
    """Give the index of one value of `kind` (one of `KINDS`)."""
    return blind_index_many(kind, [value])[0]


def blind_index_many(kind: str, values: Iterable[str]) -> list[bytes]:
    """Give the indexes of many values of one kind.

    HMAC is written out (RFC 2104) with its two key blocks prepared once: half the time of `hmac`.
    """
    assert kind in KINDS, f"unknown kind of index: {kind}"
    inner, outer = _blocks(kind, place.opened().data["data-blind", INDEX_VERSION])
    return [
        sha256(outer + sha256(inner + value.encode()).digest()).digest()[:INDEX_BYTES]
        for value in values
    ]


def _cipher_of(version: int) -> AESGCM | None:
    """Give the cipher of a version: the key itself stays out of frames that may raise."""
    secret = place.opened().data.get(("data-seal", version))
    return None if secret is None else _cipher(version, secret)


@lru_cache(maxsize=8)
def _cipher(version: int, secret: bytes) -> AESGCM:
    return AESGCM(secret)


@lru_cache(maxsize=16)
def _blocks(kind: str, secret: bytes) -> tuple[bytes, bytes]:
    """Prepare HMAC's inner and outer key blocks for `kind`."""
    key = digest(secret, b"betang/blind/" + kind.encode(), "sha256").ljust(BLOCK_BYTES, b"\0")
    return bytes(b ^ 0x36 for b in key), bytes(b ^ 0x5C for b in key)
