"""A PC/SC reader: waits for a chip, carries commands to it, names what went away.

The one module that knows `pyscard` (requirements/station.txt), which only a station has. The plain
calls of PC/SC are used, in whose answers a pulled card and an unplugged reader are told apart.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from betang.cards.personalise.outcome import ChipGoneError, ReaderGoneError
from betang.core.errors import RefusedError

#: How long one call to PC/SC waits: short, so that Ctrl-C is heard.
_POLL_MS = 500
_STATUS_BYTES = 2


class NoReaderSoftwareError(RefusedError):
    """This installation cannot speak to readers."""

    code = "chip.no_reader_software"
    sentence = "Perangkat lunak alat pembaca (pyscard) tidak terpasang di komputer ini."
    do = "Pasang dengan `make devices`, atau ikuti docs/operate/station.md."


class NoReaderError(RefusedError):
    """No reader answers, or none of that name."""

    code = "chip.no_reader"
    sentence = "Alat pembaca tidak ditemukan: {why}."
    do = "Pasang alatnya, pastikan layanan pcscd berjalan, lalu ulangi."


def reader_names() -> list[str]:
    """Name the readers that are plugged in. Raises `NoReaderSoftwareError`, `NoReaderError`."""
    scard = _scard()
    with _context(scard) as context:
        result, names = scard.SCardListReaders(context, [])
    return list(names) if result == scard.SCARD_S_SUCCESS else []


class Reader:
    """One reader, chosen by (a part of) its name; the only one where none is named."""

    def __init__(self, name: str = "") -> None:
        """Choose the reader. Raises `NoReaderError`, `NoReaderSoftwareError`."""
        self._scard = _scard()
        fitting = [one for one in reader_names() if name in one]
        if len(fitting) != 1:
            raise NoReaderError(why=f"{len(fitting)} alat cocok" if fitting else "tidak ada")
        self.name = fitting[0]

    def wait_for_chip(self, *, seconds: float | None = None) -> bool:
        """Wait until a chip lies in the field; False when time is up.

        Raises `ReaderGoneError`.
        """
        return self._wait(present=True, seconds=seconds)

    def wait_until_empty(self, *, seconds: float | None = None) -> bool:
        """Wait until the field is empty; False when time is up. Raises `ReaderGoneError`."""
        return self._wait(present=False, seconds=seconds)

    @contextmanager
    def chip(self) -> Iterator["Chip"]:
        """Open the chip in the field, for us alone. Raises `ChipGoneError`, `ReaderGoneError`."""
        scard = self._scard
        with _context(scard) as context:
            result, handle, protocol = scard.SCardConnect(
                context, self.name, scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_ANY
            )
            _must(scard, result)
            # A chip that is gone cannot be reset: pcscd would call the next one unresponsive.
            ending = scard.SCARD_LEAVE_CARD
            try:
                chip = Chip(scard, handle, protocol)
                yield chip
                ending = scard.SCARD_LEAVE_CARD if chip.gone else scard.SCARD_RESET_CARD
            finally:
                scard.SCardDisconnect(handle, ending)

    def _wait(self, *, present: bool, seconds: float | None) -> bool:
        scard = self._scard
        until = None if seconds is None else time.monotonic() + seconds
        known = scard.SCARD_STATE_UNAWARE
        with _context(scard) as context:
            while True:
                result, states = scard.SCardGetStatusChange(context, _POLL_MS, [(self.name, known)])
                if result != scard.SCARD_E_TIMEOUT:
                    _must(scard, result)
                known = states[0][1] & ~scard.SCARD_STATE_CHANGED
                if known & (scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE):
                    raise ReaderGoneError
                if bool(known & scard.SCARD_STATE_PRESENT) == present:
                    return True
                if until is not None and time.monotonic() > until:
                    return False


class Chip:
    """The chip in the field, as something that carries commands."""

    def __init__(self, scard: ModuleType, handle: Any, protocol: int) -> None:
        """Speak over an open handle."""
        self._scard, self._handle, self._protocol = scard, handle, protocol
        self.gone = False

    def transmit(self, command: bytes) -> bytes:
        """Send one command. Raises `ChipGoneError`, `ReaderGoneError`."""
        result, answer = self._scard.SCardTransmit(self._handle, self._protocol, list(command))
        self.gone = result != self._scard.SCARD_S_SUCCESS or len(answer) < _STATUS_BYTES
        _must(self._scard, result)
        if self.gone:  # how some readers tell that nothing is there any more
            raise ChipGoneError
        return bytes(answer)


def _must(scard: ModuleType, result: int) -> None:
    """Name what went wrong: the reader, or else the chip."""
    if result == scard.SCARD_S_SUCCESS:
        return
    gone = {
        scard.SCARD_E_READER_UNAVAILABLE, scard.SCARD_E_UNKNOWN_READER,
        scard.SCARD_E_NO_SERVICE, scard.SCARD_E_SERVICE_STOPPED,
        scard.SCARD_E_NO_READERS_AVAILABLE, scard.SCARD_E_INVALID_HANDLE,
        scard.SCARD_F_COMM_ERROR,
    }  # fmt: skip
    raise ReaderGoneError if result in gone else ChipGoneError


@contextmanager
def _context(scard: ModuleType) -> Iterator[Any]:
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if result != scard.SCARD_S_SUCCESS:
        raise NoReaderError(why="layanan pcscd tidak menjawab")
    try:
        yield context
    finally:
        scard.SCardReleaseContext(context)


def _scard() -> ModuleType:
    try:
        from smartcard import scard  # noqa: PLC0415 an optional extra
    except ImportError as missing:
        raise NoReaderSoftwareError from missing
    return scard  # type: ignore[no-any-return]
