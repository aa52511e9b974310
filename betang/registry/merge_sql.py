"""The statements of a merge, in the order in which `receive` runs them.

`{homes}`, `{people}` and `{match}` are the batch's own tables.
"""

#: Columns of the household that a list brings and that a blank does not wipe.
BROUGHT = (
    "dwelling",
    "decile",
    "income_rupiah",
    "size",
    "floor_area_m2",
    "floor_code",
    "wall_code",
    "roof_code",
    "water_code",
    "lighting_code",
    "fuel_code",
    "toilet_code",
    "extreme_poverty",
)
TEXTS = ("address", "rt", "rw", "anchor")

MATCH = """
CREATE UNLOGGED TABLE {match} AS
WITH by_head AS (
  SELECT p.key, m.household_id
  FROM {people} p
  JOIN registry_member m ON m.nik_index = p.nik_index AND m.is_head
  JOIN registry_household h ON h.id = m.household_id AND h.state = 'active'
  WHERE p.is_head AND NOT EXISTS (
    SELECT 1 FROM {homes} other WHERE other.family_number_index = h.family_number_index)
), found AS (
  SELECT i.key, i.row, same.id AS same_id, by_head.household_id AS head_id
  FROM {homes} i
  LEFT JOIN registry_household same
    ON same.family_number_index = i.family_number_index AND same.state = 'active'
  LEFT JOIN by_head ON by_head.key = i.key AND same.id IS NULL
)
SELECT key, row,
  coalesce(same_id, head_id,
    nextval((SELECT pg_get_serial_sequence('registry_household', 'id')::regclass)))
    AS household_id,
  CASE WHEN coalesce(same_id, head_id) IS NULL
    THEN nextval('registry_household_serial') END AS serial,
  coalesce(same_id, head_id) IS NOT NULL AS known,
  same_id IS NULL AND head_id IS NOT NULL AS renumbered
FROM found
"""

#: A NIK known in another household, unless the batch brings that household too. A head that is
#: held holds its family.
CONFLICTS = """
WITH elsewhere AS (
  SELECT p.row, p.key, p.is_head
  FROM {people} p
  JOIN registry_member m ON m.nik_index = p.nik_index
  JOIN {match} here ON here.key = p.key
  WHERE m.household_id <> here.household_id
    AND NOT EXISTS (SELECT 1 FROM {match} too WHERE too.household_id = m.household_id)
)
SELECT row, 'nik.elsewhere' FROM elsewhere
UNION ALL
SELECT p.row, 'family.waits' FROM {people} p JOIN elsewhere e ON e.key = p.key AND e.is_head
WHERE NOT p.is_head AND NOT EXISTS (SELECT 1 FROM elsewhere own WHERE own.row = p.row)
UNION ALL
SELECT row, 'kk.changed' FROM {match} m
WHERE renumbered AND NOT EXISTS (SELECT 1 FROM elsewhere e WHERE e.row = m.row)
"""

KEEP_OLD_NUMBERS = """
INSERT INTO registry_familynumberchange
  (household_id, old_sealed, old_index, new_index, at, source_batch)
SELECT h.id, h.family_number_sealed, h.family_number_index, i.family_number_index, %s, %s
FROM {homes} i JOIN {match} m ON m.key = i.key AND m.renumbered
JOIN registry_household h ON h.id = m.household_id
"""

#: Before a new head is set: a household has one at most, at every moment.
STEP_DOWN_HEADS = """
UPDATE registry_member r SET is_head = false
FROM {match} m JOIN {people} p ON p.key = m.key AND p.is_head
WHERE m.known AND r.is_head AND r.household_id = m.household_id
  AND NOT coalesce(r.nik_index = p.nik_index OR (r.nik_index IS NULL AND r.name = p.name
    AND NOT EXISTS (SELECT 1 FROM registry_member o WHERE o.nik_index = p.nik_index)), false)
"""

_VALUES = ", ".join(
    [f"coalesce(i.{name}, h.{name}) AS {name}" for name in BROUGHT]
    + [f"coalesce(nullif(i.{name}, ''), h.{name}) AS {name}" for name in TEXTS]
)
_NAMES = ", ".join((*BROUGHT, *TEXTS))
_SETS = ", ".join(f"{name} = told.{name}" for name in (*BROUGHT, *TEXTS))
_OLD = ", ".join(f"h.{name}" for name in (*BROUGHT, *TEXTS))
_TOLD = ", ".join(f"told.{name}" for name in (*BROUGHT, *TEXTS))

