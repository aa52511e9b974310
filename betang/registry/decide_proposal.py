"""Decide about a family that was told of: put it into the registry, refuse it, or name its twin.

Accepting makes a household that is known and nothing more: aid and card follow a judging and a
decree (docs/decisions/0110). Who registered it in the field does not accept it.
"""

from datetime import datetime
from typing import Any

from django.db import connection

from betang.core.actor import Actor, ActorKind
from betang.core.clock import WIB
from betang.core.errors import FieldsError, NotAllowedError, RefusedError
from betang.core.geo.point import Point
from betang.core.identifiers import new_uuid
from betang.journal.record import record
from betang.keys.sealing import blind_index_many, seal, seal_many
from betang.registry.geotag import HomePoint, geotag
from betang.registry.models import Household, HouseholdProposal, Member
from betang.registry.outside_aid import mark_household
from betang.registry.portraits import tell_of_registration
from betang.registry.presence import refresh_facts
from betang.registry.receive import LOCK
from betang.registry.told import Told, indexes_of, open_told

NOTE_CHARACTERS_MAX = 1_000
#: Why a family is refused: the companion reads the words, so they name nobody.
REASONS = {
    "not_found": "keluarga ini tidak ditemukan saat diperiksa",
    "not_here": "keluarga ini tidak tinggal di wilayah ini",
    "incomplete": "keterangannya belum cukup; temui keluarga ini dan daftarkan sekali lagi",
    "error": "pendaftaran ini keliru atau hanya percobaan",
}

INSERT = """
INSERT INTO registry_household (uuid, village_id, family_number_sealed, family_number_index,
  head_name, address, rt, rw, dwelling, anchor, custodian, custodian_contact_sealed, size,
  conditions, state, members_alive, has_pkh, has_sembako, has_bltdd)
VALUES (%s, %s, %s, %s, %s, %s, '', '', %s, %s, %s, %s, %s, '{}', 'active', 0, false, false, false)
RETURNING id
"""


class DecidedBeforeError(RefusedError):
    """Another was first."""

    code = "registration.decided"
    sentence = "Pendaftaran ini sudah diputus."
    do = "Muat ulang halaman ini untuk melihat putusannya."


class OwnRegistrationError(RefusedError):
    """The one who registered the family in the field accepts it."""

    code = "registration.own"
    sentence = "Anda sendiri yang mendaftarkan keluarga ini di lapangan."
    do = "Mintalah petugas kantor lain untuk menerimanya."


class NothingToldError(RefusedError):
    """The event came without its attachment: nobody is named."""

    code = "registration.nothing_told"
    sentence = "Nama keluarga ini belum diterima kantor, hanya nomornya."
    do = "Tunggu gawai itu mengirim lampirannya, atau minta petugasnya mendaftarkan sekali lagi."


class NikKnownError(FieldsError):
    """A NIK that was told belongs to a member of a household of the registry."""

    code = "registration.nik_known"
    sentence = "NIK dari {count} anggota sudah tercatat pada keluarga lain, atau tertulis dua kali."
    do = "Pilih keluarga itu pada “sudah terdaftar”, atau tolak dan minta NIK-nya diperiksa."


class FamilyNumberKnownError(FieldsError):
    """The KK number that was told is a household's of the registry."""

    code = "registration.family_number_known"
    sentence = "Nomor KK ini sudah dipakai keluarga lain dalam daftar."
    do = "Pilih keluarga itu pada “sudah terdaftar”, atau tolak dan minta KK-nya diperiksa."


class ReasonError(FieldsError):
    """No reason, or none that is known."""

    code = "registration.reason"
    sentence = "Alasan penolakan belum dipilih."
    do = "Pilih satu alasan; petugas membacanya di HP."


class NoteError(FieldsError):
    """The note is too long."""

    code = "registration.note"
    sentence = "Catatan lebih dari {most} huruf."
    do = "Ringkas catatannya."


class TwinError(FieldsError):
    """No household has this number."""

    code = "registration.twin_unknown"
    sentence = "Tidak ada keluarga aktif dengan nomor itu di wilayah Anda atau di daftar kembaran."
    do = "Salin nomor keluarga (10 angka) dari daftar kembaran atau dari halaman Keluarga."


