"""Alerts from silence: a device that does not report, a lease that ran out without an answer.

Nobody records what does not happen, so a schedule looks for it (`betang/wiring.py`).
"""

from datetime import datetime, timedelta

from django.db import connection

from betang.monitoring.close import close
from betang.monitoring.models import Alert, AlertState, Severity
from betang.monitoring.watch import WATCH, raise_alert

#: A day without a word is a phone to ask after; two days are two (field.md: nag after 24 h).
SILENT_AFTER = timedelta(hours=24)

#: Devices with rights in their hands, and the first area each of them serves.
SILENT = """
SELECT d.uuid, d.last_seen_at, d.short_id, count(r.id),
       (SELECT min(a.area_id) FROM accounts_devicearea a WHERE a.device_id = d.id)
FROM accounts_device d
JOIN distribution_lease l ON l.device_id = d.id AND l.state = 'live'
JOIN distribution_leaseright r ON r.lease_id = l.id AND r.ended_at IS NULL
WHERE d.state = 'active' AND coalesce(d.last_seen_at, l.issued_at) < %s
GROUP BY d.id
"""

#: Leases past their end with rights nobody has accounted for: in doubt, so data is not current.
IN_DOUBT = """
SELECT l.uuid, l.not_after, d.short_id, count(r.id),
       (SELECT min(a.area_id) FROM accounts_devicearea a WHERE a.device_id = d.id)
FROM distribution_lease l
JOIN accounts_device d ON d.id = l.device_id
JOIN distribution_leaseright r ON r.lease_id = l.id AND r.ended_at IS NULL
WHERE l.state = 'live' AND l.not_after < %s
GROUP BY l.id, d.id
"""

HEARD_AGAIN = "Sistem: gawai sudah mengirim data lagi."
ACCOUNTED = "Sistem: penugasan luring ini sudah dipertanggungjawabkan."


def look(*, at: datetime) -> None:
    """Raise an alert for each silence, once, and close those that ended."""
    silent = _rows(SILENT, at - SILENT_AFTER)
    in_doubt = _rows(IN_DOUBT, at)
    _settle("device_silent", silent, HEARD_AGAIN, at)
    _settle("data_not_current", in_doubt, ACCOUNTED, at)


def _settle(kind: str, rows: list[tuple], ended: str, at: datetime) -> None:  # type: ignore[type-arg]
    open_now = {
        alert.subject: alert for alert in Alert.objects.filter(kind=kind, state=AlertState.OPEN)
    }
    for subject, since, short_id, rights, area in rows:
        if subject not in open_now:
            facts = {"short_id": short_id, "rights": rights, "since": since}
            raise_alert(kind, subject, severity=Severity.WARNING, area=area, at=at, facts=facts)
    still = {row[0] for row in rows}
    for subject, alert in open_now.items():
        if subject not in still:
            close(alert, ended, actor=WATCH, at=at)


def _rows(sql: str, moment: datetime) -> list[tuple]:  # type: ignore[type-arg]
    with connection.cursor() as cursor:
        cursor.execute(sql, [moment])
        return list(cursor.fetchall())
