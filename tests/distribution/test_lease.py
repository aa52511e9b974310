"""Leases and reservations: one holder a right, whoever asks."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from betang.core.crypto.signing import load_public_key
from betang.core.errors import SamePersonError
from betang.core.lease import grant as form
from betang.distribution import lease as leases
from betang.distribution.models import Entitlement, Lease, LeaseRight
from betang.keys import signer
from sandbox.phones.wire import RefusedByServerError
from tests.sync.world import World


class TestALease:
    def test_is_refused_where_another_device_holds_everything(self, world: World):
        world.leased()
        other = world.confirmed()

        with pytest.raises(leases.NothingToLeaseError):
            world.lease(other)
        assert LeaseRight.objects.filter(ended_at__isnull=True).count() == 12

    def test_is_refused_outside_the_areas_of_the_device(self, world: World):
        phone = world.confirmed(areas=(6202,))

        with pytest.raises(leases.LeaseAreasError):
            world.lease(phone, areas=[6201])

    def test_is_refused_to_a_device_that_nobody_confirmed(self, world: World):
        phone = world.phone()

        with pytest.raises(leases.DeviceNotActiveError):
            world.lease(phone)

    def test_is_refused_in_a_cycle_that_is_over(self, world: World):
        phone = world.confirmed()
        world.cycle.state = "closed"
        world.cycle.save(update_fields=["state"])

        with pytest.raises(leases.NothingToLeaseError):
            world.lease(phone)

    def test_is_not_shortened_by_a_renewal_of_fewer_days(self, world: World):
        """Its phone may be away with the longer one, and what it delivers till then must count."""
        lease = world.lease(world.confirmed())
        until = lease.not_after

        leases.renew(lease, days=1, actor=world.actor, at=timezone.now())

        assert Lease.objects.get().not_after == until
        held = Entitlement.objects.filter(holder=lease.device)
        assert set(held.values_list("held_until", flat=True)) == {until}

    def test_holds_only_rights_by_hand_and_is_signed(self, world: World):
        phone = world.confirmed()

        lease = world.lease(phone)

        _, point = signer.current("lease")
        read = form.read(lease.jws, load_public_key(point))
        assert read.dev == phone.short_id
        assert len(read.rights) == lease.rights_count == 12
        held = Entitlement.objects.filter(uuid__in=list(read.rights))
        assert {one.channel for one in held} == {"hand"}
        with pytest.raises(form.NotALeaseError):
            form.read(lease.jws, load_public_key(signer.current("list")[1]))

    def test_given_back_frees_what_was_not_delivered(self, world: World):
        phone, other = world.leased(), world.confirmed()
        phone.deliver(world.rights()[0])
        lease = phone.bundle["leases"][0]["uuid"]
        phone.sign("lease.closed", {"lease": lease, "last_seq": 1})
        phone.push()

        again = world.lease(other)

        assert again.rights_count == 11

    def test_that_passed_is_in_doubt_and_frees_nothing(self, world: World):
        phone, other = world.confirmed(), world.confirmed()
        world.lease(phone, at=timezone.now() - timedelta(days=30), days=7)

        with pytest.raises(leases.NothingToLeaseError):
            world.lease(other)

    def test_a_claim_after_it_waits(self, world: World):
        phone = world.confirmed()
        world.lease(phone, at=timezone.now() - timedelta(days=30), days=7)
        phone.fetch()
        phone.deliver(world.rights()[0])
        phone.push()
        phone.pull()

        assert phone.decisions[0]["code"] == "claim.after_lease"
        assert Entitlement.objects.filter(state="delivered").count() == 0


@pytest.mark.django_db(transaction=True)
class TestALeaseGivenBack:
    def test_does_not_deadlock_with_who_locks_its_rights_first(self, world: World):
        phone = world.leased(areas=(6201011001,))
        lease = Lease.objects.select_related("device").get()

        def give_back() -> int:
            try:
                with transaction.atomic():
                    return leases.close(lease, last_seq=0, actor=world.actor, at=timezone.now())
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as threads:
            with transaction.atomic(), connection.cursor() as cursor:
                held = Entitlement.objects.select_for_update().get(uuid=next(iter(phone.rights)))
                freed = threads.submit(give_back)
                for _ in range(500):
                    if waits(cursor):
                        break
                    time.sleep(0.01)
                LeaseRight.objects.filter(entitlement=held).update(
                    ended_at=timezone.now(), end_reason="override"
                )
            assert freed.result() == 5


def waits(cursor) -> bool:
    """Say whether some session waits for a lock."""
    cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
    return cursor.fetchone()[0]


class TestAnOverride:
    def test_takes_two_persons(self, world: World):
        phone = world.leased()
        right = Entitlement.objects.get(uuid=next(iter(phone.rights)))

        with pytest.raises(SamePersonError):
            leases.override(
                right.uuid, reason="rusak", actor=world.actor, second=world.actor,
                at=timezone.now(),
            )  # fmt: skip

    def test_makes_the_former_holders_claim_contested(self, world: World):
        phone, other = world.leased(), world.confirmed()
        right = next(iter(phone.rights))
        phone.deliver(right)
        leases.override(
            Entitlement.objects.get(uuid=right).uuid, reason="HP rusak", actor=world.actor,
            second=world.second, at=timezone.now(),
        )  # fmt: skip
        other.reserve(entitlement=right)
        other.deliver(right, online=True)
        other.push()

        phone.push()
        phone.pull()
        other.pull()

        assert other.decisions[0]["code"] == "ok"
        assert phone.decisions[0]["outcome"] == "contested"


class TestAReservation:
    def test_is_refused_while_another_device_holds_the_right(self, world: World):
        phone, other = world.leased(), world.confirmed()

        with pytest.raises(RefusedByServerError, match=r"right\.held_elsewhere"):
            other.reserve(entitlement=next(iter(phone.rights)))

    def test_of_two_devices_at_once_one_succeeds(self, world: World):
        one, two = world.confirmed(), world.confirmed()
        right = world.rights()[0]
        one.reserve(entitlement=right)

        with pytest.raises(RefusedByServerError, match=r"right\.held_elsewhere"):
            two.reserve(entitlement=right)
        two.deliver(right, online=True)
        one.deliver(right, online=True)
        two.push()
        one.push()
        one.pull()
        two.pull()

        assert one.decisions[0]["code"] == "ok"
        assert two.decisions[0]["outcome"] == "contested"

    def test_of_the_banks_money_is_refused(self, world: World):
        phone = world.confirmed()
        cash = Entitlement.objects.filter(channel="bank")[0]

        with pytest.raises(RefusedByServerError, match=r"right\.not_by_hand"):
            phone.reserve(entitlement=str(cash.uuid))
