"""The commands of an NTAG 424 DNA as one conversation over whatever carries APDUs.

Sources: NT4H2421Gx data sheet rev 3.0 section 10 (commands, status words, communication modes);
AN12196 rev 2.0 sections 5 and 6. U: no real chip has confirmed it; the vectors are NXP's.
"""

import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from betang.core.card.ev2 import (
    AUTHENTICATE,
    MORE,
    Authentication,
    CommMode,
    Session,
)
from betang.core.card.file_settings import FileSettings

NDEF_APPLICATION = bytes.fromhex("D2760000850101")
CC_FILE_ID, NDEF_FILE_ID, DATA_FILE_ID = 0xE103, 0xE104, 0xE105
CC_FILE, NDEF_FILE, DATA_FILE = 1, 2, 3
FACTORY_KEY = bytes(16)

GET_VERSION, READ_SIGNATURE, GET_UID = 0x60, 0x3C, 0x51
GET_KEY_VERSION, CHANGE_KEY = 0x64, 0xC4
GET_FILE_SETTINGS, CHANGE_FILE_SETTINGS = 0xF5, 0x5F
READ_DATA, WRITE_DATA = 0xAD, 0x8D
SELECT, READ_BINARY = 0xA4, 0xB0

#: Status words of the native commands (data sheet section 10.3), as their second byte.
OK, SIGNATURE_OK = 0x00, 0x90
ILLEGAL_COMMAND, INTEGRITY_ERROR, NO_SUCH_KEY = 0x1C, 0x1E, 0x40
LENGTH_ERROR, PERMISSION_DENIED, PARAMETER_ERROR = 0x7E, 0x9D, 0x9E
AUTHENTICATION_DELAY, AUTHENTICATION_ERROR, MORE_FRAMES = 0xAD, 0xAE, 0xAF
BOUNDARY_ERROR, COMMAND_ABORTED, FILE_NOT_FOUND = 0xBE, 0xCA, 0xF0

#: What one APDU carries beside the head of WriteData: 255, 7 of head.
WRITE_BYTES_MAX = 248

Transmit = Callable[[bytes], bytes]


