"""A virtual chip in a real reader: the card's end of vsmartcard's vpcd, which stands in `pcscd`.

vpcd listens, the card connects: connected is "in the field". Frames: two bytes of length, then a
command; one byte alone is 0 off, 1 on, 2 reset, 4 the question for the ATR.
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Protocol, Self

PORT = 35963
ATR = bytes.fromhex("3B8180018080")
_OFF, _ON, _RESET, _ATR = 0, 1, 2, 4


class Answers(Protocol):
    """Whatever answers commands: a chip, or one that is about to be pulled out."""

    def answer(self, command: bytes) -> bytes:
        """Answer one command."""
        ...


def connect_here() -> socket.socket:
    """Connect to the reader on this machine."""
    return socket.create_connection(("127.0.0.1", PORT), timeout=5)


class CardInReader:
    """A chip in the field from `with` until its end, or until it is pulled out."""

    def __init__(
        self,
        chip: Answers,
        *,
        reset: Callable[[], None],
        connect: Callable[[], socket.socket] = connect_here,
        gone: type[BaseException] = ConnectionError,
    ) -> None:
        """Put `chip` in; `gone` is what it raises when it is pulled out in the middle."""
        self._chip, self._reset, self._gone = chip, reset, gone
        self._connect = connect
        self._socket: socket.socket | None = None
        self._thread: Thread | None = None

    def __enter__(self) -> Self:
        self._socket = self._connect()
        self._socket.settimeout(None)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._thread = Thread(target=self._serve, args=[self._socket], daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._socket is not None
        assert self._thread is not None
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._socket.close()
        self._reset()

    def _serve(self, reader: socket.socket) -> None:
        with suppress(OSError, EOFError):
            try:
                while True:
                    frame = _exactly(reader, int.from_bytes(_exactly(reader, 2), "big"))
                    answer = (
                        self._control(frame[0]) if len(frame) == 1 else self._chip.answer(frame)
                    )
                    if answer is not None:
                        reader.sendall(len(answer).to_bytes(2, "big") + answer)
            except self._gone:
                reader.shutdown(socket.SHUT_RDWR)

    def _control(self, code: int) -> bytes | None:
        if code in {_OFF, _ON, _RESET}:
            self._reset()
        return ATR if code == _ATR else None


def _exactly(reader: socket.socket, count: int) -> bytes:
    """Read so many bytes; acknowledged at once, or vpcd waits 40 ms for its second segment."""
    parts = b""
    while len(parts) < count:
        reader.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        part = reader.recv(count - len(parts))
        if not part:
            raise EOFError
        parts += part
    return parts
