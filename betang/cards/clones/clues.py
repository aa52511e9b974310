"""What is certain about when and where a card was shown, as SQL for the rules that compare.

A phone's clock may be wrong for days, and its days arrive in any order. What is certain of each
presentation is an interval: it was not before `lo` and not after `hi`. A rule may only say that
something is impossible if it is impossible for every pair of moments inside the intervals.
"""

from datetime import UTC, datetime

from django.db import connection

#: Where nobody knows better, a phone's clock may be wrong for a week (settled.md).
CLOCK_DOUBT_DAYS = 7
#: A clock that agreed with ours within this when it told us is believed, up to `CLOCK_SLACK_S`.
CLOCK_AGREES_S = 600
#: How far a clock that agrees may have been off when the card was shown: drift since the last
#: signal, and that the moment of an event is the moment it was signed, not that of the tap.
CLOCK_SLACK_S = 1_800

#: No road of the province allows more, and no speedboat reaches it; measured in a straight line it
#: is more than either does. A flight is faster: it takes a flight ticket, and a person who asks.
SPEED_MAX_KMH = 100
#: Nearer than this is one place: villages are wide, and a phone's point may be kilometres off.
APART_M = 20_000

#: A presentation whose MAC is that of our chip.
GENUINE = "{0}.uid IS NOT NULL AND {0}.reason NOT IN ('tap.forged', 'tap.other_card')"

#: Presentations of the cards asked for, with what is certain of them. Parameters: `cards` (ids),
#: `since` (nothing older is compared).
SHOWN = f"""
shown AS MATERIALIZED (
    SELECT p.id, p.card_id, p.device, p.actor, p.online, p.at, p.heard_at, p.uid, p.counter,
           p.colour, p.reason, coalesce(p.lat, v.lat) AS lat, coalesce(p.lng, v.lng) AS lng,
           ({GENUINE.format("p")}) AS genuine,
           CASE WHEN p.online THEN p.at
                WHEN abs(p.clock_ahead_s) <= {CLOCK_AGREES_S}
                THEN p.at - make_interval(secs => p.clock_ahead_s + {CLOCK_SLACK_S})
                ELSE p.at - interval '{CLOCK_DOUBT_DAYS} days' END AS lo,
           CASE WHEN p.online THEN p.at
                WHEN abs(p.clock_ahead_s) <= {CLOCK_AGREES_S}
                THEN least(p.heard_at,
                           p.at - make_interval(secs => p.clock_ahead_s - {CLOCK_SLACK_S}))
                ELSE least(p.heard_at, p.at + interval '{CLOCK_DOUBT_DAYS} days') END AS hi
    FROM cards_presentation p LEFT JOIN areas_area v ON v.code = p.village_id
    WHERE p.card_id = ANY(%(cards)s) AND p.heard_at >= %(since)s
)"""

CERTAIN = f"WITH {SHOWN} SELECT id, lo, hi FROM shown"


def certain_of(card: int) -> dict[int, tuple[datetime, datetime]]:
    """Give, for each presentation of a card (by row id), not before when and not after when."""
    with connection.cursor() as cursor:
        cursor.execute(CERTAIN, {"cards": [card], "since": datetime.min.replace(tzinfo=UTC)})
        return {row: (lo, hi) for row, lo, hi in cursor.fetchall()}
