"""The maker's signature over a chip's UID, which says that the maker made this chip.

ECDSA on secp224r1 over the seven bytes of the UID, without a hash, r || s of 28 bytes each. Source:
AN12196 rev 2.0 section 7.2 (asymmetric originality check, public key). Cases: `vectors/chip.json`,
the example of that note and a signature read from a chip by the Proxmark project. It can be copied
into a chip that lets its UID be chosen: it stops wrong deliveries, not a determined copier.
"""

from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA224

SIGNATURE_BYTES = 56
#: NXP's public key for the NTAG 424 DNA, an uncompressed point (AN12196 section 7.2).
NXP_POINT = bytes.fromhex(
    "048A9B380AF2EE1B98DC417FECC263F8449C7625CECE82D9B916C992DA"
    "209D68422B81EC20B65A66B5102A61596AF3379200599316A00A1410"
)

_SCALAR = SIGNATURE_BYTES // 2
_CURVE = ec.SECP224R1()
#: No hash at all: the UID, with zeros before it, is the number that is signed. SHA-224 only names
#: its length here.
_NO_HASH = ec.ECDSA(Prehashed(SHA224()))


def is_original(uid: bytes, signature: bytes, *, point: bytes = NXP_POINT) -> bool:
    """Say whether the maker that holds the key of `point` signed this UID."""
    if len(signature) != SIGNATURE_BYTES or len(uid) > _SCALAR:
        return False
    r, s = (int.from_bytes(part, "big") for part in (signature[:_SCALAR], signature[_SCALAR:]))
    try:
        _maker(point).verify(encode_dss_signature(r, s), _number(uid), _NO_HASH)
    except InvalidSignature:
        return False
    return True


def sign_uid(key: ec.EllipticCurvePrivateKey, uid: bytes) -> bytes:
    """Sign a UID as a maker does: for virtual chips, which have a maker's key of their own."""
    r, s = decode_dss_signature(key.sign(_number(uid), _NO_HASH))
    return r.to_bytes(_SCALAR, "big") + s.to_bytes(_SCALAR, "big")


def _number(uid: bytes) -> bytes:
    return uid.rjust(_SCALAR, b"\0")


@cache
def _maker(point: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
