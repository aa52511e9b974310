"""The ASGI application: `GET /live/` is the stream, anything else is 404.

The browser comes from the site's origin with its session cookie, so the origin is compared exactly
and credentials are allowed to it alone. No compression: a compressor would hold messages back.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings

from betang.stream import messages
from betang.stream.hub import CHECK_EVERY_S, Hub
from betang.stream.keep import where
from betang.stream.viewers import Viewer, areas_of_session, session_key

logger = logging.getLogger("betang.stream")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PATHS = {"/live/", "/live"}
HEARTBEAT_S = 20.0

#: A browser waits this long before it comes back by itself.
RETRY = b"retry: 2000\n\n"
#: The same where the database is away. A status of 503 would make the browser give up for good
#: (WHATWG HTML, 9.2.3); a stream that ends makes it come back.
RETRY_LATER = b"retry: 5000\n\n"


class Application:
    """Holds the hub of this process."""

    def __init__(self) -> None:
        self.hub: Hub | None = None
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self.hub is not None:
                    for viewer in self.hub.viewers:
                        viewer.end()
                if self._running is not None:
                    self._running.cancel()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _hub(self) -> Hub:
        if self.hub is None:
            self.hub = Hub()
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self.hub.run())
        return self.hub

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        if scope["path"] == "/live/ping":
            await _answer(send, 200, b"betang")
            return
        if scope["path"] not in PATHS or scope["method"] != "GET":
            await _answer(send, 404, b"")
            return
        origin = headers.get("origin")
        if origin is not None and origin != settings.ORIGIN:
            await _answer(send, 403, b"")
            return
        key = session_key(headers.get("cookie", ""))
        if not key:
            await _answer(send, 401, b"")
            return
        await self._serve(key, _since(scope, headers), receive, send)

    async def _serve(self, key: str, since: int | None, receive: Receive, send: Send) -> None:
        """Stream to the session `key`; whatever fails or is cancelled, the hub forgets the viewer.

        Errors end here: told further they would reach a log with the values that they carry.
        """
        hub = self._hub()
        try:
            areas = await hub.ask(lambda: areas_of_session(key))
            if not areas:
                await _answer(send, 403, b"")
                return
            viewer = Viewer(key, areas)
            await hub.join(viewer, since)
        except Exception as error:  # noqa: BLE001 - a page that is refused now comes back
            logger.warning("nobody can be let in now: %s", where(error))
            await _start(send, RETRY_LATER)
            await _end(send)
            return
        try:
            await _start(send, RETRY)
            await _stream(hub, viewer, receive, send)
        except OSError:
            return  # the browser is gone
        except Exception as error:  # noqa: BLE001 - see above
            logger.warning("a viewer is ended: %s", where(error))
        finally:
            hub.viewers.discard(viewer)


def _since(scope: Scope, headers: dict[str, str]) -> int | None:
    """Read the last position: the browser's own header, or what the page says at first."""
    given = headers.get("last-event-id") or "".join(
        parse_qs(scope.get("query_string", b"").decode("latin-1")).get("since", [])[:1]
    )
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


async def _stream(hub: Hub, viewer: Viewer, receive: Receive, send: Send) -> None:
    tasks = [
        asyncio.create_task(_send_all(viewer, send)),
        asyncio.create_task(_until_gone(receive)),
        asyncio.create_task(_keep_checking(hub, viewer)),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception) and not isinstance(ended, OSError):
                logger.warning("a viewer is ended: %s", where(ended))
    await _end(send)


async def _send_all(viewer: Viewer, send: Send) -> None:
    while True:
        try:
            # Not `wait_for`: on Python 3.11 it can swallow the cancelling of a viewer who left
            # while a message came, who would then be kept for ever.
            async with asyncio.timeout(HEARTBEAT_S):
                message = await viewer.queue.get()
        except TimeoutError:
            message = messages.HEARTBEAT
        if message is None:
            return
        await send({"type": "http.response.body", "body": message, "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _keep_checking(hub: Hub, viewer: Viewer) -> None:
    while not viewer.ended:
        await asyncio.sleep(CHECK_EVERY_S)
        await hub.check(viewer)
    await asyncio.sleep(CHECK_EVERY_S)  # what is queued goes out first


async def _end(send: Send) -> None:
    with suppress(OSError):
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _start(send: Send, retry: bytes) -> None:
    await send({
        "type": "http.response.start",
        "status": 200,
        "headers": [*_cors(), (b"content-type", b"text/event-stream; charset=utf-8"),
                    (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")],
    })  # fmt: skip
    await send({"type": "http.response.body", "body": retry, "more_body": True})


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [*_cors(), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _cors() -> list[tuple[bytes, bytes]]:
    return [
        (b"access-control-allow-origin", settings.ORIGIN.encode()),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]


application = Application()
