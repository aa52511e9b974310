"""Record how a family lives, and the landmark that finds it where there is no house."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from betang.core.actor import Actor
from betang.journal.record import Happening, record_many

TELL = """
WITH given AS (
  SELECT DISTINCT ON (household) * FROM ROWS FROM (json_to_recordset(%s::json) AS (
    household uuid, dwelling text, anchor text)) WITH ORDINALITY
    AS g(household, dwelling, anchor, place)
  ORDER BY household, place DESC
)
UPDATE registry_household h SET
  dwelling = coalesce(given.dwelling, h.dwelling),
  anchor = coalesce(nullif(given.anchor, ''), h.anchor)
FROM given WHERE h.uuid = given.household
  AND (h.dwelling, h.anchor) IS DISTINCT FROM
    (coalesce(given.dwelling, h.dwelling), coalesce(nullif(given.anchor, ''), h.anchor))
RETURNING h.uuid, h.village_id, h.dwelling
"""


class Dwelling(NamedTuple):
    """What was seen of one home; None and '' leave what is known."""

    household: UUID
    dwelling: str | None
    anchor: str = ""


def tell_dwellings(seen: Sequence[Dwelling], *, actor: Actor, at: datetime) -> int:
    """Record dwellings and landmarks; give how many households changed, one entry each."""
    rows = [one._asdict() for one in seen]
    with connection.cursor() as cursor:
        cursor.execute(TELL, [orjson.dumps(rows).decode()])
        changed = cursor.fetchall()
    record_many(
        "household.dwelling_told",
        [
            Happening(uuid, actor, at, village, {"dwelling": dwelling})
            for uuid, village, dwelling in changed
        ],
    )
    return len(changed)
