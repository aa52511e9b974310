"""Take a phone's photos from a file that somebody else carried (docs/protocols/courier.md).

No proof of the device is asked: only what one of its signed events names is taken, so a stranger
can fill nothing. A photo whose event has not come is left to the phone, which keeps it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from betang.accounts.models import DeviceState
from betang.core.errors import RefusedError
from betang.core.event import courier, envelope, kinds
from betang.core.event.courier_photos import Photo, read_photos
from betang.core.event.said.members import MalformedDataError
from betang.core.identifiers import new_uuid
from betang.journal.record import record
from betang.sync import blobs
from betang.sync.bundle import require_active
from betang.sync.courier import NoExportError, device_named, require_size, signed
from betang.sync.models import FieldEvent
from betang.sync.supervise import holder_of


class PhotosTaken(NamedTuple):
    """What became of a file of photos: the signed acknowledgement, and what it says in numbers."""

    acknowledgement: bytes
    dev: str
    photos: int
    new: int
    unnamed: int
    unreadable: int


def take_photos(data: bytes, *, at: datetime) -> PhotosTaken:
    """Take every photo that an event of its device names, and give the signed acknowledgement.

    Opens a transaction for each photo. Raises `ExportTooLargeError`, `NoExportError`,
    `NoSuchDeviceError`, `blobs.BlobDayError`, or that the device was never confirmed.
    """
    require_size(data)
    try:
        told = read_photos(data)
    except courier.NotAnExportError:
        raise NoExportError(field="file") from None
    device = device_named(told.dev)
    holder = holder_of(device)
    if holder.state == DeviceState.PENDING:  # we know only that somebody held a code
        require_active(holder)
    named = _named(device.pk, {one.seq for one in told.photos})
    mine = [one for one in told.photos if (one.seq, one.sha256) in named]
    blobs.allow(device.uuid, sum(len(one.ciphertext) for one in mine), at=at)
    before = [_stands(device.pk, one.sha256).complete for one in mine]
    whole = [one for one in mine if _take(device.pk, one, at)]
    new = len(whole) - sum(before)
    acknowledgement = signed(
        courier.Acknowledgement(
            told.dev, at, courier.digest_of(data), 0, (), [one.sha256 for one in whole]
        )
    )
    facts = {"device": told.dev, "photos": len(told.photos), "new": new}
    record("courier.photos_taken", new_uuid(), actor=holder.actor, at=at, area=None, **facts)
    return PhotosTaken(
        acknowledgement,
        told.dev,
        len(told.photos),
        new,
        len(told.photos) - len(mine),
        len(mine) - len(whole),
    )


def _named(device: int, places: Iterable[int]) -> set[tuple[int | None, bytes]]:
    """Give which photos the device's events at these places name."""
    rows = FieldEvent.objects.filter(device_id=device, seq__in=places)
    named = set()
    for seq, payload, short_id in rows.values_list("seq", "payload", "device__short_id"):
        try:
            photos = kinds.photos_of(envelope.read(bytes(payload), short_id).data)
        except MalformedDataError:
            continue
        named |= {(seq, name) for name in photos}
    return named


def _take(device: int, photo: Photo, at: datetime) -> bool:
    """Go on where an upload broke off, or begin; say whether the photo is whole now."""
    try:
        with transaction.atomic():
            length = len(photo.ciphertext)
            offset = _stands(device, photo.sha256).offset
            while not (
                progress := blobs.append(
                    device,
                    photo.sha256,
                    photo.ciphertext[offset : offset + blobs.PART_BYTES_MAX],
                    offset=offset,
                    length=length,
                    key=photo.key,
                    at=at,
                )
            ).complete:
                if progress.spoilt:
                    return False
                offset = progress.offset
    except RefusedError:  # told in numbers; the phone keeps what is not acknowledged
        return False
    return True


def _stands(device: int, name: bytes) -> blobs.Progress:
    try:
        return blobs.progress(device, name)
    except blobs.BlobUnknownError:
        return blobs.Progress(0, 0, complete=False)
