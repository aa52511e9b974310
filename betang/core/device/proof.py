"""A device proves that it holds its key: DPoP (RFC 9449), docs/protocols/device.md section 2.

Pure: the caller keeps which `jti` was seen and finds the device by the thumbprint. What a proof
does not show: that the person who holds the phone is its owner.
"""

import hmac
import re
from dataclasses import dataclass
from hashlib import sha256
from time import time
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric import ec

from betang.core import jose
from betang.core.device.report import Report, read_report
from betang.core.errors import RefusedError

TYP = "dpop+jwt"
#: A proof is some 600 bytes; ten times that is no proof.
PROOF_BYTES_MAX = 4_096
#: How long a nonce is good; a batch over a 2G line takes minutes (settled.md).
NONCE_SECONDS = 600
_JTI = re.compile(r"[!-~]{16,64}")
_MAC_BYTES = 16


class ProofError(RefusedError):
    """The request does not prove that it comes from the holder of the key."""

    code = "proof.malformed"
    sentence = "Bukti kunci gawai tidak dapat dibaca."
    do = "Perbarui aplikasi di gawai ini, lalu coba lagi."
    status = 401


class ProofMissingError(ProofError):
    """There is no `DPoP` header."""

    code = "proof.missing"
    sentence = "Permintaan ini tidak disertai bukti kunci gawai."


class ProofSignatureError(ProofError):
    """The proof is not signed by the key that it names."""

    code = "proof.signature"
    sentence = "Tanda tangan bukti kunci gawai tidak benar."


class UseNonceError(ProofError):
    """The nonce is missing, too old or not ours: take the one of this answer."""

    code = "proof.use_nonce"
    sentence = "Sesi dengan server sudah lewat."
    do = "Aplikasi akan mencoba lagi dengan sesi yang baru."


class WrongRequestError(ProofError):
    """The proof was made for another request or another body."""

    code = "proof.wrong_request"
    sentence = "Bukti kunci gawai dibuat untuk permintaan lain."


class ReplayedError(ProofError):
    """The proof was used before."""

    code = "proof.replayed"
    sentence = "Bukti kunci gawai ini sudah pernah dipakai."
    do = "Aplikasi akan mencoba lagi dengan bukti yang baru."


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that holds: whose key, which one-time number, what the device said of itself."""

    thumbprint: bytes
    jwk: dict[str, str]
    jti: str
    device_clock: int | None
    report: Report | None = None


def new_nonce(secret: bytes, *, now: float | None = None) -> str:
    """Make a nonce that needs no memory: the time and a MAC over it."""
    stamp = int(now if now is not None else time()).to_bytes(5, "big")
    return jose.to_b64u(stamp + _mac(secret, stamp))


def nonce_is_good(secret: bytes, nonce: object, *, now: float | None = None) -> bool:
    """Say whether we gave `nonce` within the last ten minutes."""
    if not isinstance(nonce, str) or len(nonce) > 64:
        return False
    try:
        raw = jose.from_b64u(nonce)
    except ValueError:
        return False
    stamp, mac = raw[:5], raw[5:]
    if not hmac.compare_digest(mac, _mac(secret, stamp)):
        return False
    age = (now if now is not None else time()) - int.from_bytes(stamp, "big")
    return -5 <= age <= NONCE_SECONDS


def check(
    header: str | None,
    *,
    method: str,
    url: str,
    body: bytes,
    nonce_secret: bytes,
    now: float | None = None,
) -> Proof:
    """Check a `DPoP` header against the request; raises a `ProofError`.

    `url` is origin and path as configured, never what the request says of itself.
    """
    if not header:
        raise ProofMissingError
    parts, claims, jwk, key = _read(header)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not _JTI.fullmatch(jti):
        raise ProofError
    if not jose.signed_by(key, parts):
        raise ProofSignatureError
    if not nonce_is_good(nonce_secret, claims.get("nonce"), now=now):
        raise UseNonceError
    if claims.get("htm") != method or claims.get("htu") != url:
        raise WrongRequestError
    if body and claims.get("body_sha256") != sha256(body).hexdigest():
        raise WrongRequestError
    clock = claims.get("iat")
    told = read_report(claims.get("report"))
    return Proof(jose.thumbprint(jwk), jwk, jti, clock if isinstance(clock, int) else None, told)


def _read(
    header: str,
) -> tuple[jose.Parts, dict[str, Any], dict[str, str], ec.EllipticCurvePublicKey]:
    """Take a proof apart: parts, claims, its key as a plain JWK and as an object."""
    if len(header) > PROOF_BYTES_MAX:
        raise ProofError
    try:
        parts = jose.split(header)
        claims = orjson.loads(parts.payload)
        key = jose.key_of(parts.header.get("jwk"))
    except ValueError:
        raise ProofError from None
    if parts.header.get("typ") != TYP or parts.header.get("alg") != "ES256":
        raise ProofError
    if not isinstance(claims, dict):
        raise ProofError
    return parts, claims, jose.jwk_of(key), key


def _mac(secret: bytes, stamp: bytes) -> bytes:
    return hmac.digest(secret, b"betang/dpop-nonce/1" + stamp, "sha256")[:_MAC_BYTES]
