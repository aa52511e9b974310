"""One hub a process: reads what is new, says it to every viewer whose areas it concerns.

The loop wakes on NOTIFY or after `REST_S`, at most ten times a second, and only while somebody
watches. All reading is done by one thread, which keeps one connection.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import psycopg
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from betang.journal import feed
from betang.monitoring import board
from betang.monitoring.board import OnPhones, Village
from betang.stream import messages
from betang.stream.viewers import Viewer, areas_of_session

logger = logging.getLogger("betang.stream")

#: State is sent at most ten times a second (settled.md).
TICK_S = 0.1
#: Without a notification the hub looks anyway: a lost one must not silence the board.
REST_S = 1.0
#: After a change the hub looks at each tick: the state is read from the tallies and need not wait
#: for the mover, which is slower than a delivery when many come.
BUSY_S = 2.0
#: Rights in phones change slowly and cost more to read.
PHONES_EVERY_S = 10.0
#: A viewer's session and areas are asked for again after this.
CHECK_EVERY_S = 60.0
#: Entries read at once, and the most that is replayed to a viewer that was away.
ENTRIES_AT_ONCE = 1_000
REPLAY_AT_MOST = 500

SIGNED_OUT_CHANNEL = "signed_out"

Answer = TypeVar("Answer")


class Hub:
    """Reads once, sends to many."""

    def __init__(self) -> None:
        self.viewers: set[Viewer] = set()
        self.position = 0
        self.rows: list[Village] = []
        self.phones: dict[int, OnPhones] = {}
        self.names: dict[int, str] = {}
        self.cycle: tuple[int | None, str | None] = (None, None)
        self._known: dict[int, Village] = {}
        self._phones_at = 0.0
        self._changed_at = 0.0
        self._woken = asyncio.Event()
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="stream-read")

    async def ask(self, question: Callable[[], Answer]) -> Answer:
        """Ask the database in the reading thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, _with_fresh_connection, question)

    async def join(self, viewer: Viewer, since: int | None) -> None:
        """Add a viewer: the whole state first, then what it missed since its last position."""
        if not self.viewers:  # nobody watched: what we hold is old
            await self.ask(self._read_whole)
        own = board.inside(self.rows, list(viewer.areas))
        viewer.offer(self._tally(own, whole=True))
        if since is not None and since < self.position:
            start = max(since, self.position - REPLAY_AT_MOST)
            missed = await self.ask(lambda: feed.after(start, REPLAY_AT_MOST))
            text = self._entries(missed, viewer)
            if text:
                viewer.offer(text)
        self.viewers.add(viewer)

    async def run(self) -> None:
        """Serve until cancelled; a database that goes away is waited for."""
        while True:
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._listen())
                    both.create_task(self._beat())
            except* (psycopg.Error, DatabaseError, OSError):
                logger.warning("the stream lost the database; trying again")
            await asyncio.sleep(1)

    async def _listen(self) -> None:
        parameters = connection.get_connection_params()
        for name in ("cursor_factory", "context", "prepare_threshold"):
            parameters.pop(name, None)
        async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as listener:
            await listener.execute(f"LISTEN {feed.CHANNEL}")
            await listener.execute(f"LISTEN {SIGNED_OUT_CHANNEL}")
            async for notice in listener.notifies():
                if notice.channel == SIGNED_OUT_CHANNEL:
                    self._end_session(notice.payload)
                else:
                    self._woken.set()

    async def _beat(self) -> None:
        while True:
            busy = time.monotonic() - self._changed_at < BUSY_S
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), 0.001 if busy else REST_S)
            self._woken.clear()
            started = time.monotonic()
            if self.viewers:
                await self._tick()
            await asyncio.sleep(max(0.0, TICK_S - (time.monotonic() - started)))

    async def _tick(self) -> None:
        entries, changed = await self.ask(self._read_new)
        if changed:
            self._changed_at = time.monotonic()
        viewers = [viewer for viewer in self.viewers if not viewer.ended]
        for areas in {viewer.areas for viewer in viewers}:
            same = [viewer for viewer in viewers if viewer.areas == areas]
            parts = []
            own = board.inside(changed, list(areas))
            if own:
                parts.append(self._tally(own, whole=False))
            parts.append(self._entries(entries, same[0]))
            message = b"".join(parts)
            if message:
                for viewer in same:
                    viewer.offer(message)

    def _read_whole(self) -> None:
        self.position = feed.last_position()
        self.names = board.names()
        self._phones_at = 0.0
        self._read_tallies()

    def _read_new(self) -> tuple[list[feed.FeedEntry], list[Village]]:
        entries = feed.after(self.position, ENTRIES_AT_ONCE)
        if len(entries) == ENTRIES_AT_ONCE:  # far behind: the newest matter, state heals itself
            newest = feed.last_position()
            if newest - entries[-1].position > ENTRIES_AT_ONCE:
                entries = feed.after(newest - ENTRIES_AT_ONCE, ENTRIES_AT_ONCE)
            self._woken.set()
        if entries:
            self.position = entries[-1].position
        return entries, self._read_tallies()

    def _read_tallies(self) -> list[Village]:
        """Read the state and give the villages that changed."""
        now = time.monotonic()
        before = self.phones
        if now - self._phones_at > PHONES_EVERY_S:
            self._phones_at = now
            cycle = board.shown_cycle()
            self.cycle = (cycle.pk, cycle.code) if cycle else (None, None)
            self.phones = board.on_phones(self.cycle[0], [62])
            if not self.names:
                self.names = board.names()
        self.rows = board.villages(self.cycle[0], [62])
        changed = [
            row
            for row in self.rows
            if self._known.get(row.code) != row
            or (before is not self.phones and before.get(row.code) != self.phones.get(row.code))
        ]
        self._known = {row.code: row for row in self.rows}
        return changed

    def _tally(self, rows: Sequence[Village], *, whole: bool) -> bytes:
        return messages.tally(
            rows, self.phones, cycle=self.cycle[1], at=timezone.now(), whole=whole
        )

    def _entries(self, entries: Sequence[feed.FeedEntry], viewer: Viewer) -> bytes:
        told = (messages.entry(each, self.names) for each in entries if viewer.sees(each.area))
        return b"".join(text for text in told if text)

    def _end_session(self, hashed: str) -> None:
        for viewer in self.viewers:
            if viewer.session_hash == hashed:
                viewer.end(messages.ENDED)

    async def check(self, viewer: Viewer) -> None:
        """Ask for the session and areas again; end the viewer if they are gone."""
        areas = await self.ask(lambda: areas_of_session(viewer.session))
        if areas != viewer.areas:
            viewer.end(messages.ENDED if not areas else None)


def _with_fresh_connection(question: Callable[[], Answer]) -> Answer:
    close_old_connections()
    return question()
