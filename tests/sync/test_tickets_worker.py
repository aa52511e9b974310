"""Tickets by the real worker, as the app's own database role; killed half way, it goes on."""

import time
from collections.abc import Callable

import httpx
import pytest
from django.utils import timezone

from betang.cards import custody
from betang.cards.issue import issue_cards
from betang.cards.models import Card, TicketSegment
from betang.core.actor import Actor
from betang.keys import chip_master
from sandbox.phones.phone import Phone
from tests.conftest import PATIENCE_S, LiveBetang
from tests.sync.world import make_world

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]

#: Enough work that a kill finds it half done: two seconds of hashing on one core.
FAMILIES, WINDOW = 70, 64


@pytest.fixture
def leased(live_betang: LiveBetang, keys: None, budi: Actor, wati: Actor, settings) -> Phone:
    """A phone with NFC and the rights of one village, which asks over HTTP."""
    settings.DEMO = True
    live_betang.environment |= {"BETANG_DEMO": "1", "BETANG_TICKETS": str(WINDOW)}
    chip_master.make_test_master()
    world = make_world(budi, wati, families=FAMILIES)
    issue_cards(actor=budi, at=timezone.now(), virtual_chips=True)
    Card.objects.update(state="printed")
    custody.receive(actor=budi, at=timezone.now())
    Card.objects.update(state="active", handed_over_at=timezone.now())
    live_betang.start("site")
    client = httpx.Client(base_url=live_betang.origin, timeout=PATIENCE_S, trust_env=False)
    return world.leased(areas=(6201011001,), has_nfc=True, origin=live_betang.origin, client=client)


def wait_until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def made() -> int:
    return TicketSegment.objects.count()


class TestTheRealWorker:
    def test_goes_on_after_a_kill_with_what_is_missing(
        self, live_betang: LiveBetang, leased: Phone
    ):
        live_betang.start("worker")
        wait_until(lambda: made() > 0, "the worker began")
        live_betang.kill("worker")
        before = set(TicketSegment.objects.values_list("pk", flat=True))
        leased.fetch()
        assert len(leased.tickets.held) == len(before)  # what is committed is of use already

        live_betang.start("worker")
        wait_until(lambda: made() == FAMILIES, "the worker made the rest")
        leased.fetch()

        assert before < set(TicketSegment.objects.values_list("pk", flat=True))
        assert len(leased.tickets.held) == FAMILIES
        assert {sum(p.count for p in parts) for parts in leased.tickets.held.values()} == {WINDOW}
        leased.client.close()
