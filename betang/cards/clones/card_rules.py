"""Rules about one card: each is one statement that gives (rule, card, first, second).

`second` is the presentation that cannot be right, `first` the one that it contradicts. What an
honest family, companion or phone does must not be found: hand-over and two benefits with one tap,
an answer that was lost and a tap sent again, days that arrive in any order, a clock that is wrong.
Normative: `docs/protocols/clones.md`. Parameters: see `clues.SHOWN`.
"""

from betang.cards.clones.clues import APART_M, GENUINE, SHOWN, SPEED_MAX_KMH

#: Taps of one hand may overtake each other on the line by so much; a tap sent again comes so late.
OVERTAKES_S = 300
EARTH_RADIUS_M = 6_371_008.8

# The latest presentation of the card before this one that was not refused: what a forgery is set
# beside. There may be none.
LAST_GOOD = """
    LEFT JOIN LATERAL (
        SELECT g.id FROM cards_presentation g
        WHERE g.card_id = s.card_id AND g.colour <> 'red' AND g.id < s.id
        ORDER BY g.id DESC LIMIT 1
    ) good ON true
"""

# One reading of a chip can be held by one hand only. The same hand twice is a lost answer; online
# and later than that it is a tap that was kept (told offline, `present.py` has judged it already).
TAP_TWICE = f"""
SELECT 'tap_twice', s.card_id, f.id, s.id
FROM cards_presentation s
JOIN cards_presentation f ON f.uid = s.uid AND f.counter = s.counter AND f.colour <> 'red'
WHERE s.card_id = ANY(%(cards)s) AND s.heard_at >= %(since)s
  AND s.colour = 'red' AND s.reason = 'tap.replayed'
  AND (f.device IS DISTINCT FROM s.device OR f.actor IS DISTINCT FROM s.actor OR NOT s.online
       OR s.at - f.at > interval '{OVERTAKES_S} seconds')
"""

TAP_FORGED = f"""
SELECT CASE s.reason WHEN 'tap.forged' THEN 'tap_forged' ELSE 'tap_other_card' END,
       s.card_id, good.id, s.id
FROM cards_presentation s {LAST_GOOD}
WHERE s.card_id = ANY(%(cards)s) AND s.heard_at >= %(since)s
  AND s.colour = 'red' AND s.reason IN ('tap.forged', 'tap.other_card')
"""

# A chip only counts up. `high` was certainly read before `low` could have been, and is higher: so
# `low` was read earlier than it says, and kept. The same tap twice is told by its own rule; of the
# two taps of a visit the later is told.
COUNTER_DOWN = f"""
WITH {SHOWN}
SELECT DISTINCT ON (low.card_id, low.device, low.at) 'counter_down', low.card_id, high.id, low.id
FROM shown low JOIN shown high ON high.card_id = low.card_id AND high.counter > low.counter
WHERE low.genuine AND high.genuine AND high.uid = low.uid AND high.hi < low.lo
  AND NOT (high.device IS NOT DISTINCT FROM low.device AND high.actor IS NOT DISTINCT FROM low.actor
           AND low.lo - high.hi < interval '{OVERTAKES_S} seconds')
  AND NOT EXISTS (SELECT FROM cards_presentation t WHERE t.uid = low.uid
                  AND t.counter = low.counter AND t.colour <> 'red' AND t.id <> low.id)
ORDER BY low.card_id, low.device, low.at, low.id DESC, high.hi
"""

# Between two showings there is at most `seconds`, whichever was first; counters, where both have
# one and the times allow it, say which. What is farther than anybody can go in that time was shown
# twice.
TWO_PLACES = f"""
WITH {SHOWN}, pairs AS (
    SELECT a.card_id, a.id AS first, b.id AS second, b.device, b.at,
           {2 * EARTH_RADIUS_M} * asin(sqrt(least(1, sin(radians(b.lat - a.lat) / 2) ^ 2
               + cos(radians(a.lat)) * cos(radians(b.lat)) * sin(radians(b.lng - a.lng) / 2) ^ 2
           ))) AS metres,
           extract(epoch FROM CASE
               WHEN a.genuine AND b.genuine AND a.counter < b.counter AND b.hi >= a.lo
               THEN b.hi - a.lo
               WHEN a.genuine AND b.genuine AND a.counter > b.counter AND a.hi >= b.lo
               THEN a.hi - b.lo
               ELSE greatest(b.hi - a.lo, a.hi - b.lo) END) AS seconds
    FROM shown a JOIN shown b ON b.card_id = a.card_id AND b.id > a.id
    WHERE a.device IS DISTINCT FROM b.device AND a.lat IS NOT NULL AND b.lat IS NOT NULL
      AND a.reason <> 'tap.replayed' AND b.reason <> 'tap.replayed'
)
SELECT DISTINCT ON (card_id, device, at) 'two_places', card_id, first, second
FROM pairs
WHERE metres > {APART_M} AND metres > {SPEED_MAX_KMH / 3.6:.4f} * seconds
ORDER BY card_id, device, at, second DESC, seconds
"""

# A card that was certainly out of use already when it was shown: a copy, a thief, or a family that
# found its old card again. Which, the reason of its end says, and then a person.
SHOWN_AFTER_END = f"""
WITH {SHOWN}
SELECT 'shown_after_end', s.card_id, good.id, s.id
FROM shown s JOIN cards_card c ON c.id = s.card_id {LAST_GOOD}
WHERE s.colour = 'red' AND s.reason IN ('card.revoked', 'card.superseded') AND s.lo > c.ended_at
"""

RULES = (TAP_TWICE, TAP_FORGED, COUNTER_DOWN, TWO_PLACES, SHOWN_AFTER_END)

# One in so many deliveries by a phone that cannot read chips, drawn when it was told, so that
# nobody who delivers can know which. Parameters: `device`, `heard_at` (of a batch), `share`.
SAMPLE = """
SELECT 'sample', p.card_id, NULL::bigint, p.id
FROM cards_presentation p
JOIN unnest(%(devices)s::uuid[], %(heard)s::timestamptz[]) AS g(device, heard_at)
  ON g.device = p.device AND g.heard_at = p.heard_at
WHERE p.card_id IS NOT NULL AND p.act = 'deliver' AND p.colour = 'amber'
  AND p.reason = 'qr.without_nfc' AND random() < %(share)s
"""

__all__ = ["GENUINE", "RULES", "SAMPLE"]
