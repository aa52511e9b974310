"""The device register: a code, a key, six words, and the states of a device.

A facilitator's phone makes its key itself; an administrator hands out a single-use code and
confirms the phone's six words before any family's data leave (docs/protocols/device.md, section 4).
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db.models import Q

from betang.accounts.access import areas_of
from betang.accounts.models import Device, DeviceArea, DeviceKind, DeviceState, EnrolmentCode, User
from betang.core.actor import SYSTEM, Actor
from betang.core.device.report import version_number
from betang.core.device.short_id import new_short_id
from betang.core.device.words import six_words
from betang.core.errors import FieldsError, NotFoundError, RefusedError, SamePersonError
from betang.core.identifiers import new_uuid
from betang.core.jose import thumbprint as thumbprint_of
from betang.core.jose import to_b64u
from betang.journal.record import record

#: Long enough to walk from the office's screen to the phone, short enough for a lost photo of it.
CODE_MINUTES = 10
CODE_BYTES = 16
#: A version is "1.12.3" and, at most, a word; it is shown on the page of devices.
APP_VERSION_MAX = 40
REASON_MAX = 200


class CodeUnknownError(NotFoundError):
    """The code is wrong, too old, or was used for another key: one answer for all three."""

    code = "enrolment.code_unknown"
    sentence = "Kode pendaftaran tidak berlaku atau sudah lewat sepuluh menit."
    do = "Mintalah kode baru kepada administrator, lalu pindai lagi."


class KeyKnownError(RefusedError):
    """The phone presents a key that was enrolled with another code."""

    code = "enrolment.key_known"
    sentence = "Gawai ini sudah terdaftar."
    do = "Hapus data aplikasi di gawai ini, lalu daftarkan kembali."


class WordsDifferError(FieldsError):
    """The words read from the phone are not those of the key that we hold."""

    code = "device.words_differ"
    sentence = "Enam kata itu tidak sama dengan kunci gawai yang terdaftar."
    do = "Jangan teruskan. Cabut gawai ini dan ulangi pendaftaran dengan kode baru."


class AreasError(FieldsError):
    """An area is outside the owner's own areas, or none was given."""

    code = "device.areas"
    sentence = "Wilayah gawai harus berada di dalam wilayah tugas pemiliknya."
    do = "Pilih wilayah dari penugasan petugas ini, atau ubah penugasannya lebih dahulu."


class StateError(RefusedError):
    """The device is not in a state from which this is possible."""

    code = "device.state"
    sentence = "Gawai ini sedang dalam keadaan lain sehingga tindakan itu tidak berlaku."
    do = "Muat ulang halaman dan periksa keadaan gawai."


class WipedError(RefusedError):
    """The device destroyed its keys when it was told to."""

    code = "device.wiped"
    sentence = "Gawai ini sudah menghapus kuncinya, jadi tidak dapat diaktifkan lagi."
    do = "Buat kode baru dan daftarkan gawai ini sekali lagi."


def issue_code(
    facilitator: User, *, replaces: Device | None = None, actor: Actor, at: datetime
) -> str:
    """Make a single-use code for `facilitator`'s next phone and give it (22 characters), once.

    Only its hash is kept. `replaces` names the device that the next one takes the place of.
    """
    code = to_b64u(secrets.token_bytes(CODE_BYTES))
    EnrolmentCode.objects.create(
        code_hash=_hash(code),
        facilitator=facilitator,
        expires_at=at + timedelta(minutes=CODE_MINUTES),
        created_by_person=actor.person or actor.uuid,
        replaces=replaces,
    )
    record("device.code_issued", facilitator.uuid, actor=actor, at=at)
    return code


