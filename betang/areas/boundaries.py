"""Load boundaries from GeoJSON, and keep them ready in this process."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from django.db import connection

from betang.areas.models import Area
from betang.areas.models import Boundary as BoundaryRow
from betang.core.actor import Actor
from betang.core.errors import MalformedError
from betang.core.geo.boundary import Boundary, NotAPolygonError
from betang.core.geo.point import Point
from betang.core.identifiers import new_uuid
from betang.core.identity.area_code import read_area_code
from betang.journal.record import record

#: Names under which public files carry the Kemendagri code.
CODE_PROPERTIES = ("kode", "code", "kode_kemendagri", "KODE")
#: The province's villages are 2.7 MB; a hundred times that is no boundary file.
SIZE_MAX = 256 * 1024 * 1024
#: Prepared polygons kept in a worker: all villages of the province fit.
PREPARED_MAX = 2_000

UPSERT = """
WITH given AS (
  SELECT area, geojson, lat, lng FROM jsonb_to_recordset(%s::jsonb) AS given(
    area bigint, geojson jsonb, lat float8, lng float8)
), stored AS (
  INSERT INTO areas_boundary (area_id, geojson)
  SELECT area, geojson FROM given
  ON CONFLICT (area_id) DO UPDATE SET geojson = excluded.geojson
  WHERE areas_boundary.geojson IS DISTINCT FROM excluded.geojson
  RETURNING area_id
)
UPDATE areas_area SET lat = given.lat, lng = given.lng
FROM given JOIN stored ON stored.area_id = given.area
WHERE areas_area.code = given.area
"""


class NotGeoJsonError(MalformedError):
    """The file is no feature collection of polygons with codes."""

    code = "boundaries.not_geojson"
    sentence = "Berkas batas wilayah tidak dapat dibaca: {why}."
    do = "Pakai GeoJSON (FeatureCollection) berisi poligon dengan properti `kode` Kemendagri."


class LoadedBoundaries(NamedTuple):
    """What a file brought."""

    read: int
    changed: int
    unknown: int


def load_boundaries(path: Path, *, actor: Actor, at: datetime) -> LoadedBoundaries:
    """Load the polygons of known areas from a GeoJSON file; others are counted as unknown.

    An area's own point becomes one that lies inside its polygon. Raises `NotGeoJsonError`, and
    then nothing is changed.
    """
    features = _features(path)
    known = set(Area.objects.values_list("code", flat=True))
    rows = []
    unknown = 0
    for feature in features:
        code, geometry = _code(feature), feature.get("geometry")
        if code is None or not isinstance(geometry, dict):
            raise NotGeoJsonError(why="ada bagian tanpa kode atau tanpa bentuk")
        if code not in known:
            unknown += 1
            continue
        try:
            inner = Boundary(geometry).inner_point
        except NotAPolygonError as error:
            raise NotGeoJsonError(why=f"bentuk wilayah {code} bukan poligon") from error
        rows.append({"area": code, "geojson": geometry, "lat": inner.lat, "lng": inner.lng})
    payload = orjson.dumps(list({row["area"]: row for row in rows}.values()))
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [payload.decode()])
        changed = cursor.rowcount
    _prepared.cache_clear()
    if changed:
        record(
            "boundaries.loaded", new_uuid(), actor=actor, at=at,
            boundaries=changed, digest=hashlib.sha256(payload).hexdigest(),
        )  # fmt: skip
    return LoadedBoundaries(len(rows), changed, unknown)


def prepared(area: int) -> Boundary | None:
    """Give the prepared polygon of an area, or None where none is loaded. Kept per process."""
    try:
        return _prepared(area)
    except BoundaryRow.DoesNotExist:  # raised, so that "none" is not remembered
        return None


@lru_cache(maxsize=PREPARED_MAX)
def _prepared(area: int) -> Boundary:
    return Boundary(BoundaryRow.objects.get(pk=area).geojson)


def inside(area: int, points: Sequence[Point]) -> list[bool | None]:
    """Tell for each point whether it lies in the area; None where no polygon is loaded."""
    polygon = prepared(area)
    if polygon is None:
        return [None] * len(points)
    return list(polygon.hold([p.lng for p in points], [p.lat for p in points]))


def _features(path: Path) -> Iterable[Mapping[str, Any]]:
    if path.stat().st_size > SIZE_MAX:
        raise NotGeoJsonError(why="berkas terlalu besar")
    try:
        content = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise NotGeoJsonError(why="bukan JSON yang utuh") from error
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        raise NotGeoJsonError(why="bukan FeatureCollection")
    return features


def _code(feature: Mapping[str, Any]) -> int | None:
    properties = feature.get("properties")
    if not isinstance(properties, dict):
        return None
    for name in CODE_PROPERTIES:
        if name in properties:
            return read_area_code(str(properties[name]))
    return None
