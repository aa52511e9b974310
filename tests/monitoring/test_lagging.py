"""A device that lags behind is found, once a problem, the worst first; and alerts tell of it."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from betang.accounts.models import Device
from betang.core.device.report import version_number, versions_min
from betang.monitoring import lagging, silence
from betang.monitoring.models import Alert, AlertState, Severity
from betang.monitoring.telling import ALERTS
from tests.sync.world import World, make_world

DAY = timedelta(days=1)


@pytest.fixture
def world(db, keys, budi, wati) -> World:
    return make_world(budi, wati)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def names(device: Device, at: datetime) -> list[str]:
    return [one.name for one in lagging.problems_of([device.pk], at=at)[device.pk]]


def told(device: Device, **columns: object) -> None:
    Device.objects.filter(pk=device.pk).update(**columns)


class TestProblems:
    def test_are_none_of_a_device_that_holds_nothing_and_is_silent(self, world, now):
        phone = world.device(world.confirmed())
        told(phone, last_seen_at=now - 5 * DAY)

        assert names(phone, now) == []

    def test_are_none_of_a_device_that_never_told_anything_of_itself(self, world, now):
        phone = world.device(world.confirmed())

        assert names(phone, now) == []

    def test_of_silence_are_counted_only_where_rights_are_held(self, world, now):
        phone = world.device(world.leased())
        told(phone, last_seen_at=now - 25 * timedelta(hours=1))
        assert names(phone, now) == ["diam"]

        told(phone, last_seen_at=now - 3 * DAY - timedelta(minutes=1))
        assert names(phone, now) == ["diam_tiga_hari"]

    def test_are_also_those_of_a_phone_that_never_came_back_from_its_enrolment(self, world, now):
        phone = world.device(world.leased())
        told(phone, last_seen_at=None, enrolled_at=now - 2 * DAY)

        assert names(phone, now) == ["diam"]

    @pytest.mark.parametrize(
        ("columns", "found"),
        [
            ({"list_at": -15}, ["daftar_lama"]),
            ({"ring_at": -15, "list_at": -1}, ["daftar_lama"]),
            ({"list_at": -13, "ring_at": -13}, []),
            ({"oldest_unsent_at": -2, "unsent": 4}, ["tertahan"]),
            ({"oldest_unsent_at": -2, "unsent": 0}, []),
        ],
    )
    def test_are_what_the_device_told(self, world, now, columns, found):
        phone = world.device(world.confirmed())
        told(phone, **{k: v if k == "unsent" else now + v * DAY for k, v in columns.items()})

        assert names(phone, now) == found

    def test_of_versions_are_by_kind(self, world, now):
        old, new, edc = (world.device(world.confirmed()) for _ in range(3))
        told(old, app_number=version_number("0.9.0"))
        told(new, app_number=version_number("0.10.0"))
        told(edc, app_number=version_number("0.1.0"), kind="edc")

        assert [names(one, now) for one in (old, new, edc)] == [["versi_lama"], [], []]

    def test_of_a_too_old_version_say_that_and_not_also_that_it_is_old(
        self, world, now, monkeypatch
    ):
        old, new = (world.device(world.confirmed()) for _ in range(2))
        told(old, app_number=version_number("0.1.0"))
        told(new, app_number=version_number("0.3.0"))
        monkeypatch.setattr(settings, "APP_VERSIONS_MIN", versions_min("phone=0.2.0"))

        assert names(old, now) == ["terlalu_lama"]
        assert names(new, now) == []

    def test_put_the_worst_first(self, world, now):
        calm, silent, old = (world.device(world.confirmed()) for _ in range(3))
        world.lease(world.phones[1])
        told(silent, last_seen_at=now - 2 * DAY, list_at=now - 20 * DAY)
        told(old, list_at=now - 20 * DAY)

        rows = lagging.with_attention(Device.objects.all(), at=now).order_by("-attention")

        assert [row.pk for row in rows] == [silent.pk, old.pk, calm.pk]
        assert {p.name: n for p, n in lagging.counted(Device.objects.all(), at=now)} == {
            "diam": 1, "daftar_lama": 2,
        }  # fmt: skip


class TestAlerts:
    def kinds(self) -> dict[str, str]:
        found = Alert.objects.filter(state=AlertState.OPEN)
        return dict(found.values_list("kind", "severity"))

    def test_nag_after_a_day_and_call_after_three(self, world, now):
        phone = world.device(world.leased())
        told(phone, last_seen_at=now - 25 * timedelta(hours=1))
        silence.look(at=now)
        assert self.kinds() == {"device_silent": Severity.WARNING}

        silence.look(at=now + 2 * DAY)
        silence.look(at=now + 2 * DAY)

        assert self.kinds() == {
            "device_silent": Severity.WARNING,
            "device_lost": Severity.CRITICAL,
        }

    def test_close_themselves_when_the_device_is_heard(self, world, now):
        phone = world.device(world.leased())
        told(phone, last_seen_at=now - 4 * DAY)
        silence.look(at=now)

        told(phone, last_seen_at=now)
        silence.look(at=now)

        assert self.kinds() == {}

    def test_tell_of_an_old_list_and_an_old_program_where_rights_are_held(
        self, world, now, monkeypatch
    ):
        idle, phone = world.device(world.confirmed()), world.device(world.leased())
        monkeypatch.setattr(settings, "APP_VERSIONS_MIN", versions_min("phone=0.2.0"))
        for one in (idle, phone):
            told(one, list_at=now - 20 * DAY, told_at=now)

        silence.look(at=now)

        assert self.kinds() == {"device_list_old": "warning", "device_too_old": "warning"}
        assert set(Alert.objects.values_list("subject", flat=True)) == {phone.uuid}
        told(phone, list_at=now, app_number=version_number("0.2.0"))
        silence.look(at=now)
        assert self.kinds() == {}

    def test_have_words(self):
        assert {"device_lost", "device_list_old", "device_too_old"} <= set(ALERTS)
