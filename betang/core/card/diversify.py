"""AN10922 for many cards at once, by whatever encrypts blocks: a key in memory or in an HSM.

One key at a time costs a cipher (or a call into the HSM) each; here the first blocks of all go
through in one call, then the second ones. CBC with a zero IV is `E(E(m1) xor m2)`, so ECB over the
blocks of all inputs is the same arithmetic. `chip.diversify` is the plain form; a test compares.
"""

from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from betang.core.card.chip import SYSTEM_ID, UID_BYTES
from betang.core.crypto.cmac import BLOCK_BYTES, subkeys_of

#: Encrypts whole blocks, each for itself (ECB), under one AES-128 master.
EncryptBlocks = Callable[[bytes], bytes]

_DIVERSIFY = b"\x01"
_PADDED_BYTES = 2 * BLOCK_BYTES


def block_cipher(key: bytes) -> EncryptBlocks:
    """Give the encryption of whole blocks under a key in memory."""
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update  # noqa: S305 blocks, as AN10922 says


def card_input(uid: bytes, *, key_number: int, version: int) -> bytes:
    """Give what key `key_number` of the card `uid` is diversified with (docs/protocols/card.md)."""
    if len(uid) != UID_BYTES:
        raise ValueError("a UID has 7 bytes")
    return uid + bytes([key_number, version]) + SYSTEM_ID


def diversify_many(encrypt: EncryptBlocks, inputs: Sequence[bytes]) -> list[bytes]:
    """Derive an AES-128 key for each of `inputs` (1 to 31 bytes each) from the key of `encrypt`."""
    if not inputs:
        return []
    whole, padded = subkeys_of(encrypt(bytes(BLOCK_BYTES)))
    messages = [_message(data) for data in inputs]
    firsts = encrypt(b"".join(message[:BLOCK_BYTES] for message, _ in messages))
    seconds = b"".join(message[BLOCK_BYTES:] for message, _ in messages)
    masks = b"".join(padded if short else whole for _, short in messages)
    keys = encrypt(_xor(_xor(firsts, seconds), masks))
    return [keys[start : start + BLOCK_BYTES] for start in range(0, len(keys), BLOCK_BYTES)]


def _message(data: bytes) -> tuple[bytes, bool]:
    """Give the 32 bytes that are encrypted, and whether they were padded."""
    if not 1 <= len(data) < _PADDED_BYTES:
        raise ValueError("AN10922 diversifies with 1 to 31 bytes")
    message = _DIVERSIFY + data
    if len(message) == _PADDED_BYTES:
        return message, False
    return (message + b"\x80").ljust(_PADDED_BYTES, b"\0"), True


def _xor(left: bytes, right: bytes) -> bytes:
    """Combine two strings of one length; as whole numbers, thousands of blocks in one step."""
    number = int.from_bytes(left, "big") ^ int.from_bytes(right, "big")
    return number.to_bytes(len(left), "big")
