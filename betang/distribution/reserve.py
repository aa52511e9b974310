"""Take one right online: one conditional UPDATE, so that of two requests at once one succeeds."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from betang.core.actor import Actor
from betang.core.errors import NotFoundError, RefusedError
from betang.journal.record import Happening, record_many

#: Long enough to fetch the parcel and take the photo, short enough to free a right nobody took.
RESERVED_MINUTES = 15

#: The device's own lease counts as held: it is told until when, and nothing changes.
RESERVE = """
WITH wanted AS (
    SELECT e.id FROM distribution_entitlement e
    JOIN programmes_cycle c ON c.id = e.cycle_id AND c.state = 'open'
    WHERE e.uuid = ANY(%(rights)s) AND e.channel = 'hand'
    ORDER BY e.id FOR NO KEY UPDATE OF e
), taken AS (
    UPDATE distribution_entitlement e
    SET state = CASE WHEN e.state = 'open' AND e.holder_id = %(device)s THEN 'open'
                     ELSE 'reserved' END,
        held_until = CASE WHEN e.state = 'open' AND e.holder_id = %(device)s THEN e.held_until
                          ELSE %(until)s END,
        holder_id = %(device)s
    FROM wanted
    WHERE e.id = wanted.id
      AND ((e.state = 'open' AND (e.holder_id IS NULL OR e.holder_id = %(device)s))
           OR (e.state = 'reserved'
               AND (e.holder_id = %(device)s OR e.held_until < %(at)s)))
    RETURNING e.uuid, e.village_id, e.held_until, e.amount_rupiah, e.cycle_id, e.benefit_id,
              e.parts_delivered + 1 AS part, e.parts_allowed
)
SELECT t.uuid, t.village_id, t.held_until, t.amount_rupiah, c.uuid, b.uuid, t.part,
       t.parts_allowed, b.goods::text
FROM taken t JOIN programmes_cycle c ON c.id = t.cycle_id
JOIN programmes_benefit b ON b.id = t.benefit_id ORDER BY t.uuid
"""

STANDS = """
SELECT e.uuid, e.channel, e.state, c.state FROM distribution_entitlement e
JOIN programmes_cycle c ON c.id = e.cycle_id WHERE e.uuid = ANY(%s)
"""

RIGHTS_OF_CARD = """
SELECT e.uuid, h.number, h.village_id, h.head_name
FROM cards_card k
JOIN registry_household h ON h.id = k.household_id
JOIN programmes_cycle c ON c.state = 'open'
JOIN distribution_entitlement e ON e.household_id = h.id AND e.cycle_id = c.id
    AND e.channel = 'hand'
WHERE k.number = %s AND k.state = 'active'
ORDER BY e.id
"""


class UnknownRightError(NotFoundError):
    """There is no such right."""

    code = "right.unknown"
    sentence = "Tidak ada bantuan yang dapat diambil dengan kartu ini."
    do = "Periksa nomor kartu dan tahap penyalurannya."


class AlreadyDeliveredError(RefusedError):
    """It was delivered, and counted."""

    code = "right.already_delivered"
    sentence = "Bantuan ini sudah diambil."
    do = "Jelaskan kepada keluarga; bila merasa belum menerima, buatkan pengaduan."


class HeldElsewhereError(RefusedError):
    """Another device holds the right, by a lease or a reservation."""

    code = "right.held_elsewhere"
    sentence = "Bantuan ini sedang ditugaskan ke gawai petugas lain."
    do = "Arahkan keluarga ke titik penyalurannya, atau minta penyelia mengalihkannya."


class NotByHandError(RefusedError):
    """It is paid through the bank."""

    code = "right.not_by_hand"
    sentence = "Bantuan ini disalurkan lewat rekening bank."
    do = "Arahkan keluarga ke Bank Kalteng."


class ClosedError(RefusedError):
    """Its cycle is not open."""

    code = "right.closed"
    sentence = "Tahap penyaluran bantuan ini tidak sedang berjalan."
    do = "Tunggu tahap berikutnya, atau tanyakan kepada Dinas Sosial."


class Reserved(NamedTuple):
    """A right that the device may deliver now: its next part, as far as the server has heard."""

    entitlement: UUID
    village: int
    until: datetime
    amount_rupiah: int
    cycle: UUID
    benefit: UUID
    part: int
    parts_allowed: int
    goods: list[dict[str, Any]]


class Family(NamedTuple):
    """What a device at another point may know of a family: enough to call it by name."""

    number: str
    village: int
    head_name: str


def reserve(
    entitlement: UUID, *, device: int, device_code: str, actor: Actor, at: datetime
) -> Reserved:
    """Take one right for the device (row id); raises the refusal that says why not."""
    taken, refused = reserve_many(
        [entitlement], device=device, device_code=device_code, actor=actor, at=at
    )
    if refused:
        raise refused[0][1]
    return taken[0]


def reserve_many(
    rights: list[UUID], *, device: int, device_code: str, actor: Actor, at: datetime
) -> tuple[list[Reserved], list[tuple[UUID, RefusedError]]]:
    """Take what can be taken of `rights`; give the others with the reason of each."""
    until = at + timedelta(minutes=RESERVED_MINUTES)
    with connection.cursor() as cursor:
        cursor.execute(RESERVE, {"rights": rights, "device": device, "until": until, "at": at})
        taken = [Reserved._make((*row[:-1], orjson.loads(row[-1]))) for row in cursor.fetchall()]
        left = [right for right in rights if right not in {one.entitlement for one in taken}]
        cursor.execute(STANDS, [left])
        stands = {row[0]: row[1:] for row in cursor.fetchall()}
    record_many(
        "right.reserved",
        [
            Happening(one.entitlement, actor, at, one.village, {"device": device_code})
            for one in taken
        ],
    )
    return taken, [(right, _why(stands.get(right))) for right in left]


def rights_of_card(number: str) -> tuple[Family, list[UUID]]:
    """Give the family of an active card and its rights by hand in open cycles.

    Raises `UnknownRightError` where there are none.
    """
    with connection.cursor() as cursor:
        cursor.execute(RIGHTS_OF_CARD, [number])
        rows = cursor.fetchall()
    if not rows:
        raise UnknownRightError(field="card")
    return Family._make(rows[0][1:]), [row[0] for row in rows]


def _why(stands: tuple[str, str, str] | None) -> RefusedError:
    if stands is None:
        return UnknownRightError(field="entitlement")
    channel, state, cycle = stands
    if channel != "hand":
        return NotByHandError()
    if state == "delivered":
        return AlreadyDeliveredError()
    return HeldElsewhereError() if cycle == "open" else ClosedError()
