"""The family's portrait: told by an event, made small when its photo is here, shown until ended.

One stands for a household, the newest; a newer one, a rejection, or the household's leaving erases
it by destroying its key. Nothing here decides whether aid is given (docs/decisions/0124).
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from betang.core.actor import SYSTEM, Actor
from betang.core.errors import FieldsError, NotAllowedError, RefusedError
from betang.core.identifiers import new_uuids
from betang.journal.record import Happening, record, record_many
from betang.keys import blobs
from betang.registry.models import Household, HouseholdProposal, Portrait
from betang.registry.picture import PictureError, small_picture

#: What devices know a picture by: of one village, two are alike by chance once in 2^50.
DIGEST_BYTES = 8
#: How many portraits of households that left are erased at once.
LEFT_AT_ONCE = 500

#: A family that is none (any more) has no portrait; an event heard again tells the same one.
TELL = """
INSERT INTO registry_portrait (uuid, household_id, event_sha256, source, source_sha256, device,
  consented_at, heard_at, state, reason)
SELECT g.uuid, h.id, decode(g.event, 'hex'), g.source, decode(g.photo, 'hex'), g.device, g.at, %s,
  'waiting', ''
FROM json_to_recordset(%s::json) AS g(uuid uuid, household uuid, event text, source text,
  photo text, device uuid, at timestamptz)
