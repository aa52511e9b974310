"""A day of handing over cards in bulk: opened with what goes out, closed when it adds up.

What was handed over is read from the cards themselves: phones without signal tell of it days
later, and the day then shows it without anybody's doing.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from betang.accounts.models import Device
from betang.cards import custody
from betang.cards.block import BlockRow, block_many
from betang.cards.models import Card, HandOverSession
from betang.core.actor import Actor
from betang.core.clock import WIB
from betang.core.errors import FieldsError, RefusedError
from betang.core.identifiers import new_uuid
from betang.journal.record import record

CARRIED = """
SELECT coalesce(array_agg(number::bigint ORDER BY number), '{}') FROM cards_card
WHERE state = 'in_custody' AND custodian_device = %s AND village_id = %s
"""
# A card that another device or the office handed over meanwhile is handed over all the same.
NOW = """
SELECT s.id, count(*) FILTER (WHERE c.handed_over_at IS NOT NULL),
       count(*) FILTER (WHERE c.handed_over_at IS NULL AND c.state IN ('printed', 'in_custody')
                        AND c.custodian_device IS DISTINCT FROM s.device),
       count(*) FILTER (WHERE c.handed_over_at IS NULL
                        AND c.state NOT IN ('printed', 'in_custody')),
       count(*) FILTER (WHERE c.state = 'in_custody' AND c.custodian_device = s.device)
FROM cards_handoversession s
CROSS JOIN LATERAL unnest(s.numbers) AS n(number)
JOIN cards_card c ON c.number = lpad(n.number::text, 14, '0')
WHERE s.id = ANY(%s) GROUP BY s.id
"""
# The last reason told for each card that is still not handed over.
REASONS = """
SELECT t.reason, count(*) FROM (
    SELECT DISTINCT ON (x.card_id) x.card_id, x.reason FROM cards_nothandedover x
    JOIN cards_card c ON c.id = x.card_id
    WHERE c.number = ANY(SELECT lpad(n::text, 14, '0') FROM unnest(%s::bigint[]) AS n)
      AND c.handed_over_at IS NULL
    ORDER BY x.card_id, x.at DESC
) t GROUP BY t.reason ORDER BY count(*) DESC, t.reason
"""
KEEP_REASONS = """
INSERT INTO cards_nothandedover (event, card_id, device, reason, at, heard_at)
SELECT g.event, c.id, g.device, g.reason, g.at, %s
FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::timestamptz[])
    AS g(event, number, device, reason, at)