#: A home point of a list fills a gap; it never moves a point that somebody stood at.
UPDATE_HOUSEHOLDS = f"""
UPDATE registry_household h SET
  village_id = told.village, head_name = told.head_name, conditions = told.conditions,
  family_number_sealed =
    CASE WHEN told.renumbered THEN told.family_number_sealed ELSE h.family_number_sealed END,
  family_number_index = told.family_number_index,
  home_lat = told.home_lat, home_lng = told.home_lng, home_accuracy_m = told.home_accuracy_m,
  home_grade = told.home_grade, source_batch = %s, {_SETS}
FROM (
  SELECT h.id, m.renumbered, i.village, i.head_name, i.family_number_sealed,
    i.family_number_index,
    CASE WHEN i.conditions = '{{{{}}}}' THEN h.conditions ELSE i.conditions END AS conditions,
    CASE WHEN h.home_lat IS NULL THEN i.home_lat ELSE h.home_lat END AS home_lat,
    CASE WHEN h.home_lat IS NULL THEN i.home_lng ELSE h.home_lng END AS home_lng,
    CASE WHEN h.home_lat IS NULL THEN i.home_accuracy_m ELSE h.home_accuracy_m END
      AS home_accuracy_m,
    CASE WHEN h.home_lat IS NULL THEN {{grade}} ELSE h.home_grade END AS home_grade,
    {_VALUES}
  FROM {{homes}} i JOIN {{match}} m ON m.key = i.key AND m.known
  JOIN registry_household h ON h.id = m.household_id
) AS told
WHERE told.id = h.id AND (h.village_id, h.head_name, h.conditions, h.family_number_index,
    h.home_lat, h.home_lng, {_OLD})
  IS DISTINCT FROM (told.village, told.head_name, told.conditions, told.family_number_index,
    told.home_lat, told.home_lng, {_TOLD})
"""

#: Twin of `betang.core.geo.location_grade.grade` for a point of which only the accuracy is told.
GRADE = (
    "CASE WHEN i.home_lat IS NULL THEN NULL WHEN i.home_accuracy_m > 0 AND i.home_accuracy_m <= 20"
    " THEN 'good' WHEN i.home_accuracy_m > 0 AND i.home_accuracy_m <= 100 THEN 'fair'"
    " ELSE 'poor' END"
)
UPDATE_HOUSEHOLDS = UPDATE_HOUSEHOLDS.replace("{grade}", GRADE)

INSERT_HOUSEHOLDS = f"""
INSERT INTO registry_household
  (id, uuid, number, village_id, family_number_sealed, family_number_index, head_name, conditions,
   home_lat, home_lng, home_accuracy_m, home_grade, state, source_batch,
   members_alive, head_deceased, head_moved, any_moved, any_deceased, inside_province,
   has_pkh, has_sembako, has_bltdd, {_NAMES})
SELECT m.household_id, i.uuid, registry_household_number(m.serial), i.village,
  i.family_number_sealed, i.family_number_index,
  i.head_name, i.conditions, i.home_lat, i.home_lng, i.home_accuracy_m, {GRADE}, 'active', %s,
  told.members_alive, told.head_deceased, told.head_moved, told.any_moved, told.any_deceased,
  told.inside_province, false, false, false, {", ".join(f"i.{n}" for n in (*BROUGHT, *TEXTS))}
FROM {{homes}} i JOIN {{match}} m ON m.key = i.key AND NOT m.known
JOIN (
  SELECT key, count(*) FILTER (WHERE presence = 'alive') AS members_alive,
    bool_or(presence = 'deceased') FILTER (WHERE is_head) AS head_deceased,
    bool_or(presence = 'moved') FILTER (WHERE is_head) AS head_moved,
    bool_or(presence = 'moved') AS any_moved,
    bool_or(presence = 'deceased') AS any_deceased,
    NOT bool_or(left_province) FILTER (WHERE is_head) AS inside_province
  FROM {{people}} GROUP BY key
) AS told ON told.key = i.key
"""

_PERSON = (
    "name", "birth_on", "sex", "relation", "is_head", "presence", "presence_on", "left_province",
)  # fmt: skip
#: What a blank does not wipe.
_KEPT = frozenset({"birth_on", "sex", "presence_on"})


