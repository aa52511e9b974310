"""The server is killed in the middle of ingest: what it acknowledged is there."""

import threading

import httpx
import pytest
from django.db import connection
from django.utils import timezone

from betang.core.actor import SYSTEM
from betang.distribution import lease as leases
from betang.keys.init import init
from betang.sync.models import FieldEvent
from sandbox.phones.phone import Phone
from sandbox.phones.wire import OfflineError, RefusedByServerError
from tests.conftest import PATIENCE_S
from tests.sync.world import make_world


@pytest.mark.server
class TestAServerThatDies:
    def test_loses_no_acknowledged_event_and_sending_all_again_changes_nothing(
        self, live_betang, budi, wati
    ):
        init(actor=SYSTEM, at=timezone.now())
        world = make_world(budi, wati, families=60)
        live_betang.start("site")
        with httpx.Client(
            base_url=live_betang.origin, timeout=PATIENCE_S, trust_env=False
        ) as client:
            self.check(live_betang, world, client)

    def check(self, live_betang, world, client) -> None:
        phone = world.phone(origin=live_betang.origin, client=client)
        self.confirm(world, phone)
        for right in list(phone.rights):
            phone.deliver(right)
        everything = list(phone.queue)
        acknowledged: set[int] = set()

        killer = threading.Thread(target=live_betang.kill, args=("site",))
        self.send_until_dead(phone, everything, acknowledged, killer)
        killer.join()
        live_betang.start("site")

        stored = set(FieldEvent.objects.values_list("seq", flat=True))
        assert acknowledged <= stored
        assert len(acknowledged) < len(everything), "the server died too late to show anything"

        phone.nonce = ""
        phone.push(size=10)
        assert phone.queue == []
        delivered = self.count("SELECT count(*) FROM distribution_delivery WHERE counted")
        assert delivered == len(everything)

        again = {a["answer"] for at in range(0, len(everything), 100)
                 for a in phone.send(everything[at : at + 100])["answers"]}  # fmt: skip
        assert again == {"again"}
        assert self.count("SELECT count(*) FROM distribution_delivery") == len(everything)
        assert self.count("SELECT count(*) FROM sync_decision") == len(everything)

    @staticmethod
    def confirm(world, phone: Phone) -> None:
        from betang.accounts import devices

        device = world.device(phone)
        at = timezone.now()
        devices.confirm(device, words=phone.words, areas=[62], actor=world.actor, at=at)
        leases.grant(device, cycle=world.cycle, actor=world.actor, at=at)
        phone.fetch()

    @staticmethod
    def send_until_dead(
        phone: Phone, events, acknowledged: set[int], killer: threading.Thread
    ) -> None:
        """Send two at a time; after some answers the killer starts, and the sending goes on."""
        for at in range(0, len(events), 2):
            if at == 10:
                killer.start()
            elif at == len(events) - 10:
                killer.join()  # a killer that comes late shall still find something unsent
            try:
                told = phone.send(events[at : at + 2])
            except (OfflineError, RefusedByServerError, httpx.TransportError):
                return
            acknowledged |= {a["seq"] for a in told["answers"] if a["answer"] == "stored"}

    @staticmethod
    def count(sql: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]
