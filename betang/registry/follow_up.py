"""What the field left for the office to do about a family: opened by an event, closed by a deed.

One open follow-up a family and kind: the same finding told again changes nothing. A home point
that arrives closes the follow-up that wanted one; the others are closed by a person.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from betang.core.actor import Actor
from betang.core.errors import FieldsError, RefusedError
from betang.core.identifiers import new_uuid
from betang.journal.record import Happening, record, record_many
from betang.registry.models import FollowUp

OPEN = """
WITH given AS (
    SELECT DISTINCT ON (household, kind) * FROM json_to_recordset(%s::json) AS g(
        uuid uuid, household uuid, kind text, facts jsonb, at timestamptz, device uuid, event uuid)
    ORDER BY household, kind, at
)
INSERT INTO registry_followup (uuid, household_id, kind, facts, opened_at, device, event,
                               closed_how, attachment_sha256)
SELECT g.uuid, h.id, g.kind, g.facts - 'attachment', g.at, g.device, g.event, '',
       decode(g.facts ->> 'attachment', 'hex')
FROM given g JOIN registry_household h ON h.uuid = g.household ORDER BY h.id
ON CONFLICT (household_id, kind) WHERE closed_at IS NULL DO NOTHING
RETURNING uuid, (SELECT village_id FROM registry_household h WHERE h.id = household_id)
"""
#: A point ends the wish for one, whatever its grade: a better one is the geotag's own matter.
CLOSE_BY_POINT = """
UPDATE registry_followup f SET closed_at = %s, closed_how = 'point_taken'
FROM registry_household h
WHERE h.id = f.household_id AND h.uuid = ANY(%s) AND f.kind = 'home_missing'
  AND f.closed_at IS NULL
RETURNING f.uuid, h.village_id
"""
#: How a person may close one.
WAYS = {
    "done": "Sudah dikerjakan",
    "not_needed": "Tidak perlu dikerjakan",
    "not_possible": "Tidak dapat dikerjakan",
}


class AlreadyClosedError(RefusedError):
    """Somebody closed it before, or a home point did."""

    code = "follow_up.closed_before"
    sentence = "Tindak lanjut ini sudah ditutup."
    do = "Muat ulang halaman untuk melihat siapa yang menutupnya."


class WayError(FieldsError):
    """Closed without saying how."""

    code = "follow_up.how"
    sentence = "Pilih bagaimana tindak lanjut ini selesai."
    do = "Pilih salah satu pada daftar."


class Wanted(NamedTuple):
    """Something to do about a household. `facts` are codes, dates and identifiers."""

    household: UUID
    kind: str
    facts: dict[str, Any]
    actor: Actor
    at: datetime
    device: UUID
    event: UUID


def open_follow_ups(wanted: Sequence[Wanted]) -> int:
    """Open what is not open yet; give how many, one entry each."""
    if not wanted:
        return 0
    asked = {new_uuid(): one for one in wanted}
    rows = [
        {
            "uuid": uuid,
            "household": one.household,
            "kind": one.kind,
            "facts": one.facts,
            "at": one.at,
            "device": one.device,
            "event": one.event,
        }
        for uuid, one in asked.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [orjson.dumps(rows, default=str).decode()])
        opened = cursor.fetchall()
    record_many(
        "follow_up.opened",
        [
            Happening(uuid, asked[uuid].actor, asked[uuid].at, village, {"about": asked[uuid].kind})
            for uuid, village in opened
        ],
    )
    return len(opened)


def close_by_point(households: Sequence[UUID], *, actor: Actor, at: datetime) -> int:
    """Close what wanted a home point of these households."""
    with connection.cursor() as cursor:
        cursor.execute(CLOSE_BY_POINT, [at, list(households)])
        closed = cursor.fetchall()
    facts = {"about": "home_missing", "how": "point_taken"}
    record_many(
        "follow_up.closed",
        [Happening(uuid, actor, at, village, facts) for uuid, village in closed],
    )
    return len(closed)


def close_follow_up(follow_up: FollowUp, how: str, *, actor: Actor, at: datetime) -> FollowUp:
    """Close one by a person. Raises `WayError` or `AlreadyClosedError`."""
    if how not in WAYS:
        raise WayError(field="how")
    changed = FollowUp.objects.filter(pk=follow_up.pk, closed_at__isnull=True).update(
        closed_at=at, closed_by=actor.uuid, closed_how=how
    )
    if not changed:
        raise AlreadyClosedError
    village = follow_up.household.village_id
    facts = {"about": follow_up.kind, "how": how}
    record("follow_up.closed", follow_up.uuid, actor=actor, at=at, area=village, **facts)
    follow_up.refresh_from_db()
    return follow_up
