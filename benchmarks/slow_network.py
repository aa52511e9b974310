"""A network as slow as 2G: a proxy of TCP that delays each byte by its rate and half a trip."""

import socket
import threading
import time
from queue import Queue

#: GPRS on a good day: 50 kbit/s each way, 600 ms there and back.
BITS_PER_S = 50_000
ROUND_TRIP_S = 0.6
CHUNK_BYTES = 512


class SlowNetwork:
    """Forward connections from a free port to another, slowly; count what passes."""

    def __init__(self, port: int) -> None:
        self.to = port
        self.up = self.down = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def seconds(self, trips: int) -> float:
        """Compute what the bytes counted so far take, one after the other."""
        return trips * ROUND_TRIP_S + (self.up + self.down) * 8 / BITS_PER_S

    def _accept(self) -> None:
        while True:
            here, _ = self.listener.accept()
            there = socket.create_connection(("127.0.0.1", self.to))
            for source, sink, way in ((here, there, "up"), (there, here, "down")):
                line: Queue[tuple[float, bytes]] = Queue()
                threading.Thread(target=self._read, args=(source, line, way), daemon=True).start()
                threading.Thread(target=self._write, args=(line, sink), daemon=True).start()

    def _read(self, source: socket.socket, line: Queue[tuple[float, bytes]], way: str) -> None:
        free = 0.0
        while True:
            data = source.recv(CHUNK_BYTES)
            setattr(self, way, getattr(self, way) + len(data))
            free = max(free, time.monotonic()) + len(data) * 8 / BITS_PER_S
            line.put((free + ROUND_TRIP_S / 2, data))
            if not data:
                return

    @staticmethod
    def _write(line: Queue[tuple[float, bytes]], sink: socket.socket) -> None:
        while True:
            due, data = line.get()
            time.sleep(max(0.0, due - time.monotonic()))
            if not data:
                return
            sink.sendall(data)
