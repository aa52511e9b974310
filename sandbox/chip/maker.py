"""The maker of the virtual chips: signs their UIDs with a key of its own, since NXP's is secret."""

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from betang.core.card.originality import sign_uid


class Maker:
    """One maker of chips; two of them distrust each other's chips."""

    def __init__(self) -> None:
        """Make a new key, which lives as long as the process."""
        self._key = ec.generate_private_key(ec.SECP224R1())

    @property
    def point(self) -> bytes:
        """Give the public key, as whoever verifies its chips is told."""
        return self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def sign(self, uid: bytes) -> bytes:
        """Give the originality signature of a chip."""
        return sign_uid(self._key, uid)
