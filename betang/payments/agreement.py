"""What was agreed with the bank, read from a folder, and the signatures made with it.

Source: SNAP BI, "Keamanan" (ASPI, version 1.0); docs/protocols/bank.md. Base64 or hex is
configuration: the standard shows the one, banks use the other.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from betang.core.errors import RefusedError


class NoAgreementError(RefusedError):
    """The folder with the bank's agreement is not there or not complete."""

    code = "bank.no_agreement"
    sentence = "Berkas kesepakatan dengan bank tidak lengkap di folder yang ditunjuk."
    do = "Isi BETANG_BANK_KEYS dengan folder yang memuat client.json dan client_private.pem."


@dataclass(frozen=True, slots=True)
class Agreement:
    """Identifiers and secrets of one client of the bank."""

    client_id: str
    client_secret: str
    partner_id: str
    channel_id: str
    source_account: str
    signature_encoding: str
    private: rsa.RSAPrivateKey

    def sign_token_request(self, timestamp: str) -> str:
        """Sign the request for a token: RSASSA-PKCS1-v1_5 with SHA-256."""
        message = f"{self.client_id}|{timestamp}".encode()
        return self._encoded(self.private.sign(message, padding.PKCS1v15(), SHA256()))

    def sign_request(self, method: str, path: str, token: str, body: bytes, timestamp: str) -> str:
        """Sign a request: HMAC-SHA512 over method, path, token, body hash and time."""
        digest = hashlib.sha256(body).hexdigest()
        message = f"{method}:{path}:{token}:{digest}:{timestamp}".encode()
        return self._encoded(hmac.digest(self.client_secret.encode(), message, "sha512"))

    def _encoded(self, signature: bytes) -> str:
        if self.signature_encoding == "hex":
            return signature.hex()
        return base64.b64encode(signature).decode()


def read_agreement(folder: Path) -> Agreement:
    """Read `client.json` and `client_private.pem`. Raises `NoAgreementError`."""
    try:
        given = json.loads((folder / "client.json").read_text())
        key = serialization.load_pem_private_key(
            (folder / "client_private.pem").read_bytes(), password=None
        )
        if not isinstance(key, rsa.RSAPrivateKey):
            raise NoAgreementError
        return Agreement(**given, private=key)
    except (OSError, ValueError, TypeError) as wrong:
        raise NoAgreementError from wrong
