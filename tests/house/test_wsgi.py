"""A refusal does not cost the peer its connection."""

import socket
import time
from urllib.parse import urlparse

import pytest

ROUNDS = 60
#: Longer than the site needs to refuse.
PAUSE_S = 0.02
BODY = b"x" * 400
HEAD = (
    b"POST /api/v1/ping HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: " + str(len(BODY)).encode() + b"\r\n\r\n"
)


def connect(origin: str) -> socket.socket:
    peer = socket.create_connection(("localhost", urlparse(origin).port))
    # Head and body leave in two packets, as a slow phone sends them.
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return peer


def answer(peer: socket.socket) -> bytes:
    """Read one answer, whole; b"" where the peer was cut off."""
    got = b""
    while b"\r\n\r\n" not in got:
        piece = peer.recv(4096)
        if not piece:
            return b""
        got += piece
    head, _, rest = got.partition(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length")
    )
    while len(rest) < length:
        rest += peer.recv(4096)
    return head


@pytest.mark.server
def test_a_request_refused_before_its_body_came_leaves_the_connection_usable(
    live_betang, transactional_db
):
    live_betang.start("site")
    with connect(live_betang.origin) as peer:
        for n in range(ROUNDS):
            peer.sendall(HEAD)
            time.sleep(PAUSE_S)
            peer.sendall(BODY)
            head = answer(peer)
            assert head.startswith(b"HTTP/1.1 40"), (n, head)
