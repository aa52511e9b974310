"""Mark entitlements of the bank as paid (`payments` calls this when the bank has answered)."""

from collections.abc import Sequence

from django.db import connection

#: Villages in order: two runs at once lock the tally's rows in the same order.
PAID = """
WITH paid AS (
    UPDATE distribution_entitlement SET state = 'paid', delivered_at = now()
    WHERE id = ANY(%s) AND channel = 'bank' AND state = 'open'
    RETURNING id, village_id, cycle_id
), locked AS (
    SELECT t.village_id, t.cycle_id FROM distribution_villagetally t
    WHERE (t.village_id, t.cycle_id) IN (SELECT village_id, cycle_id FROM paid)
    ORDER BY t.village_id, t.cycle_id FOR NO KEY UPDATE
), tallied AS (
    UPDATE distribution_villagetally t SET paid = t.paid + p.n
    FROM (SELECT village_id, cycle_id, count(*) AS n FROM paid GROUP BY 1, 2) p
    JOIN locked USING (village_id, cycle_id)
    WHERE t.village_id = p.village_id AND t.cycle_id = p.cycle_id
)
SELECT id FROM paid
"""


def mark_paid_many(entitlement_ids: Sequence[int]) -> list[int]:
    """Mark these entitlements (row ids) as paid in one conditional UPDATE; give those that changed.

    One that was paid before, or is not of the bank, is left alone and is not in the answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(PAID, [list(entitlement_ids)])
        return [row[0] for row in cursor.fetchall()]
