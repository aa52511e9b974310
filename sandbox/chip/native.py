"""The native commands of a virtual chip: version, signature, authentication, files, keys.

After NT4H2421Gx data sheet rev 3.0 sections 9.1 and 10. A real chip has not been compared with it.
"""

import secrets
from dataclasses import dataclass, field, replace

from betang.core.card import chip_commands as cc
from betang.core.card.ev2 import (
    AUTHENTICATE,
    MORE,
    CommMode,
    MessagingError,
    Session,
    cbc,
    rotated,
    session_keys,
    uncbc,
)
from betang.core.card.file_settings import FREE, NEVER, FileSettings, SettingsError
from sandbox.chip.maker import Maker
from sandbox.chip.memory import FAILS_IN_A_ROW, FAILS_IN_ALL, File, Key, factory_files, mirrored

#: Bytes of each command that come before its data (data sheet section 10).
_HEADS = {
    cc.GET_UID: 0, cc.GET_KEY_VERSION: 1, cc.GET_FILE_SETTINGS: 1, cc.CHANGE_FILE_SETTINGS: 1,
    cc.CHANGE_KEY: 1, cc.READ_DATA: 7, cc.WRITE_DATA: 7,
}  # fmt: skip


class Refused(Exception):  # noqa: N818 an answer of the chip, not an error of ours
    """The command ends with this status, and with it the session."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status:02X}")
        self.status = status


@dataclass
class NativeChip:
    """A chip's memory and what it knows as long as it has power."""

    uid: bytes
    maker: Maker | None = field(default=None, repr=False)
    keys: list[Key] = field(default_factory=lambda: [Key() for _ in range(5)], repr=False)
    files: dict[int, File] = field(default_factory=factory_files, repr=False)
    counter: int = 0
    #: Hardware and software version as GetVersion tells them (data sheet section 10.5.2).
    hardware: bytes = bytes.fromhex("04040230001105")
    software: bytes = bytes.fromhex("04040201021105")
    #: With a random UID the true one is told inside a session only.
    random_uid: bool = False
    _session: Session | None = field(default=None, repr=False)
    _key: int = field(default=0, repr=False)
    _challenge: tuple[int, bytes] | None = field(default=None, repr=False)
    _frames: list[bytes] = field(default_factory=list, repr=False)
    _application: bool = field(default=False, repr=False)
    _counted: bool = field(default=False, repr=False)

    def native(self, command: bytes) -> bytes:
        """Answer a native command; an error ends the session."""
        try:
            answer, status = self._native(command)
        except Refused as refused:
            self._session, self._challenge, self._frames = None, None, []
            answer, status = b"", refused.status
        except (MessagingError, SettingsError) as error:
            self._session = None
            wrong = isinstance(error, MessagingError)
            answer, status = b"", cc.INTEGRITY_ERROR if wrong else cc.PARAMETER_ERROR
        return answer + bytes([0x91, status])

    def forget(self) -> None:
        """Lose power: the session and everything half done are gone."""
        self._session = self._challenge = None
        self._frames, self._application, self._counted = [], False, False

    def _native(self, command: bytes) -> tuple[bytes, int]:
        code, body = command[1], command[5:-1]
        if command[2:4] != b"\0\0":
            raise Refused(cc.PARAMETER_ERROR)
        if len(command) < 5 or command[-1] != 0 or (len(command) > 5 and command[4] != len(body)):
            raise Refused(cc.LENGTH_ERROR)
        if code == MORE:
            return self._more(body)
        self._challenge, self._frames = None, []
        if code == cc.GET_VERSION:
            self._frames = [self.software, self._production()]
            return self.hardware, cc.MORE_FRAMES
        if code == cc.READ_SIGNATURE:
            return self._signature(), cc.SIGNATURE_OK
        if not self._application:
            raise Refused(cc.PERMISSION_DENIED)
        if code == AUTHENTICATE:
            return self._begin(body), cc.MORE_FRAMES
        if code not in _HEADS:
            raise Refused(cc.ILLEGAL_COMMAND)
        return self._command(code, body), cc.OK

    def _more(self, body: bytes) -> tuple[bytes, int]:
        if self._challenge is not None:
            return self._prove(body), cc.OK
        if not self._frames:
            raise Refused(cc.COMMAND_ABORTED)
        frame = self._frames.pop(0)
        return frame, cc.MORE_FRAMES if self._frames else cc.OK

    def _production(self) -> bytes:
        told = bytes(7) if self.random_uid else self.uid
        return told + bytes.fromhex("CF39D449800520")[:7]

    def _signature(self) -> bytes:
        return self.maker.sign(self.uid) if self.maker else bytes(56)

    def _begin(self, body: bytes) -> bytes:
        if len(body) < 2:
            raise Refused(cc.LENGTH_ERROR)
        if body[0] >= len(self.keys):
            raise Refused(cc.NO_SUCH_KEY)
        key = self.keys[body[0]]
        if key.fails_in_all >= FAILS_IN_ALL:
            raise Refused(cc.AUTHENTICATION_ERROR)
        if key.fails >= FAILS_IN_A_ROW:
            key.fails -= 1  # the time that it lets pass
            raise Refused(cc.AUTHENTICATION_DELAY)
        self._session = None
        challenge = secrets.token_bytes(16)
        self._challenge = body[0], challenge
        return cbc(key.value, challenge)

    def _prove(self, body: bytes) -> bytes:
        assert self._challenge is not None
        (number, challenge), self._challenge = self._challenge, None
        key = self.keys[number]
        if len(body) != 32:
            raise Refused(cc.LENGTH_ERROR)
        said = uncbc(key.value, body)
        if said[16:] != rotated(challenge):
            key.failed()
            raise Refused(cc.AUTHENTICATION_ERROR)
        key.fails = 0
        transaction = secrets.token_bytes(4)
        self._session = Session(*session_keys(key.value, said[:16], challenge), transaction)
        self._key = number
        return cbc(key.value, transaction + rotated(said[:16]) + bytes(12))

    def _command(self, code: int, body: bytes) -> bytes:
        head = body[: _HEADS[code]]
        if len(head) != _HEADS[code]:
            raise Refused(cc.LENGTH_ERROR)
        mode = self._mode(code, head)
        data = body[len(head) :]
        if self._session is not None:
            data = self._session.unwrap_command(code, len(head), body, mode)
        answer = self._done(code, head, data)
        if self._session is None:  # none was open, or K0 was changed
            return answer
        return self._session.wrap_answer(cc.OK, answer, mode)

    def _mode(self, code: int, head: bytes) -> CommMode:
        """Say how the command travels, and refuse who may not give it."""
        if code in {cc.GET_KEY_VERSION, cc.GET_FILE_SETTINGS}:
            return CommMode.MAC
        if code in {cc.GET_UID, cc.CHANGE_KEY}:
            if self._session is None or (code == cc.CHANGE_KEY and self._key != 0):
                raise Refused(cc.AUTHENTICATION_ERROR)
            return CommMode.FULL
        settings = self._file(head[0]).settings
        rights = settings.rights
        if code == cc.CHANGE_FILE_SETTINGS:
            self._granted({rights.change})
            return CommMode.FULL
        one = rights.read if code == cc.READ_DATA else rights.write
        return settings.mode if self._granted({one, rights.read_write}) else CommMode.PLAIN

    def _granted(self, conditions: set[int]) -> bool:
        """Say whether a key grants the access; False where it is free to all. Else refuse."""
        if self._session is not None and self._key in conditions:
            return True
        if FREE in conditions:
            return False
        never = conditions <= {NEVER}
        raise Refused(cc.PERMISSION_DENIED if never else cc.AUTHENTICATION_ERROR)

    def _file(self, number: int) -> File:
        if number not in self.files:
            raise Refused(cc.FILE_NOT_FOUND)
        return self.files[number]

    def _done(self, code: int, head: bytes, data: bytes) -> bytes:
        if code == cc.GET_UID:
            return self.uid
        if code == cc.GET_KEY_VERSION:
            return bytes([self._numbered(head[0]).version])
        if code == cc.CHANGE_KEY:
            return self._change_key(head[0], data)
        file = self._file(head[0])
        if code == cc.GET_FILE_SETTINGS:
            return file.settings.told()
        if code == cc.CHANGE_FILE_SETTINGS:
            changed = FileSettings.of_change(data, size=file.settings.size)
            if changed.mirroring is not None and head[0] != cc.NDEF_FILE:
                raise Refused(cc.PARAMETER_ERROR)
            file.settings, self.counter = replace(changed), 0
            return b""
        return self._move(code, file, head, data)

    def _numbered(self, number: int) -> Key:
        if number >= len(self.keys):
            raise Refused(cc.NO_SUCH_KEY)
        return self.keys[number]

    def _change_key(self, number: int, data: bytes) -> bytes:
        key = self._numbered(number)
        if len(data) != (17 if number == 0 else 21):
            raise Refused(cc.LENGTH_ERROR)
        new, version = data[:16], data[16]
        if number != 0:
            new = bytes(a ^ b for a, b in zip(new, key.value, strict=True))
            if cc.crc32(new) != data[17:]:
                raise Refused(cc.INTEGRITY_ERROR)
        self.keys[number] = Key(new, version)
        if number == 0:
            self._session = None
        return b""

    def _move(self, code: int, file: File, head: bytes, data: bytes) -> bytes:
        offset, size = (int.from_bytes(head[at : at + 3], "little") for at in (1, 4))
        size = size or len(file.data) - offset
        if offset + size > len(file.data) or size < 0:
            raise Refused(cc.BOUNDARY_ERROR)
        if code == cc.READ_DATA:
            free = self._session is None and file.settings.mirroring is not None
            return (self._shown(file) if free else bytes(file.data))[offset : offset + size]
        if len(data) != size:
            raise Refused(cc.LENGTH_ERROR)
        file.data[offset : offset + size] = data
        return b""

    def _shown(self, file: File) -> bytes:
        """Give the file as a free reading shows it; the first since it was selected counts."""
        if file.settings.mirroring is not None and not self._counted:
            self._counted, self.counter = True, min(self.counter + 1, 0xFFFFFF)
        return mirrored(file, self.keys, self.uid, self.counter)
