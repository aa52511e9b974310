"""The settings of a chip's file: who may read, write and change it, and what it mirrors (SDM).

Source: NT4H2421Gx data sheet rev 3.0 sections 8.2.3.3 (access rights), 10.7.1 (ChangeFileSettings)
and 10.7.2 (GetFileSettings); AN12196 rev 2.0 tables 7 and 18. Numbers
are least significant byte first.
"""

from dataclasses import dataclass, replace
from typing import Final

from betang.core.card.ev2 import CommMode

#: Access conditions besides the key numbers 0 to 4.
FREE, NEVER = 0xE, 0xF

_SDM_ON, _MODE_BITS = 0x40, 0x03
_UID, _COUNTER, _LIMIT, _ENCRYPTED, _ASCII = 0x80, 0x40, 0x20, 0x10, 0x01
_STANDARD_FILE: Final = 0


class SettingsError(ValueError):
    """The bytes are not the settings of a standard file."""


@dataclass(frozen=True, slots=True)
class Rights:
    """Which key each access asks for; `FREE` or `NEVER` where it is no key."""

    read: int
    write: int
    read_write: int
    change: int

    def dump(self) -> bytes:
        """Write the two bytes, the low one first."""
        return bytes([self.read_write << 4 | self.change, self.read << 4 | self.write])

    @classmethod
    def load(cls, data: bytes) -> "Rights":
        """Read the two bytes."""
        low, high = data
        return cls(high >> 4, high & 0xF, low >> 4, low & 0xF)


@dataclass(frozen=True, slots=True)
class Mirroring:
    """What the file mirrors at a free reading, with whose key, and at which offsets.

    `encrypted` is offset and length of the file data that are mirrored encrypted.
    """

    meta_read: int
    file_read: int
    counter_read: int = NEVER
    uid_offset: int | None = None
    counter_offset: int | None = None
    picc_offset: int | None = None
    mac_input_offset: int | None = None
    encrypted: tuple[int, int] | None = None
    mac_offset: int | None = None
    read_limit: int | None = None
    mirrors_uid: bool = True
    mirrors_counter: bool = True

    def dump(self) -> bytes:
        """Write SDMOptions, SDMAccessRights and the offsets that follow from them."""
        options = _ASCII
        options |= _UID * self.mirrors_uid | _COUNTER * self.mirrors_counter
        options |= _LIMIT * (self.read_limit is not None)
        options |= _ENCRYPTED * (self.encrypted is not None)
        rights = bytes([0xF0 | self.counter_read, self.meta_read << 4 | self.file_read])
        offsets = (
            self.uid_offset, self.counter_offset, self.picc_offset, self.mac_input_offset,
            *(self.encrypted or ()), self.mac_offset, self.read_limit,
        )  # fmt: skip
        return (
            bytes([options]) + rights + b"".join(_three(one) for one in offsets if one is not None)
        )

    @classmethod
    def load(cls, data: bytes) -> "Mirroring":
        """Read what `dump` writes. Raises `SettingsError`."""
        reader = _Reader(data)
        options, low, high = reader.byte(), reader.byte(), reader.byte()
        if not options & _ASCII:
            raise SettingsError("not in ASCII")
        meta, file = high >> 4, high & 0xF
        plain, keyed = meta == FREE, meta < FREE
        made = cls(
            meta, file, low & 0xF,
            uid_offset=reader.three(plain and bool(options & _UID)),
            counter_offset=reader.three(plain and bool(options & _COUNTER)),
            picc_offset=reader.three(keyed),
            mac_input_offset=reader.three(file != NEVER),
            mirrors_uid=bool(options & _UID), mirrors_counter=bool(options & _COUNTER),
        )  # fmt: skip
        if file != NEVER and options & _ENCRYPTED:
            made = replace(made, encrypted=(reader.number(), reader.number()))
        made = replace(made, mac_offset=reader.three(file != NEVER))
        made = replace(made, read_limit=reader.three(bool(options & _LIMIT)))
        reader.end()
        return made


@dataclass(frozen=True, slots=True)
class FileSettings:
    """The settings of one file; `size` is told by the chip and cannot be changed."""

    mode: CommMode
    rights: Rights
    mirroring: Mirroring | None = None
    size: int | None = None

    def change(self) -> bytes:
        """Write the data of ChangeFileSettings."""
        option = self.mode.value | (_SDM_ON if self.mirroring else 0)
        return (
            bytes([option])
            + self.rights.dump()
            + (self.mirroring.dump() if self.mirroring else b"")
        )

    def told(self) -> bytes:
        """Write the answer of GetFileSettings; the card's end."""
        assert self.size is not None
        changed = self.change()
        return bytes([_STANDARD_FILE]) + changed[:3] + _three(self.size) + changed[3:]

    @classmethod
    def of_change(cls, data: bytes, *, size: int | None = None) -> "FileSettings":
        """Read the data of ChangeFileSettings. Raises `SettingsError`."""
        if len(data) < 3 or data[0] & ~(_SDM_ON | _MODE_BITS):
            raise SettingsError("no settings")
        mirroring = Mirroring.load(data[3:]) if data[0] & _SDM_ON else None
        if mirroring is None and len(data) != 3:
            raise SettingsError("more than the settings")
        return cls(_mode(data[0]), Rights.load(data[1:3]), mirroring, size)

    @classmethod
    def of_told(cls, data: bytes) -> "FileSettings":
        """Read the answer of GetFileSettings. Raises `SettingsError`."""
        if len(data) < 7 or data[0] != _STANDARD_FILE:
            raise SettingsError("not a standard file")
        size = int.from_bytes(data[4:7], "little")
        return cls.of_change(data[1:4] + data[7:], size=size)


def _mode(option: int) -> CommMode:
    # 10b is plain too (data sheet section 10.7.1).
    bits = option & _MODE_BITS
    return CommMode(bits) if bits != 2 else CommMode.PLAIN


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")


class _Reader:
    """Takes numbers from the front."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def byte(self) -> int:
        return self._take(1)

    def number(self) -> int:
        return self._take(3)

    def three(self, present: bool) -> int | None:  # noqa: FBT001 a field that another one announces
        return self._take(3) if present else None

    def end(self) -> None:
        if self._at != len(self._data):
            raise SettingsError("more than the settings")

    def _take(self, size: int) -> int:
        part = self._data[self._at : self._at + size]
        if len(part) != size:
            raise SettingsError("cut short")
        self._at += size
        return int.from_bytes(part, "little")
