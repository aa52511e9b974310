"""Which families a device may know: those of its areas, and those handed to it by another.

The head of every statement that tells a device of families; it takes `device`, a row id.
"""

#: The villages of the device, as ranges of codes.
FAMILIES = """
here AS (
    SELECT a.code * (10 ^ (10 - length(a.code::text)))::bigint AS low,
           (a.code + 1) * (10 ^ (10 - length(a.code::text)))::bigint - 1 AS high
    FROM accounts_devicearea d JOIN areas_area a ON a.code = d.area_id
    WHERE d.device_id = %(device)s AND NOT EXISTS (  -- an area inside another says nothing new
        SELECT FROM accounts_devicearea o WHERE o.device_id = d.device_id
        AND o.area_id <> d.area_id AND d.area_id::text LIKE o.area_id::text || '%%')
), running AS (
    SELECT id, uuid, programme_id, code, name, closes_on FROM programmes_cycle WHERE state = 'open'
), handed AS (  -- families whose rights another phone handed to this one, wherever they live
    SELECT DISTINCT e.household_id, e.village_id FROM distribution_lease l
    JOIN distribution_transfer t ON t.to_lease_id = l.id AND t.receiver_heard_at IS NOT NULL
    JOIN distribution_leaseright r ON r.lease_id = l.id
        AND (r.ended_at IS NULL OR r.end_reason = 'delivered')
    JOIN distribution_entitlement e ON e.id = r.entitlement_id
    WHERE l.device_id = %(device)s AND l.state = 'live'
), known AS (
    SELECT h.* FROM here CROSS JOIN LATERAL (  -- a village at a time, by its index
        SELECT * FROM registry_household WHERE village_id BETWEEN here.low AND here.high OFFSET 0
    ) h
    UNION ALL
    SELECT h.* FROM (SELECT DISTINCT household_id FROM handed) t CROSS JOIN LATERAL (
        SELECT * FROM registry_household WHERE id = t.household_id OFFSET 0
    ) h WHERE NOT EXISTS (SELECT FROM here WHERE h.village_id BETWEEN here.low AND here.high)
), family AS (
    SELECT h.* FROM known h
    -- Asked family by family: as EXISTS, either would be hashed from the rights and cards of all.
    WHERE h.state = 'active' AND coalesce(
        (SELECT true FROM distribution_entitlement e JOIN running r ON r.id = e.cycle_id
         WHERE e.household_id = h.id AND e.channel = 'hand' LIMIT 1),
        (SELECT true FROM cards_card k WHERE k.household_id = h.id
         AND k.state IN ('in_custody', 'active') LIMIT 1), false)
)
"""
