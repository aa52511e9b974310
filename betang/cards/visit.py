"""A family without its card gets a new one in one visit: old card dead at once, new one in hand.

The visit is a row, so that it can be left (no power, no printer) and found again. The rights stay
the family's: they belong to the household, and no card carries them.
"""

from datetime import datetime
from uuid import UUID

from django.db import connection

from betang.cards import custody, places, revocation
from betang.cards.hand_over import hand_over
from betang.cards.models import Card, ReplacementVisit
from betang.cards.replace import replace
from betang.core.actor import Actor
from betang.core.errors import FieldsError, RefusedError
from betang.journal.record import record
from betang.keys import blobs

#: Why a family comes without a good card.
REASONS = {"lost": "hilang", "stolen": "dicuri", "damaged": "rusak", "dead_chip": "cip mati"}

OF_FAMILY = "SELECT EXISTS (SELECT FROM registry_member WHERE household_id = %s AND uuid = %s)"


class VisitReasonError(FieldsError):
    """The reason is not one of the list."""

    code = "visit.reason"
    sentence = "Pilih mengapa keluarga ini memerlukan kartu baru."
    do = "Hilang, dicuri, rusak, atau cip mati."


class VisitCheckedError(FieldsError):
    """Nobody said how the person was known."""

    code = "visit.checked"
    sentence = "Pilih cara Anda memastikan bahwa orang ini berhak atas kartunya."
    do = "Tanpa kartu, orangnya harus dikenali: KTP atau KK, pertanyaan, atau saksi."


class VisitAskedError(FieldsError):
    """Who asked is not a member of the family."""

    code = "visit.asked_by"
    sentence = "Orang itu bukan anggota keluarga pemegang kartu ini."
    do = "Pilih anggota keluarga yang datang. Wakil di luar keluarga tidak dilayani tanpa kartu."


class VisitOpenError(RefusedError):
    """Somebody opened a visit for this family before."""

    code = "visit.open_before"
    sentence = "Penggantian kartu keluarga ini sudah berjalan."
    do = "Lanjutkan penggantian itu dari daftar kartu pengganti."


class VisitStepError(RefusedError):
    """The step does not follow: the visit ended, or the card is not that far."""

    code = "visit.step"
    sentence = "Langkah ini belum atau tidak lagi dapat dilakukan."
    do = "Muat ulang halaman penggantian ini dan ikuti langkah berikutnya."


def open_visit(
    number: str,
    *,
    reason: str,
    checked: str,
    asked_by: UUID | None,
    photo: bytes | None = None,
    actor: Actor,
    at: datetime,
) -> ReplacementVisit:
    """Kill the old card, order the next issue, and keep who asked and what was checked.

    The revocation list is signed in the same act: offline phones refuse the old card as soon as
    they fetch it. Raises `VisitReasonError`, `VisitCheckedError`, `VisitAskedError`,
    `VisitOpenError` or what `replace` raises.
    """
    if reason not in REASONS:
        raise VisitReasonError(field="reason")
    if checked not in ReplacementVisit.Checked.values:
        raise VisitCheckedError(field="checked")
    old = Card.objects.filter(number=number).first()
    if old is not None:
        if ReplacementVisit.objects.filter(household=old.household_id, state="open").exists():
            raise VisitOpenError
        if asked_by is None or not _is_of(old.household_id, asked_by):
            raise VisitAskedError(field="asked_by")
    new = replace(number, actor=actor, at=at)
    revocation.publish(actor=actor, at=at)
    visit = ReplacementVisit.objects.create(
        household_id=new.household_id,
        old=Card.objects.get(number=number),
        new=new,
        reason=reason,
        asked_by=asked_by,
        checked=checked,
        photo_sha256=blobs.store(photo, at=at) if photo else None,
        opened_at=at,
        opened_by_person=actor.person,
    )
    facts = {"number": number, "by": new.number, "reason": reason, "checked": checked}
    record("card.visit_opened", visit.uuid, actor=actor, at=at, area=new.village_id, **facts)
    return visit


def made_here(visit: ReplacementVisit, *, actor: Actor, at: datetime, office: int | None) -> Card:
    """Say that the new card was printed at this office, on blank stock: it lies in its stock.

    Raises `VisitStepError` unless the card is ordered.
    """
    card = _card_of(visit)
    if card.state != Card.State.ORDERED:
        raise VisitStepError
    card.state, card.place = Card.State.IN_CUSTODY, places.office(office)
    card.save(update_fields=["state", "place"])
    facts = {"number": card.number}
    record("card.made", card.uuid, actor=actor, at=at, area=card.village_id, **facts)
    return card


def finish(visit: ReplacementVisit, *, actor: Actor, at: datetime) -> ReplacementVisit:
    """Hand the new card over; raises `VisitStepError` unless it is printed and here."""
    card = _card_of(visit)
    if card.state == Card.State.PRINTED:
        custody.receive_numbers([card.number], actor=actor, at=at)
    elif card.state != Card.State.IN_CUSTODY:
        raise VisitStepError
    hand_over(card.number, actor=actor, at=at)
    return _ended(visit, ReplacementVisit.State.DONE, "card.visit_done", actor=actor, at=at)


def leave(visit: ReplacementVisit, *, actor: Actor, at: datetime) -> ReplacementVisit:
    """End the visit without a hand-over: the new card goes the way of all others."""
    _card_of(visit)
    return _ended(visit, ReplacementVisit.State.LEFT, "card.visit_left", actor=actor, at=at)


def _ended(
    visit: ReplacementVisit, state: ReplacementVisit.State, kind: str, *, actor: Actor, at: datetime
) -> ReplacementVisit:
    visit.state, visit.ended_at, visit.ended_by_person = state, at, actor.person
    visit.save(update_fields=["state", "ended_at", "ended_by_person"])
    card = visit.new
    record(kind, visit.uuid, actor=actor, at=at, area=card.village_id, number=card.number)
    return visit


def _card_of(visit: ReplacementVisit) -> Card:
    """Lock the visit and give its new card; raises `VisitStepError` where it ended."""
    locked = ReplacementVisit.objects.select_for_update().get(pk=visit.pk)
    if locked.state != ReplacementVisit.State.OPEN:
        raise VisitStepError
    card: Card = Card.objects.select_for_update().get(pk=locked.new_id)
    visit.new = card
    return card


def _is_of(household: int, member: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(OF_FAMILY, [household, member])
        row = cursor.fetchone()
    return bool(row and row[0])