def enrol(
    code: str,
    *,
    jwk: dict[str, str],
    app_version: str,
    has_nfc: bool,
    kind: str = DeviceKind.PHONE,
    at: datetime,
) -> tuple[Device, bool]:
    """Register the key that proved itself; give the device and whether it is new.

    The same key with the same code again (its answer was lost) gives the same device, as it was
    enrolled: `has_nfc` is fixed, and another answer is recorded. Raises
    `CodeUnknownError` or `KeyKnownError`.
    """
    thumbprint = thumbprint_of(jwk)
    code_hash = _hash(code)
    known = Device.objects.filter(thumbprint=thumbprint).select_related("owner").first()
    if known is not None:
        if EnrolmentCode.objects.filter(
            code_hash=code_hash, facilitator=known.owner, used_at=known.enrolled_at
        ).exists():
            if known.has_nfc is not has_nfc:
                _tell_nfc_changed(known, at=at)
            return known, False
        raise KeyKnownError
    spent = EnrolmentCode.objects.filter(
        code_hash=code_hash, used_at__isnull=True, expires_at__gt=at
    ).update(used_at=at)
    if not spent:
        raise CodeUnknownError(field="code")
    used = EnrolmentCode.objects.select_related("facilitator").get(code_hash=code_hash)
    device = Device.objects.create(
        uuid=new_uuid(),
        short_id=_free_short_id(),
        owner=used.facilitator,
        replaces_id=used.replaces_id,
        kind=kind,
        public_jwk=jwk,
        thumbprint=thumbprint,
        has_nfc=has_nfc,
        app_version=app_version[:APP_VERSION_MAX],
        app_number=version_number(app_version),
        enrolled_at=at,
    )
    record("device.enrolled", device.uuid, actor=device.actor, at=at, short_id=device.short_id)
    return device, True


def words_of(device: Device) -> list[str]:
    """Give the six words of the device's key."""
    return six_words(bytes(device.thumbprint))


def confirm(
    device: Device, *, words: Sequence[str], areas: Sequence[int], actor: Actor, at: datetime
) -> Device:
    """Let the device work in `areas`, after its six words were compared.

    Raises `WordsDifferError`, `AreasError`, `SamePersonError` (nobody confirms his own phone) or
    `StateError` (another request was first).
    """
    if [word.strip().lower() for word in words] != words_of(device):
        raise WordsDifferError(field="words")
    if actor.person == device.owner.person:
        raise SamePersonError
    _check_areas(device.owner, areas)
    _change(
        device,
        from_states=[DeviceState.PENDING],
        state=DeviceState.ACTIVE,
        confirmed_at=at,
        confirmed_by_person=actor.person,
    )
    DeviceArea.objects.bulk_create(
        [DeviceArea(device=device, area_id=area) for area in sorted(set(areas))]
    )
    record("device.confirmed", device.uuid, actor=actor, at=at, short_id=device.short_id)
    return device


def assign(device: Device, *, areas: Sequence[int], actor: Actor, at: datetime) -> None:
    """Replace the areas of the device."""
    _check_areas(device.owner, areas)
    DeviceArea.objects.filter(device=device).exclude(area_id__in=areas).delete()
    DeviceArea.objects.bulk_create(
        [DeviceArea(device=device, area_id=area) for area in sorted(set(areas))],
        ignore_conflicts=True,
    )
    record("device.assigned", device.uuid, actor=actor, at=at, short_id=device.short_id)


def suspend(device: Device, *, reason: str, actor: Actor, at: datetime) -> Device:
    """Stop the device for now: its events wait, it gets no bundle."""
    _change(
        device,
        from_states=[DeviceState.ACTIVE, DeviceState.PENDING],
        state=DeviceState.SUSPENDED,
        state_reason=reason[:REASON_MAX],
    )
    record("device.suspended", device.uuid, actor=actor, at=at, short_id=device.short_id)
    return device


def reinstate(device: Device, *, actor: Actor, at: datetime) -> Device:
    """Let a suspended device work again. A frozen one stays: its key is in two places.

    An order to wipe that it did not carry out is taken back. One that did has no key any more:
    raises `WipedError`.
    """
    if device.confirmed_at is None:
        raise StateError
    if device.wiped_at is not None:
        raise WipedError
    _change(
        device,
        from_states=[DeviceState.SUSPENDED],
        state=DeviceState.ACTIVE,
        state_reason="",
        wipe_ordered_at=None,
    )
    record("device.reinstated", device.uuid, actor=actor, at=at, short_id=device.short_id)
    return device


