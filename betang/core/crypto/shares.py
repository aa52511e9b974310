"""Splitting a secret k of n (Shamir, 1979) over GF(256), and shares as text to be typed in again.

Each byte is the constant term of a random polynomial of degree k-1; fewer than k shares say nothing
of it. Four bytes of SHA-256 are split along, so that a wrong share is noticed when they are joined,
and each text has a checksum of its own, so that a slip of the hand is noticed at once, by whom.
The field is that of AES (x^8 + x^4 + x^3 + x + 1).
"""

import secrets
from base64 import b32decode, b32encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from hashlib import sha256
from hmac import compare_digest

CHECK_BYTES = 4
SET_BYTES = 2
CHECKSUM_BYTES = 3
SHARES_MAX = 16
_HEAD_BYTES = SET_BYTES + 2
#: Base32 of RFC 4648 in Crockford's letters: none of I, L, O, U.
_LETTERS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_BACK = str.maketrans("0123456789ABCDEFGHJKMNPQRSTVWXYZ", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


class WrongShareError(Exception):
    """A share is mistyped, of another secret, given twice, or too few were given."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Share:
    """One custodian's part. `of` names the splitting, so that shares of two are not mixed."""

    of: bytes
    threshold: int
    number: int
    data: bytes = field(repr=False)


def split(secret: bytes, *, threshold: int, count: int) -> list[Share]:
    """Split `secret` so that any `threshold` of `count` shares give it back."""
    if not (2 <= threshold <= count <= SHARES_MAX and secret):
        raise ValueError(f"two or more of at most {SHARES_MAX}")
    of = secrets.token_bytes(SET_BYTES)
    whole = secret + sha256(secret).digest()[:CHECK_BYTES]
    polynomials = [bytes([byte]) + secrets.token_bytes(threshold - 1) for byte in whole]
    return [
        Share(of, threshold, x, bytes(_value(polynomial, x) for polynomial in polynomials))
        for x in range(1, count + 1)
    ]


def join(shares: Sequence[Share]) -> bytes:
    """Join shares into the secret; raises `WrongShareError`."""
    if not shares or len({(one.of, one.threshold, len(one.data)) for one in shares}) != 1:
        raise WrongShareError("share.mixed")
    numbers = [one.number for one in shares]
    if len(set(numbers)) != len(numbers):
        raise WrongShareError("share.twice")
    if len(shares) < shares[0].threshold:
        raise WrongShareError("share.too_few")
    weights = [_weight(x, numbers) for x in numbers]
    whole = bytes(
        reduce(int.__xor__, (_times(w, y) for w, y in zip(weights, column, strict=True)))
        for column in zip(*(one.data for one in shares), strict=True)
    )
    secret, check = whole[:-CHECK_BYTES], whole[-CHECK_BYTES:]
    if not compare_digest(check, sha256(secret).digest()[:CHECK_BYTES]):
        raise WrongShareError("share.wrong")
    return secret


def write(share: Share) -> str:
    """Write a share as groups of four letters and digits, with a checksum."""
    body = share.of + bytes([share.threshold, share.number]) + share.data
    told = b32encode(body + sha256(body).digest()[:CHECKSUM_BYTES]).decode().rstrip("=")
    text = told.translate(_LETTERS)
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def read(text: str) -> Share:
    """Read what `write` wrote, in any case and spacing; raises `WrongShareError`."""
    typed = "".join(text.split()).replace("-", "").upper()
    typed = typed.replace("O", "0").replace("I", "1").replace("L", "1")
    if not typed or not set(typed) <= {chr(letter) for letter in _BACK}:
        raise WrongShareError("share.mistyped")
    standard = typed.translate(_BACK)
    try:
        raw = b32decode(standard + "=" * (-len(standard) % 8))
    except ValueError:
        raise WrongShareError("share.mistyped") from None
    if b32encode(raw).decode().rstrip("=") != standard:  # the last letter has bits to spare
        raise WrongShareError("share.mistyped")
    body, checksum = raw[:-CHECKSUM_BYTES], raw[-CHECKSUM_BYTES:]
    good = len(body) > _HEAD_BYTES + CHECK_BYTES
    if not good or sha256(body).digest()[:CHECKSUM_BYTES] != checksum:
        raise WrongShareError("share.mistyped")
    threshold, number = body[SET_BYTES], body[SET_BYTES + 1]
    if not (2 <= threshold <= SHARES_MAX and 1 <= number <= SHARES_MAX):
        raise WrongShareError("share.mistyped")
    return Share(body[:SET_BYTES], threshold, number, body[_HEAD_BYTES:])


def _value(polynomial: bytes, x: int) -> int:
    """Evaluate at `x` by Horner's rule; the constant term comes first."""
    value = 0
    for coefficient in reversed(polynomial):
        value = _times(value, x) ^ coefficient
    return value


def _weight(x: int, numbers: Sequence[int]) -> int:
    """Give Lagrange's weight of the share `x` at zero; minus is plus in this field."""
    top, bottom = 1, 1
    for other in numbers:
        if other != x:
            top, bottom = _times(top, other), _times(bottom, other ^ x)
    return _times(top, _inverse(bottom))


def _inverse(a: int) -> int:
    """Give a^254, which is 1/a in GF(256)."""
    power = 1
    for _ in range(254):
        power = _times(power, a)
    return power


def _times(a: int, b: int) -> int:
    product = 0
    while b:
        if b & 1:
            product ^= a
        a = (a << 1) ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product
