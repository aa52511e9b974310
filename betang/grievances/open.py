"""Open cases: one by a person, many by an act below that found something contested."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from betang.core.actor import Actor
from betang.core.identifiers import new_uuid
from betang.journal.record import Happening, record_many


class Opening(NamedTuple):
    """A case to open.

    `facts` are identifiers, codes and numbers; of a contested delivery both evidences:
    `{"first": <delivery uuid>, "second": <delivery uuid>}`.
    """

    kind: str
    subject: UUID
    village: int
    household: int | None
    facts: dict[str, Any]
    actor: Actor
    at: datetime


OPEN = """
WITH given AS (
    SELECT * FROM jsonb_to_recordset(%s::jsonb) AS g(
        uuid uuid, kind text, subject uuid, village bigint, household bigint, facts jsonb,
        actor uuid, person uuid, at timestamptz)
), opened AS (
    INSERT INTO grievances_case (uuid, kind, state, household_id, village_id, subject, facts,
                                 opened_at, opened_by, outcome, proposed_outcome)
    SELECT uuid, kind, 'open', household, village, subject, facts, at, actor, '', '' FROM given
    ON CONFLICT (subject) WHERE kind = 'contested_delivery' DO NOTHING
    RETURNING id, uuid
), stepped AS (
    INSERT INTO grievances_step (case_id, kind, actor, person, facts, at)
    SELECT o.id, 'opened', g.actor, g.person, '{}', g.at FROM opened o JOIN given g USING (uuid)
)
SELECT uuid FROM opened
"""


def open_cases(rows: Iterable[Opening | Sequence[Any]]) -> list[UUID]:
    """Open a case for each row, in one statement, and give the new cases' uuids.

    A contested delivery (`subject`: the delivery's uuid) that has a case already gets no second
    one: the same event sent again changes nothing.
    """
    openings = {new_uuid(): Opening._make(row) for row in rows}
    if not openings:
        return []
    given = [
        {
            "uuid": uuid,
            "kind": one.kind,
            "subject": one.subject,
            "village": one.village,
            "household": one.household,
            "facts": one.facts,
            "actor": one.actor.uuid,
            "person": one.actor.person,
            "at": one.at,
        }
        for uuid, one in openings.items()
    ]
    payload = orjson.dumps(given, default=str).decode()
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [payload])
        opened = [row[0] for row in cursor.fetchall()]
    record_many(
        "case.opened",
        [
            Happening(
                uuid,
                openings[uuid].actor,
                openings[uuid].at,
                openings[uuid].village,
                {"case_kind": openings[uuid].kind, "about": str(openings[uuid].subject)},
            )
            for uuid in opened
        ],
    )
    return opened
