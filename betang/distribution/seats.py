"""The statements of a plan: who is due, which point, which day has room, which place in the queue.

Preview and plan read the same seats, so that what was shown is what is made.
"""

#: Nobody can tell the planner of queries how many families a filter leaves; taken for one, 133,000
#: families and their places were compared pair by pair (ten minutes and no end). In the
#: transaction only, and given back by `JOIN_ANY_WAY`.
JOIN_BY_HASH = "SELECT set_config('enable_nestloop', 'off', true)"
JOIN_ANY_WAY = "SELECT set_config('enable_nestloop', 'on', true)"

#: Families with a right by hand that nobody gave them yet, and no live invitation in the cycle.
_DUE = """
wave AS (
    SELECT * FROM unnest(%(areas)s::bigint[], %(firsts)s::date[], %(low)s::bigint[],
                         %(high)s::bigint[]) AS w(area, first_on, low, high)
), village AS (
    SELECT DISTINCT ON (a.code) a.code, w.area AS wave FROM areas_area a
    JOIN wave w ON a.code BETWEEN w.low AND w.high
    WHERE a.level = 4 ORDER BY a.code, w.area DESC
), due AS (
    SELECT h.id AS household, h.village_id AS village, h.rw, h.rt
    FROM registry_household h JOIN (
        SELECT DISTINCT e.household_id FROM distribution_entitlement e
        WHERE e.cycle_id = %(cycle)s AND e.channel = 'hand' AND e.state IN ('open', 'reserved')
          AND e.village_id BETWEEN %(least)s AND %(most)s) e ON e.household_id = h.id
    JOIN village v ON v.code = h.village_id
    WHERE NOT EXISTS (SELECT FROM distribution_invitation i WHERE i.household_id = h.id
                      AND i.cycle_id = %(cycle)s AND i.ended IS NULL)
)
"""
#: A point's days are filled in the order of dates; a day that was opened or closed is full.
_SEATS = f"""
{_DUE}, point AS (
    SELECT p.id, p.village_id AS village, v.wave,
           row_number() OVER (PARTITION BY p.village_id ORDER BY p.id) - 1 AS place,
           count(*) OVER (PARTITION BY p.village_id) AS points
    FROM areas_distributionpoint p JOIN village v ON v.code = p.village_id WHERE p.active
), sorted AS (
    SELECT household, village,
           row_number() OVER (PARTITION BY village ORDER BY rw, rt, household) - 1 AS n,
           count(*) OVER (PARTITION BY village) AS families
    FROM due
), placed AS (
    SELECT s.household, p.id AS point,
           row_number() OVER (PARTITION BY p.id ORDER BY s.n) AS rank
    FROM sorted s JOIN point p ON p.village = s.village AND p.place = s.n * p.points / s.families
), need AS (
    SELECT point, count(*) AS families FROM placed GROUP BY point
), dates AS (
    SELECT w.area AS wave, g::date AS held_on,
           row_number() OVER (PARTITION BY w.area ORDER BY g) AS nth
    FROM wave w, generate_series(w.first_on, w.first_on + %(ahead)s, interval '1 day') AS g
    WHERE %(sundays)s OR extract(dow FROM g) <> 0
), known AS (  -- days that there are may be full: so many dates more are looked at
    SELECT point_id AS point, count(*) AS days FROM distribution_day
    WHERE cycle_id = %(cycle)s AND state <> 'cancelled' GROUP BY point_id
), taken AS (
    SELECT day_id AS day, count(*) AS n FROM distribution_invitation
    WHERE cycle_id = %(cycle)s AND ended IS NULL GROUP BY day_id
), room AS (
    SELECT n.point, t.held_on, d.id AS day, coalesce(d.opens, %(opens)s) AS opens,
           coalesce(d.closes, %(closes)s) AS closes, coalesce(d.last_queue, 0) AS last_queue,
           %(per_day)s - coalesce(k.n, 0) AS free
    FROM need n JOIN point p ON p.id = n.point
    LEFT JOIN known o ON o.point = n.point
    JOIN dates t ON t.wave = p.wave
        AND t.nth <= n.families / %(per_day)s + 1 + coalesce(o.days, 0)
    LEFT JOIN distribution_day d ON d.point_id = n.point AND d.cycle_id = %(cycle)s
        AND d.held_on = t.held_on AND d.state <> 'cancelled'
    LEFT JOIN taken k ON k.day = d.id
    WHERE d.id IS NULL OR d.state = 'planned'
), filled AS (
    SELECT r.*, sum(free) OVER (PARTITION BY point ORDER BY held_on) AS upto
    FROM room r WHERE free > 0
), seat AS (
    SELECT s.household, f.point, f.held_on, f.day,
           (s.rank - (f.upto - f.free) + f.last_queue)::int AS queue, f.opens, f.closes
    FROM placed s JOIN filled f ON f.point = s.point AND s.rank <= f.upto
        AND s.rank > f.upto - f.free
)
"""
PREVIEW = f"""
WITH {_SEATS}
SELECT p.village_id / 10000, max(a.name), count(DISTINCT p.village_id), count(DISTINCT p.id),
       count(DISTINCT (s.point, s.held_on)), count(*), count(n.id), min(s.held_on), max(s.held_on)
FROM seat s JOIN areas_distributionpoint p ON p.id = s.point
LEFT JOIN areas_area a ON a.code = p.village_id / 10000
LEFT JOIN distribution_homeneed n ON n.household_id = s.household AND n.ended_at IS NULL
GROUP BY 1 ORDER BY min(s.held_on), 1
"""
MISSING = f"""
WITH {_DUE}
SELECT d.village, count(*) FROM due d
WHERE NOT EXISTS (SELECT FROM areas_distributionpoint p WHERE p.village_id = d.village AND p.active)
GROUP BY 1 ORDER BY 1
"""
#: A UUIDv7 is made of the run's own first 15 characters and a counter, as in `open_cycle`. The
#: slot of a number beyond the last one is the last one.
PLAN = f"""
WITH {_SEATS}, fresh AS (
    SELECT point, held_on, max(queue) AS last_queue, row_number() OVER (ORDER BY point, held_on) n
    FROM seat WHERE day IS NULL GROUP BY point, held_on
), made AS (
    INSERT INTO distribution_day (uuid, point_id, cycle_id, held_on, opens, closes, last_queue)
    SELECT (%(prefix)s || lpad(to_hex(n >> 12 & 4095), 3, '0') || '-8'
            || lpad(to_hex(n & 4095), 3, '0') || substr(gen_random_uuid()::text, 24))::uuid,
           point, %(cycle)s, held_on, %(opens)s, %(closes)s, last_queue
    FROM fresh ORDER BY n
    RETURNING id, point_id, held_on
), grown AS (
    UPDATE distribution_day d SET last_queue = s.last_queue
    FROM (SELECT day, max(queue) AS last_queue FROM seat WHERE day IS NOT NULL GROUP BY day) s
    WHERE d.id = s.day
), invited AS (
    INSERT INTO distribution_invitation (day_id, cycle_id, household_id, queue, slot, mode, reason)
    SELECT coalesce(s.day, m.id), %(cycle)s, s.household, s.queue,
           least(s.opens + make_interval(mins => least((s.queue - 1) / %(per_slot)s,
                                                       %(slots)s - 1) * %(minutes)s),
                 s.closes - interval '1 minute'),
           CASE WHEN n.id IS NULL THEN 'point' ELSE 'home' END, n.reason
    FROM seat s LEFT JOIN made m ON m.point_id = s.point AND m.held_on = s.held_on
    LEFT JOIN distribution_homeneed n ON n.household_id = s.household AND n.ended_at IS NULL
    ORDER BY 1, s.queue
    RETURNING day_id, household_id, queue
)
SELECT (SELECT count(*) FROM due), (SELECT count(*) FROM made), count(*),
       (SELECT count(DISTINCT point) FROM seat),
       encode(sha256(coalesce(string_agg(int8send(household_id) || int8send(day_id)
              || int4send(queue), ''::bytea ORDER BY household_id), '')), 'hex')
FROM invited
"""
