"""Record how a family lives, and the landmark that finds it where there is no house."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from betang.core.actor import Actor
from betang.journal.record import Happening, record_many
from betang.keys.sealing import seal

TELL = """
WITH given AS (
  SELECT * FROM json_to_recordset(%s::json) AS g(
    household uuid, dwelling text, anchor text, custodian text, contact text)
)
UPDATE registry_household h SET
  dwelling = coalesce(given.dwelling, h.dwelling),
  anchor = coalesce(nullif(given.anchor, ''), h.anchor),
  custodian = coalesce(nullif(given.custodian, ''), h.custodian),
  custodian_contact_sealed = CASE WHEN given.custodian = '' THEN h.custodian_contact_sealed
                                  ELSE decode(given.contact, 'hex') END
FROM given WHERE h.uuid = given.household
  AND ((h.dwelling, h.anchor) IS DISTINCT FROM
    (coalesce(given.dwelling, h.dwelling), coalesce(nullif(given.anchor, ''), h.anchor))
    OR given.custodian <> '')
RETURNING h.uuid, h.village_id, h.dwelling
"""


class Dwelling(NamedTuple):
    """What was seen of one home; None and '' leave what is known.

    `custodian` takes messages for the family; `contact`, how to reach them, is kept sealed.
    """

    household: UUID
    dwelling: str | None
    anchor: str = ""
    custodian: str = ""
    contact: str = ""


def tell_dwellings(seen: Sequence[Dwelling], *, actor: Actor, at: datetime) -> int:
    """Record dwellings and landmarks; give how many households changed, one entry each."""
    rows = [one._asdict() | {"contact": _sealed(one.contact)} for one in _folded(seen)]
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


def _folded(seen: Sequence[Dwelling]) -> list[Dwelling]:
    """Put what was told of one home at once into one: the last word on each thing stands."""
    told: dict[UUID, Dwelling] = {}
    for one in seen:
        before = told.get(one.household, one)
        custodian = one if one.custodian else before
        told[one.household] = Dwelling(
            one.household,
            one.dwelling or before.dwelling,
            one.anchor or before.anchor,
            custodian.custodian,
            custodian.contact,
        )
    return list(told.values())


def _sealed(contact: str) -> str | None:
    return seal(contact.encode()).hex() if contact else None
