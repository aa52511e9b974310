"""What a device took over from other phones: whose families, and in which villages.

It may tell of them as of those of its own areas, since its bundle shows them to it, and however the
lease ended since: what was seen in the village is told late.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

#: Only what the device signed for itself: a transfer that its giver alone told opens nothing.
FAMILIES = """
SELECT DISTINCT h.uuid, h.id, h.village_id FROM registry_household h
JOIN distribution_entitlement e ON e.household_id = h.id
JOIN distribution_leaseright r ON r.entitlement_id = e.id
JOIN distribution_transfer t ON t.to_lease_id = r.lease_id AND t.receiver_heard_at IS NOT NULL
WHERE h.uuid = ANY(%s) AND t.to_device_id = %s
"""
VILLAGES = """
SELECT DISTINCT e.village_id FROM distribution_transfer t
JOIN distribution_leaseright r ON r.lease_id = t.to_lease_id
JOIN distribution_entitlement e ON e.id = r.entitlement_id
WHERE t.to_device_id = %s AND t.receiver_heard_at IS NOT NULL
"""


def families_taken(device: int, wanted: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """Give (row id, village) of those families that the device (row id) took over."""
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(FAMILIES, [list(wanted), device])
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def villages_taken(device: int) -> set[int]:
    """Give the villages of the families that the device (row id) took over."""
    with connection.cursor() as cursor:
        cursor.execute(VILLAGES, [device])
        return {row[0] for row in cursor.fetchall()}
