"""Record what an act did, in the act's own transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from betang.core.actor import Actor
from betang.core.clock import to_wire
from betang.core.identifiers import new_uuids
from betang.journal.kinds import require
from betang.journal.prepared import fetch

RECORD = """
WITH given AS (
    SELECT * FROM ROWS FROM (json_to_recordset(%s::json) AS (
        uuid uuid, subject uuid, actor_kind text, actor_uuid uuid, person uuid,
        at timestamptz, area bigint, facts jsonb)) WITH ORDINALITY
    AS g(uuid, subject, actor_kind, actor_uuid, person, at, area, facts, place)
), entered AS (
    INSERT INTO journal_entry (uuid, kind, subject, actor_kind, actor_uuid, person, at, area, facts)
    SELECT uuid, %s, subject, actor_kind, actor_uuid, person, at, area, facts FROM given
    ORDER BY place
    RETURNING id
)
INSERT INTO journal_outbox (entry_id) SELECT id FROM entered
"""


class Happening(NamedTuple):
    """One row for `record_many`: subject, actor, when it happened (UTC), area, facts."""

    subject: UUID
    actor: Actor
    at: datetime
    area: int | None
    facts: dict[str, Any]


def record(
    kind: str, subject: UUID, *, actor: Actor, at: datetime, area: int | None = None, **facts: Any
) -> None:
    """Append one entry. Raises `UndeclaredKindError` for a kind that no app declares.

    `facts` are identifiers, codes and numbers. Never a name, a NIK or free text.
    """
    record_many(kind, [Happening(subject, actor, at, area, facts)])


def record_many(kind: str, happenings: Sequence[Happening]) -> None:
    """Append many entries of one kind in one statement."""
    require(kind)
    if not happenings:
        return
    rows = [
        {
            "uuid": uuid,
            "subject": happening.subject,
            "actor_kind": happening.actor.kind,
            "actor_uuid": happening.actor.uuid,
            "person": happening.actor.person,
            "at": to_wire(happening.at),
            "area": happening.area,
            "facts": happening.facts,
        }
        for uuid, happening in zip(new_uuids(len(happenings)), happenings, strict=True)
    ]
    payload = orjson.dumps(rows, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    fetch(RECORD, payload, kind)
