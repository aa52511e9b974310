"""The public key of a card's chip inside the signed QR: the claim `cnf` (RFC 8747 section 3.1).

Normative: `docs/protocols/card.md`, section 2; cases: `vectors/qr_cnf.json`. It binds the chip to
the QR: whoever signed the card says which chip belongs in it. The key is a COSE_Key of exactly four
parameters (RFC 9052 section 7; RFC 9053 section 7.1.1), its y told by a sign alone: that saves 33
bytes of 78, and two codes for one key would be one too many.
"""

from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from betang.core.card.cbor import Truth
from betang.core.crypto.signing import SCALAR_BYTES, dump_public_key, load_public_key

COSE_KEY: Final = 1
KTY, CRV, X, Y = 1, -1, -2, -3
EC2, P256 = 2, 1


class NotAChipKeyError(ValueError):
    """The COSE_Key is not a P-256 point in the one form that we write."""


def write_confirmation(point: bytes) -> dict[int, object]:
    """Give the value of `cnf` for an uncompressed point; raises `ValueError` off the curve."""
    load_public_key(point)
    x, y = point[1 : 1 + SCALAR_BYTES], point[1 + SCALAR_BYTES :]
    return {COSE_KEY: {KTY: EC2, CRV: P256, X: x, Y: bool(y[-1] & 1)}}


def read_confirmation(value: object) -> bytes | None:
    """Read the value of a verified `cnf`: the uncompressed point, None where it holds no COSE_Key.

    Other ways of confirmation are passed over, as are claims that are not ours. A COSE_Key in any
    other form than ours is not: raises `NotAChipKeyError`.
    """
    match value:
        case {1: dict(key)}:
            pass
        case _:
            return None
    match key:
        case {1: 2, -1: 1, -2: bytes(x), -3: Truth() as odd} if len(key) == 4:
            return _point(x, odd=odd is Truth.TRUE)
        case _:
            raise NotAChipKeyError


def _point(x: bytes, *, odd: bool) -> bytes:
    """Find the point of the curve with this x (SEC 1 section 2.3.4)."""
    if len(x) != SCALAR_BYTES:
        raise NotAChipKeyError
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes([2 + odd]) + x)
    except ValueError:
        raise NotAChipKeyError from None
    return dump_public_key(key)
