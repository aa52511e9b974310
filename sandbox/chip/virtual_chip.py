"""One chip: ISO 7816-4 commands in, an NDEF file whose URL changes with every reading out.

After NXP NT4H2421Gx (NTAG 424 DNA) data sheet rev 3.0, sections 8.2 (files) and 9.3 (SDM), as far
as a reader without keys can see it. A real chip has not been compared with it yet.
"""

from dataclasses import dataclass, field

from betang.core.card.chip import (
    COUNTER_MAX,
    K2_FILE_READ,
    UID_BYTES,
    Tap,
    card_key,
    read_tap_url,
    sun_mac,
    tap_url,
)

NDEF_APPLICATION = bytes.fromhex("D2760000850101")
CC_FILE, NDEF_FILE = 0xE103, 0xE104
#: The capability container as delivered: version 2.0, the NDEF file, the proprietary file.
CAPABILITIES = bytes.fromhex("001720010000FF0406E104010000000506E10500808283")
NDEF_SIZE = 256

OK = b"\x90\x00"
WRONG_LENGTH = b"\x67\x00"
NOTHING_SELECTED = b"\x69\x86"
NO_FILE = b"\x6a\x82"
WRONG_OFFSET = b"\x6b\x00"
NO_INSTRUCTION = b"\x6d\x00"
NO_CLASS = b"\x6e\x00"

_SELECT, _READ_BINARY = 0xA4, 0xB0
_BY_NAME, _BY_FILE = 0x04, 0x00
#: NDEF record: first and last, short, well-known type U, and "https://" as its prefix byte.
_URI_HEAD, _HTTPS = b"\xd1\x01", b"U\x04"


@dataclass
class VirtualChip:
    """A chip with its key, its counter and the file that is selected now."""

    uid: bytes
    file_read_key: bytes = field(repr=False)
    host: str
    counter: int = 0
    _selected: bytes | None = field(default=None, repr=False)
    _application: bool = field(default=False, repr=False)

    @classmethod
    def of(cls, uid: bytes, *, master: bytes, host: str, version: int = 1) -> "VirtualChip":
        """Make the chip as the personalisation would leave it: K2 diversified from `master`."""
        assert len(uid) == UID_BYTES, "an NTAG 424 has a UID of seven bytes"
        key = card_key(master, uid, key_number=K2_FILE_READ, version=version)
        return cls(uid, key, host)

    def reset(self) -> None:
        """Take the chip out of the field: nothing is selected any more."""
        self._selected, self._application = None, False

    def answer(self, command: bytes) -> bytes:
        """Answer one command APDU; whatever comes in, two status bytes come out."""
        if len(command) < 4:
            return WRONG_LENGTH
        if command[0] != 0x00:
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
        for command in (
            bytes([0, _SELECT, _BY_NAME, 0, len(NDEF_APPLICATION), *NDEF_APPLICATION, 0]),
            bytes([0, _SELECT, _BY_FILE, 0x0C, 2, *NDEF_FILE.to_bytes(2, "big")]),
        ):
            assert self.answer(command) == OK
        length = int.from_bytes(self.answer(bytes([0, _READ_BINARY, 0, 0, 2]))[:2], "big")
        record = self.answer(bytes([0, _READ_BINARY, 0, 2, length]))[:-2]
        return "https://" + record[5:].decode()

    def _select(self, command: bytes) -> bytes:
        if len(command) < 5 or len(command) < 5 + command[4]:
            return WRONG_LENGTH
        name = command[5 : 5 + command[4]]
        if command[2] == _BY_NAME:
            self._application, self._selected = name == NDEF_APPLICATION, None
            return OK if self._application else NO_FILE
        if command[2] != _BY_FILE or len(name) != 2 or not self._application:
            return NO_FILE
        file = int.from_bytes(name, "big")
        if file not in {CC_FILE, NDEF_FILE}:
            return NO_FILE
        self._selected = CAPABILITIES if file == CC_FILE else b""
        return OK

    def _read(self, command: bytes) -> bytes:
        if len(command) != 5:
            return WRONG_LENGTH
        if self._selected is None:
            return NOTHING_SELECTED
        if self._selected == b"":
            # The first reading after the file was selected counts; going on reading does not.
            self._selected = self._ndef()
        offset, wanted = int.from_bytes(command[2:4], "big"), command[4] or 256
        if offset >= len(self._selected):
            return WRONG_OFFSET
        return self._selected[offset : offset + wanted] + OK

    def _ndef(self) -> bytes:
        """Raise the counter, and mirror UID, counter and MAC into the file."""
        self.counter = min(self.counter + 1, COUNTER_MAX)
        mac = sun_mac(self.file_read_key, self.uid, self.counter)
        return _ndef_file(tap_url(self.host, Tap(self.uid, self.counter, mac)))


@dataclass
class CopiedChip(VirtualChip):
    """What a thief makes: a cheap tag with one URL written into it, harvested from a real card."""

    url: str = ""

    @classmethod
    def harvested(cls, victim: VirtualChip) -> "CopiedChip":
        """Read a card once, as any phone in passing can, and copy what it said."""
        return cls(victim.uid, bytes(16), victim.host, url=victim.read_url())

    def _ndef(self) -> bytes:
        return _ndef_file(self.url)


def _ndef_file(url: str) -> bytes:
    """Put a URL into an NDEF file of the chip's size."""
    payload = _HTTPS + url.removeprefix("https://").encode()
    record = _URI_HEAD + bytes([len(payload) - 1]) + payload
    return (len(record).to_bytes(2, "big") + record).ljust(NDEF_SIZE, b"\0")
