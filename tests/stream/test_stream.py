"""The stream as it runs: who is let in, what arrives, and when it ends."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from betang import cluster
from betang.accounts.models import RoleGrant, User
from betang.core.actor import Actor
from betang.journal import feed
from betang.journal.record import record
from tests.conftest import LiveBetang
from tests.signed_in import session_key_of
from tests.sync.world import VILLAGES, World, make_world

pytestmark = pytest.mark.server
#: How long a condition is waited for before the test gives up: a busy machine is no fault.
PATIENCE_S = 60.0


@pytest.fixture
def live(live_betang: LiveBetang, keys: None) -> LiveBetang:
    live_betang.start("stream", "worker")
    return live_betang


@pytest.fixture
def world(live_betang: LiveBetang, keys: None, budi: Actor, wati: Actor) -> World:
    return make_world(budi, wati)


def session_of(role: str | None, area: int | None, budi: Actor, wati: Actor) -> str:
    user = User.objects.create(username=f"{role}.{area}", full_name="Pemantau")
    if role:
        RoleGrant.objects.create(
            user=user, role=role, area_id=area, proposed_by_person=budi.person,
            approved_by_person=wati.person, from_at=timezone.now(),
        )  # fmt: skip
    return session_key_of(user)


def until(holds: Callable[[], bool], said: str) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, said
        time.sleep(0.02)


def until_moved() -> None:
    """Wait until the worker's mover has numbered all entries."""
    until(lambda: not feed.waiting(), "the mover moves nothing")


class Heard:
    """What a viewer heard, read in a thread of its own."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.messages: list[dict[str, Any]] = []
        self.closed = threading.Event()
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()

    def _read(self, lines: Iterator[str]) -> None:
        message: dict[str, Any] = {}
        try:
            for line in lines:
                name, _, value = line.partition(": ")
                if name in {"event", "id"}:
                    message[name] = value
                elif name == "data":
                    message["data"] = json.loads(value)
                elif not line and message:
                    self.messages.append(message)
                    message = {}
        except httpx.HTTPError:
            pass
        finally:
            self.closed.set()

    def until(self, event: str, count: int = 1, text: str = "") -> list[dict[str, Any]]:
        """Wait for so many messages of a kind; `text` passes over those that say something else."""

        def found() -> list[dict[str, Any]]:
            return [
                each
                for each in list(self.messages)
                if each.get("event") == event and text in each["data"].get("text", "")
            ]

        try:
            until(lambda: len(found()) >= count, f"no {event} came")
        except AssertionError as error:
            raise AssertionError(f"no {event} came: {self.messages[-3:]}") from error
        return found()


@contextmanager
def watching(live: LiveBetang, key: str, **headers: str) -> Iterator[Heard]:
    given = {"Cookie": f"sessionid={key}", "Origin": live.origin} | headers
    url = f"{live.stream_origin}/live/"
    with httpx.stream("GET", url, headers=given, timeout=PATIENCE_S) as answer:
        assert answer.status_code == 200, answer.status_code
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["access-control-allow-origin"] == live.origin
        yield Heard(answer.iter_lines())


class TestRefusals:
    def test_nobody_is_let_in_without_a_session_or_from_elsewhere(self, live, world, budi, wati):
        key = session_of("auditor", None, budi, wati)
        nobody = session_of(None, None, budi, wati)
        url = f"{live.stream_origin}/live/"

        with httpx.Client(timeout=PATIENCE_S) as client:
            asked = [
                client.get(url),
                client.get(url, headers={"Cookie": "sessionid=abc"}),
                client.get(url, headers={"Cookie": f"sessionid={nobody}"}),
                client.get(
                    url, headers={"Cookie": f"sessionid={key}", "Origin": "http://evil.example"}
                ),
                client.post(url, headers={"Cookie": f"sessionid={key}"}),
                client.get(f"{live.stream_origin}/"),
            ]

        assert [answer.status_code for answer in asked] == [401, 403, 403, 403, 404, 404]


class TestStream:
    def test_tells_a_delivery_to_those_of_the_area_alone(self, live, world, budi, wati):
        own = session_of("viewer", 6201, budi, wati)
        other = session_of("viewer", 6202, budi, wati)
        phone = world.leased(areas=(6201,))
        with watching(live, own) as here, watching(live, other) as there:
            here.until("tally")
            first = there.until("tally")[0]

            phone.deliver(world.rights(VILLAGES[0])[0])
            phone.push()

            # The lease's own entry may come first: it was written just before.
            told = here.until("entry", text="diserahkan")[-1]
            changed = here.until("tally", 2)[1:]
            # What is told there afterwards shows that what came before was not.
            record("card.blocked", world.programme.uuid, actor=budi, at=world.at, area=6202)
            there.until("entry", text="diblokir")
            heard_there = [each for each in there.messages if each["event"] == "entry"]
            assert int(told["id"]) > 0
            assert not any(each["data"]["whole"] for each in changed)
            assert {row[0] for each in changed for row in each["data"]["rows"]} >= {VILLAGES[0]}
            assert len(heard_there) == 1
            assert {row[0] for row in first["data"]["rows"]} == {VILLAGES[2]}

    def test_replays_what_was_missed(self, live, world, budi, wati):
        key = session_of("auditor", None, budi, wati)
        until_moved()
        before = feed.last_position()
        for _ in range(3):
            record("card.handed_over", world.programme.uuid, actor=budi, at=world.at, area=6201)
        until_moved()

        with watching(live, key, **{"Last-Event-ID": str(before)}) as heard:
            entries = heard.until("entry", 3)

        # The worker may have recorded something of its own between them.
        ours = [each.position for each in feed.after(before) if each.kind == "card.handed_over"]
        assert len(ours) == 3
        assert [int(each["id"]) for each in entries] == ours

    def test_ends_when_the_person_signs_out(self, live, world, budi, wati):
        live.start("site")
        key = session_of("auditor", None, budi, wati)
        with watching(live, key) as heard:
            heard.until("tally")
            with httpx.Client(
                base_url=live.origin, cookies={"sessionid": key}, timeout=PATIENCE_S
            ) as browser:
                page = browser.get("/akun/").text
                token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]

                browser.post(
                    "/keluar/", data={"csrfmiddlewaretoken": token}, headers={"Origin": live.origin}
                )

            heard.until("end")
            assert heard.closed.wait(PATIENCE_S)


#: What no act writes, and what a damaged row or a hand in the database could hold.
POISON = {
    "a moment outside any calendar": ("benefit.delivered", "infinity", "{}"),
    "facts that are a list": ("benefit.delivered", "2026-11-12T05:00Z", "[1, 2]"),
    "an alert of no kind": ("alert.opened", "2026-11-12T05:00Z", '"Lamiang"'),
    "a count that is no number": ("alert.opened", "-infinity", '{"count": {}}'),
}


def poison(kind: str, at: str, facts: str) -> None:
    """Write an entry as no act does, and number it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH entered AS (
                INSERT INTO journal_entry (uuid, kind, subject, actor_kind, actor_uuid, at, area,
                                           facts)
                VALUES (gen_random_uuid(), %s, gen_random_uuid(), 'system', gen_random_uuid(), %s,
                        6201011001, %s) RETURNING id)
            INSERT INTO journal_outbox (entry_id) SELECT id FROM entered""",
            [kind, at, facts],
        )
    feed.move()


def backends(query: str = "%") -> list[int]:
    """Find the connections of the stream: as the app role, and nothing else runs as it here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
            "AND usename = %s AND query LIKE %s",
            [cluster.APP_ROLE, query],
        )
        return [pid for (pid,) in cursor.fetchall()]


