"""One chip: ISO 7816-4 and native commands in, an NDEF file whose URL changes with every reading.

After NXP NT4H2421Gx (NTAG 424 DNA) data sheet rev 3.0, sections 8.2 (files), 9.3 (SDM) and 10. A
real chip has not been compared with it yet.
"""

from dataclasses import replace
from typing import Any

from betang.core.card.card_file import card_file, card_settings, ndef_file, read_url
from betang.core.card.chip import K2_FILE_READ, UID_BYTES, Tap, card_key, read_tap_url
from betang.core.card.chip_commands import (
    CC_FILE,
    CC_FILE_ID,
    DATA_FILE,
    DATA_FILE_ID,
    NDEF_APPLICATION,
    NDEF_FILE,
    NDEF_FILE_ID,
    Conversation,
)
from betang.core.card.file_settings import FREE
from sandbox.chip.memory import CAPABILITIES, NDEF_SIZE, Key
from sandbox.chip.native import NativeChip

__all__ = ["CAPABILITIES", "NDEF_APPLICATION", "CopiedChip", "VirtualChip"]

OK = b"\x90\x00"
WRONG_LENGTH = b"\x67\x00"
NOT_ALLOWED = b"\x69\x82"
NOTHING_SELECTED = b"\x69\x86"
NO_FILE = b"\x6a\x82"
WRONG_OFFSET = b"\x6b\x00"
NO_INSTRUCTION = b"\x6d\x00"
NO_CLASS = b"\x6e\x00"

_SELECT, _READ_BINARY = 0xA4, 0xB0
_BY_NAME, _BY_FILE = 0x04, 0x00
_ISO, _NATIVE = 0x00, 0x90
_FILES = {CC_FILE_ID: CC_FILE, NDEF_FILE_ID: NDEF_FILE, DATA_FILE_ID: DATA_FILE}
#: The capability container is read for its own length, not that of its file.
_READABLE = {CC_FILE: len(CAPABILITIES)}


class VirtualChip(NativeChip):
    """A chip as delivered; with `file_read_key` one whose file mirrors taps as our cards' does."""

    def __init__(
        self, uid: bytes, file_read_key: bytes | None = None, host: str = "", **memory: Any
    ) -> None:
        """Make a chip; `memory` is whatever else `NativeChip` keeps."""
        assert len(uid) == UID_BYTES, "an NTAG 424 has a UID of seven bytes"
        super().__init__(uid, **memory)
        self.host = host
        self._selected: int | None = None
        if file_read_key is not None:
            self.keys[K2_FILE_READ] = Key(file_read_key, 1)
            file = self.files[NDEF_FILE]
            content = card_file(host)
            file.data[: len(content)] = content
            file.settings = replace(card_settings(host), size=NDEF_SIZE)

    @classmethod
    def of(cls, uid: bytes, *, master: bytes, host: str, version: int = 1) -> "VirtualChip":
        """Make the chip as the personalisation leaves it: its keys diversified from `master`."""
        keys = [card_key(master, uid, key_number=number, version=version) for number in range(5)]
        chip = cls(uid, keys[K2_FILE_READ], host)
        chip.keys = [Key(key, version) for key in keys]
        return chip

    @property
    def file_read_key(self) -> bytes:
        """Give K2, with which the chip makes its taps."""
        return self.keys[K2_FILE_READ].value

    def reset(self) -> None:
        """Take the chip out of the field: nothing is selected any more."""
        self.forget()
        self._selected = None

    def answer(self, command: bytes) -> bytes:
        """Answer one command APDU; whatever comes in, two status bytes come out."""
        if len(command) < 4:
            return WRONG_LENGTH
        if command[0] == _NATIVE:
            return self.native(command)
        if command[0] != _ISO:
            return NO_CLASS
        if command[1] == _SELECT:
            return self._select(command)
        if command[1] == _READ_BINARY:
            return self._read(command)
        return NO_INSTRUCTION

    def tap(self) -> Tap:
        """Read the chip as a phone does, by its commands, and give what its URL says."""
        tap = read_tap_url(self.read_url(), host=self.host)
        assert tap is not None
        return tap

    def read_url(self) -> str:
        """Read the NDEF file by commands and give its URL."""
        self.reset()
        url = read_url(Conversation(self.answer).read_ndef())
        assert url is not None, "no URL on this chip"
        return url

    def _select(self, command: bytes) -> bytes:
        if len(command) < 5 or len(command) < 5 + command[4]:
            return WRONG_LENGTH
        name = command[5 : 5 + command[4]]
        if command[2] == _BY_NAME:
            self.reset()
            self._application = name == NDEF_APPLICATION
            return OK if self._application else NO_FILE
        if command[2] != _BY_FILE or len(name) != 2 or not self._application:
            return NO_FILE
        file = _FILES.get(int.from_bytes(name, "big"))
        if file is None:
            return NO_FILE
        self._selected, self._counted = file, False
        return OK

    def _read(self, command: bytes) -> bytes:
        if len(command) != 5:
            return WRONG_LENGTH
        if self._selected is None:
            return NOTHING_SELECTED
        file = self.files[self._selected]
        if FREE not in {file.settings.rights.read, file.settings.rights.read_write}:
            return NOT_ALLOWED
        content = self._ndef() if self._selected == NDEF_FILE else bytes(file.data)
        content = content[: _READABLE.get(self._selected)]
        offset, wanted = int.from_bytes(command[2:4], "big"), command[4] or 256
        if offset >= len(content):
            return WRONG_OFFSET
        return content[offset : offset + wanted] + OK

    def _ndef(self) -> bytes:
        """Give the file as mirrored; the first reading after it was selected counts."""
        return self._shown(self.files[NDEF_FILE])


class CopiedChip(VirtualChip):
    """What a thief makes: a cheap tag with one URL written into it, harvested from a real card."""

    def __init__(self, uid: bytes, host: str, url: str) -> None:
        """Write `url` into a tag that says it is `uid`."""
        super().__init__(uid, host=host)
        self.url = url

    @classmethod
    def harvested(cls, victim: VirtualChip) -> "CopiedChip":
        """Read a card once, as any phone in passing can, and copy what it said."""
        return cls(victim.uid, victim.host, victim.read_url())

    def _ndef(self) -> bytes:
        return ndef_file(self.url).ljust(NDEF_SIZE, b"\0")
