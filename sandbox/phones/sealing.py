"""What a device seals: attachments under a batch key, the batch key to the server's `seal` key."""

import os
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from betang.core import jose
from betang.core.crypto.sealing import seal_to
from betang.core.crypto.signing import PublicKey

ATTACHMENT_CONTEXT = b"betang/attachment/1"
BATCH_KEY_CONTEXT = b"betang/batch-key/1"
BLOB_CONTEXT = b"betang/blob/1"
BLOB_KEY_CONTEXT = b"betang/blob-key/1"


@dataclass(frozen=True, slots=True)
class Sealed:
    """An attachment as a device keeps it until it is sent."""

    sha256: bytes
    ciphertext: bytes
    key: bytes


@dataclass(slots=True)
class BatchKey:
    """The key that wraps the attachment keys of this device, sealed once to the server."""

    kid: int
    public: PublicKey
    secret: bytes = field(default_factory=lambda: os.urandom(32))
    sealed: bytes = b""

    def as_json(self) -> dict[str, Any]:
        """Write it as `batch_key` of a request."""
        if not self.sealed:
            self.sealed = seal_to(self.public, self.secret, context=BATCH_KEY_CONTEXT)
        return {"kid": self.kid, "sealed": jose.to_b64u(self.sealed)}

    def wrap(self, one: Sealed) -> dict[str, str]:
        """Write an attachment as it travels beside its event."""
        nonce = os.urandom(12)
        wrapped = nonce + AESGCM(self.secret).encrypt(nonce, one.key, one.sha256)
        return {
            "ciphertext": jose.to_b64u(one.ciphertext),
            "key": jose.to_b64u(wrapped),
        }


def seal(content: dict[str, Any] | bytes, context: bytes = ATTACHMENT_CONTEXT) -> Sealed:
    """Encrypt an attachment or a photo under a key of its own."""
    plain = content if isinstance(content, bytes) else orjson.dumps(content)
    key, nonce = os.urandom(32), os.urandom(12)
    ciphertext = nonce + AESGCM(key).encrypt(nonce, plain, context)
    return Sealed(sha256(ciphertext).digest(), ciphertext, key)
