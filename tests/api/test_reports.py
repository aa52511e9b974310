"""What a device tells of itself with its requests, being too old to claim, and being wiped."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from betang.accounts import devices
from betang.accounts.models import Device, DeviceState
from betang.core.device.report import versions_min
from betang.journal.models import Entry
from sandbox.phones.phone import Phone
from sandbox.phones.wire import RefusedByServerError
from tests.sync.world import World

TOLD = {
    "app": "0.2.0", "kind": "phone", "unsent": 3, "oldest_s": 7_200, "list": 4, "list_s": 86_400,
    "ring_s": 60, "roster_s": 600, "persisted": True, "battery": 80,
}  # fmt: skip


def telling(phone: Phone, told: object) -> None:
    """Have `phone` tell this with its next requests of the bundle."""
    phone.report = lambda: told  # type: ignore[assignment,method-assign,return-value]


class TestAReport:
    def test_that_is_nonsense_refuses_nothing_and_changes_nothing(self, world: World):
        phone = world.confirmed()
        before = Device.objects.values("app_version", "kind", "unsent", "list_at").get()

        for told in ([1], {"unsent": "many", "app": "\0", "kind": 7, "list_s": -1}):
            telling(phone, told)
            phone.fetch()

        assert Device.objects.values("app_version", "kind", "unsent", "list_at").get() == before

    def test_is_kept_as_the_moments_that_its_ages_lead_back_to(self, world: World):
        phone = world.confirmed()
        telling(phone, TOLD)

        phone.fetch()

        device = world.device(phone)
        assert (device.app_version, device.unsent, device.list_seq) == ("0.2.0", 3, 4)
        assert (device.storage_persisted, device.battery_percent) == (True, 80)
        assert device.told_at == device.last_seen_at
        assert device.told_at - device.oldest_unsent_at == timedelta(hours=2)
        assert device.told_at - device.list_at == timedelta(days=1)
        assert abs(device.clock_ahead_s) < 60

    def test_is_kept_once_a_minute(self, world: World):
        phone = world.confirmed()
        telling(phone, TOLD)
        phone.fetch()

        telling(phone, TOLD | {"unsent": 9})
        phone.fetch()
        assert world.device(phone).unsent == 3

        Device.objects.update(told_at=timezone.now() - timedelta(seconds=61))
        phone.fetch()
        assert world.device(phone).unsent == 9

    def test_of_nothing_unsent_forgets_the_oldest(self, world: World):
        phone = world.confirmed()
        telling(phone, TOLD)
        phone.fetch()
        Device.objects.update(told_at=timezone.now() - timedelta(seconds=61))

        telling(phone, {"unsent": 0})
        phone.fetch()

        assert world.device(phone).oldest_unsent_at is None
        assert world.device(phone).app_version == "0.2.0"  # what is left out stays

    def test_costs_no_statement_more(self, world: World):
        phone = world.confirmed()
        phone.fetch()
        counts = []
        for told in (None, TOLD):
            telling(phone, told)
            with CaptureQueriesContext(
                connection,
            ) as seen:
                phone.fetch()
            counts.append(len(seen))

        assert counts[0] == counts[1]

    def test_comes_also_from_a_device_that_gets_nothing(self, world: World):
        phone = world.confirmed()
        devices.revoke(world.device(phone), reason="Hilang.", actor=world.actor, at=timezone.now())
        telling(phone, TOLD)

        with pytest.raises(RefusedByServerError, match=r"device\.revoked"):
            phone.fetch()

        assert world.device(phone).unsent == 3


class TestTooOld:
    @pytest.fixture(autouse=True)
    def least(self, monkeypatch):
        monkeypatch.setattr(settings, "APP_VERSIONS_MIN", versions_min("phone=0.3.0"))

    def test_gets_nothing_to_claim_with_and_still_sends(self, world: World):
        phone = world.confirmed()

        for asking in (phone.fetch, lambda: phone.reserve(card="62123456789701")):
            with pytest.raises(RefusedByServerError, match=r"device\.too_old"):
                asking()
        phone.sign("problem.reported", {"code": "other"}, private={"note": ""})

        assert [one["answer"] for one in phone.push()] == ["stored"]
        assert [one["code"] for one in phone.pull()] == ["ok"]

    def test_is_over_with_the_very_request_that_tells_the_new_version(self, world: World):
        phone = world.confirmed()
        phone.app_version = "0.3.0"

        assert phone.fetch()["device"]["state"] == "active"

    def test_is_said_of_a_version_that_nobody_can_read(self, world: World):
        phone = world.confirmed()
        telling(phone, {"app": "nightly"})

        with pytest.raises(RefusedByServerError, match=r"device\.too_old"):
            phone.fetch()

    def test_is_not_said_of_another_kind(self, world: World):
        phone = world.confirmed()
        telling(phone, {"app": "0.1.0", "kind": "edc"})

        assert phone.fetch()["v"] == 1


class TestWiping:
    def order(self, world: World, phone: Phone) -> None:
        devices.order_wipe(
            world.device(phone), reason="Tertinggal.", actor=world.actor, at=timezone.now()
        )

    def test_cannot_be_acknowledged_where_it_was_not_ordered(self, world: World):
        phone = world.confirmed()

        told = phone.call("POST", "/api/v1/device/wiped", {"unsent": 0})

        assert told == {"wiped": False, "news": False}
        assert world.device(phone).wiped_at is None

    def test_stops_the_device_and_is_told_before_anything_else(self, world: World):
        phone = world.leased()
        self.order(world, phone)

        assert world.device(phone).state == DeviceState.SUSPENDED
        assert phone.state()["wipe"] is True
        with pytest.raises(RefusedByServerError, match=r"device\.wipe_ordered"):
            phone.fetch()

    def test_never_costs_an_unsent_event(self, world: World):
        phone = world.leased()
        phone.deliver(world.rights()[0])
        self.order(world, phone)

        assert [one["answer"] for one in phone.push()] == ["stored"]
        assert [one["code"] for one in phone.pull()] == ["device.suspended"]

    def test_is_acknowledged_once(self, world: World):
        phone = world.confirmed()
        self.order(world, phone)

        first = phone.call("POST", "/api/v1/device/wiped", {"unsent": 2})
        again = phone.call("POST", "/api/v1/device/wiped", {"unsent": 0})

        assert (first["news"], again["news"]) == (True, False)
        entry = Entry.objects.get(kind="device.wiped")
        assert entry.facts == {"short_id": phone.short_id, "unsent": 2}

    def test_is_acknowledged_by_a_revoked_device_too(self, world: World):
        phone = world.confirmed()
        devices.revoke(world.device(phone), reason="Hilang.", actor=world.actor, at=timezone.now())

        phone.call("POST", "/api/v1/device/wiped", {"unsent": 0})

        assert world.device(phone).wiped_at is not None

    def test_is_taken_back_with_the_suspension_until_it_was_done(self, world: World):
        phone, other = world.confirmed(), world.confirmed()
        for one in (phone, other):
            self.order(world, one)
        other.call("POST", "/api/v1/device/wiped", {"unsent": 0})

        at = timezone.now()
        devices.reinstate(world.device(phone), actor=world.actor, at=at)
        with pytest.raises(devices.WipedError):
            devices.reinstate(world.device(other), actor=world.actor, at=at)

        assert phone.fetch()["device"]["state"] == "active"

    def test_leaves_no_device_at_work_that_is_to_be_wiped(self, world: World):
        phone = world.confirmed()
        self.order(world, phone)

        with pytest.raises(IntegrityError, match="device_to_wipe_is_stopped"), transaction.atomic():
            Device.objects.update(state=DeviceState.ACTIVE)

    def test_is_ordered_once(self, world: World):
        phone = world.confirmed()
        self.order(world, phone)

        with pytest.raises(devices.StateError):
            self.order(world, phone)