def accept(proposal: HouseholdProposal, *, actor: Actor, at: datetime) -> Household:
    """Put the family into the registry as a household that is known.

    Raises `OwnRegistrationError`, `NothingToldError`, `NikKnownError`, `FamilyNumberKnownError`,
    `DecidedBeforeError`.
    """
    _person(actor)
    if actor.person == proposal.proposed_by_person:
        raise OwnRegistrationError
    if proposal.told_sealed is None:
        raise NothingToldError
    told = open_told(proposal.told_sealed)
    with connection.cursor() as cursor:
        cursor.execute(LOCK)  # no list is received meanwhile: both could bring the same NIK
    _still_new(told)
    household = _insert(proposal, told, at)
    _decide(proposal, "accepted", actor=actor, at=at, household=household)
    if proposal.home_lat is not None and proposal.home_lng is not None:
        finder = Actor(ActorKind.DEVICE, proposal.device, proposal.proposed_by_person)
        point = Point(proposal.home_lat, proposal.home_lng)
        geotag(
            HomePoint(
                proposal.uuid, household.uuid, point, proposal.home_accuracy_m, False,
                proposal.at, "device", finder, proposal.device,
            ),
            at=at,
        )  # fmt: skip
    tell_of_registration(proposal, household, at=at)
    household.refresh_from_db()
    return household


def refuse(
    proposal: HouseholdProposal, reason: str, note: str, *, actor: Actor, at: datetime
) -> None:
    """Refuse it, for one of `REASONS`. Raises `ReasonError`, `NoteError`, `DecidedBeforeError`."""
    _person(actor)
    if reason not in REASONS:
        raise ReasonError(field="reason")
    if len(note) > NOTE_CHARACTERS_MAX:
        raise NoteError(field="note", most=NOTE_CHARACTERS_MAX)
    _decide(proposal, "refused", actor=actor, at=at, reason=reason, note=note)


def say_known(
    proposal: HouseholdProposal, household: Household, *, actor: Actor, at: datetime
) -> None:
    """Say that the family is this household already. Raises `TwinError`, `DecidedBeforeError`."""
    _person(actor)
    if household.state != "active":
        raise TwinError(field="twin")
    _decide(proposal, "duplicate", actor=actor, at=at, household=household)


def _decide(
    proposal: HouseholdProposal,
    state: str,
    *,
    actor: Actor,
    at: datetime,
    household: Household | None = None,
    reason: str = "",
    note: str = "",
) -> None:
    """End what waits: of two persons at once, one does."""
    waiting = HouseholdProposal.objects.filter(pk=proposal.pk, state="waiting")
    if not waiting.update(
        state=state, household=household, reason=reason, decided_at=at,
        decided_by_person=actor.person, note_sealed=seal(note) if note else None,
    ):  # fmt: skip
        raise DecidedBeforeError
    facts: dict[str, Any] = {"provisional": proposal.provisional}
    if household is not None:
        facts["household"] = str(household.uuid)
    if reason:
        facts["reason"] = reason
    kind = {"accepted": "registration.accepted", "refused": "registration.refused"}
    record(
        kind.get(state, "registration.known"), proposal.uuid, actor=actor, at=at,
        area=proposal.village_id, **facts,
    )  # fmt: skip
    proposal.refresh_from_db()


def _still_new(told: Told) -> None:
    """Refuse numbers that are in the registry: one NIK is one member, one KK one family."""
    niks, kk = indexes_of(told)
    known = Member.objects.filter(nik_index__in=niks).count()
    twice = sum(1 for one in told.people if one.nik_read) - len(niks)
    if known or twice:
        raise NikKnownError(field="accept", count=known + twice)
    if kk and Household.objects.filter(family_number_index=kk, state="active").exists():
        raise FamilyNumberKnownError(field="accept")


def _insert(proposal: HouseholdProposal, told: Told, at: datetime) -> Household:
    uuid = new_uuid()
    _, kk = indexes_of(told)
    size = max(proposal.size or 0, len(told.people))
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            [
                uuid, proposal.village_id, seal(told.family_number_read) if kk else None, kk,
                told.head_name, told.address, proposal.dwelling, told.anchor,
                told.custodian or None,
                seal(told.custodian_contact) if told.custodian_contact else None, size,
            ],
        )  # fmt: skip
        (pk,) = cursor.fetchone()
    numbered = [one.nik for one in told.people if one.nik_read]
    kept = dict(
        zip(
            numbered,
            zip(seal_many(numbered), blind_index_many("nik", numbered), strict=True),
            strict=True,
        )
    )
    Member.objects.bulk_create(
        Member(
            uuid=new_uuid(),
            household_id=pk,
            nik_sealed=kept[one.nik][0] if one.nik_read else None,
            nik_index=kept[one.nik][1] if one.nik_read else None,
            nik_last4=one.nik[-4:] if one.nik_read else "",
            name=one.name,
            birth_on=one.born_on(today=at.astimezone(WIB).date()),
            sex=one.nik_read.sex if one.nik_read else None,
            relation=one.relation,
            is_head=place == 0,
        )
        for place, one in enumerate(told.people)
    )
    refresh_facts([pk])
    mark_household(pk)
    return Household.objects.get(pk=pk)


def _person(actor: Actor) -> None:
    if actor.person is None:
        raise NotAllowedError
