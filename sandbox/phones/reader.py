"""A phone's NFC reader: taps a virtual chip over its socket, with the commands any phone sends.

Frames are those of `python -m sandbox.chip`: two bytes of length, then the command.
"""

import re
import socket
from dataclasses import dataclass, field
from typing import Any

_APPLICATION = bytes.fromhex("00A4040007D276000085010100")
_FILE = bytes.fromhex("00A4000C02E104")
_URL = re.compile(r"u=([0-9A-Fa-f]{14})&n=([0-9A-Fa-f]{6})&c=([0-9A-Fa-f]{16})")


class NoCardError(Exception):
    """The chip does not answer as a card does."""


@dataclass
class Reader:
    """One connection to the chips; None as `address` means a phone without NFC."""

    address: str
    _socket: socket.socket | None = field(default=None, repr=False)

    def tap(self, uid: str, times: int = 1) -> list[dict[str, Any]]:
        """Tap the card `uid` so many times; give the raw taps, oldest first."""
        self._send(bytes.fromhex("FF00000007" + uid))
        return [self._read() for _ in range(times)]

    def copy(self, uid: str) -> list[dict[str, Any]]:
        """Read a card once in passing, write a copy of it, and give two taps of the copy."""
        self._send(bytes.fromhex("FF00000007" + uid))
        self._send(bytes.fromhex("FF01000000"))
        return [self._read(), self._read()]

    def close(self) -> None:
        """End the connection."""
        if self._socket:
            self._socket.close()
            self._socket = None

    def _read(self) -> dict[str, Any]:
        self._send(b"\x02", answers=False)
        self._send(_APPLICATION)
        self._send(_FILE)
        length = int.from_bytes(self._send(bytes.fromhex("00B0000002"))[:2], "big")
        record = self._send(bytes([0, 0xB0, 0, 2, length & 0xFF]))[:-2]
        found = _URL.search(record.decode("ascii", "replace"))
        if found is None:
            raise NoCardError("no URL of a card")
        uid, counter, mac = found.groups()
        return {"uid": uid.lower(), "counter": int(counter, 16), "mac": mac.lower()}

    def _send(self, frame: bytes, *, answers: bool = True) -> bytes:
        if self._socket is None:
            host, _, port = self.address.rpartition(":")
            self._socket = socket.create_connection((host, int(port)), timeout=10)
            # The reset has no answer: without this the next frame waits 40 ms for its ACK.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(len(frame).to_bytes(2, "big") + frame)
        if not answers:
            return b""
        head = self._exactly(2)
        answer = self._exactly(int.from_bytes(head, "big"))
        if not answer.endswith(b"\x90\x00"):
            raise NoCardError(answer.hex())
        return answer

    def _exactly(self, count: int) -> bytes:
        assert self._socket is not None
        parts = b""
        while len(parts) < count:
            part = self._socket.recv(count - len(parts))
            if not part:
                raise NoCardError("the reader was closed")
            parts += part
        return parts
