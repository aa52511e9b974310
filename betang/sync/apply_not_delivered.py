"""Apply `benefit.not_delivered`: the family did not want it, or the companion could not give it.

Nothing moves: the right stays due and stays leased. What is kept is that somebody was there, why
nothing changed hands, and, where the family refused, a follow-up for the office.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from betang.accounts.admit import Holder
from betang.core.event.said.benefits import NotDelivered
from betang.journal.record import Happening, record_many
from betang.registry.follow_up import open_follow_ups
from betang.sync.decisions import Decided
from betang.sync.homes import want
from betang.sync.read_said import Heard

#: The rights that a device may speak of: by hand, of its own areas or in its own hands.
MINE = """
SELECT e.uuid, h.uuid, e.village_id FROM distribution_entitlement e
JOIN registry_household h ON h.id = e.household_id
WHERE e.uuid = ANY(%s) AND e.channel = 'hand' AND (e.holder_id = %s OR EXISTS (
    SELECT FROM accounts_devicearea d
    WHERE d.device_id = %s AND e.village_id::text LIKE d.area_id::text || '%%'))
"""


def tell_not_delivered(items: Sequence[Heard], holder: Holder, at: datetime) -> list[Decided]:
    """Apply rights that were not delivered: an entry each."""
    told = [(item, item.said) for item in items if isinstance(item.said, NotDelivered)]
    mine = _mine(holder, [said.entitlement for _, said in told])
    good = [(item, said, mine[said.entitlement]) for item, said in told if said.entitlement in mine]
    record_many(
        "benefit.not_delivered",
        [
            Happening(
                said.entitlement,
                holder.actor,
                item.at,
                village,
                {"reason": said.reason, "device": holder.short_id},
            )
            for item, said, (_, village) in good
        ],
    )
    open_follow_ups(
        [
            want(item, household, "aid_refused", holder, entitlement=str(said.entitlement))
            for item, said, (household, _) in good
            if said.reason == "family_refused"
        ]
    )
    return [
        item.decide("ok" if said.entitlement in mine else "claim.unknown_right")
        for item, said in told
    ]


def _mine(holder: Holder, rights: Sequence[UUID]) -> dict[UUID, tuple[UUID, int]]:
    with connection.cursor() as cursor:
        cursor.execute(MINE, [list(rights), holder.id, holder.id])
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
