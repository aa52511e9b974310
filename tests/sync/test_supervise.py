"""What a supervisor and the worker do about a device's chain."""

import pytest
from django.db import connection
from django.utils import timezone

from betang.accounts import devices
from betang.core.errors import SamePersonError
from betang.distribution.models import Delivery
from betang.sync import supervise
from betang.sync.decisions import read_after
from betang.sync.models import DeviceCursor, FieldEvent
from sandbox.phones.phone import Phone
from tests.sync.world import World

FAIL = """
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.receipt_number LIKE '{}' THEN RAISE EXCEPTION 'no'; END IF;
        RETURN NEW; END $$;
    CREATE TRIGGER fail BEFORE INSERT ON distribution_delivery
        FOR EACH ROW EXECUTE FUNCTION fail();
"""


def parked(phone: Phone, right: str) -> None:
    """Have a delivery parked, and the database mended afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(FAIL.format("%"))
    phone.deliver(right)
    phone.push()
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER fail ON distribution_delivery")


class TestAGap:
    def test_is_not_closed_by_one_person(self, world: World):
        phone = world.leased()

        with pytest.raises(SamePersonError):
            supervise.close_gap(
                world.device(phone), reason="hilang", actor=world.actor, second=world.actor,
                at=timezone.now(),
            )  # fmt: skip

    def test_that_is_not_there_is_not_closed(self, world: World):
        phone = world.leased()
        phone.deliver(world.rights()[0])
        phone.push()

        with pytest.raises(supervise.NoGapError):
            supervise.close_gap(
                world.device(phone), reason="hilang", actor=world.actor, second=world.second,
                at=timezone.now(),
            )  # fmt: skip

    def test_given_up_lets_the_rest_through_and_a_late_comer_is_a_fork(self, world: World):
        phone = world.leased()
        lost, _, kept = (phone.deliver(right) for right in world.rights()[:3])
        phone.send([kept])

        gap, report = supervise.close_gap(
            world.device(phone), reason="HP tercebur", actor=world.actor, second=world.second,
            at=timezone.now(),
        )  # fmt: skip

        assert gap == (1, 2)
        assert report.seq == 3
        assert Delivery.objects.filter(counted=True).count() == 1
        assert DeviceCursor.objects.get().held_count == 0
        assert [a["answer"] for a in phone.send([lost])["answers"]] == ["fork"]


class TestAnEventOnWhichTheDatabaseFails:
    def test_is_parked_while_the_others_count_and_is_tried_again(self, world: World):
        phone = world.leased()
        rights = world.rights()
        for right in rights[:3]:
            phone.deliver(right)
        with connection.cursor() as cursor:
            cursor.execute(f"""
                CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF NEW.receipt_number LIKE '%-2' THEN RAISE EXCEPTION 'no'; END IF;
                    RETURN NEW; END $$;
                CREATE TRIGGER fail BEFORE INSERT ON distribution_delivery
                    FOR EACH ROW EXECUTE FUNCTION fail(); -- {rights[1]}
            """)

        answers = phone.push()
        phone.pull()

        assert [a["answer"] for a in answers] == ["stored"] * 3
        assert [d["outcome"] for d in phone.decisions] == ["accepted", "parked", "accepted"]
        assert supervise.retry_parked(at=timezone.now()) == 0
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER fail ON distribution_delivery")
        assert supervise.retry_parked(at=timezone.now()) == 1
        phone.pull()
        assert phone.decisions[-1]["seq"] == 2
        assert phone.decisions[-1]["outcome"] == "accepted"
        assert Delivery.objects.filter(counted=True).count() == 3
        assert not FieldEvent.objects.exclude(state="applied").exists()

    def test_waits_for_a_supervisor_when_its_device_was_stopped_since(self, world: World):
        phone = world.leased()
        parked(phone, world.rights()[0])
        devices.revoke(world.device(phone), reason="hilang", actor=world.actor, at=timezone.now())

        supervise.retry_parked(at=timezone.now())

        assert read_after(world.device(phone).pk, 0, 10)[-1]["code"] == "device.revoked"
        assert FieldEvent.objects.get().state == "waiting"
        assert not Delivery.objects.filter(counted=True).exists()

    def test_is_parked_too_when_it_waited_for_another_and_holds_up_no_other_device(
        self, world: World
    ):
        phone, other = world.leased(areas=(6201,)), world.leased(areas=(6202,))
        for one in (phone, other):
            one.send([one.deliver(right) for right in list(one.rights)[:2]][1:])
            DeviceCursor.objects.filter(device=world.device(one)).update(
                applied_seq=1, applied_sha256=FieldEvent.objects.get(device=world.device(one)).prev
            )
        with connection.cursor() as cursor:
            cursor.execute(FAIL.format(f"{phone.short_id}-%"))

        assert supervise.resume_held(at=timezone.now()) == 2
        states = dict(FieldEvent.objects.values_list("device__short_id", "state"))
        assert states == {phone.short_id: "parked", other.short_id: "applied"}


class TestEventsOfARevokedDevice:
    def test_count_only_when_two_persons_release_them(self, world: World):
        phone = world.leased()
        phone.deliver(world.rights()[0])
        device = world.device(phone)
        devices.revoke(device, reason="hilang", actor=world.actor, at=timezone.now())
        phone.push()
        both = {"reason": "dikenal", "actor": world.actor, "at": timezone.now()}
        with pytest.raises(SamePersonError):
            supervise.release_waiting(device, second=world.actor, **both)
        assert Delivery.objects.count() == 0

        released = supervise.release_waiting(device, second=world.second, **both)

        assert released == 1
        assert Delivery.objects.filter(counted=True).count() == 1
        decided = read_after(device.pk, 0, 10)
        assert [d["outcome"] for d in decided] == ["waiting", "accepted"]
        with pytest.raises(supervise.NothingWaitsError):
            supervise.release_waiting(device, second=world.second, **both)
