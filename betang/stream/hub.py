"""One hub a process: reads what is new, says it to every viewer whose areas it concerns.

The loop wakes on NOTIFY or after `REST_S`, at most ten times a second, and only while somebody
watches. All reading is done by one thread, which keeps one connection.

Nothing that goes wrong stops it: an entry that cannot be read or written is passed over, a viewer
that cannot be served is ended, and what else fails is tried again after a wait that grows.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import psycopg
from django.db import DataError, InternalError, close_old_connections, connection
from django.utils import timezone

from betang.journal import feed
from betang.monitoring import board
from betang.monitoring.board import OnPhones, Village
from betang.stream import messages
from betang.stream.keep import keep, where
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
#: A session that could not be asked for so often in a row is not trusted any more.
FAILED_CHECKS_AT_MOST = 3
#: What the database, or Python behind it, says of a row that it cannot read: a value out of any
#: calendar, a page that is damaged. Whatever else it says concerns more than the row.
POISON = (DataError, InternalError, ValueError, OverflowError)

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
        """Add a viewer: the whole state first, then what it missed since its last position.

        Between the last reading and the adding nothing may wait, or an entry could come between.
        """
        if not self.viewers:  # nobody watched: what we hold is old
            self.position = await self.ask(self._read_whole)
        missed: list[feed.FeedEntry] = []
        if since is not None and since < self.position:
            start = max(since, self.position - REPLAY_AT_MOST)
            enough = REPLAY_AT_MOST + ENTRIES_AT_ONCE  # a beat may move on meanwhile
            missed = await self.ask(lambda: _readable(start, enough)[0])
        own = board.inside(self.rows, list(viewer.areas))
        viewer.offer(self._tally(own, whole=True))
        text = self._entries([each for each in missed if each.position <= self.position], viewer)
        if text:
            viewer.offer(text)
        self.viewers.add(viewer)

    async def run(self) -> None:
        """Serve until cancelled. Listening and beating fail and begin again each for itself."""
        async with asyncio.TaskGroup() as both:
            both.create_task(keep("listening for the journal", self._listen))
            both.create_task(keep("the beat of the board", self._beat))

    async def _listen(self) -> None:
        parameters = connection.get_connection_params()
        for name in ("cursor_factory", "context", "prepare_threshold"):
            parameters.pop(name, None)
        async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as listener:
            await listener.execute(f"LISTEN {feed.CHANNEL}")
            await listener.execute(f"LISTEN {SIGNED_OUT_CHANNEL}")
            await self._catch_up()
            async for notice in listener.notifies():
                if notice.channel == SIGNED_OUT_CHANNEL:
                    self._end_session(notice.payload)
                else:
                    self._woken.set()

    async def _catch_up(self) -> None:
        """Ask for what was said while nobody listened: new entries, and who signed out."""
        self._woken.set()
        for viewer in list(self.viewers):
            await self.check(viewer)

    async def _beat(self) -> None:
        while True:
            busy = time.monotonic() - self._changed_at < BUSY_S
            with suppress(TimeoutError):
                async with asyncio.timeout(0.001 if busy else REST_S):
                    await self._woken.wait()
            self._woken.clear()
            started = time.monotonic()
            if self.viewers:
                await self._tick()
            await asyncio.sleep(max(0.0, TICK_S - (time.monotonic() - started)))

    async def _tick(self) -> None:
        position = self.position
        entries, changed, self.position = await self.ask(lambda: self._read_new(position))
        if changed:
            self._changed_at = time.monotonic()
        viewers = [viewer for viewer in self.viewers if not viewer.ended]
        for areas in {viewer.areas for viewer in viewers}:
            same = [viewer for viewer in viewers if viewer.areas == areas]
            try:
                self._say(entries, changed, same)
            except Exception as error:  # noqa: BLE001 - the others must be served
                logger.warning("viewers of %d areas are ended: %s", len(areas), where(error))
                for viewer in same:  # they come back and get the whole state
                    viewer.end()

    def _say(
        self, entries: Sequence[feed.FeedEntry], changed: Sequence[Village], same: list[Viewer]
    ) -> None:
        """Offer what is new to viewers of the same areas."""
        parts = []
        own = board.inside(list(changed), list(same[0].areas))
        if own:
            parts.append(self._tally(own, whole=False))
        parts.append(self._entries(entries, same[0]))
        message = b"".join(parts)
        if message:
            for viewer in same:
                viewer.offer(message)

    def _read_whole(self) -> int:
        """Read the state anew. Gives the position in the feed from before it was read."""
        position = feed.last_position()
        self.names = board.names()
        self._phones_at = 0.0
        self._read_tallies()
        return position

    def _read_new(self, position: int) -> tuple[list[feed.FeedEntry], list[Village], int]:
        """Read the entries behind `position` and what changed. Gives the new position too."""
        entries, reached = _readable(position, ENTRIES_AT_ONCE)
        if reached - position >= ENTRIES_AT_ONCE:  # far behind: the newest matter, state heals
            newest = feed.last_position()
            if newest - reached > ENTRIES_AT_ONCE:
                entries, reached = _readable(newest - ENTRIES_AT_ONCE, ENTRIES_AT_ONCE)
            self._woken.set()
        return entries, self._read_tallies(), reached

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
        return b"".join(_written(each, self.names) for each in entries if viewer.sees(each.area))

    def _end_session(self, hashed: str) -> None:
        for viewer in list(self.viewers):
            if viewer.session_hash == hashed:
                viewer.end(messages.ENDED)

    async def check(self, viewer: Viewer) -> None:
        """Ask for the session and areas again; end the viewer if they are gone.

        One that could not be asked for is kept for a while: the database may be away, and then
        there is nothing to tell anyway.
        """
        try:
            areas = await self.ask(lambda: areas_of_session(viewer.session))
        except Exception as error:  # noqa: BLE001 - a viewer's fault is no fault of the hub
            viewer.failed_checks += 1
            logger.warning("a session could not be asked for: %s", where(error))
            if viewer.failed_checks >= FAILED_CHECKS_AT_MOST:
                viewer.end()
            return
        viewer.failed_checks = 0
        if areas != viewer.areas:
            viewer.end(messages.ENDED if not areas else None)


def _with_fresh_connection(question: Callable[[], Answer]) -> Answer:
    close_old_connections()
    return question()


def _readable(position: int, limit: int) -> tuple[list[feed.FeedEntry], int]:
    """Read the entries behind `position`, without those that cannot be read, and how far that was.

    Positions have no gap, so one that fails alone is the poisoned one and can be passed over.
    """
    try:
        entries = feed.after(position, limit)
    except POISON as error:
        if limit == 1:
            logger.warning("the entry at position %d is not read: %s", position + 1, where(error))
            return [], position + 1
        half = limit // 2
        first, reached = _readable(position, half)
        if reached < position + half:  # the end of the feed
            return first, reached
        rest, reached = _readable(reached, limit - half)
        return first + rest, reached
    return entries, entries[-1].position if entries else position


def _written(entry: feed.FeedEntry, names: dict[int, str]) -> bytes:
    """Write an entry; nothing for a kind that is not told, and for one that cannot be."""
    try:
        return messages.entry(entry, names) or b""
    except Exception as error:  # noqa: BLE001 - one broken entry must not silence the board
        logger.warning("the entry at position %d is not told: %s", entry.position, where(error))
        return b""
