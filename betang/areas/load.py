"""Load the areas and the BPS crosswalk. Doing it twice changes nothing; a clerk's word is kept."""

import hashlib
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from betang.areas.source import AreaRow, BpsRow, matching_name, read_areas, read_bps
from betang.core.actor import Actor
from betang.core.identifiers import new_uuid
from betang.core.identity.area_code import KEMENDAGRI_REGENCY, Level
from betang.journal.record import record

UPSERT_AREAS = """
INSERT INTO areas_area (code, level, parent_id, name, kind)
SELECT code, level, parent, name, kind
FROM json_to_recordset(%s) AS given(
  code bigint, level smallint, parent bigint, name text, kind text)
ORDER BY level, code
ON CONFLICT (code) DO UPDATE SET
  level = excluded.level, parent_id = excluded.parent_id, name = excluded.name, kind = excluded.kind
WHERE (areas_area.level, areas_area.parent_id, areas_area.name, areas_area.kind)
  IS DISTINCT FROM (excluded.level, excluded.parent_id, excluded.name, excluded.kind)
"""

# A confirmed line is a clerk's word (or the regency table's) and outlives every later load.
UPSERT_BPS = """
INSERT INTO areas_bpscode (bps_code, level, name, area_id, state)
SELECT bps_code, level, name, area, state
FROM json_to_recordset(%s) AS given(
  bps_code bigint, level smallint, name text, area bigint, state text)
ON CONFLICT (bps_code) DO UPDATE SET
  level = excluded.level, name = excluded.name, area_id = excluded.area_id, state = excluded.state
WHERE areas_bpscode.state <> 'confirmed'
  AND (areas_bpscode.level, areas_bpscode.name, areas_bpscode.area_id, areas_bpscode.state)
  IS DISTINCT FROM (excluded.level, excluded.name, excluded.area_id, excluded.state)
"""


class CrosswalkRow(NamedTuple):
    """What a BPS number seems to mean, and how sure we are."""

    bps_code: int
    level: int
    name: str
    area: int | None
    state: str


class Loaded(NamedTuple):
    """How many rows a load touched, of how many it read."""

    run: UUID
    areas: int
    areas_changed: int
    bps_codes: int
    bps_changed: int


def load_areas(*, actor: Actor, at: datetime) -> Loaded:
    """Load the province's areas and BPS codes from the installed package; idempotent."""
    areas, bps = read_areas(), read_bps()
    crosswalk = match_bps(areas, bps)
    area_json = orjson.dumps([row._asdict() for row in areas])
    bps_json = orjson.dumps([row._asdict() for row in crosswalk])
    with connection.cursor() as cursor:
        cursor.execute(UPSERT_AREAS, [area_json.decode()])
        areas_changed = cursor.rowcount
        cursor.execute(UPSERT_BPS, [bps_json.decode()])
        bps_changed = cursor.rowcount
    run = new_uuid()
    if areas_changed or bps_changed:
        digest = hashlib.sha256(area_json + bps_json).hexdigest()
        record(
            "areas.loaded", run, actor=actor, at=at,
            areas=areas_changed, bps_codes=bps_changed, digest=digest,
        )  # fmt: skip
    return Loaded(run, len(areas), areas_changed, len(crosswalk), bps_changed)


def match_bps(areas: list[AreaRow], bps: list[BpsRow]) -> list[CrosswalkRow]:
    """Propose what each BPS number means.

    Regencies come from the known table and are confirmed. A district or village is proposed when
    exactly one area of the same name lies in the area that its parent means; never by name alone,
    for 53 village names of this province occur more than once.
    """
    by_name: dict[tuple[int | None, str], list[int]] = {}
    for area in areas:
        by_name.setdefault((area.parent, matching_name(area.name)), []).append(area.code)
    meaning: dict[int, int] = {}
    rows = []
    for row in sorted(bps, key=lambda row: (row.level, row.bps_code)):
        if row.level == Level.REGENCY:
            found, state = KEMENDAGRI_REGENCY.get(row.bps_code, row.bps_code), "confirmed"
        else:
            parent = meaning.get(_bps_parent(row.bps_code, row.level))
            candidates = by_name.get((parent, matching_name(row.name)), []) if parent else []
            found = candidates[0] if len(candidates) == 1 else 0
            state = "proposed" if found else "none"
        if found:
            meaning[row.bps_code] = found
        rows.append(CrosswalkRow(row.bps_code, row.level, row.name, found or None, state))
    return rows


def _bps_parent(bps_code: int, level: int) -> int:
    """BPS writes regencies with 4 digits, districts with 7, villages with 10."""
    return bps_code // 1_000