def cut(pids: list[int]) -> None:
    """Break connections as a restart or a failing network does."""
    assert pids
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) AS pid", [pids])


class TestNothingStopsIt:
    """Neither a broken connection nor a broken row: the next message arrives."""

    @pytest.fixture
    def live(self, live_betang: LiveBetang, keys: None) -> LiveBetang:
        """The stream alone: what it reads is moved by the test."""
        live_betang.start("stream")
        return live_betang

    def tell(self, world: World, actor: Actor, kind: str = "card.blocked") -> None:
        record(kind, world.programme.uuid, actor=actor, at=world.at, area=6201)
        feed.move()

    def test_when_all_its_connections_break(self, live, world, budi, wati):
        key = session_of("auditor", None, budi, wati)
        with watching(live, key) as heard:
            heard.until("tally")
            for round_ in (1, 2, 3):
                before = backends()
                cut(before)

                self.tell(world, budi)

                heard.until("entry", round_)
                until(lambda: bool(set(backends("LISTEN%")) - set(before)), "nobody listens again")  # noqa: B023

    def test_when_somebody_signed_out_while_nobody_listened(self, live, world, budi, wati):
        key = session_of("auditor", None, budi, wati)
        with watching(live, key) as heard:
            heard.until("tally")
            until(lambda: bool(backends("LISTEN%")), "nobody listens")
            Session.objects.all().delete()  # and no notice of it reaches anybody

            cut(backends("LISTEN%"))

            heard.until("end")
            assert heard.closed.wait(PATIENCE_S)

    @pytest.mark.parametrize("how", POISON)
    def test_when_an_entry_is_poisoned(self, live, world, budi, wati, how):
        key = session_of("auditor", None, budi, wati)
        feed.move()
        start = feed.last_position()
        with watching(live, key) as heard:
            heard.until("tally")
            self.tell(world, budi)
            poison(*POISON[how])
            poison(*POISON[how])

            self.tell(world, budi)

            told = heard.until("entry", 2)
        assert [int(each["id"]) for each in told] == [start + 1, start + 4]

        with watching(live, key, **{"Last-Event-ID": str(start)}) as again:
            missed = again.until("entry", 2)
        assert [int(each["id"]) for each in missed] == [start + 1, start + 4]
        assert "Lamiang" not in live.log.read_text()

    def test_when_the_database_is_away_a_browser_is_asked_to_come_back(
        self, live, world, budi, wati
    ):
        key = session_of("auditor", None, budi, wati)
        with watching(live, key) as heard:
            heard.until("tally")
        given = connection.get_connection_params()
        elsewhere = {name: given[name] for name in ("host", "port", "user")}
        with psycopg.connect(**elsewhere, dbname="postgres", autocommit=True) as outside:
            name = psycopg.sql.Identifier(given["dbname"])
            close = psycopg.sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
            outside.execute(close.format(name, psycopg.sql.Literal(False)))
            try:
                cut(backends())

                answer = httpx.get(
                    f"{live.stream_origin}/live/",
                    headers={"Cookie": f"sessionid={key}"}, timeout=PATIENCE_S,
                )  # fmt: skip
            finally:
                outside.execute(close.format(name, psycopg.sql.Literal(True)))

        assert answer.status_code == 200
        assert answer.text == "retry: 5000\n\n"
        with watching(live, key) as heard:
            heard.until("tally")
            self.tell(world, budi)
            heard.until("entry")
