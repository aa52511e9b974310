"""Record that members died, moved or are there after all, and keep the households' facts true."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from betang.core.actor import Actor
from betang.core.identifiers import new_uuid
from betang.journal.record import record

REPORT = """
WITH given AS (
  SELECT DISTINCT ON (member) * FROM ROWS FROM (json_to_recordset(%s::json) AS (
    member uuid, presence text, on_date date, left_province boolean)) WITH ORDINALITY
    AS g(member, presence, on_date, left_province, place)
  ORDER BY member, place DESC
)
UPDATE registry_member r SET
  presence = given.presence, presence_on = given.on_date, left_province = given.left_province
FROM given WHERE r.uuid = given.member
  AND (r.presence, r.presence_on, r.left_province)
    IS DISTINCT FROM (given.presence, given.on_date, given.left_province)
RETURNING r.household_id
"""

#: The declared facts again, for the households whose members changed.
REFRESH = """
WITH told AS (
  SELECT household_id,
    count(*) FILTER (WHERE presence = 'alive') AS members_alive,
    bool_or(presence = 'deceased') FILTER (WHERE is_head) AS head_deceased,
    bool_or(presence = 'moved') FILTER (WHERE is_head) AS head_moved,
    bool_or(presence = 'moved') AS any_moved,
    bool_or(presence = 'deceased') AS any_deceased,
    NOT bool_or(left_province) FILTER (WHERE is_head) AS inside_province
  FROM registry_member WHERE household_id = ANY(%s) GROUP BY household_id)
UPDATE registry_household h SET
  members_alive = told.members_alive, head_deceased = told.head_deceased,
  head_moved = told.head_moved, any_moved = told.any_moved, any_deceased = told.any_deceased,
  inside_province = told.inside_province
FROM told WHERE told.household_id = h.id
"""


class Presence(NamedTuple):
    """What was seen of one member. `presence` is alive, deceased or moved."""

    member: UUID
    presence: str
    on: date | None = None
    left_province: bool = False


def report_presence(seen: Sequence[Presence], *, actor: Actor, at: datetime) -> int:
    """Record what was seen of members; give how many changed. The last word on each stands."""
    rows = [
        {
            "member": one.member,
            "presence": one.presence,
            "on_date": one.on,
            "left_province": one.left_province,
        }
        for one in seen
    ]
    with connection.cursor() as cursor:
        cursor.execute(REPORT, [orjson.dumps(rows).decode()])
        households = [pk for (pk,) in cursor.fetchall()]
    if households:
        refresh_facts(households)
        record(
            "members.presence_changed", new_uuid(), actor=actor, at=at,
            count=len(seen), changed=len(households),
        )  # fmt: skip
    return len(households)


def refresh_facts(households: Sequence[int]) -> None:
    """Aggregate the declared facts again, of households whose members changed."""
    with connection.cursor() as cursor:
        cursor.execute(REFRESH, [sorted(set(households))])
