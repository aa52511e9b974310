"""Who watches: the session behind a connection, its areas, and its bounded queue."""

import asyncio
import hashlib
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest

from betang.accounts import second_factor
from betang.accounts.access import areas_of, covers, may

#: Messages that may wait for one viewer. A slower one is dropped: it reconnects and replays.
QUEUE_AT_MOST = 200


@dataclass(eq=False)
class Viewer:
    """One connection. `areas` are prefixes of the villages it may see."""

    session: str
    areas: tuple[int, ...]
    queue: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(QUEUE_AT_MOST))
    ended: bool = False
    failed_checks: int = 0

    @property
    def session_hash(self) -> str:
        """The name by which a sign-out tells of this session without showing its key."""
        return session_hash(self.session)

    def offer(self, message: bytes) -> None:
        """Put a message into the queue, or end the viewer if it does not keep up."""
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            self.end()

    def end(self, last: bytes | None = None) -> None:
        """Let the connection close after what can still be sent."""
        if self.ended:
            return
        self.ended = True
        while self.queue.full():
            self.queue.get_nowait()
        if last is not None and self.queue.qsize() < QUEUE_AT_MOST - 1:
            self.queue.put_nowait(last)
        self.queue.put_nowait(None)

    def sees(self, area: int | None) -> bool:
        """Say whether something that happened in `area` is shown; of no place: to the province."""
        if area is None:
            return any(len(str(own)) == 2 for own in self.areas)
        return any(covers(own, area) for own in self.areas)


def session_hash(key: str) -> str:
    """Hash a session's key, for the sign-out notice."""
    return hashlib.sha256(key.encode()).hexdigest()


def session_key(cookie_header: str) -> str | None:
    """Find the session's key in a Cookie header."""
    try:
        morsel = SimpleCookie(cookie_header).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    return morsel.value if morsel and morsel.value else None


def areas_of_session(key: str) -> tuple[int, ...]:
    """Give the areas whose board the session's account may see; none if it may see nothing.

    Reads the database: call it in a thread.
    """
    request = HttpRequest()
    request.session = SessionStore(key)
    user = get_user(request)
    if not user.is_authenticated or not may(user, "board.see") or second_factor.missing(user):
        return ()
    return tuple(areas_of(user, "board.see"))
