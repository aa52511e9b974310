"""The line between a phone and its server: TCP that loses an answer after the server gave it.

A request goes through whole, and only when the server has begun to answer (so it has committed)
is the connection cut. Whoever stops the server leaves the line standing: it connects to nothing.
"""

import re
import select
import socket
import struct
import threading
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

REQUEST = re.compile(rb"(?:GET|HEAD|POST|PATCH) /\S*")
#: Close by a reset, as a network that breaks off does, and not in good order.
AT_ONCE = struct.pack("ii", 1, 0)


class Line:
    """A line on a port of its own to the server's port, the same through all its restarts."""

    def __init__(self, server_port: int) -> None:
        line = self

        class Handler(_Handler):
            on = line

        self.server_port = server_port
        self.tcp = _Tcp(("127.0.0.1", 0), Handler)
        self.origin = f"http://localhost:{self.tcp.server_address[1]}"
        self.asked: list[str] = []
        self.lost: list[str] = []
        self._losing: tuple[bytes, int, int] | None = None
        self._turn = threading.Lock()
        threading.Thread(target=self.tcp.serve_forever, daemon=True).start()

    def lose(self, request: str, *, times: int = 10_000, after_bytes: int = 0) -> None:
        """Lose the answers to what begins with `request`; so many bytes of each come through."""
        with self._turn:
            self._losing = (request.encode(), times, after_bytes)

    def mend(self) -> None:
        """Lose nothing more."""
        with self._turn:
            self._losing = None

    def cut(self, request: bytes) -> int | None:
        """Say after how many bytes this answer is cut, and count it; None: it goes through."""
        with self._turn:
            if self._losing is None or not request.startswith(self._losing[0]):
                return None
            begins, times, after_bytes = self._losing
            self._losing = (begins, times - 1, after_bytes) if times > 1 else None
            self.lost.append(request.decode())
            return after_bytes

    def close(self) -> None:
        """Take the line down."""
        self.tcp.shutdown()
        self.tcp.server_close()


class _Tcp(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that was shut in the middle is no fault of the line's."""


class _Handler(BaseRequestHandler):
    on: Line

    def handle(self) -> None:
        """Carry bytes both ways until one end has gone, or an answer is to be lost."""
        try:
            server = socket.create_connection(("127.0.0.1", self.on.server_port))
        except OSError:
            return  # the server is stopped
        with server:
            self._carry(server)

    def _carry(self, server: socket.socket) -> None:
        phone, asked = self.request, b""
        while True:
            ready, _, _ = select.select([phone, server], [], [])
            if phone in ready:
                if not (said := phone.recv(65536)):
                    return
                if began := REQUEST.match(said):
                    asked = began[0]
                    self.on.asked.append(asked.decode())
                server.sendall(said)
            if server in ready:
                if not (answer := server.recv(65536)):
                    return
                if (kept := self.on.cut(asked)) is not None:
                    phone.sendall(answer[:kept])
                    phone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
                    return
                phone.sendall(answer)
