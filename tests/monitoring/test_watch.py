"""Alerts come from journal entries, once a subject, and are closed with a reason."""

from datetime import timedelta

import pytest

from betang.accounts.models import Device, DeviceArea, User
from betang.areas.models import Area
from betang.core.identifiers import new_uuid
from betang.journal import feed
from betang.journal.models import Entry
from betang.journal.record import record
from betang.monitoring import silence
from betang.monitoring.close import NoReasonError, NotOpenError, close
from betang.monitoring.models import Alert, AlertState
from betang.monitoring.seen import alerts_for
from betang.monitoring.telling import ALERTS, alert_title, tell
from betang.monitoring.watch import CAUSES, follow
from betang.wiring import FOLLOW_UPS
from tests.sync.world import World, make_world

VILLAGE = 6203011001


def follow_all():
    feed.move()
    for entry in feed.after(0):
        if entry.kind in CAUSES:
            follow([entry])


@pytest.fixture
def world(db, keys, budi, wati) -> World:
    return make_world(budi, wati)


class TestFollow:
    def test_makes_nothing_of_an_ordinary_delivery(self, db, budi, noon):
        record("benefit.delivered", new_uuid(), actor=budi, at=noon, area=VILLAGE)

        follow_all()

        assert not Alert.objects.exists()

    def test_makes_one_alert_of_two_entries_about_one_subject(self, db, budi, noon):
        subject = new_uuid()
        for _ in range(2):
            record("card.copied", subject, actor=budi, at=noon, area=VILLAGE, number="6200")

        follow_all()

        alert = Alert.objects.get()
        assert (alert.kind, alert.times, alert.area) == ("card_copied", 2, VILLAGE)
        assert Entry.objects.filter(kind="alert.opened").count() == 1

    def test_opens_another_when_the_first_was_closed(self, db, budi, noon):
        subject = new_uuid()
        record("delivery.contested", subject, actor=budi, at=noon, area=VILLAGE)
        follow_all()
        close(Alert.objects.get(), "Kedua petugas dihubungi.", actor=budi, at=noon)

        follow(feed.after(0)[:1])

        assert Alert.objects.filter(state=AlertState.OPEN).count() == 1
        assert Alert.objects.count() == 2

    def test_is_wired_for_every_cause(self):
        assert all(follow in FOLLOW_UPS[kind] for kind in CAUSES)

    def test_every_alert_has_words(self):
        assert {cause.alert for cause in CAUSES.values()} <= set(ALERTS)
        assert alert_title("card_copied") != "card_copied"


class TestClose:
    @pytest.fixture
    def alert(self, db, budi, noon):
        record("card.copied", new_uuid(), actor=budi, at=noon, area=VILLAGE)
        follow_all()
        return Alert.objects.get()

    @pytest.mark.parametrize("reason", ["", "   ", "ok", "beres  ya"])
    def test_refuses_a_reason_that_says_nothing(self, alert, budi, noon, reason):
        with pytest.raises(NoReasonError):
            close(alert, reason, actor=budi, at=noon)

        alert.refresh_from_db()
        assert alert.state == AlertState.OPEN

    def test_refuses_the_second_of_two(self, alert, budi, wati, noon):
        close(alert, "Kartu sudah diblokir.", actor=budi, at=noon)

        with pytest.raises(NotOpenError):
            close(alert, "Kartu sudah diblokir.", actor=wati, at=noon)


class TestSilence:
    def test_a_device_without_rights_may_be_silent(self, world, noon):
        phone = world.confirmed()
        Device.objects.update(last_seen_at=world.at - timedelta(days=9))

        silence.look(at=world.at)

        assert phone.short_id
        assert not Alert.objects.exists()

    def test_a_silent_device_with_rights_is_an_alert_until_it_speaks(self, world):
        world.leased()
        later = world.at + timedelta(days=3)

        silence.look(at=later)
        silence.look(at=later)
        opened = list(Alert.objects.filter(kind="device_silent"))
        Device.objects.update(last_seen_at=later)
        silence.look(at=later)

        assert len(opened) == 1
        assert opened[0].times == 1
        assert Alert.objects.get(kind="device_silent").state == AlertState.CLOSED

    def test_a_lease_that_ran_out_without_an_answer_makes_data_not_current(self, world):
        world.leased()

        silence.look(at=world.at + timedelta(days=60))

        assert Alert.objects.filter(kind="data_not_current", state=AlertState.OPEN).count() == 1


class TestAlertsFor:
    def test_show_none_to_an_account_without_a_role(self, db, budi, noon):
        record("card.copied", new_uuid(), actor=budi, at=noon, area=VILLAGE)
        follow_all()
        charlie = User.objects.create(username="charlie", full_name="Charlie")

        assert not alerts_for(charlie).exists()


class TestTell:
    def test_names_the_place_and_no_person(self):
        told = tell("benefit.delivered", {"receipt": "7K3M9QXA-1"}, "Desa Tumbang Malahoi")

        assert told == "Bantuan diserahkan di Desa Tumbang Malahoi"

    def test_keeps_quiet_about_what_nobody_watches(self):
        assert tell("device.code_issued", {}, None) is None

    def test_bears_facts_of_any_shape(self):
        assert tell("cards.issued", {"count": "many"}, None) == "Kartu dibuat"


def test_area_of_a_device_is_the_area_of_its_alert(world):
    phone = world.leased(areas=(6201,))
    silence.look(at=world.at + timedelta(days=3))

    device = Device.objects.get(short_id=phone.short_id)
    assert DeviceArea.objects.get(device=device).area_id == 6201
    assert Alert.objects.get(kind="device_silent").area == 6201
    assert Area.objects.filter(code=6201).exists()
