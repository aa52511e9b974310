"""Records that somebody carried: taken once, whoever brings them and however often."""

import pytest
from django.utils import timezone

from betang.accounts import devices
from betang.core.event import courier
from betang.distribution.models import Delivery
from betang.journal.models import Entry
from betang.keys import signer
from betang.sync.courier import (
    ExportNotForUsError,
    ExportTooLargeError,
    NoExportError,
    NoSuchDeviceError,
    ours,
    take_export,
)
from betang.sync.models import FieldEvent
from tests.sync.world import World, make_world


@pytest.fixture
def world(db, keys, budi, wati) -> World:
    return make_world(budi, wati)


@pytest.fixture
def phone(world):
    """A phone with three deliveries that no network took."""
    phone = world.leased()
    for right in world.rights()[:3]:
        phone.deliver(right)
    return phone


def take(file: bytes):
    return take_export(file, at=timezone.now())


class TestAFileThatIsRefused:
    @pytest.mark.parametrize("file", [b"", b"{}", b"%PDF-1.7", b'{"betang":"export","v":2}'])
    def test_is_no_export(self, world, file):
        with pytest.raises(NoExportError):
            take(file)

    def test_is_larger_than_any_export(self, world):
        with pytest.raises(ExportTooLargeError):
            take(bytes(courier.EXPORT_BYTES_MAX + 1))

    def test_was_sealed_to_another_server(self, phone):
        phone.ring = {
            kid: key | ({"x": phone.ring[1]["x"], "y": phone.ring[1]["y"]}
                        if key["purpose"] == "seal" else {})
            for kid, key in phone.ring.items()
        }  # fmt: skip

        with pytest.raises(ExportNotForUsError):
            take(phone.export())

    def test_was_cut_on_its_way(self, phone):
        with pytest.raises((NoExportError, ExportNotForUsError)):
            take(phone.export()[:-40] + b'"}')

    def test_says_it_is_of_a_device_that_nobody_knows(self, phone):
        phone.short_id = "0" * 8

        with pytest.raises(NoSuchDeviceError):
            take(phone.export())
        assert not FieldEvent.objects.exists()

    def test_holds_events_of_another_device_and_takes_none_of_them(self, world, phone):
        other = world.confirmed()
        other.queue = phone.queue

        taken = take(other.export())

        assert (taken.new, taken.refused) == (0, 3)
        assert not FieldEvent.objects.exists()


class TestAFileThatIsTaken:
    def test_counts_each_delivery_once_and_is_acknowledged(self, phone):
        file = phone.export()
        assert len(phone.queue) == 3

        taken = take(file)

        assert (taken.events, taken.new, taken.waiting, taken.refused) == (3, 3, 0, 0)
        assert Delivery.objects.filter(counted=True).count() == 3
        assert phone.acknowledge(taken.acknowledgement) == 3
        assert phone.queue == []
        assert ours(taken.acknowledgement).export_sha256 == courier.digest_of(file)

    def test_brought_twice_changes_nothing_and_is_acknowledged_again(self, phone):
        file = phone.export()
        take(file)

        again = take(file)

        assert (again.events, again.new) == (3, 0)
        assert Delivery.objects.count() == 3
        assert phone.acknowledge(again.acknowledgement) == 3

    def test_after_the_network_took_it_already_says_so(self, phone):
        file = phone.export()
        phone.push()

        assert take(file).new == 0
        assert Delivery.objects.count() == 3

    def test_keeps_what_came_after_it_on_the_phone(self, world, phone):
        file = phone.export()
        phone.deliver(world.rights()[3])

        phone.acknowledge(take(file).acknowledgement)

        assert [one.seq for one in phone.queue] == [4]
        phone.push()
        assert Delivery.objects.filter(counted=True).count() == 4

    def test_without_its_beginning_waits_for_it(self, phone):
        first = phone.queue.pop(0)

        taken = take(phone.export())

        assert (taken.new, taken.waiting) == (0, 2)
        assert phone.acknowledge(taken.acknowledgement) == 0
        phone.queue.insert(0, first)
        assert take(phone.export()).new == 1
        assert Delivery.objects.filter(counted=True).count() == 3

    def test_of_a_revoked_device_waits_for_a_supervisor(self, world, phone):
        file = phone.export()
        devices.revoke(world.device(phone), reason="hilang", actor=world.actor, at=timezone.now())

        taken = take(file)

        assert taken.new == 3
        assert set(FieldEvent.objects.values_list("state", flat=True)) == {"waiting"}
        assert not Delivery.objects.exists()

    def test_is_told_in_the_journal_without_a_name(self, phone):
        take(phone.export())

        (entry,) = Entry.objects.filter(kind="courier.taken")
        assert entry.facts == {"device": phone.short_id, "events": 3, "new": 3}


def test_an_acknowledgement_of_somebody_else_is_not_ours(world):
    from betang.core.crypto.signing import new_private_key, sign

    key = new_private_key()
    told = courier.Acknowledgement("7K3M9QXA", timezone.now(), bytes(32), 0, [])
    kid, _ = signer.current("acknowledgement")

    with pytest.raises(NoExportError):
        ours(courier.write_acknowledgement(told, kid, lambda message: sign(key, message)))
