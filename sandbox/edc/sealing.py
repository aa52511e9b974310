"""What the terminal seals: attachments, blobs, and their keys (event.md section 3, keys.md 3)."""

import hashlib
import json
import os
from typing import Any, NamedTuple

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sandbox.edc.wire import b64u, point_of

NONCE = 12
KEY = 32
ATTACHMENT = b"betang/attachment/1"
BLOB = b"betang/blob/1"
BATCH_KEY = b"betang/batch-key/1"
BLOB_KEY = b"betang/blob-key/1"


class Sealed(NamedTuple):
    """Something encrypted under a key of its own, named by the hash of its ciphertext."""

    name: bytes
    ciphertext: bytes
    key: bytes


def seal(plain: bytes, aad: bytes) -> Sealed:
    """Encrypt under a new key."""
    key = os.urandom(KEY)
    ciphertext = encrypt(key, plain, aad)
    return Sealed(hashlib.sha256(ciphertext).digest(), ciphertext, key)


def seal_attachment(private: dict[str, Any]) -> Sealed:
    """Encrypt the personal part of an event."""
    return seal(json.dumps(private, ensure_ascii=False).encode(), ATTACHMENT)


def encrypt(key: bytes, plain: bytes, aad: bytes) -> bytes:
    """Encrypt with AES-256-GCM: nonce, then ciphertext and tag."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, aad)


def seal_to(recipient: ec.EllipticCurvePublicKey, message: bytes, context: bytes) -> bytes:
    """Encrypt to the server's `seal` key: ephemeral point, nonce, ciphertext and tag."""
    own = ec.generate_private_key(ec.SECP256R1())
    point = point_of(own.public_key())
    info = b"betang/seal/1" + point + point_of(recipient)
    shared = own.exchange(ec.ECDH(), recipient)
    key = HKDF(hashes.SHA256(), KEY, salt=b"", info=info).derive(shared)
    return point + encrypt(key, message, context)


def travelling(attachment: Sealed, batch_key: bytes) -> dict[str, str]:
    """Write an attachment as it travels beside its event."""
    return {
        "sha256": attachment.name.hex(),
        "ciphertext": b64u(attachment.ciphertext),
        "key": b64u(encrypt(batch_key, attachment.key, attachment.name)),
    }
