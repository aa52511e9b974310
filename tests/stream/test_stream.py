"""The stream as it runs: who is let in, what arrives, and when it ends."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from betang.accounts.models import RoleGrant, User
from betang.core.actor import Actor
from betang.journal import feed
from betang.journal.record import record
from tests.conftest import LiveBetang
from tests.sync.world import VILLAGES, World, make_world

pytestmark = pytest.mark.server
PATIENCE_S = 15.0


@pytest.fixture
def live(live_betang: LiveBetang, keys: None) -> LiveBetang:
    live_betang.start("stream", "worker")
    return live_betang


@pytest.fixture
def world(live: LiveBetang, budi: Actor, wati: Actor) -> World:
    return make_world(budi, wati)


def session_of(role: str | None, area: int | None, budi: Actor, wati: Actor) -> str:
    user = User.objects.create(username=f"{role}.{area}", full_name="Pemantau")
    if role:
        RoleGrant.objects.create(
            user=user, role=role, area_id=area, proposed_by_person=budi.person,
            approved_by_person=wati.person, from_at=timezone.now(),
        )  # fmt: skip
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    assert session.session_key is not None
    return session.session_key


def until_moved() -> None:
    """Wait until the worker's mover has numbered all entries."""
    while feed.waiting():
        time.sleep(0.02)


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
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            found = [
                each
                for each in self.messages
                if each.get("event") == event and text in each["data"].get("text", "")
            ]
            if len(found) >= count:
                return found
            time.sleep(0.02)
        raise AssertionError(f"no {event} came: {self.messages[-3:]}")


@contextmanager
def watching(live: LiveBetang, key: str, **headers: str) -> Iterator[Heard]:
    given = {"Cookie": f"sessionid={key}", "Origin": live.origin} | headers
    url = f"{live.stream_origin}/live/"
    with httpx.stream("GET", url, headers=given, timeout=30) as answer:
        assert answer.status_code == 200, answer.status_code
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["access-control-allow-origin"] == live.origin
        yield Heard(answer.iter_lines())


class TestRefusals:
    def test_nobody_is_let_in_without_a_session_or_from_elsewhere(self, live, world, budi, wati):
        key = session_of("auditor", None, budi, wati)
        nobody = session_of(None, None, budi, wati)
        url = f"{live.stream_origin}/live/"

        asked = [
            httpx.get(url),
            httpx.get(url, headers={"Cookie": "sessionid=abc"}),
            httpx.get(url, headers={"Cookie": f"sessionid={nobody}"}),
            httpx.get(url, headers={"Cookie": f"sessionid={key}", "Origin": "http://evil.example"}),
            httpx.post(url, headers={"Cookie": f"sessionid={key}"}),
            httpx.get(f"{live.stream_origin}/"),
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
            changed = here.until("tally", 2)[-1]["data"]
            time.sleep(0.5)
            assert int(told["id"]) > 0
            assert changed["whole"] is False
            assert [row[0] for row in changed["rows"]] == [VILLAGES[0]]
            assert not [each for each in there.messages if each["event"] == "entry"]
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

        assert [int(each["id"]) for each in entries] == [before + 1, before + 2, before + 3]

    def test_ends_when_the_person_signs_out(self, live, world, budi, wati):
        live.start("site")
        key = session_of("auditor", None, budi, wati)
        with watching(live, key) as heard:
            heard.until("tally")
            with httpx.Client(base_url=live.origin, cookies={"sessionid": key}) as browser:
                page = browser.get("/akun/").text
                token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]

                browser.post(
                    "/keluar/", data={"csrfmiddlewaretoken": token}, headers={"Origin": live.origin}
                )

            heard.until("end")
            assert heard.closed.wait(PATIENCE_S)