def _person_value(name: str) -> str:
    return f"coalesce(p.{name}, r.{name})" if name in _KEPT else f"p.{name}"


_PERSON_SETS = ", ".join(f"{name} = {_person_value(name)}" for name in _PERSON)
_PERSON_OLD = ", ".join(f"r.{name}" for name in _PERSON)
_PERSON_TOLD = ", ".join(_person_value(name) for name in _PERSON)

UPDATE_MEMBERS = f"""
UPDATE registry_member r SET household_id = m.household_id, {_PERSON_SETS}
FROM {{people}} p JOIN {{match}} m ON m.key = p.key
WHERE r.nik_index = p.nik_index
  AND (r.household_id, {_PERSON_OLD}) IS DISTINCT FROM (m.household_id, {_PERSON_TOLD})
"""

#: Somebody registered without NIK: found again by name within the family, and given the NIK that
#: the list brings, unless that NIK is registered already.
UPDATE_UNNUMBERED = f"""
UPDATE registry_member r SET {_PERSON_SETS},
  nik_sealed = p.nik_sealed, nik_index = p.nik_index, nik_last4 = p.nik_last4
FROM {{people}} p JOIN {{match}} m ON m.key = p.key AND m.known
WHERE r.household_id = m.household_id AND r.nik_index IS NULL AND r.name = p.name
  AND NOT EXISTS (
    SELECT 1 FROM registry_member twin WHERE twin.household_id = r.household_id
      AND twin.nik_index IS NULL AND twin.name = r.name AND twin.id < r.id)
  AND (p.nik_index IS NULL
       OR NOT EXISTS (SELECT 1 FROM registry_member o WHERE o.nik_index = p.nik_index))
  AND (r.nik_index, {_PERSON_OLD}) IS DISTINCT FROM (p.nik_index, {_PERSON_TOLD})
"""

INSERT_MEMBERS = f"""
INSERT INTO registry_member
  (uuid, household_id, nik_sealed, nik_index, nik_last4, {", ".join(_PERSON)})
SELECT p.uuid, m.household_id, p.nik_sealed, p.nik_index, p.nik_last4,
  {", ".join(f"p.{name}" for name in _PERSON)}
FROM {{people}} p JOIN {{match}} m ON m.key = p.key
WHERE NOT EXISTS (SELECT 1 FROM registry_member r WHERE r.nik_index = p.nik_index)
  AND NOT (p.nik_index IS NULL AND m.known AND EXISTS (
    SELECT 1 FROM registry_member r
    WHERE r.household_id = m.household_id AND r.nik_index IS NULL AND r.name = p.name))
"""

#: The declared facts of households that were known before; new ones were inserted with theirs.
REFRESH_FACTS = """
WITH told AS (
  SELECT r.household_id,
    count(*) FILTER (WHERE presence = 'alive') AS members_alive,
    bool_or(presence = 'deceased') FILTER (WHERE is_head) AS head_deceased,
    bool_or(presence = 'moved') FILTER (WHERE is_head) AS head_moved,
    bool_or(presence = 'moved') AS any_moved,
    bool_or(presence = 'deceased') AS any_deceased,
    NOT bool_or(left_province) FILTER (WHERE is_head) AS inside_province
  FROM {match} m JOIN registry_member r ON r.household_id = m.household_id
  WHERE m.known GROUP BY r.household_id)
UPDATE registry_household h SET
  members_alive = told.members_alive, head_deceased = told.head_deceased,
  head_moved = told.head_moved, any_moved = told.any_moved, any_deceased = told.any_deceased,
  inside_province = told.inside_province
FROM told WHERE told.household_id = h.id
  AND (h.members_alive, h.head_deceased, h.head_moved, h.any_moved, h.any_deceased,
       h.inside_province)
  IS DISTINCT FROM (told.members_alive, told.head_deceased, told.head_moved, told.any_moved,
       told.any_deceased, told.inside_province)
"""

COUNT = "SELECT (SELECT count(*) FROM {homes}), (SELECT count(*) FROM {people})"

DIGEST = """
SELECT encode(sha256(convert_to(string_agg(
  h.number || ' ' || h.village_id || ' ' || h.members_alive, E'\\n' ORDER BY h.id), 'UTF8')), 'hex')
FROM {match} m JOIN {homes} i ON i.key = m.key JOIN registry_household h ON h.id = m.household_id
"""
