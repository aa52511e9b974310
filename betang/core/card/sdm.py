"""What a chip may mirror encrypted: UID and counter (PICCData), and a part of its file.

Our cards mirror both in plain (`chip.py`), so that a phone needs no key; this reads the other form,
for chips that came from elsewhere. Sources: NT4H2421Gx data sheet section 9.3.4 (PICCData) and
9.3.6 (encrypted file data); AN12196 rev 2.0 sections 3.3, 3.4. Cases: `vectors/chip.json`.
"""

from dataclasses import dataclass

from betang.core.card.chip import UID_BYTES
from betang.core.card.ev2 import MessagingError, cbc, uncbc
from betang.core.crypto.cmac import aes_cmac

_SV1 = bytes.fromhex("C33C00010080")
#: PICCDataTag: UID mirrored, counter mirrored, length of the UID.
_HAS_UID, _HAS_COUNTER, _UID_LENGTH = 0x80, 0x40, 0x0F


@dataclass(frozen=True, slots=True)
class PiccData:
    """Who a chip says it is, and at which reading."""

    uid: bytes
    counter: int


def read_picc_data(meta_read_key: bytes, encrypted: bytes) -> PiccData:
    """Decrypt the mirrored UID and counter. Raises `MessagingError` where they are not both there.

    The encryption has no MAC of its own: only the SDMMAC over it proves anything.
    """
    plain = uncbc(meta_read_key, encrypted)
    if len(plain) != 16 or plain[0] != _HAS_UID | _HAS_COUNTER | UID_BYTES:
        raise MessagingError("not the UID and the counter of a chip")
    counter = int.from_bytes(plain[1 + UID_BYTES : 4 + UID_BYTES], "little")
    return PiccData(plain[1 : 1 + UID_BYTES], counter)


def file_encryption_key(file_read_key: bytes, picc: PiccData) -> bytes:
    """Derive the key of one reading's encrypted file data."""
    return aes_cmac(file_read_key, _SV1 + picc.uid + picc.counter.to_bytes(3, "little"))


def read_file_data(file_read_key: bytes, picc: PiccData, encrypted: bytes) -> bytes:
    """Decrypt the part of the file that the chip mirrors encrypted."""
    key = file_encryption_key(file_read_key, picc)
    iv = cbc(key, picc.counter.to_bytes(3, "little").ljust(16, b"\0"))
    return uncbc(key, encrypted, iv)
