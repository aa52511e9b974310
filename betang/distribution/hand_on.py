"""Rights of a lease change hands: from its device to another, in a new lease, in one statement.

By the office, which moves all that a lease still holds, or in the field, which names them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from betang.distribution.models import Lease

#: Entitlements first and in id order, as everywhere. Without `rights`: all that the lease holds.
TAKE = """
WITH held AS (
    SELECT e.id FROM distribution_entitlement e
    WHERE e.id IN (SELECT entitlement_id FROM distribution_leaseright
                   WHERE lease_id = %(old)s AND ended_at IS NULL)
      AND (%(rights)s::uuid[] IS NULL OR e.uuid = ANY(%(rights)s))
      AND e.state = 'open' AND e.holder_id = %(from)s
    ORDER BY e.id FOR NO KEY UPDATE
), ended AS (
    UPDATE distribution_leaseright r SET ended_at = %(at)s, end_reason = %(reason)s
    FROM held WHERE r.entitlement_id = held.id AND r.lease_id = %(old)s AND r.ended_at IS NULL
)
UPDATE distribution_entitlement e SET holder_id = %(to)s, held_until = %(until)s
FROM held WHERE e.id = held.id RETURNING e.id, e.uuid, e.village_id
"""
HOLD = """
INSERT INTO distribution_leaseright (entitlement_id, lease_id)
SELECT id, %s FROM unnest(%s::bigint[]) AS g(id) ORDER BY id
"""


class HandedOn(NamedTuple):
    """A right that changed hands."""

    entitlement: int
    uuid: UUID
    village: int


def take(
    old: Lease,
    *,
    to: int,
    until: datetime,
    reason: str,
    rights: Sequence[UUID] | None = None,
    at: datetime,
) -> list[HandedOn]:
    """Make `to` (a device's key) the holder of what `old` still holds, of `rights` where given.

    They end in the old lease with `reason`; `hold` puts them into the new one. Gives them in id
    order.
    """
    given: dict[str, Any] = {
        "old": old.pk, "from": old.device_id, "to": to, "until": until, "at": at,
        "reason": reason, "rights": None if rights is None else list(rights),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(TAKE, given)
        return sorted(HandedOn(*row) for row in cursor.fetchall())


def hold(new: Lease, taken: Sequence[HandedOn]) -> None:
    """Put rights that were taken into the lease of who holds them now."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [new.pk, [right.entitlement for right in taken]])
