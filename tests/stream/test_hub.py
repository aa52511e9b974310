"""The hub serves the others when one viewer, or what is offered to it, is broken."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.db import connections

from betang.core.actor import Actor
from betang.journal import feed
from betang.journal.record import record
from betang.stream import hub as hubs
from betang.stream.application import Application
from betang.stream.hub import Hub
from betang.stream.viewers import Viewer
from tests.stream.test_stream import session_of
from tests.sync.world import World, make_world


class Broken(Viewer):
    """A viewer that nothing can be offered to once it has joined."""

    joined = False

    def offer(self, message: bytes) -> None:
        if self.joined:
            raise RuntimeError("Lamiang")
        super().offer(message)


@pytest.fixture
def world(transactional_db: None, keys: None, budi: Actor, wati: Actor) -> World:
    return make_world(budi, wati)


def run(doing: Callable[[Hub], Awaitable[Any]]) -> Any:
    """Run something with a hub, and close the connection of its reading thread."""

    async def whole() -> Any:
        hub = Hub()
        try:
            return await doing(hub)
        finally:
            await hub.ask(connections.close_all)

    return asyncio.run(whole())


def waiting(viewer: Viewer) -> list[bytes | None]:
    return [viewer.queue.get_nowait() for _ in range(viewer.queue.qsize())]


def tell(world: World, actor: Actor) -> None:
    record("card.blocked", world.programme.uuid, actor=actor, at=world.at, area=6201)
    feed.move()


class TestOneBrokenViewer:
    def test_is_ended_and_the_others_are_told(self, world, budi, caplog):
        async def doing(hub: Hub) -> tuple[Viewer, Viewer]:
            broken, well = Broken("a", (6201,)), Viewer("b", (62,))
            await hub.join(broken, None)
            await hub.join(well, None)
            broken.joined = True
            await asyncio.to_thread(lambda: (tell(world, budi), connections.close_all()))
            await hub._tick()
            return broken, well

        with caplog.at_level(logging.WARNING):
            broken, well = run(doing)

        assert broken.ended
        assert not well.ended
        assert any(b"Kartu diblokir" in (each or b"") for each in waiting(well))
        assert "RuntimeError" in caplog.text
        assert "Lamiang" not in caplog.text


class TestCheck:
    def test_keeps_a_viewer_through_a_short_outage_and_not_for_ever(self, world, monkeypatch):
        def away(_: str) -> tuple[int, ...]:
            raise hubs.psycopg.OperationalError("Lamiang")

        monkeypatch.setattr(hubs, "areas_of_session", away)

        async def doing(hub: Hub) -> list[bool]:
            viewer = Viewer("key", (62,))
            ended = []
            for _ in range(hubs.FAILED_CHECKS_AT_MOST):
                await hub.check(viewer)
                ended.append(viewer.ended)
            return ended

        assert run(doing) == [False, False, True]


class TestABrowserThatGoes:
    """However a connection ends, the hub keeps nothing of it."""

    def ask(self, key: str, send_fails_after: int, receive: Callable[[], Awaitable[Any]]) -> Hub:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)
            if len(sent) > send_fails_after:
                raise BrokenPipeError

        scope = {
            "type": "http", "path": "/live/", "method": "GET", "query_string": b"",
            "headers": [(b"cookie", f"sessionid={key}".encode())],
        }  # fmt: skip

        async def doing(hub: Hub) -> Hub:
            application = Application()
            application.hub = hub
            try:
                await asyncio.wait_for(application(scope, receive, send), 30)
            finally:
                if application._running:
                    application._running.cancel()
                    await asyncio.gather(application._running, return_exceptions=True)
            return hub

        hub: Hub = run(doing)
        return hub

    @pytest.mark.parametrize("after", [0, 1, 2])
    def test_while_it_is_answered(self, world, budi, wati, after):
        async def receive() -> Any:
            await asyncio.Event().wait()

        hub = self.ask(session_of("auditor", None, budi, wati), after, receive)

        assert hub.viewers == set()

    def test_of_its_own_accord(self, world, budi, wati):
        async def receive() -> Any:
            return {"type": "http.disconnect"}

        hub = self.ask(session_of("auditor", None, budi, wati), 99, receive)

        assert hub.viewers == set()

    def test_with_what_it_says_unreadable(self, world, budi, wati, caplog):
        async def receive() -> Any:
            return {"Lamiang": 1}

        with caplog.at_level(logging.WARNING):
            hub = self.ask(session_of("auditor", None, budi, wati), 99, receive)

        assert hub.viewers == set()
        assert "KeyError" in caplog.text
        assert "Lamiang" not in caplog.text

    def test_cancelled_at_any_moment(self, world, budi, wati):
        key = session_of("auditor", None, budi, wati)

        async def doing(hub: Hub) -> int:
            left = 0
            for moments in range(0, 40, 2):
                joining = asyncio.create_task(self.served(hub, key))
                for _ in range(moments):
                    await asyncio.sleep(0.001)
                joining.cancel()
                await asyncio.gather(joining, return_exceptions=True)
                left += len(hub.viewers)
            return left

        assert run(doing) == 0

    async def served(self, hub: Hub, key: str) -> None:
        application = Application()
        application.hub = hub
        application._running = asyncio.create_task(asyncio.Event().wait())  # type: ignore[assignment]

        async def never() -> Any:
            await asyncio.Event().wait()

        async def send(message: Any) -> None:
            pass

        try:
            await application._serve(key, None, never, send)
        finally:
            application._running.cancel()