JOIN registry_household h ON h.uuid = g.household AND h.state = 'active' ORDER BY h.id
ON CONFLICT (event_sha256) DO NOTHING
RETURNING uuid, (SELECT village_id FROM registry_household h WHERE h.id = household_id)
"""
#: Why an office rejects one.
REASONS = {
    "other_people": "Bukan keluarga ini",
    "unclear": "Wajahnya tidak dapat dikenali",
    "unfit": "Memuat surat, anak saja, atau hal lain yang tidak pantas",
    "withdrawn": "Keluarga menarik persetujuannya",
}


class NotShownError(RefusedError):
    """It was rejected or replaced before."""

    code = "portrait.not_shown"
    sentence = "Foto ini sudah tidak dipakai lagi."
    do = "Muat ulang halaman untuk melihat keadaannya sekarang."


class ReasonError(FieldsError):
    """No reason, or none that is known."""

    code = "portrait.reason"
    sentence = "Alasan penolakan belum dipilih."
    do = "Pilih satu alasan pada daftar."


class ConfirmError(FieldsError):
    """Nobody said that it is meant."""

    code = "portrait.confirm"
    sentence = "Penolakan belum dipastikan."
    do = "Centang bahwa foto ini boleh dihapus; penghapusan tidak dapat dibatalkan."


class Told(NamedTuple):
    """A photo of who collects for `household`, taken at `at` with its consent."""

    household: UUID
    event_sha256: bytes
    photo: bytes
    source: str
    device: UUID
    actor: Actor
    at: datetime


def tell_portraits(told: Sequence[Told], *, at: datetime) -> int:
    """Note portraits whose photos may still be on their way; give how many are new."""
    if not told:
        return 0
    asked = dict(zip(new_uuids(len(told)), told, strict=True))
    rows = [
        {
            "uuid": uuid,
            "household": one.household,
            "event": one.event_sha256.hex(),
            "source": one.source,
            "photo": one.photo.hex(),
            "device": one.device,
            "at": one.at,
        }
        for uuid, one in asked.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(TELL, [at, orjson.dumps(rows).decode()])
        fresh = cursor.fetchall()
    record_many(
        "portrait.taken",
        [
            Happening(
                asked[uuid].household,
                asked[uuid].actor,
                asked[uuid].at,
                village,
                {"source": asked[uuid].source},
            )
            for uuid, village in fresh
        ],
    )
    return len(fresh)


def tell_of_registration(proposal: HouseholdProposal, household: Household, *, at: datetime) -> int:
    """Give the household that a proposal became the portrait that waited with it."""
    if proposal.portrait_sha256 is None:
        return 0
    told = Told(
        household.uuid,
        bytes(proposal.event_sha256),
        bytes(proposal.portrait_sha256),
        "registration",
        proposal.device,
        SYSTEM,
        proposal.at,
    )
    return tell_portraits([told], at=at)


def digest_of(household: UUID, picture: bytes) -> bytes:
    """Give what devices know a picture of a household by (docs/protocols/device.md)."""
    return sha256(household.bytes + picture).digest()[:DIGEST_BYTES]


def keep_portrait(portrait: Portrait, *, only_here: bool, at: datetime) -> str:
    """Make the waiting portrait's photo small, and let it stand; give its new state.

    The photo as it came is erased, whatever became of it, where it is `only_here`: no other event
    names it as its evidence.
    """
    household = Household.objects.select_for_update().get(pk=portrait.household_id)
    portrait.refresh_from_db()
    if portrait.state != "waiting":  # another worker was first
        return portrait.state
    older, why = shown_of(household), _why_not(portrait, household)
    source = bytes(portrait.source_sha256)
    try:
        picture = b"" if why else small_picture(blobs.fetch(source))
    except PictureError as error:
        _unreadable(portrait, household, error.why, at)
    except (blobs.BlobMissingError, blobs.BlobErasedError):
        _unreadable(portrait, household, "missing", at)
    else:
        if why:
            _end(portrait, household, why, at)
        else:
            if older is not None:
                _end(older, household, "newer", at, state="replaced")
            _show(portrait, household, picture, at, replaced=older is not None)
    if only_here:
        blobs.erase(source, actor=SYSTEM, at=at)
    return portrait.state


def reject(
    portrait: Portrait, reason: str, *, confirmed: bool, actor: Actor, at: datetime
) -> Portrait:
    """Erase a portrait that stands, for one of `REASONS`; it leaves phones when they next ask.

    Consent that is withdrawn also ends what is still on its way, once it arrives.
    Raises `ReasonError`, `ConfirmError`, `NotShownError`.
    """
    if actor.person is None:
        raise NotAllowedError
    if reason not in REASONS:
        raise ReasonError(field="reason")
    if not confirmed:
        raise ConfirmError(field="confirm")
    household = Household.objects.select_for_update().get(pk=portrait.household_id)
    portrait.refresh_from_db()
    if portrait.state != "shown":
        raise NotShownError
    _erase_thumbnail(portrait, actor, at)
    portrait.state, portrait.reason = "rejected", reason
    portrait.decided_at, portrait.decided_by_person = at, actor.person
    portrait.save()
    record(
        "portrait.rejected", household.uuid, actor=actor, at=at, area=household.village_id,
        reason=reason,
    )  # fmt: skip
    return portrait


def end_left(*, at: datetime) -> int:
    """Erase the portraits of households that left the registry; give how many."""
    left = Portrait.objects.filter(state="shown").exclude(household__state="active")
    found = list(left.select_related("household").select_for_update(of=("self",))[:LEFT_AT_ONCE])
    for portrait in found:
        _end(portrait, portrait.household, "left", at)
    return len(found)


def shown_of(household: Household) -> Portrait | None:
    """Give the portrait that stands for a household."""
    return Portrait.objects.filter(household=household, state="shown").first()


def picture_of(portrait: Portrait) -> bytes:
    """Open a portrait that stands. Raises `NotShownError`, or that its blob is gone."""
    if portrait.thumbnail_sha256 is None:
        raise NotShownError
    return blobs.fetch(bytes(portrait.thumbnail_sha256))


def _why_not(portrait: Portrait, household: Household) -> str:
    """Say why a portrait that arrives late does not stand; '' where it does."""
    of_it = Portrait.objects.filter(household=household)
    if household.state != "active":
        return "left"
    if of_it.filter(reason="withdrawn", decided_at__gte=portrait.consented_at).exists():
        return "consent"
    if of_it.filter(state="shown", consented_at__gt=portrait.consented_at).exists():
        return "older"
    return ""


def _show(
    portrait: Portrait, household: Household, picture: bytes, at: datetime, *, replaced: bool
) -> None:
    portrait.state = "shown"
    portrait.thumbnail_sha256 = blobs.store(picture, at=at)
    portrait.digest = digest_of(household.uuid, picture)
    portrait.save(update_fields=["state", "thumbnail_sha256", "digest"])
    record(
        "portrait.kept", household.uuid, actor=SYSTEM, at=at, area=household.village_id,
        bytes=len(picture), replaced=replaced,
    )  # fmt: skip


def _unreadable(portrait: Portrait, household: Household, why: str, at: datetime) -> None:
    portrait.state = "unreadable"
    portrait.save(update_fields=["state"])
    record(
        "portrait.unreadable", household.uuid, actor=SYSTEM, at=at, area=household.village_id,
        why=why,
    )  # fmt: skip


def _end(
    portrait: Portrait, household: Household, why: str, at: datetime, *, state: str = "ended"
) -> None:
    _erase_thumbnail(portrait, SYSTEM, at)
    portrait.state = state
    portrait.save(update_fields=["state", "thumbnail_sha256", "digest"])
    record(
        "portrait.ended", household.uuid, actor=SYSTEM, at=at, area=household.village_id, why=why
    )


def _erase_thumbnail(portrait: Portrait, actor: Actor, at: datetime) -> None:
    if portrait.thumbnail_sha256 is not None:
        blobs.erase(bytes(portrait.thumbnail_sha256), actor=actor, at=at)
    portrait.thumbnail_sha256 = portrait.digest = None
