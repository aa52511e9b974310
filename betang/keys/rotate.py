"""Rotation with overlap: a new version takes over, the old one still verifies or opens.

Two persons: one proposes, another approves and so carries it out. The key is made first and then
published in one transaction; if that fails, the key lies unused and the next approval takes it. A
signing key's predecessor is retired (it verifies what it signed); data keys and chip masters keep
all their versions, since values and cards name theirs.
"""

from datetime import datetime
from uuid import UUID

from django.db import connection

from betang.core.actor import Actor
from betang.core.crypto.keyring import Purpose, RingKey
from betang.core.errors import NotFoundError, RefusedError, SamePersonError
from betang.journal.record import record
from betang.keys import keyfile, keyfile_change, models, place, ring
from betang.keys.backend import backend
from betang.keys.init import register_data_keys

#: Purposes other than those of the ring. The index key is not among them: every blind index would
#: have to be computed anew from opened values.
ROTATED_SECRETS = ("data-seal", "data-wrap", keyfile.CHIP_MASTER)
KID_MAX = 255
LOCK = "SELECT pg_advisory_xact_lock(hashtext('betang.keys.rotate'))"


class NotRotatedError(RefusedError):
    """There is no such purpose, or its key cannot be rotated alone."""

    code = "keys.not_rotated"
    sentence = "Kunci untuk {purpose} tidak dapat diganti."
    do = "Pilih salah satu kegunaan pada `betang keys rotate --help`."


class RotationOpenError(RefusedError):
    """A rotation of this purpose waits for its second person."""

    code = "keys.rotation_open"
    sentence = "Penggantian kunci {purpose} sudah diusulkan dan menunggu orang kedua."
    do = "Setujui usulan itu dengan `betang keys approve`."


class RotationSamePersonError(SamePersonError):
    """Who proposed a rotation may not approve it."""

    code = "keys.rotation_same_person"
    do = "Mintalah orang lain menjalankan `betang keys approve`."


class NoRotationError(NotFoundError):
    """No rotation with this number waits."""

    code = "keys.no_rotation"
    sentence = "Tidak ada usulan penggantian kunci itu yang menunggu."
    do = "Lihat usulan yang menunggu dengan `betang keys status`."


class OverlapError(RefusedError):
    """The ring and the enrolment key vouch for each other: only one may be new at a time."""

    code = "keys.overlap"
    sentence = "Kunci {other} baru saja diganti; ponsel belum semua mengenalnya."
    do = "Tunggu sampai {days} hari sejak penggantian itu, atau daftarkan ulang ponsel."


class KidsExhaustedError(RefusedError):
    """A kid is one byte, and none is left."""

    code = "keys.kids_exhausted"
    sentence = "Nomor kunci sudah habis (255)."
    do = "Hubungi pengembang: format kartu perlu nomor kunci yang lebih panjang."


def propose(purpose: str, *, actor: Actor, at: datetime) -> models.KeyChange:
    """Propose a new version for `purpose`; nothing changes yet."""
    if purpose not in {each.value for each in Purpose} | set(ROTATED_SECRETS):
        raise NotRotatedError(purpose=purpose)
    assert actor.person is not None, "a rotation is a person's act"
    _alone()
    if models.KeyChange.objects.filter(purpose=purpose, approved_at=None).exists():
        raise RotationOpenError(purpose=purpose)
    change = models.KeyChange.objects.create(
        purpose=purpose, proposed_at=at, proposed_by_person=actor.person
    )
    record("key.rotation_proposed", change.uuid, actor=actor, at=at, purpose=purpose)
    return change


def approve(uuid: UUID, *, actor: Actor, at: datetime) -> models.KeyChange:
    """Carry the rotation `uuid` out, as its second person. Call it in a transaction."""
    _alone()
    change = models.KeyChange.objects.filter(uuid=uuid, approved_at=None).first()
    if change is None:
        raise NoRotationError
    if change.proposed_by_person == actor.person:
        raise RotationSamePersonError
    if change.purpose in ROTATED_SECRETS:
        change.version = _next_secret(change.purpose, at=at)
    else:
        key = _take_over(Purpose(change.purpose), actor=actor, at=at)
        change.version, change.kid = key.version, key.kid
    change.approved_at, change.approved_by_person = at, actor.person
    change.save()
    record(
        "key.rotated", change.uuid, actor=actor, at=at, purpose=change.purpose,
        version=change.version, kid=change.kid,
    )  # fmt: skip
    return change


def _alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute(LOCK)


def _take_over(purpose: Purpose, *, actor: Actor, at: datetime) -> RingKey:
    """Make or take the next key, retire the one before, publish."""
    _refuse_two_new_vouchers(purpose, at)
    known = set(models.RingKey.objects.values_list("kid", flat=True))
    rows = models.RingKey.objects.filter(purpose=purpose.value)
    version = max(rows.values_list("version", flat=True), default=0) + 1
    waiting = [key for key in backend().ring() if key.purpose is purpose and key.kid not in known]
    if not waiting:
        kid = max(known | {key.kid for key in backend().ring()}) + 1
        if kid > KID_MAX:
            raise KidsExhaustedError
        # What a key signs is dated in whole seconds: its first second is whole too, or phones would
        # refuse the list that is signed at once after a rotation as older than its key.
        backend().make_key(purpose, kid=kid, version=version, at=at.replace(microsecond=0))
        waiting = [key for key in backend().ring() if key.kid == kid]
    for row in rows.filter(state=models.RingKey.State.ACTIVE):
        row.state = models.RingKey.State.RETIRED
        row.save()
        record("key.retired", row.uuid, actor=actor, at=at, kid=row.kid, purpose=row.purpose)
    newest = max(waiting, key=lambda key: key.version)
    ring.publish_key(newest, actor=actor, at=at)
    return newest


def _refuse_two_new_vouchers(purpose: Purpose, at: datetime) -> None:
    pair = {Purpose.RING: Purpose.ENROLMENT, Purpose.ENROLMENT: Purpose.RING}
    if (other := pair.get(purpose)) and ring.is_young(other, at):
        raise OverlapError(other=other.value, days=ring.OVERLAP.days)


def _next_secret(purpose: str, *, at: datetime) -> int:
    if purpose == keyfile.CHIP_MASTER:
        version = max(backend().chip_versions(), default=0) + 1
        backend().make_chip_master(version, at=at)
    else:
        version = place.opened().newest_data(purpose)[0] + 1
        keyfile_change.add_secret(
            place.key_path(), place.opening_passphrase, purpose, version=version, at=at
        )
    register_data_keys(at=at)
    return version
