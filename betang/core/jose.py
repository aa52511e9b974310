"""Compact JWS with ES256, by hand: base64url, the signing input, one verification.

Source: RFC 7515 (JWS), RFC 7518 section 3.4 (ES256 is r || s), RFC 7638 (thumbprints). Nothing of a
message chooses how it is verified: algorithm, type and key are the caller's.
"""

from base64 import urlsafe_b64encode
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple

import orjson
from cryptography.hazmat.primitives.asymmetric import ec

from betang.core.crypto.signing import PrivateKey, PublicKey, load_public_key, sign, verifies

#: Padding and the two characters that differ from plain base64 (RFC 4648, section 5).
_TO_PLAIN = bytes.maketrans(b"-_", b"+/")
COORDINATE_BYTES = 32


class NotAJwsError(ValueError):
    """The text is not a compact JWS of the kind asked for, or not signed by that key."""


class Parts(NamedTuple):
    """A compact JWS taken apart; nothing of it is verified yet."""

    protected: str
    header: dict[str, Any]
    payload: bytes
    signature: bytes
    signing_input: bytes


def to_b64u(data: bytes) -> str:
    """Write base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def from_b64u(text: str | bytes) -> bytes:
    """Read base64url without padding; raises ValueError for any other character or length.

    Strict: padding, whitespace and bits that say nothing are refused, so that one content has one
    text.
    """
    raw = text.encode("ascii") if isinstance(text, str) else text
    if len(raw) % 4 == 1:
        raise ValueError("not base64url")
    if raw.translate(None, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"):
        raise ValueError("not base64url")
    try:
        return a2b_base64(raw.translate(_TO_PLAIN) + b"=" * (-len(raw) % 4))
    except Base64Error as error:
        raise ValueError("not base64url") from error


def split(text: str) -> Parts:
    """Take a compact JWS apart; raises `NotAJwsError`."""
    try:
        raw = text.encode("ascii")
        signing_input, _, signature = raw.rpartition(b".")
        protected, dot, payload = signing_input.partition(b".")
        if not dot or b"." in payload:
            raise NotAJwsError("three parts are needed")
        header = orjson.loads(from_b64u(protected))
        parts = Parts(
            protected.decode(), header, from_b64u(payload), from_b64u(signature), signing_input
        )
    except (UnicodeEncodeError, ValueError) as error:
        raise NotAJwsError(str(error)) from error
    if not isinstance(header, dict):
        raise NotAJwsError("the header is no object")
    return parts


def make(key: PrivateKey, header: dict[str, Any], payload: bytes) -> str:
    """Sign `payload` under `header` with `key` and give the compact text."""
    return signed_with(lambda message: sign(key, message), header, payload)


def by_our_key(
    kid: int, typ: str, content: dict[str, Any], signing: Callable[[bytes], bytes]
) -> str:
    """Write `content` as a compact JWS of the ring's key `kid`; `signing` gives its r || s."""
    header = {"alg": "ES256", "kid": str(kid), "typ": typ}
    return signed_with(signing, header, orjson.dumps(content))


def signed_with(signing: Callable[[bytes], bytes], header: dict[str, Any], payload: bytes) -> str:
    """Put the parts together and sign them; the key stays with whoever holds it."""
    signing_input = f"{to_b64u(orjson.dumps(header))}.{to_b64u(payload)}"
    return f"{signing_input}.{to_b64u(signing(signing_input.encode()))}"


def signed_by(key: PublicKey, parts: Parts) -> bool:
    """Say whether `parts` carry `key`'s signature."""
    return verifies(key, parts.signing_input, parts.signature)


def jwk_of(key: PublicKey) -> dict[str, str]:
    """Write a P-256 public key as a JWK (RFC 7518, section 6.2.1)."""
    numbers = key.public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": to_b64u(numbers.x.to_bytes(COORDINATE_BYTES, "big")),
        "y": to_b64u(numbers.y.to_bytes(COORDINATE_BYTES, "big")),
    }


def key_of(jwk: object) -> ec.EllipticCurvePublicKey:
    """Read a P-256 public key from a JWK; raises ValueError for every other."""
    if not isinstance(jwk, dict) or jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
        raise ValueError("not a P-256 key")
    if "d" in jwk:
        raise ValueError("a private key has no business here")
    x, y = jwk.get("x"), jwk.get("y")
    if not isinstance(x, str) or not isinstance(y, str):
        raise ValueError("not a P-256 key")  # noqa: TRY004 -- input, not a programmer's type
    point = b"\x04" + from_b64u(x) + from_b64u(y)
    return load_public_key(point)


def thumbprint(jwk: dict[str, Any]) -> bytes:
    """Give the SHA-256 thumbprint of a P-256 JWK (RFC 7638: sorted members, no spaces)."""
    text = f'{{"crv":"P-256","kty":"EC","x":"{jwk["x"]}","y":"{jwk["y"]}"}}'
    return sha256(text.encode("ascii")).digest()
