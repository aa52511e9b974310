"""Alerts of days at points that nobody opened, or that nobody closed.

Nobody records what does not happen, so a schedule looks for it (`betang/wiring.py`). A phone in a
village without a network opens its day and tells of it a week later: the alert says to call, and
closes itself when the day is heard of.
"""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from betang.core.clock import WIB
from betang.monitoring.close import close
from betang.monitoring.models import Alert, AlertState, Severity
from betang.monitoring.watch import WATCH, raise_alert

#: A boat may be late; an hour after the time on the slips families go home.
OPENED_WITHIN = timedelta(hours=1)
#: By then who served till the evening has come home and found a network.
CLOSED_BY = time(6)
#: Older plans that nobody touched are a matter of the plan, not of today.
LOOK_BACK = timedelta(days=31)

NOT_OPENED = """
SELECT d.uuid, p.village_id, d.held_on FROM distribution_day d
JOIN areas_distributionpoint p ON p.id = d.point_id
JOIN programmes_cycle c ON c.id = d.cycle_id AND c.state = 'open'
WHERE d.state = 'planned' AND d.held_on BETWEEN %(since)s AND %(today)s
  AND d.held_on + d.opens < %(late)s
  AND EXISTS (SELECT FROM distribution_invitation i WHERE i.day_id = d.id AND i.ended IS NULL)
"""
NOT_CLOSED = """
SELECT d.uuid, p.village_id, d.held_on FROM distribution_day d
JOIN areas_distributionpoint p ON p.id = d.point_id
WHERE d.state = 'opened' AND d.held_on >= %(since)s AND d.held_on + 1 + %(by)s < %(now)s
"""
HEARD = "Sistem: hari ini sudah dibuka, dipindahkan, atau dibatalkan."
CLOSED = "Sistem: hari ini sudah ditutup."


def look(*, at: datetime) -> None:
    """Raise an alert for each day that is late, once, and close those that ended."""
    now = at.astimezone(WIB).replace(tzinfo=None)
    given = {
        "today": now.date(),
        "since": now.date() - LOOK_BACK,
        "late": now - OPENED_WITHIN,
        "by": CLOSED_BY,
        "now": now,
    }
    _settle("day_not_opened", _rows(NOT_OPENED, given), HEARD, at)
    _settle("day_not_closed", _rows(NOT_CLOSED, given), CLOSED, at)


def _settle(kind: str, rows: list[tuple[Any, ...]], ended: str, at: datetime) -> None:
    open_now = {
        alert.subject: alert for alert in Alert.objects.filter(kind=kind, state=AlertState.OPEN)
    }
    late: set[UUID] = set()
    for subject, area, held_on in rows:
        late.add(subject)
        if subject not in open_now:
            facts = {"held_on": held_on.isoformat()}
            raise_alert(kind, subject, severity=Severity.WARNING, area=area, at=at, facts=facts)
    for subject, alert in open_now.items():
        if subject not in late:
            close(alert, ended, actor=WATCH, at=at)


def _rows(statement: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall())