class ChipRefusedError(Exception):
    """The chip answered with another status than the command ends with: its two bytes."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status:04X}")
        self.status = status

    def means(self, *codes: int) -> bool:
        """Say whether it is one of the native status codes."""
        return self.status in {0x9100 | code for code in codes}


@dataclass(frozen=True, slots=True)
class Product:
    """What GetVersion says: maker, type, subtype, version, storage size; and the UID."""

    vendor: int
    kind: int
    subtype: int
    major: int
    storage: int
    uid: bytes

    @property
    def is_ntag424(self) -> bool:
        """Say whether it is an NTAG 424 DNA (data sheet section 10.5.2): NXP, NTAG, 416 bytes.

        The TagTamper form (subtype 8) speaks the same commands.
        """
        return (self.vendor, self.kind, self.storage) == (4, 4, 0x11) and self.subtype in {2, 8}


def crc32(key: bytes) -> bytes:
    """Compute CRC32NK of ChangeKey: the CRC of IEEE 802.3 without its last inversion."""
    return (zlib.crc32(key) ^ 0xFFFFFFFF).to_bytes(4, "little")


def change_key_data(number: int, new: bytes, old: bytes, version: int) -> bytes:
    """Write the data of ChangeKey (data sheet section 10.6.1, case 1 and case 2).

    Another key than the one authenticated with: both keys' XOR, version, CRC of the new one. K0,
    with which the session was opened, comes as it is.
    """
    if number == 0:
        return new + bytes([version])
    return bytes(a ^ b for a, b in zip(new, old, strict=True)) + bytes([version]) + crc32(new)


def native(code: int, body: bytes = b"") -> bytes:
    """Wrap a native command into an APDU (data sheet section 8.4)."""
    length = bytes([len(body)]) if body else b""
    return bytes([0x90, code, 0, 0]) + length + body + b"\0"


@dataclass
class Conversation:
    """Commands to the chip in the field, and the session that is open with it."""

    transmit: Transmit = field(repr=False)
    session: Session | None = field(default=None, repr=False)
    random: Callable[[int], bytes] = field(default=secrets.token_bytes, repr=False)

    def select_application(self) -> None:
        """Select the NDEF application, which ends any session (ISOSelectFile)."""
        self.session = None
        self._iso(bytes([0, SELECT, 4, 0, len(NDEF_APPLICATION)]) + NDEF_APPLICATION + b"\0")

    def read_ndef(self) -> bytes:
        """Read the NDEF message as a phone does, without a key: this is a tap."""
        self.select_application()
        self._iso(bytes([0, SELECT, 0, 0x0C, 2]) + NDEF_FILE_ID.to_bytes(2, "big"))
        size = int.from_bytes(self._iso(bytes([0, READ_BINARY, 0, 0, 2])), "big")
        if not 0 < size <= 254:
            return b""
        return self._iso(bytes([0, READ_BINARY, 0, 2, size]))

    def version(self) -> Product:
        """Ask what the chip is (GetVersion, three frames)."""
        parts = [self._native(GET_VERSION, ends=MORE_FRAMES), self._native(MORE, ends=MORE_FRAMES)]
        last = self._native(MORE)
        if len(parts[0]) < 7 or len(last) < 7:
            raise ChipRefusedError(0x9100 | LENGTH_ERROR)
        vendor, kind, subtype, major, _, storage = parts[0][:6]
        return Product(vendor, kind, subtype, major, storage, last[:7])

    def signature(self) -> bytes:
        """Read the maker's signature over the UID (Read_Sig). Its good status is 9190."""
        return self._native(READ_SIGNATURE, b"\0", ends=SIGNATURE_OK)

    def authenticate(self, number: int, key: bytes) -> None:
        """Open a session with a key (AuthenticateEV2First).

        Raises `ChipRefusedError` (91AE where the key is another), `MessagingError`.
        """
        self.session = None
        ours = Authentication(number, key, self.random(16))
        challenge = self._native(AUTHENTICATE, ours.begin(), ends=MORE_FRAMES)
        answer = self._native(MORE, ours.prove(challenge))
        self.session = ours.finish(challenge, answer)

    def uid(self) -> bytes:
        """Ask for the UID inside the session, encrypted (GetCardUID)."""
        return self._in_session(GET_UID, mode=CommMode.FULL)

    def key_version(self, number: int) -> int:
        """Ask for the version of a key (GetKeyVersion)."""
        answer = self._in_session(GET_KEY_VERSION, bytes([number]), mode=CommMode.MAC)
        if len(answer) != 1:
            raise ChipRefusedError(0x9100 | LENGTH_ERROR)
        return answer[0]

    def file_settings(self, file: int) -> FileSettings:
        """Ask for the settings of a file. Raises `SettingsError` where they cannot be read."""
        answer = self._in_session(GET_FILE_SETTINGS, bytes([file]), mode=CommMode.MAC)
        return FileSettings.of_told(answer)

    def change_file_settings(self, file: int, settings: FileSettings) -> None:
        """Set the settings of a file (ChangeFileSettings)."""
        self._in_session(CHANGE_FILE_SETTINGS, bytes([file]), settings.change(), mode=CommMode.FULL)

    def write(self, file: int, data: bytes, *, offset: int = 0, mode: CommMode) -> None:
        """Write into a file, at most `WRITE_BYTES_MAX` bytes in plain (WriteData)."""
        self._in_session(WRITE_DATA, _where(file, offset, len(data)), data, mode=mode)

    def read(self, file: int, size: int, *, offset: int = 0, mode: CommMode) -> bytes:
        """Read from a file (ReadData); `size` 0 is all of it."""
        return self._in_session(READ_DATA, _where(file, offset, size), mode=mode)

    def change_key(self, number: int, *, new: bytes, old: bytes, version: int) -> None:
        """Change a key inside a session of K0 (ChangeKey). Changing K0 ends the session."""
        data = change_key_data(number, new, old, version)
        if number != 0:
            self._in_session(CHANGE_KEY, bytes([number]), data, mode=CommMode.FULL)
            return
        assert self.session is not None
        body = self.session.wrap_command(CHANGE_KEY, b"\0", data, CommMode.FULL)
        self._native(CHANGE_KEY, body)  # answered in plain: the key of the session is gone
        self.session = None

    def _in_session(
        self, code: int, head: bytes = b"", data: bytes = b"", *, mode: CommMode
    ) -> bytes:
        """Send a command as the session wants it; in plain where none is open."""
        if self.session is None:
            return self._native(code, head + data)
        body = self.session.wrap_command(code, head, data, mode)
        return self.session.unwrap_answer(OK, self._native(code, body), mode)

    def _native(self, code: int, body: bytes = b"", *, ends: int = OK) -> bytes:
        answer, status = _parted(self.transmit(native(code, body)))
        if status not in {0x9100 | ends, *([0x9100] if ends == SIGNATURE_OK else [])}:
            self.session = None  # the chip ends it with any error
            raise ChipRefusedError(status)
        return answer

    def _iso(self, command: bytes) -> bytes:
        answer, status = _parted(self.transmit(command))
        if status != 0x9000:
            raise ChipRefusedError(status)
        return answer


def _where(file: int, offset: int, size: int) -> bytes:
    return bytes([file]) + offset.to_bytes(3, "little") + size.to_bytes(3, "little")


def _parted(answer: bytes) -> tuple[bytes, int]:
    if len(answer) < 2:
        raise ChipRefusedError(0x6700)
    return answer[:-2], int.from_bytes(answer[-2:], "big")
