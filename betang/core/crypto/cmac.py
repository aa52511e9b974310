"""AES-CMAC (RFC 4493) with AES-128 keys."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

BLOCK_BYTES = 16


def aes_cmac(key: bytes, message: bytes) -> bytes:
    """Compute the full 16-byte CMAC of `message` under `key` (RFC 4493 section 2.4)."""
    mac = CMAC(algorithms.AES(key))
    mac.update(message)
    return mac.finalize()


def subkeys(key: bytes) -> tuple[bytes, bytes]:
    """Compute K1 and K2 of `key` (RFC 4493 section 2.3), which AN10922 needs by themselves."""
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 one block, as the RFC says
    return subkeys_of(encryptor.update(bytes(BLOCK_BYTES)))


def subkeys_of(zero: bytes) -> tuple[bytes, bytes]:
    """Compute K1 and K2 of the key under which the zero block encrypts to `zero`.

    For a key in an HSM, which encrypts blocks and does not show itself.
    """
    first = _doubled(zero)
    return first, _doubled(first)


def _doubled(block: bytes) -> bytes:
    """Multiply by x in GF(2^128), as RFC 4493 does."""
    number = int.from_bytes(block, "big") << 1
    if number >> 128:
        number = (number & ((1 << 128) - 1)) ^ 0x87
    return number.to_bytes(BLOCK_BYTES, "big")
