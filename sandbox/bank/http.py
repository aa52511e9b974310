"""A small HTTP/1.1 server that can also lose an answer, which no framework will do for us."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

HEAD_BYTES_MAX = 16 * 1024
#: An account file of 300,000 families is about 15 MB.
BODY_BYTES_MAX = 64 * 1024 * 1024
REASONS = {200: "OK", 202: "Accepted", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden"}


@dataclass(frozen=True, slots=True)
class Request:
    """A request, its header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `wait_s` before it is sent, `lost` if the connection shall be cut instead."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    wait_s: float = 0.0
    lost: bool = False
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Request], Awaitable[Reply]]


class BadRequestError(ValueError):
    """Bytes that are no request we understand."""


async def serve(handler: Handler, *, host: str, port: int) -> asyncio.Server:
    """Listen and answer each request of each kept connection in turn."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _converse(handler, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the other side went away, which is its right
        finally:
            writer.close()

    return await asyncio.start_server(connected, host, port, limit=HEAD_BYTES_MAX)


async def _converse(
    handler: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    while not reader.at_eof():
        try:
            request = await _read(reader)
        except BadRequestError as wrong:
            writer.write(_bytes_of(Reply(400, str(wrong).encode(), "text/plain")))
            await writer.drain()
            return
        if request is None:
            return
        reply = await handler(request)
        if reply.wait_s:
            await asyncio.sleep(reply.wait_s)
        if reply.lost:
            writer.transport.abort()
            return
        writer.write(_bytes_of(reply))
        await writer.drain()
        if request.headers.get("connection", "").lower() == "close":
            return


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as end:
        if end.partial:
            raise BadRequestError("incomplete head") from end
        return None
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise BadRequestError("not HTTP/1")
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadRequestError("malformed header")
        headers[name.strip().lower()] = value.strip()
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
        raise BadRequestError("bad length")
    return Request(parts[0], parts[1], headers, await reader.readexactly(int(length)))


def _bytes_of(reply: Reply) -> bytes:
    lines = [
        f"HTTP/1.1 {reply.status} {REASONS.get(reply.status, 'Status')}",
        f"Content-Type: {reply.content_type}",
        f"Content-Length: {len(reply.body)}",
        *(f"{name}: {value}" for name, value in reply.headers.items()),
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + reply.body