def revoke(device: Device, *, reason: str, actor: Actor, at: datetime) -> Device:
    """End the device for good, and have it destroy the families' data.

    It may still post events; they wait for a supervisor.
    """
    _change(
        device,
        from_states=[
            DeviceState.PENDING,
            DeviceState.ACTIVE,
            DeviceState.SUSPENDED,
            DeviceState.FROZEN,
        ],
        state=DeviceState.REVOKED,
        state_reason=reason[:REASON_MAX],
        wipe_ordered_at=device.wipe_ordered_at or at,
    )
    record("device.revoked", device.uuid, actor=actor, at=at, short_id=device.short_id)
    return device


def order_wipe(device: Device, *, reason: str, actor: Actor, at: datetime) -> Device:
    """Have the device destroy the families' data at its next contact, never its unsent events.

    Who is to be wiped is stopped: an active device is suspended by the same act. Taking it up again
    takes the order back, unless it was carried out. Raises `StateError` where it was ordered.
    """
    stopping = device.state in {DeviceState.ACTIVE, DeviceState.PENDING}
    changed = Device.objects.filter(
        pk=device.pk, state=device.state, wipe_ordered_at__isnull=True
    ).update(
        wipe_ordered_at=at,
        state=DeviceState.SUSPENDED if stopping else device.state,
        state_reason=reason[:REASON_MAX] if stopping else device.state_reason,
    )
    if not changed:
        raise StateError
    device.refresh_from_db()
    record("device.wipe_ordered", device.uuid, actor=actor, at=at, short_id=device.short_id)
    return device


def acknowledge_wipe(device: Device, *, unsent: int | None, at: datetime) -> bool:
    """Note that the device destroyed the families' data as ordered; say whether it is news.

    `unsent` is what it says it still keeps, sealed. What it does not prove: that nobody copied the
    data before.
    """
    done = Device.objects.filter(
        pk=device.pk, wipe_ordered_at__isnull=False, wiped_at__isnull=True
    ).update(wiped_at=at, unsent=unsent)
    if done:
        facts: dict[str, Any] = {"short_id": device.short_id, "unsent": unsent}
        record("device.wiped", device.uuid, actor=device.actor, at=at, **facts)
    return bool(done)


def freeze(device: Device, *, seq: int, at: datetime) -> bool:
    """Freeze a device whose chain forked at `seq`; say whether this call did it."""
    frozen = Device.objects.filter(
        Q(pk=device.pk), state__in=[DeviceState.ACTIVE, DeviceState.SUSPENDED, DeviceState.PENDING]
    ).update(state=DeviceState.FROZEN, state_reason="fork")
    if not frozen:
        return False
    device.state = DeviceState.FROZEN
    record("device.frozen", device.uuid, actor=SYSTEM, at=at, short_id=device.short_id, seq=seq)
    return True


def _tell_nfc_changed(device: Device, *, at: datetime) -> None:
    """Record that a phone now says otherwise whether it reads chips: caps depend on it."""
    record(
        "device.nfc_changed",
        device.uuid,
        actor=device.actor,
        at=at,
        short_id=device.short_id,
        has_nfc=device.has_nfc,
    )


def _change(device: Device, *, from_states: Sequence[str], **columns: object) -> None:
    """Change the device in one conditional UPDATE: of two requests at once, one succeeds."""
    if not Device.objects.filter(pk=device.pk, state__in=from_states).update(**columns):
        raise StateError
    device.refresh_from_db()


def _check_areas(owner: User, areas: Sequence[int]) -> None:
    allowed = [str(area) for area in areas_of(owner)]
    if not areas or not all(str(area).startswith(tuple(allowed)) for area in areas):
        raise AreasError(field="areas")


def _free_short_id() -> str:
    """Give a short id that no device has; 40 random bits collide about never, so look first."""
    while True:
        short_id = new_short_id()
        if not Device.objects.filter(short_id=short_id).exists():
            return short_id


def _hash(code: str) -> bytes:
    return sha256(code.encode()).digest()
