"""One tap presented at once to two servers of two processes each: one presentation is good."""

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import orjson
import pytest
from django.conf import settings as site_settings
from django.utils import timezone

from benchmarks.served import free_port
from betang.accounts.models import Device, User
from betang.cards.models import Card, Presentation
from betang.core import jose
from betang.core.device.short_id import new_short_id
from betang.core.identifiers import new_uuid
from betang.journal.models import Entry
from sandbox.phones.phone import Phone
from tests.conftest import LiveBetang

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]

#: Phones that present the same tap in the same instant, half of them to each server.
HANDS = 4
ROUNDS = 60
#: How often a phone may be late to the barrier before the test says that it hangs.
WAIT_S = 60


@pytest.fixture
def servers(live_betang, chip, tmp_path):
    """Two sites on one database, each with two processes; both derive the keys of the chips."""
    live_betang.environment |= {
        "BETANG_DEMO": "1",
        "BETANG_VAR": str(site_settings.VAR),
    }
    other = LiveBetang(
        f"http://localhost:{free_port()}",
        live_betang.stream_origin,
        live_betang.environment,  # the same configured origin: one installation, two machines
        tmp_path / "other.log",
    )
    for server in (live_betang, other):
        start(server)
    yield live_betang, other
    other.stop()


def start(server: LiveBetang) -> None:
    """Start a site of two processes, and wait until it answers."""
    with server.log.open("ab") as log:
        server.processes["site"] = subprocess.Popen(
            [
                sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
                "--port", server.origin.rsplit(":", 1)[1], "--workers", "2",
                "--blocking-threads", "2", "--no-ws", "betang.wsgi:application",
            ],
            stdout=log, stderr=log, env=server.environment,
        )  # fmt: skip
    server._await_site()


@pytest.fixture
def hands(servers, live_betang):
    """Enrolled phones, each with a line to its own server."""
    made = []
    for place in range(HANDS):
        line = httpx.Client(base_url=servers[place % 2].origin, timeout=WAIT_S)
        phone = Phone(live_betang.origin, line)
        jwk = jose.jwk_of(phone.key.public_key())
        owner = User.objects.create(username=f"sari{place}", full_name="Sari", person=new_uuid())
        Device.objects.create(
            short_id=new_short_id(),
            owner=owner,
            public_jwk=jwk,
            thumbprint=jose.thumbprint(jwk),
            has_nfc=True,
            state="active",
            enrolled_at=timezone.now(),
        )
        made.append(phone)
    yield made
    for phone in made:
        phone.client.close()


def present_together(hands, taps) -> list[list[str]]:
    """Let every phone present each tap in the same instant; give the reasons, a tap a row."""
    start = Barrier(len(hands))

    def hand(phone: Phone) -> list[str]:
        reasons = []
        phone.ping()
        for tap in taps:
            start.wait(WAIT_S)
            told = phone.tap(tap.uid.hex(), tap.counter, tap.mac.hex(), act="deliver")
            reasons.append(told["reason"])
        return reasons

    with ThreadPoolExecutor(len(hands)) as pool:
        rows = list(pool.map(hand, hands))
    return [list(seen) for seen in zip(*rows, strict=True)]


def test_of_many_presentations_of_one_tap_at_two_servers_exactly_one_is_good(hands, chip, active):
    taps = [chip.tap() for _ in range(ROUNDS)]
    # The limit of a card at a device is an hour's; here a device taps for a whole day at once.
    for part in range(0, ROUNDS, 30):
        for seen in present_together(hands, taps[part : part + 30]):
            assert seen.count("tap.replayed") == HANDS - 1, seen
        _forget_attempts()

    card = Card.objects.get(pk=active.pk)
    good = Presentation.objects.exclude(colour="red")
    assert card.counter == taps[-1].counter
    assert Counter(good.values_list("counter", flat=True)) == Counter(t.counter for t in taps)
    assert Presentation.objects.count() == HANDS * ROUNDS  # every one is kept, also the red
    kinds = Counter(Entry.objects.filter(subject=card.uuid).values_list("kind", flat=True))
    assert kinds["card.copied"] == (HANDS - 1) * ROUNDS
    assert kinds["card.presented"] == ROUNDS
    assert good.values("device").distinct().count() > 1  # neither server always won


def test_a_tap_is_replayed_on_whichever_phone_and_server_it_comes_again(hands, chip):
    first, second = chip.tap(), chip.tap()

    told = hands[0].tap(second.uid.hex(), second.counter, second.mac.hex(), act="deliver")
    assert told["reason"] != "tap.replayed"
    for phone in hands:
        for tap in (first, second):  # the earlier one too: it was harvested before
            again = phone.tap(tap.uid.hex(), tap.counter, tap.mac.hex(), act="deliver")
            assert (again["colour"], again["reason"]) == ("red", "tap.replayed")
            assert again["card"] is None


def test_too_many_taps_of_a_card_are_refused_to_that_phone_alone(hands, chip):
    tap = chip.tap()
    body = orjson.dumps({"uid": tap.uid.hex(), "counter": tap.counter, "mac": tap.mac.hex(),
                         "act": "look"})  # fmt: skip
    answers = [hands[0].request("POST", "/api/v1/taps", body) for _ in range(41)]

    assert {answer.status_code for answer in answers[:40]} == {200}
    assert answers[40].status_code == 429
    assert answers[40].json()["code"] == "tap.card_too_often"
    assert hands[1].request("POST", "/api/v1/taps", body).status_code == 200


def _forget_attempts() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_attempt")
