"""Alerts about a device that had a network and did not ask about the deliveries that were drawn.

The draw is no secret (docs/decisions/0126): a program that was changed may be silent just there. So
the office counts: a delivery that it heard of within two minutes was made where there is a network,
and what asked before it stands in the journal, whatever the device says.
"""

from datetime import datetime, timedelta

from django.db import connection

from betang.core.lease.drawn import FROM_A_PHONE, LABEL, below
from betang.monitoring.models import Alert, Severity
from betang.monitoring.watch import raise_alert

#: Heard so soon, it was sent from where it was made.
NETWORK_WITHIN_S = 120
#: Once is a cell that came back a minute later, twice may be.
UNASKED_A_DAY_MAX = 2
LOOK_BACK = timedelta(days=3)
KIND = "office_not_asked"

# A lease may have been renewed under another name: drawn is what every one of them draws.
UNASKED = """
WITH told AS (
    SELECT d.id, d.uuid, d.device, d.at, d.heard_at, d.village_id,
           e.id AS entitlement_id, e.uuid AS entitlement
    FROM distribution_delivery d JOIN distribution_entitlement e ON e.id = d.entitlement_id
    CROSS JOIN make_interval(secs => %(within)s) AS within
    WHERE d.heard_at > %(since)s
      AND d.heard_at BETWEEN d.at - within AND d.at + within
      AND d.source = 'phone' AND NOT d.online
), drawn AS (
    SELECT t.uuid, t.device, t.at, t.heard_at, t.village_id, t.entitlement
    FROM told t JOIN accounts_device v ON v.uuid = t.device
    JOIN distribution_leaseright r ON r.entitlement_id = t.entitlement_id
    JOIN distribution_lease l ON l.id = r.lease_id AND l.device_id = v.id
    CROSS JOIN LATERAL (SELECT sha256(%(label)s || uuid_send(l.uuid) || uuid_send(t.entitlement))
                        AS digest) h
    GROUP BY t.uuid, t.device, t.at, t.heard_at, t.village_id, t.entitlement
    HAVING bool_and(get_byte(h.digest, 0) * 256 + get_byte(h.digest, 1) < %(below)s
                    AND get_byte(uuid_send(l.uuid), 6) >> 4 <> %(from_a_phone)s)
)
SELECT (array_agg(d.uuid ORDER BY d.at, d.uuid))[1], min(d.village_id / 1000000), count(*),
       d.device, ((d.at AT TIME ZONE 'Asia/Jakarta')::date)
FROM drawn d
WHERE NOT EXISTS (SELECT FROM journal_entry j WHERE j.subject = d.entitlement
    AND j.kind = 'right.reserved' AND j.actor_uuid = d.device AND j.recorded_at <= d.heard_at)
GROUP BY d.device, ((d.at AT TIME ZONE 'Asia/Jakarta')::date) HAVING count(*) > %(most)s
"""


def look(*, at: datetime) -> int:
    """Raise an alert for each device and day past the limit, once; give how many there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            UNASKED,
            {
                "since": at - LOOK_BACK,
                "within": NETWORK_WITHIN_S,
                "label": LABEL,
                "below": below(),
                "from_a_phone": FROM_A_PHONE,
                "most": UNASKED_A_DAY_MAX,
            },
        )
        found = cursor.fetchall()
    for subject, area, count, device, on in found:
        # One that was closed with a reason is not opened again by the same day.
        if not Alert.objects.filter(kind=KIND, subject=subject).exists():
            facts = {"count": count, "on": on, "device": device}
            raise_alert(KIND, subject, severity=Severity.WARNING, area=area, at=at, facts=facts)
    return len(found)
