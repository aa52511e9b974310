"""Alerts from silence: a device that does not report, a lease that ran out without an answer.

And from what devices told of themselves while they hold rights: a list too old, a program too old.

Nobody records what does not happen, so a schedule looks for it (`betang/wiring.py`).
"""

from datetime import datetime

from django.db import connection
from django.db.models import Count, F, Min, Q
from django.db.models.functions import Coalesce

from betang.accounts.models import Device
from betang.distribution.models import LeaseRight
from betang.monitoring.close import close
from betang.monitoring.lagging import BY_NAME, LOST_AFTER, SILENT_AFTER, holding
from betang.monitoring.models import Alert, AlertState, Severity
from betang.monitoring.watch import WATCH, raise_alert

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

#: Alert -> the problem that raises it, since when it is counted, and the words that end it.
TOLD = {
    "device_list_old": ("daftar_lama", "list_at", "Sistem: daftar kartu di gawai sudah baru."),
    "device_too_old": ("terlalu_lama", "told_at", "Sistem: aplikasi di gawai sudah diperbarui."),
}
HEARD_AGAIN = "Sistem: gawai sudah mengirim data lagi."
ACCOUNTED = "Sistem: penugasan luring ini sudah dipertanggungjawabkan."


def look(*, at: datetime) -> None:
    """Raise an alert for each silence, once, and close those that ended."""
    silent = _rows(SILENT, at - SILENT_AFTER)
    lost = _rows(SILENT, at - LOST_AFTER)
    in_doubt = _rows(IN_DOUBT, at)
    _settle("device_silent", silent, HEARD_AGAIN, at)
    _settle("device_lost", lost, HEARD_AGAIN, at, severity=Severity.CRITICAL)
    for kind, (problem, since, ended) in TOLD.items():
        _settle(kind, _having(problem, since, at), ended, at)
    _settle("data_not_current", in_doubt, ACCOUNTED, at)


def _settle(
    kind: str,
    rows: list[tuple],  # type: ignore[type-arg]
    ended: str,
    at: datetime,
    *,
    severity: Severity = Severity.WARNING,
) -> None:
    open_now = {
        alert.subject: alert for alert in Alert.objects.filter(kind=kind, state=AlertState.OPEN)
    }
    for subject, since, short_id, rights, area in rows:
        if subject not in open_now:
            facts = {"short_id": short_id, "rights": rights, "since": since}
            raise_alert(kind, subject, severity=severity, area=area, at=at, facts=facts)
    still = {row[0] for row in rows}
    for subject, alert in open_now.items():
        if subject not in still:
            close(alert, ended, actor=WATCH, at=at)


def _rows(sql: str, moment: datetime) -> list[tuple]:  # type: ignore[type-arg]
    with connection.cursor() as cursor:
        cursor.execute(sql, [moment])
        return list(cursor.fetchall())


def _having(problem: str, since: str, at: datetime) -> list[tuple]:  # type: ignore[type-arg]
    """Give the devices that hold rights and have a problem, as the statements above do."""
    rights = LeaseRight.objects.filter(ended_at__isnull=True, lease__state="live").order_by()
    counted = dict(rights.values_list("lease__device").annotate(n=Count("pk")))
    found = (
        Device.objects.filter(BY_NAME[problem].where(at), Q(holding()))
        .annotate(area=Min("areas__area_id"), since=Coalesce(F(since), F("enrolled_at")))
        .values_list("uuid", "since", "short_id", "pk", "area")
    )
    return [(uuid, when, name, counted[pk], area) for uuid, when, name, pk, area in found]