JOIN cards_card c ON c.number = g.number
ON CONFLICT (event) DO NOTHING
"""


class NoCardsOutError(RefusedError):
    """The device carries no card of the village."""

    code = "session.no_cards"
    sentence = "Gawai ini tidak membawa kartu desa itu."
    do = "Titipkan dahulu kartu desa itu kepada gawainya."


class OpenedBeforeError(RefusedError):
    """There is a session of this village, device and day."""

    code = "session.opened_before"
    sentence = "Hari penyerahan desa ini dengan gawai ini sudah dibuka untuk tanggal itu."
    do = "Buka hari penyerahan yang sudah ada."


class InvitedError(FieldsError):
    """A number of families that cannot be."""

    code = "session.invited"
    sentence = "Jumlah keluarga yang diundang harus bilangan dari 1 sampai 100.000."
    do = "Isi berapa keluarga yang diundang; tidak sama dengan jumlah kartu pun boleh."


class AlreadyClosedError(RefusedError):
    """The session was closed before."""

    code = "session.closed_before"
    sentence = "Hari penyerahan ini sudah ditutup."
    do = "Tidak ada yang perlu dilakukan."


class LeftOverError(FieldsError):
    """The count that came back does not fit what the device still carries by the book."""

    code = "session.left_over"
    sentence = (
        "Menurut catatan gawai ini masih membawa {carried} kartu; Anda menghitung {counted} dan "
        "menyebut {lost} hilang."
    )
    do = (
        "Minta petugas mengirim catatannya dahulu, hitung lagi, atau sebut nomor kartu yang hilang."
    )


class Progress(NamedTuple):
    """How far a day is. `left`: still with the device; the other three have left it."""

    handed_over: int
    brought_back: int
    ended: int
    left: int


NOTHING = Progress(0, 0, 0, 0)


class NotHandedOverRow(NamedTuple):
    """One attempt from the field: `at` is when it happened there."""

    event: UUID
    number: str
    device: UUID
    reason: str
    at: datetime


def open_day(
    device: Device,
    *,
    village: int,
    on: date,
    invited: int,
    actor: Actor,
    at: datetime,
    point: str = "",
) -> HandOverSession:
    """Open a day with what `device` carries for `village`.

    Raises `InvitedError`, `OpenedBeforeError` or `NoCardsOutError`.
    """
    if not 1 <= invited <= 100_000:
        raise InvitedError(field="invited")
    if HandOverSession.objects.filter(village_id=village, on=on, device=device.uuid).exists():
        raise OpenedBeforeError
    with connection.cursor() as cursor:
        cursor.execute(CARRIED, [device.uuid, village])
        row = cursor.fetchone()
    numbers = list(row[0]) if row else []
    if not numbers:
        raise NoCardsOutError
    day = HandOverSession.objects.create(
        uuid=new_uuid(),
        village_id=village,
        on=on,
        device=device.uuid,
        officer_person=device.owner.person,
        point=" ".join(point.split())[:120],
        invited=invited,
        numbers=numbers,
        opened_at=at,
        opened_by_person=actor.person,
    )
    facts = {"count": len(numbers), "device": device.short_id, "invited": invited}
    record("cards.session_opened", day.uuid, actor=actor, at=at, area=village, **facts)
    return day


def close_day(
    day: HandOverSession,
    *,
    counted: int,
    lost: Sequence[int] = (),
    into: int | None = None,
    actor: Actor,
    at: datetime,
) -> HandOverSession:
    """Close a day: what is left comes back into stock, `counted`, and what is lost is blocked.

    Cards out = handed over + brought back + ended, or it is refused (`LeftOverError`). Raises
    `AlreadyClosedError` too, and `SamePersonError` where the officer would close his own day.
    """
    day = HandOverSession.objects.select_for_update().get(pk=day.pk)
    if day.state != HandOverSession.State.OPEN:
        raise AlreadyClosedError
    carried = Card.objects.filter(state="in_custody", custodian_device=day.device)
    own = carried.filter(number__in=[f"{number:014d}" for number in day.numbers])
    gone = [f"{number:014d}" for number in sorted(set(lost))]
    if own.count() != counted + len(gone) or own.filter(number__in=gone).count() != len(gone):
        raise LeftOverError(field="counted", carried=own.count(), counted=counted, lost=len(gone))
    if gone:
        block_many([BlockRow(number, "lost", actor, at) for number in gone])
    custody.take_back(day.device, actor=actor, at=at, into=into, area=day.village_id)
    ends = progress([day])[day.pk]
    day.state, day.closed_at, day.closed_by_person = "closed", at, actor.person
    day.handed_over, day.brought_back, day.ended = ends[:3]
    day.save()
    facts = {**ends._asdict(), "lost": len(gone)}
    record("cards.session_closed", day.uuid, actor=actor, at=at, area=day.village_id, **facts)
    return day


def progress(days: Sequence[HandOverSession]) -> dict[int, Progress]:
    """Give how far each day is, read from its cards."""
    with connection.cursor() as cursor:
        cursor.execute(NOW, [[day.pk for day in days]])
        found = {row[0]: Progress(*row[1:]) for row in cursor.fetchall()}
    return {day.pk: found.get(day.pk, NOTHING) for day in days}


def reasons(day: HandOverSession) -> list[tuple[str, int]]:
    """Give why cards of the day were not handed over, by the last that was told of each."""
    with connection.cursor() as cursor:
        cursor.execute(REASONS, [day.numbers])
        return [(reason, count) for reason, count in cursor.fetchall()]


def keep_reasons(rows: Sequence[NotHandedOverRow], *, heard_at: datetime) -> None:
    """Keep what the field told of cards that were not handed over; set-based, for `sync`."""
    if not rows:
        return
    columns = [list(column) for column in zip(*rows, strict=True)]
    events, numbers, devices, told, ats = columns
    with connection.cursor() as cursor:
        cursor.execute(KEEP_REASONS, [heard_at, events, numbers, devices, told, ats])


def today(at: datetime) -> date:
    """Give the day in the province."""
    return at.astimezone(WIB).date()
