"""ES256 signatures as r || s (64 bytes), and P-256 keys as 65-byte uncompressed points.

Source: RFC 7518 section 3.4 (JWS), RFC 9053 section 2.1 (COSE), SEC 1 section 2.3.3 (points).
ECDSA is randomised and malleable: a signature says who signed a message, it never names a message.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SIGNATURE_BYTES = 64
POINT_BYTES = 65
SCALAR_BYTES = 32

_ES256 = ec.ECDSA(SHA256())
_P256 = ec.SECP256R1()

PrivateKey = ec.EllipticCurvePrivateKey
PublicKey = ec.EllipticCurvePublicKey


def new_private_key() -> PrivateKey:
    """Make a random P-256 key."""
    return ec.generate_private_key(_P256)


def load_private_key(scalar: bytes) -> PrivateKey:
    """Make a P-256 private key of its 32-byte big-endian scalar; raises `ValueError` for others."""
    if len(scalar) != SCALAR_BYTES:
        raise ValueError("a P-256 scalar has 32 bytes")
    return ec.derive_private_key(int.from_bytes(scalar, "big"), _P256)


def dump_private_key(key: PrivateKey) -> bytes:
    """Give the 32-byte big-endian scalar of `key`."""
    return key.private_numbers().private_value.to_bytes(SCALAR_BYTES, "big")


def load_public_key(point: bytes) -> PublicKey:
    """Make a public key of an uncompressed point; raises `ValueError` off the curve."""
    if len(point) != POINT_BYTES or point[0] != 4:
        raise ValueError("a P-256 public key is an uncompressed point of 65 bytes")
    return ec.EllipticCurvePublicKey.from_encoded_point(_P256, point)


def dump_public_key(key: PublicKey) -> bytes:
    """Give the uncompressed point (65 bytes, first 0x04) of `key`."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def sign(key: PrivateKey, message: bytes) -> bytes:
    """Sign `message` with ES256 and give r || s."""
    der = key.sign(message, _ES256)
    # Two DER integers in a sequence, all lengths of one byte (X.690 section 8.1.3.4): each has up
    # to 33 bytes, a zero in front where the first bit is set. Taken as they lie, without numbers.
    middle = 4 + der[3]
    r, s = der[4:middle], der[middle + 2 :]
    return r[-SCALAR_BYTES:].rjust(SCALAR_BYTES, b"\0") + s[-SCALAR_BYTES:].rjust(
        SCALAR_BYTES, b"\0"
    )


def verifies(key: PublicKey, message: bytes, signature: bytes) -> bool:
    """Say whether `signature` (r || s) is `key`'s over `message`.

    Any other length is false. It does not prove when the message was signed, nor that the key was
    allowed to sign it: purpose and validity are the ring's.
    """
    if len(signature) != SIGNATURE_BYTES:
        return False
    der = encode_dss_signature(
        int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    )
    try:
        key.verify(der, message, _ES256)
    except InvalidSignature:
        return False
    return True
