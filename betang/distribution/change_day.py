"""Change a plan: move or cancel a day, give a family a place in another day, serve it at home.

Only a day that nobody opened is moved or cancelled: what began in the village is no longer a plan.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

from betang.areas.models import DistributionPoint
from betang.core.actor import Actor
from betang.core.errors import FieldsError, RefusedError
from betang.distribution.day_models import Day, HomeNeed, Invitation
from betang.distribution.models import Entitlement
from betang.journal.record import record
from betang.keys.sealing import open_sealed, seal
from betang.registry.models import Household

NOTE_CHARACTERS_MAX = 500
REASONS = {
    "flood": "Banjir",
    "road": "Jalan atau sungai tidak dapat dilalui",
    "goods": "Barang belum datang",
    "officer": "Petugas berhalangan",
    "safety": "Keamanan",
    "other": "Lain-lain",
}
HOME_REASONS = {"sick": "Sakit", "elderly": "Lanjut usia", "disabled": "Penyandang disabilitas"}

#: The next number of a day that still takes families, and the slot of its last one.
NEXT = """
UPDATE distribution_day d SET last_queue = d.last_queue + 1
WHERE d.id = %s AND d.state IN ('planned', 'opened')
RETURNING d.last_queue, coalesce((SELECT max(i.slot) FROM distribution_invitation i
                                  WHERE i.day_id = d.id AND i.ended IS NULL), d.opens)
"""
SHIFT = """
UPDATE distribution_invitation SET slot = time '00:00' + least(
    greatest(slot - %(old)s::time + (%(new)s::time - time '00:00'),
             %(new)s::time - time '00:00'),
    %(end)s::time - time '00:01')
