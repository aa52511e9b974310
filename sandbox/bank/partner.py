"""Who may call the bank: the partner's keys, its tokens and the signatures of its requests."""

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

TOKEN_SECONDS = 900
#: How far the partner's clock may be from ours.
CLOCK_SECONDS_MAX = 300


@dataclass(frozen=True, slots=True)
class Partner:
    """What was agreed with the partner, both sides' parts."""

    client_id: str
    client_secret: str
    partner_id: str
    channel_id: str
    source_account: str
    signature_encoding: str
    public: rsa.RSAPublicKey


def agree(folder: Path, *, signature_encoding: str = "base64") -> Partner:
    """Read the agreed keys from `folder`, or make them where there are none (0600)."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "client.json").exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        _write(
            folder / "client_private.pem",
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
        )
        _write(
            folder / "client_public.pem",
            key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            ),
        )
        settings = {
            "client_id": secrets.token_hex(16),
            "client_secret": secrets.token_hex(32),
            "partner_id": "62" + secrets.token_hex(8),
            "channel_id": "95221",
            "source_account": "2000000000001",
            "signature_encoding": signature_encoding,
        }
        _write(folder / "client.json", json.dumps(settings, indent=1).encode())
    settings = json.loads((folder / "client.json").read_text())
    public = serialization.load_pem_public_key((folder / "client_public.pem").read_bytes())
    assert isinstance(public, rsa.RSAPublicKey)
    return Partner(**settings, public=public)


class Door:
    """Hands out tokens and checks signatures."""

    def __init__(self, partner: Partner) -> None:
        """Guard the bank for one partner."""
        self.partner = partner
        self._tokens: dict[str, float] = {}

    def token(self, client: str, timestamp: str, signature: str) -> str | None:
        """Give a token for a good RSA signature over `client_id|timestamp`."""
        if client != self.partner.client_id or not self._recent(timestamp):
            return None
        try:
            self.partner.public.verify(
                self._decoded(signature), f"{client}|{timestamp}".encode(), padding.PKCS1v15(),
                SHA256(),
            )  # fmt: skip
        except (InvalidSignature, ValueError):
            return None
        token = secrets.token_urlsafe(32)
        self._tokens[token] = time.monotonic() + TOKEN_SECONDS
        return token

    def refusal(self, method: str, path: str, headers: dict[str, str], body: bytes) -> str | None:
        """Give the case code (`00`, `01`) for which a request is turned away, if any."""
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(token, 0) < time.monotonic():
            return "01"
        timestamp = headers.get("x-timestamp", "")
        if headers.get("x-partner-id") != self.partner.partner_id or not self._recent(timestamp):
            return "00"
        digest = hashlib.sha256(body).hexdigest()
        message = f"{method}:{path}:{token}:{digest}:{timestamp}".encode()
        mac = hmac.digest(self.partner.client_secret.encode(), message, "sha512")
        try:
            given = self._decoded(headers.get("x-signature", ""))
        except ValueError:
            return "00"
        return None if hmac.compare_digest(mac, given) else "00"

    def _decoded(self, signature: str) -> bytes:
        if self.partner.signature_encoding == "hex":
            return bytes.fromhex(signature)
        try:
            return base64.b64decode(signature, validate=True)
        except binascii.Error as wrong:
            raise ValueError("not Base64") from wrong

    @staticmethod
    def _recent(timestamp: str) -> bool:
        try:
            moment = datetime.fromisoformat(timestamp)
        except ValueError:
            return False
        if moment.tzinfo is None:
            return False
        return abs(moment.timestamp() - time.time()) <= CLOCK_SECONDS_MAX


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
