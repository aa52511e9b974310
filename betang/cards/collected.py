"""Who collects for families that are not his own: kept by a blind index, to notice one for many."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from betang.keys.sealing import blind_index_many

KEEP = """
INSERT INTO cards_collection (event, name_index, household_id, village_id, device, "on")
SELECT g.event, g.name, h.id, h.village_id, g.device, g."on"
FROM unnest(%s::uuid[], %s::bytea[], %s::bigint[], %s::uuid[], %s::date[])
    AS g(event, name, household, device, "on")
JOIN registry_household h ON h.id = g.household
ON CONFLICT (event) DO NOTHING
"""
FORGET = 'DELETE FROM cards_collection WHERE "on" < %s'


class CollectedRow(NamedTuple):
    """A representative, by the name that the phone noted, collected for a household."""

    event: UUID
    name: str
    household: int
    device: UUID
    on: date


def keep_collected(rows: Sequence[CollectedRow]) -> None:
    """Keep who collected for whom; a name is folded to its letters and never kept itself."""
    named = [(row, _folded(row.name)) for row in rows]
    named = [(row, name) for row, name in named if name]
    if not named:
        return
    indexes = blind_index_many("collector", [name for _, name in named])
    with connection.cursor() as cursor:
        cursor.execute(
            KEEP,
            [
                [row.event for row, _ in named],
                indexes,
                [row.household for row, _ in named],
                [row.device for row, _ in named],
                [row.on for row, _ in named],
            ],
        )


def forget_old(*, before: datetime) -> int:
    """Forget who collected before a day: nothing looks further back."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET, [before.date()])
        return int(cursor.rowcount)


def _folded(name: str) -> str:
    """Fold a name to its letters: `Bpk. Budi  S.` and `bpk budi s` are one."""
    return "".join(letter for letter in name.lower() if letter.isalnum())