WHERE day_id = %(day)s AND ended IS NULL
"""
FAR = timedelta(days=366)


class DayBegunError(RefusedError):
    """The day was opened, closed or cancelled."""

    code = "day.begun"
    sentence = "Hari ini sudah dibuka, ditutup, atau dibatalkan, jadi rencananya tetap."
    do = "Undang keluarga yang belum terlayani ke hari lain satu per satu."


class DayTakenError(FieldsError):
    """The point has a day of that cycle on that date."""

    code = "day.taken"
    sentence = "Titik itu sudah mempunyai hari penyaluran pada tanggal itu."
    do = "Pilih tanggal lain, atau undang keluarganya ke hari yang sudah ada."


class DayDateError(FieldsError):
    """The date is in the past, or too far away."""

    code = "day.date"
    sentence = "Tanggal baru tidak dapat dipakai."
    do = "Pilih tanggal mulai hari ini, paling lama setahun lagi."


class DayHoursError(FieldsError):
    """The day would close before it opens."""

    code = "day.hours"
    sentence = "Jam tutup harus setelah jam buka."
    do = "Isi jam seperti 08:00 dan 15:00."


class DayReasonError(FieldsError):
    """No reason, or not one of the list; or too long a note."""

    code = "day.reason"
    sentence = "Pilih alasannya; keterangan paling banyak 500 huruf."
    do = "Alasan dibaca keluarga dan petugas: banjir, jalan, barang, petugas, keamanan."


class PointElsewhereError(FieldsError):
    """The point is given up or in another village."""

    code = "day.point"
    sentence = "Titik itu tidak dipakai lagi, atau di desa lain."
    do = "Pilih titik yang aktif di desa yang sama."


class NotDueError(RefusedError):
    """The family has nothing to collect by hand in that cycle."""

    code = "invitation.not_due"
    sentence = "Keluarga ini tidak mempunyai bantuan yang masih dapat diambil pada tahap itu."
    do = "Periksa apakah bantuannya sudah diserahkan, atau tahapnya yang lain."


class DayFullError(RefusedError):
    """The day was closed or cancelled, or it is where the family is invited already."""

    code = "invitation.day"
    sentence = "Keluarga tidak dapat diundang ke hari itu."
    do = "Pilih hari lain yang belum ditutup atau dibatalkan."


class HomeReasonError(FieldsError):
    """A home delivery has a reason."""

    code = "invitation.home_reason"
    sentence = "Pilih alasan pengantaran ke rumah."
    do = "Sakit, lanjut usia, atau penyandang disabilitas."


def move_day(
    day: Day,
    *,
    to_on: date,
    today: date,
    reason: str,
    note: str = "",
    to_point: DistributionPoint | None = None,
    opens: time | None = None,
    closes: time | None = None,
    actor: Actor,
    at: datetime,
) -> Day:
    """Move a planned day to another date, point of the same village, or hours; its queue stays.

    With other hours every slot is shifted as the opening is. Raises `DayBegunError`,
    `DayTakenError`, `DayDateError`, `DayHoursError`, `DayReasonError`, `PointElsewhereError`.
    """
    _check(reason, note)
    opens, closes, point = opens or day.opens, closes or day.closes, to_point or day.point
    if not today <= to_on <= today + FAR:
        raise DayDateError(field="to_on")
    if closes <= opens:
        raise DayHoursError(field="closes")
    if point.village_id != day.point.village_id or not point.active:
        raise PointElsewhereError(field="point")
    new: dict[str, Any] = {"held_on": to_on, "point": point, "opens": opens, "closes": closes}
    try:
        with transaction.atomic():
            changed = Day.objects.filter(pk=day.pk, state="planned").update(
                **new, reason=reason, note_sealed=_sealed(note)
            )
    except IntegrityError as error:
        raise DayTakenError(field="to_on") from error
    if not changed:
        raise DayBegunError
    if opens != day.opens or closes != day.closes:
        _shift_slots(day, opens, closes)
    record(
        "day.moved",
        day.uuid,
        actor=actor,
        at=at,
        area=point.village_id,
        from_on=day.held_on.isoformat(),
        to_on=to_on.isoformat(),
        reason=reason,
        point=str(point.uuid),
    )
    day.refresh_from_db()
    return day


def cancel_day(day: Day, *, reason: str, note: str = "", actor: Actor, at: datetime) -> int:
    """Cancel a planned day; give how many families are invited nowhere now.

    Planning again invites them. Raises `DayBegunError` or `DayReasonError`.
    """
    _check(reason, note)
    if not Day.objects.filter(pk=day.pk, state="planned").update(
        state="cancelled", reason=reason, note_sealed=_sealed(note)
    ):
        raise DayBegunError
    ended = Invitation.objects.filter(day=day, ended=None).update(ended="cancelled")
    village = day.point.village_id
    record(
        "day.cancelled", day.uuid, actor=actor, at=at, area=village, reason=reason,
        invitations=ended,
    )  # fmt: skip
    return ended


def invite(household: Household, day: Day, *, actor: Actor, at: datetime) -> Invitation:
    """Give a family the next place in the queue of `day`; its place elsewhere ends.

    Of a day that was closed it stays in the books as absent. Raises `NotDueError`, `DayFullError`.
    """
    rights = Entitlement.objects.filter(household=household, cycle_id=day.cycle_id, channel="hand")
    if not rights.filter(state__in=["open", "reserved"], parts_delivered=0).exists():
        raise NotDueError
    live = Invitation.objects.select_related("day").filter(
        household=household, cycle_id=day.cycle_id, ended=None
    )
    before = live.select_for_update(of=("self",)).first()
    if before and before.day_id == day.pk:
        raise DayFullError
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [day.pk])
        place = cursor.fetchone()
    if place is None:
        raise DayFullError
    if before:
        ended = "absent" if before.day.state == "closed" else "moved"
        Invitation.objects.filter(pk=before.pk).update(ended=ended)
    need = HomeNeed.objects.filter(household=household, ended_at=None).first()
    made = Invitation.objects.create(
        day=day,
        cycle_id=day.cycle_id,
        household=household,
        queue=place[0],
        slot=place[1],
        mode="home" if need else "point",
        reason=need.reason if need else None,
    )
    record(
        "family.invited",
        household.uuid,
        actor=actor,
        at=at,
        area=household.village_id,
        day=str(day.uuid),
        queue=made.queue,
        from_day=str(before.day.uuid) if before else None,
        mode=made.mode,
    )
    return made


def serve_at_home(household: Household, reason: str, *, actor: Actor, at: datetime) -> None:
    """Plan home deliveries for a family until it can come again. Raises `HomeReasonError`."""
    if reason not in HOME_REASONS:
        raise HomeReasonError(field="home_reason")
    if not HomeNeed.objects.filter(household=household, ended_at=None).update(
        reason=reason, told_at=at
    ):
        HomeNeed.objects.create(household=household, reason=reason, told_at=at)
    _set_mode(household, "home", reason, actor, at)


def serve_at_point(household: Household, *, actor: Actor, at: datetime) -> None:
    """Let a family come to its point again."""
    HomeNeed.objects.filter(household=household, ended_at=None).update(ended_at=at)
    _set_mode(household, "point", None, actor, at)


def note_of(day: Day) -> str:
    """Open the words that stand beside the reason of a day's change."""
    return open_sealed(bytes(day.note_sealed)).decode() if day.note_sealed else ""


def _set_mode(
    household: Household, mode: str, reason: str | None, actor: Actor, at: datetime
) -> None:
    Invitation.objects.filter(household=household, ended=None, cycle__state="open").update(
        mode=mode, reason=reason
    )
    village = household.village_id
    record("family.mode_changed", household.uuid, actor=actor, at=at, area=village, mode=mode)


def _shift_slots(day: Day, opens: time, closes: time) -> None:
    """Shift the slots as the opening is, never before the opening nor past the closing."""
    given: dict[str, Any] = {"old": day.opens, "new": opens, "end": closes, "day": day.pk}
    with connection.cursor() as cursor:
        cursor.execute(SHIFT, given)


def _check(reason: str, note: str) -> None:
    if reason not in REASONS or len(note) > NOTE_CHARACTERS_MAX:
        raise DayReasonError(field="note" if reason in REASONS else "reason")


def _sealed(note: str) -> bytes | None:
    return seal(note.strip()) if note.strip() else None
