"""Bytes on the wire: base64url, times, JWS, DPoP proofs, UUIDv7 (device.md, sections 0 and 2)."""

import base64
import hashlib
import json
import os
import time
import uuid
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

HALF = 32
ES256 = ec.ECDSA(hashes.SHA256())


class NotSignedError(Exception):
    """A signature, or the form of what is signed, is not as it must be."""


class Jws(NamedTuple):
    """A compact JWS taken apart."""

    header: dict[str, Any]
    payload: bytes


def b64u(data: bytes) -> str:
    """Write base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def un_b64u(text: str) -> bytes:
    """Read base64url without padding."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def to_time(moment: datetime) -> str:
    """Write RFC 3339 UTC with milliseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def from_time(text: str) -> datetime:
    """Read a time of the wire."""
    return datetime.fromisoformat(text)


def uuid7() -> str:
    """Make a UUIDv7 (RFC 9562)."""
    number = int(time.time() * 1000) << 80 | int.from_bytes(os.urandom(10), "big")
    number = number & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62
    return str(uuid.UUID(int=number))


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """Write a public key as `04 || x || y`."""
    numbers = key.public_numbers()
    return b"\x04" + numbers.x.to_bytes(HALF, "big") + numbers.y.to_bytes(HALF, "big")


def public_key(point: bytes) -> ec.EllipticCurvePublicKey:
    """Read `04 || x || y`."""
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


def jwk_of(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """Write a public key as a JWK."""
    point = point_of(key)
    return {"kty": "EC", "crv": "P-256", "x": b64u(point[1:33]), "y": b64u(point[33:])}


def thumbprint(key: ec.EllipticCurvePublicKey) -> bytes:
    """Give the RFC 7638 thumbprint."""
    jwk = jwk_of(key)
    text = json.dumps({name: jwk[name] for name in sorted(jwk)}, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def sign(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    """Sign with ES256: r || s."""
    r, s = decode_dss_signature(key.sign(data, ES256))
    return r.to_bytes(HALF, "big") + s.to_bytes(HALF, "big")


def verify(key: ec.EllipticCurvePublicKey, data: bytes, signature: bytes) -> bool:
    """Check an ES256 signature."""
    if len(signature) != 2 * HALF:
        return False
    r, s = int.from_bytes(signature[:HALF], "big"), int.from_bytes(signature[HALF:], "big")
    try:
        key.verify(encode_dss_signature(r, s), data, ES256)
    except InvalidSignature:
        return False
    return True


def make_jws(key: ec.EllipticCurvePrivateKey, header: dict[str, Any], payload: bytes) -> str:
    """Make a compact JWS."""
    head = b64u(json.dumps(header, separators=(",", ":")).encode())
    data = f"{head}.{b64u(payload)}"
    return f"{data}.{b64u(sign(key, data.encode()))}"


def look_into(text: str) -> Jws:
    """Take a JWS apart without believing it: who may have signed it is in its header."""
    try:
        head, payload, _ = text.split(".")
        return Jws(json.loads(un_b64u(head)), un_b64u(payload))
    except ValueError as error:
        raise NotSignedError("not a JWS") from error


def open_jws(text: str, key: ec.EllipticCurvePublicKey, typ: str) -> Jws:
    """Take a JWS of this type apart, if `key` signed it."""
    parts = look_into(text)
    signed, _, signature = text.rpartition(".")
    good = verify(key, signed.encode(), un_b64u(signature))
    if not good or parts.header.get("typ") != typ or parts.header.get("alg") != "ES256":
        raise NotSignedError(typ)
    return parts


def proof(
    key: ec.EllipticCurvePrivateKey,
    *,
    method: str,
    url: str,
    nonce: str,
    body: bytes,
    report: dict[str, Any] | None,
) -> str:
    """Make the value of a `DPoP` header; `url` is origin and path, without the query."""
    claims: dict[str, Any] = {
        "jti": str(uuid.uuid4()),
        "htm": method,
        "htu": url,
        "iat": int(time.time()),
        "nonce": nonce,
    }
    if body:
        claims["body_sha256"] = hashlib.sha256(body).hexdigest()
    if report is not None:
        claims["report"] = report
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk_of(key.public_key())}
    return make_jws(key, header, json.dumps(claims).encode())


def six_words(print_: bytes) -> list[str]:
    """Write the first 12 bytes of a thumbprint as six proquints (device.md, section 4)."""
    consonants, vowels = "bdfghjklmnprstvz", "aiou"
    words = []
    for at in range(0, 12, 2):
        n = int.from_bytes(print_[at : at + 2], "big")
        words.append(
            consonants[n >> 12] + vowels[n >> 10 & 3] + consonants[n >> 6 & 15]
            + vowels[n >> 4 & 3] + consonants[n & 15]
        )  # fmt: skip
    return words
