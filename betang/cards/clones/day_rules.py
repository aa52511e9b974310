"""Rules about a device's day: caps and alerts that know what the device can do.

Each statement gives (rule, device, day, facts). A *visit* is one card on one day at one device,
however many benefits, taps and retries it took. How a card was shown when it was handed over itself
is not told, so deliveries are counted. Parameters: `devices` and `days` (pairs).
"""

from betang.core.card.verdict import AMBER_2_SHARE_MAX

#: Chips that died and families in a hurry are no pattern: where one visit in fifty is amber 2 for
#: honest reasons, a day of 25 has four of them about once in two years.
AMBER_VISITS_MIN = 4
#: The second of two online taps may still come: such a visit is not judged yet.
PAIR_S = 300
#: So many families in a row at less than so much each: a visit takes a minute with its signature,
#: photo and goods, and no queue brings ten families in four and a half.
FAST_VISITS = 10
FAST_GAP_S = 30

# What `decide` calls amber 2: served with a photo and a reason, though the phone can read chips.
AMBER_2 = ("qr.tap_missing", "tap.only_one", "tap.past_window")
AMBER_2_LIST = ", ".join(f"'{reason}'" for reason in AMBER_2)

VISITS = f"""
asked AS (
    SELECT DISTINCT g.device, g.day FROM unnest(%(devices)s::uuid[], %(days)s::date[])
        AS g(device, day)
), visits AS (
    -- A clock that ran ahead is cut to when we heard: such a visit has a day, and no moment.
    SELECT p.device, a.day, d.has_nfc, p.card_id,
           min(p.at) FILTER (WHERE p.online OR p.at < p.heard_at) AS began,
           bool_or(p.act = 'deliver') AS delivered,
           -- An old list makes two good taps amber 1: the first of them is no amber 2.
           bool_or(p.act = 'deliver' AND (p.colour = 'green' OR p.reason = 'list.old')) AS better,
           bool_or(p.act = 'deliver' AND p.colour = 'amber' AND p.reason IN ({AMBER_2_LIST})
                   AND (NOT p.online OR p.at < d.until - interval '{PAIR_S} seconds')) AS amber_2,
           bool_or(p.reason = 'qr.without_nfc') AS without_nfc,
           bool_or(p.uid IS NOT NULL) AS tapped
    FROM asked a
    JOIN LATERAL (
        SELECT has_nfc, (SELECT max(at) FROM cards_presentation l WHERE l.device = a.device
            AND l.heard_at >= a.day::timestamp AT TIME ZONE 'Asia/Jakarta') AS until
        FROM accounts_device WHERE uuid = a.device
    ) d ON true
    JOIN cards_presentation p ON p.device = a.device
     -- Nothing is heard before it happened: this bound is the one that the index knows.
     AND p.heard_at >= a.day::timestamp AT TIME ZONE 'Asia/Jakarta'
     AND p.at >= a.day::timestamp AT TIME ZONE 'Asia/Jakarta'
     AND p.at < (a.day + 1)::timestamp AT TIME ZONE 'Asia/Jakarta'
    WHERE p.card_id IS NOT NULL AND p.act <> 'look' AND p.colour <> 'red'
    GROUP BY p.device, a.day, d.has_nfc, p.card_id
)"""

# Phones that can read chips: above 5 % of a facilitator's day somebody asks why.
AMBER_DAY = f"""
WITH {VISITS}
SELECT 'amber_day', device, day,
       jsonb_build_object('visits', count(*),
                          'amber_2', count(*) FILTER (WHERE amber_2 AND NOT better))
FROM visits WHERE has_nfc AND delivered GROUP BY device, day
HAVING count(*) FILTER (WHERE amber_2 AND NOT better) >= {AMBER_VISITS_MIN}
   AND count(*) FILTER (WHERE amber_2 AND NOT better) > {AMBER_2_SHARE_MAX} * count(*)
"""

# Whatever the phone can do: who holds the cards of many families, or photographs of them, goes
# through them faster than families come. On phones without NFC it is the only sign of a day, since
# every visit there is amber 1.
FAST_DAY = f"""
WITH {VISITS}, rows_of_ten AS (
    SELECT device, day, extract(epoch FROM began - lag(began, {FAST_VISITS - 1})
               OVER (PARTITION BY device, day ORDER BY began)) / {FAST_VISITS - 1} AS gap
    FROM visits WHERE delivered AND began IS NOT NULL
)
SELECT 'fast_day', device, day,
       jsonb_build_object('visits', count(*), 'gap_s', round(min(gap)))
FROM rows_of_ten GROUP BY device, day
HAVING min(gap) < {FAST_GAP_S}
"""

# What a phone can do was fixed at enrolment. One that was enrolled as a reader and says it is none
# would make amber 2 amber 1; one that reads chips and was enrolled as none is never asked for taps.
NFC_CHANGED = f"""
WITH {VISITS}
SELECT 'nfc_changed', device, day,
       jsonb_build_object('has_nfc', has_nfc, 'visits',
           count(*) FILTER (WHERE has_nfc AND without_nfc OR NOT has_nfc AND tapped))
FROM visits GROUP BY device, day, has_nfc
HAVING bool_or(has_nfc AND without_nfc OR NOT has_nfc AND tapped)
"""

RULES = (AMBER_DAY, FAST_DAY, NFC_CHANGED)
