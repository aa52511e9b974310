"""The pool of provisional registration numbers: leased to one device each, used once.

A phone without a network gives a family one of the numbers that it holds; nothing is invented
(docs/decisions/0109). Numbers of a phone that was lost are never leased again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from betang.core.actor import Actor
from betang.journal.record import record

FREE = """
SELECT number FROM registry_provisionalnumber
WHERE device = %s AND used_at IS NULL ORDER BY id
"""
#: One topping-up of a device at a time: two bundles at once would both see the same lack.
LOCK = "SELECT pg_advisory_xact_lock(63, hashtext(%s))"
LEASE = """
INSERT INTO registry_provisionalnumber (number, device, leased_at)
SELECT registry_provisional_number(nextval('registry_provisional_serial')), %s, %s
FROM generate_series(1, %s)
"""
#: Of one number told twice in a batch the first has it.
USE = """
WITH given AS (
  SELECT DISTINCT ON (number) * FROM json_to_recordset(%s::json) AS g(
    number text, event text, place int)
  ORDER BY number, place
)
UPDATE registry_provisionalnumber p SET used_at = %s, used_by = decode(given.event, 'hex')
FROM given WHERE p.number = given.number AND p.device = %s AND p.used_at IS NULL
RETURNING p.used_by
"""
MINE = "SELECT number FROM registry_provisionalnumber WHERE device = %s AND number = ANY(%s)"


class Use(NamedTuple):
    """An event (its SHA-256) that gave a family this number."""

    event: bytes
    number: str


def free_numbers(device: UUID) -> list[str]:
    """Give the numbers that the device holds and has not used, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(FREE, [device])
        return [number for (number,) in cursor.fetchall()]


def top_up(actor: Actor, *, wanted: int, at: datetime) -> list[str]:
    """Lease a device (it is the actor) numbers until `wanted` are free; give all it may use."""
    device = actor.uuid
    held = free_numbers(device)
    if len(held) >= wanted:
        return held
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [str(device)])
        missing = wanted - len(free_numbers(device))
        if missing > 0:
            cursor.execute(LEASE, [device, at, missing])
            record("registration.numbers_leased", device, actor=actor, at=at, count=missing)
    return free_numbers(device)


def use_numbers(device: UUID, used: Sequence[Use], *, at: datetime) -> dict[bytes, str]:
    """Say of each event whose number it bears: `own`, `again` or `foreign`; use up the own ones.

    Nothing is refused: a family that was told of is kept, whatever its number.
    """
    given = [
        {"number": one.number, "event": one.event.hex(), "place": place}
        for place, one in enumerate(used)
    ]
    with connection.cursor() as cursor:
        cursor.execute(USE, [orjson.dumps(given).decode(), at, device])
        own = {bytes(event) for (event,) in cursor.fetchall()}
        cursor.execute(MINE, [device, [one.number for one in used]])
        mine = {number for (number,) in cursor.fetchall()}
    return {
        one.event: "own" if one.event in own else "again" if one.number in mine else "foreign"
        for one in used
    }
