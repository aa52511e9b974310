"""What a virtual chip keeps without power: its files with their settings, and its keys.

Factory state after NT4H2421Gx data sheet rev 3.0 section 8.2 (files, access rights, keys).
"""

from dataclasses import dataclass, field

from betang.core.card.chip import sun_mac
from betang.core.card.chip_commands import CC_FILE, DATA_FILE, FACTORY_KEY, NDEF_FILE
from betang.core.card.ev2 import CommMode, cbc
from betang.core.card.file_settings import FREE, FileSettings, Mirroring, Rights
from betang.core.card.sdm import PiccData, file_encryption_key

#: The capability container as delivered: version 2.0, the NDEF file, the proprietary file.
CAPABILITIES = bytes.fromhex("001720010000FF0406E104010000000506E10500808283")
NDEF_SIZE = 256
#: Failed authentications in a row after which the chip answers with a delay, and in all, after
#: which the key is dead (section 9.1.5; figures of AN12196 section 6.4).
FAILS_IN_A_ROW, FAILS_IN_ALL = 50, 1_000


@dataclass
class File:
    """One file: its settings and its bytes."""

    settings: FileSettings
    data: bytearray


@dataclass
class Key:
    """One key, its version, and how often its authentication failed."""

    value: bytes = field(default=FACTORY_KEY, repr=False)
    version: int = 0
    fails: int = 0
    fails_in_all: int = 0

    def failed(self) -> None:
        """Count a failed authentication."""
        self.fails += 1
        self.fails_in_all += 1


def factory_files() -> dict[int, File]:
    """Give the three files as delivered."""
    plain, full = CommMode.PLAIN, CommMode.FULL
    return {
        CC_FILE: File(
            FileSettings(plain, Rights(FREE, 0, 0, 0), size=32),
            bytearray(CAPABILITIES.ljust(32, b"\0")),
        ),
        NDEF_FILE: File(
            FileSettings(plain, Rights(FREE, FREE, FREE, 0), size=NDEF_SIZE), bytearray(NDEF_SIZE)
        ),
        DATA_FILE: File(FileSettings(full, Rights(2, 3, 3, 0), size=128), bytearray(128)),
    }


def mirrored(file: File, keys: list[Key], uid: bytes, counter: int) -> bytes:
    """Give the file as a free reading shows it: UID, counter and MAC in place (section 9.3)."""
    how, data = file.settings.mirroring, bytearray(file.data)
    if how is None:
        return bytes(data)
    for offset, text in _plain(how, uid, counter):
        if offset is not None:
            data[offset : offset + len(text)] = text
    if how.picc_offset is not None:
        head = bytes([0xC7]) + uid + counter.to_bytes(3, "little")
        _put(data, how.picc_offset, cbc(keys[how.meta_read].value, head.ljust(16, b"\0")))
    if how.mac_offset is None or how.mac_input_offset is None:
        return bytes(data)
    key = keys[how.file_read].value if how.file_read < len(keys) else FACTORY_KEY
    if how.encrypted is not None:
        start, size = how.encrypted
        session = file_encryption_key(key, PiccData(uid, counter))
        iv = cbc(session, counter.to_bytes(3, "little").ljust(16, b"\0"))
        _put(data, start, cbc(session, bytes(file.data[start : start + size // 2]), iv))
    said = bytes(data[how.mac_input_offset : how.mac_offset])
    _put(data, how.mac_offset, sun_mac(key, uid, counter, said))
    return bytes(data)


def _plain(how: Mirroring, uid: bytes, counter: int) -> list[tuple[int | None, bytes]]:
    return [
        (how.uid_offset, uid.hex().upper().encode()),
        (how.counter_offset, counter.to_bytes(3, "big").hex().upper().encode()),
    ]


def _put(data: bytearray, offset: int, value: bytes) -> None:
    text = value.hex().upper().encode()
    data[offset : offset + len(text)] = text
