"""A stand-in for the maker of chips, who signs each UID; the real one's key is at NXP.

The scalar is in the open on purpose: it proves nothing but that the virtual chip came from here.
"""

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA224
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from betang.core.card.originality import SIGNATURE_BYTES, signed_bytes

_KEY = ec.derive_private_key(62, ec.SECP224R1())
#: The stand-in's public key, an uncompressed point.
MAKER = _KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def originality_signature(uid: bytes) -> bytes:
    """Sign a UID as the maker does: r || s, 56 bytes."""
    r, s = decode_dss_signature(_KEY.sign(signed_bytes(uid), ec.ECDSA(Prehashed(SHA224()))))
    half = SIGNATURE_BYTES // 2
    return r.to_bytes(half, "big") + s.to_bytes(half, "big")
