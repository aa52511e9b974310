"""Alerts about one person who presents, collects or hands over cards of many families.

The limits leave a facilitator's hard day alone: a bulk hand-over is 60 to 250 families a day, each
with an identification and a photo, so about a minute each; deliveries in a queue are as many. One
NIK on two families needs no alert: the database refuses it (`registry_member_nik_once`).
"""

from datetime import datetime, timedelta

from django.db import connection

from betang.monitoring.models import Alert, Severity
from betang.monitoring.watch import raise_alert

#: Families for which one name collected within `COLLECTED_DAYS`: a neighbour helps two or three.
COLLECTED_FOR_MAX = 5
COLLECTED_DAYS = 30
#: Cards handed over by one device within one hour: one in thirty seconds, without a pause.
HANDED_AN_HOUR_MAX = 120
#: Cards handed over by one device within one day: a long day's queue of one officer is 250.
HANDED_A_DAY_MAX = 400
#: Villages in which one device had cards shown for a delivery on one day: roads and rivers allow
#: two or three.
VILLAGES_A_DAY_MAX = 6
#: How far back phones' late news are looked at.
LOOK_BACK = timedelta(days=14)

# The first event of the group is the alert's subject, so that a day is one alert however often
# it is looked at; the evidence is the count, the device and the day.
COLLECTORS = """
SELECT (array_agg(event ORDER BY event))[1], min(village_id / 1000000),
       count(DISTINCT household_id), count(DISTINCT device), max("on")
FROM cards_collection WHERE "on" > %(day)s GROUP BY name_index
HAVING count(DISTINCT household_id) > %(most)s
"""
FAST = """
SELECT (array_agg(uuid ORDER BY handed_over_at, id))[1], min(village_id / 1000000), count(*),
       handed_over_by, ((handed_over_at AT TIME ZONE 'Asia/Jakarta')::date)
FROM cards_card WHERE handed_over_at > %(since)s AND grade = 'ours'
GROUP BY handed_over_by, ((handed_over_at AT TIME ZONE 'Asia/Jakarta')::date),
         CASE WHEN %(hourly)s THEN date_trunc('hour', handed_over_at) END
HAVING count(*) > %(most)s
"""
PLACES = """
SELECT (array_agg(p.uuid ORDER BY p.at, p.id))[1], min(c.village_id / 1000000),
       count(DISTINCT c.village_id), p.device, ((p.at AT TIME ZONE 'Asia/Jakarta')::date)
FROM cards_presentation p JOIN cards_card c ON c.id = p.card_id
WHERE p.at > %(since)s AND p.act = 'deliver' AND p.device IS NOT NULL
GROUP BY p.device, ((p.at AT TIME ZONE 'Asia/Jakarta')::date)
HAVING count(DISTINCT c.village_id) > %(most)s
"""


def look(*, at: datetime) -> int:
    """Raise an alert for each group past its limit, once; give how many groups there are."""
    since = at - LOOK_BACK
    found = [
        ("collects_for_many", row)
        for row in _rows(
            COLLECTORS,
            day=(at - timedelta(days=COLLECTED_DAYS)).date(),
            most=COLLECTED_FOR_MAX,
        )
    ]
    fast = _rows(FAST, since=since, hourly=True, most=HANDED_AN_HOUR_MAX)
    fast += _rows(FAST, since=since, hourly=False, most=HANDED_A_DAY_MAX)
    found += [("hands_over_many", row) for row in fast]
    found += [
        ("cards_of_many_villages", row)
        for row in _rows(PLACES, since=since, most=VILLAGES_A_DAY_MAX)
    ]
    for kind, (subject, area, count, who, on) in found:
        # One that was closed with a reason is not opened again by the same day.
        if not Alert.objects.filter(kind=kind, subject=subject).exists():
            facts = {"count": count, "on": on, "devices" if isinstance(who, int) else "device": who}
            raise_alert(kind, subject, severity=Severity.WARNING, area=area, at=at, facts=facts)
    return len(found)


def _rows(sql: str, **given: object) -> list[tuple]:  # type: ignore[type-arg]
    with connection.cursor() as cursor:
        cursor.execute(sql, given)  # type: ignore[arg-type]
        return list(cursor.fetchall())
