"""Photos that somebody carried: only what a signed event names, once, whoever brings them."""

import pytest
from django.utils import timezone

from betang.accounts import devices
from betang.core.errors import RefusedError
from betang.core.event import courier
from betang.journal.models import Entry
from betang.keys import blobs as kept
from betang.keys.models import SealedBlob
from betang.sync import blobs
from betang.sync.courier import ExportTooLargeError, NoExportError, NoSuchDeviceError, take_export
from betang.sync.courier_photos import PhotosTaken, take_photos
from sandbox.phones.phone import Phone, photo
from sandbox.phones.sealing import BLOB_CONTEXT, Sealed, seal
from tests.sync.world import World, make_world


@pytest.fixture
def world(db, keys, budi, wati) -> World:
    return make_world(budi, wati)


@pytest.fixture
def phone(world) -> Phone:
    return world.leased()


def photographed(world: World, phone: Phone, count: int = 2) -> list[tuple[int, Sealed]]:
    """Deliver a right with photos, none of which has been sent."""
    sealed = [seal(photo(3_000), BLOB_CONTEXT) for _ in range(count)]
    row = phone.deliver(world.rights()[0], photos=[one.sha256.hex() for one in sealed])
    return [(row.seq, one) for one in sealed]


def take(file: bytes) -> PhotosTaken:
    return take_photos(file, at=timezone.now())


def numbers(taken: PhotosTaken) -> tuple[int, int, int, int]:
    return taken.photos, taken.new, taken.unnamed, taken.unreadable


def acknowledged(taken: PhotosTaken, phone: Phone) -> set[bytes]:
    """What the phone may forget: it believes the server's signature only."""
    _, key = phone._key("acknowledgement")
    return set(courier.read_acknowledgement(taken.acknowledgement, key).photos)


class TestAFileThatIsRefused:
    @pytest.mark.parametrize("file", [b"", b"{}", b'{"betang":"photos","v":2}'])
    def test_holds_no_photos(self, world, file):
        with pytest.raises(NoExportError):
            take(file)

    def test_is_larger_than_any_of_a_phone(self, world):
        with pytest.raises(ExportTooLargeError):
            take(bytes(courier.EXPORT_BYTES_MAX + 1))

    def test_is_of_a_device_that_nobody_knows(self, world, phone):
        photos = photographed(world, phone)
        phone.short_id = "0" * 8

        with pytest.raises(NoSuchDeviceError):
            take(phone.export_photos(photos))

    def test_is_of_a_device_that_nobody_confirmed(self, world, phone):
        stranger = world.phone()
        with pytest.raises(RefusedError) as refused:
            take(stranger.export_photos(photographed(world, phone)))
        assert refused.value.code == "device.not_confirmed"

    def test_is_more_than_a_day_allows(self, world, phone, settings):
        settings.BLOB_DAY_MB = 0
        photos = photographed(world, phone)
        phone.push()

        with pytest.raises(blobs.BlobDayError):
            take(phone.export_photos(photos))


class TestAPhotoThatIsNotTaken:
    def test_is_named_by_no_event_of_the_device(self, world, phone):
        photos = photographed(world, phone)
        other = world.confirmed()
        phone.push()

        taken = take(other.export_photos(photos))

        assert numbers(taken) == (2, 0, 2, 0)
        assert not SealedBlob.objects.exists()

    def test_is_one_whose_event_has_not_come_until_it_comes(self, world, phone):
        photos = photographed(world, phone)
        file = phone.export_photos(photos)
        assert numbers(take(file)) == (2, 0, 2, 0)
        assert acknowledged(take(file), phone) == set()

        take_export(phone.export(), at=timezone.now())

        assert numbers(take(file)) == (2, 2, 0, 0)

    def test_was_sealed_to_another_server(self, world, phone):
        photos = photographed(world, phone)
        phone.push()
        phone.ring = {
            kid: key | ({"x": phone.ring[1]["x"], "y": phone.ring[1]["y"]}
                        if key["purpose"] == "seal" else {})
            for kid, key in phone.ring.items()
        }  # fmt: skip

        taken = take(phone.export_photos(photos))

        assert numbers(taken) == (2, 0, 0, 2)
        assert acknowledged(taken, phone) == set()


class TestAPhotoThatIsTaken:
    def test_is_kept_sealed_and_acknowledged(self, world, phone):
        photos = photographed(world, phone)
        phone.push()

        taken = take(phone.export_photos(photos))

        assert numbers(taken) == (2, 2, 0, 0)
        assert acknowledged(taken, phone) == {one.sha256 for _, one in photos}
        assert len(kept.fetch(photos[0][1].sha256)) == 3_000
        (entry,) = Entry.objects.filter(kind="courier.photos_taken")
        assert entry.facts == {"device": phone.short_id, "photos": 2, "new": 2}

    def test_brought_twice_changes_nothing_and_is_acknowledged_again(self, world, phone):
        photos = photographed(world, phone)
        phone.push()
        file = phone.export_photos(photos)
        take(file)

        again = take(file)

        assert numbers(again) == (2, 0, 0, 0)
        assert len(acknowledged(again, phone)) == 2

    def test_goes_on_where_the_network_broke_off(self, world, phone):
        photos = photographed(world, phone, count=1)
        phone.push()
        phone.upload_sealed(photos[0][1], part=1_000, stop_after=1)

        assert numbers(take(phone.export_photos(photos))) == (1, 1, 0, 0)
        phone.upload_sealed(photos[0][1])  # its next network finds nothing left to send
        assert len(kept.fetch(photos[0][1].sha256)) == 3_000

    def test_comes_with_the_events_of_a_revoked_device_for_the_supervisor_who_decides(
        self, world, phone
    ):
        photos = photographed(world, phone)
        devices.revoke(world.device(phone), reason="hilang", actor=world.actor, at=timezone.now())
        take_export(phone.export(), at=timezone.now())

        assert numbers(take(phone.export_photos(photos))) == (2, 2, 0, 0)
