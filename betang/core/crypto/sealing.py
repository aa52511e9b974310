"""Sealing to a public key: ephemeral ECDH P-256, HKDF-SHA-256, AES-256-GCM.

One message is `ephemeral point (65) || nonce (12) || ciphertext and tag`. Normative text and the
reasons: `docs/protocols/keys.md`; cases: `vectors/seal.json`. WebCrypto can do all of it.
It hides a message from everybody but the holder of the private key; it does not say who sealed it.
"""

import os
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from betang.core.crypto.signing import (
    POINT_BYTES,
    PrivateKey,
    PublicKey,
    dump_public_key,
    load_public_key,
    new_private_key,
)

NONCE_BYTES = 12
TAG_BYTES = 16
INFO = b"betang/seal/1"


class NotSealedToUsError(Exception):
    """The bytes are not a message sealed to this key with this context, or were altered."""


def seal_to(
    recipient: PublicKey,
    message: bytes,
    *,
    context: bytes,
    ephemeral: PrivateKey | None = None,
    nonce: bytes | None = None,
) -> bytes:
    """Seal `message` so that only the holder of `recipient`'s private key can open it.

    `context` is authenticated, not sent: both sides must know it. `ephemeral` and `nonce` are given
    only by the tests that compare vectors; each message must have its own.
    """
    ephemeral = ephemeral or new_private_key()
    nonce = nonce or os.urandom(NONCE_BYTES)
    point = dump_public_key(ephemeral.public_key())
    key = _derived(ephemeral.exchange(ec.ECDH(), recipient), point, dump_public_key(recipient))
    return point + nonce + AESGCM(key).encrypt(nonce, message, context)


def open_sealed_to(private: PrivateKey, sealed: bytes, *, context: bytes) -> bytes:
    """Open what was sealed to `private`; raises `NotSealedToUsError` for anything else."""
    return open_sealed_with(
        lambda point: private.exchange(ec.ECDH(), load_public_key(point)),
        dump_public_key(private.public_key()),
        sealed,
        context=context,
    )


def open_sealed_with(
    exchange: Callable[[bytes], bytes], recipient_point: bytes, sealed: bytes, *, context: bytes
) -> bytes:
    """Open what was sealed to the key that computes `exchange`, wherever that key lives.

    `exchange` gives the x-coordinate of ECDH with a point, and `ValueError` for one off the curve.
    """
    if len(sealed) < POINT_BYTES + NONCE_BYTES + TAG_BYTES:
        raise NotSealedToUsError("too short")
    point, nonce = sealed[:POINT_BYTES], sealed[POINT_BYTES : POINT_BYTES + NONCE_BYTES]
    try:
        key = _derived(exchange(point), point, recipient_point)
        return AESGCM(key).decrypt(nonce, sealed[POINT_BYTES + NONCE_BYTES :], context)
    except (ValueError, InvalidTag) as error:
        raise NotSealedToUsError("not sealed to this key") from error


def _derived(secret: bytes, ephemeral_point: bytes, recipient_point: bytes) -> bytes:
    """Derive the AES key; both points are bound in, so that no other pair gives the same key."""
    info = INFO + ephemeral_point + recipient_point
    return HKDF(algorithm=SHA256(), length=32, salt=b"", info=info).derive(secret)
