"""A polygon of GeoJSON (RFC 7946: longitude first), ready for many questions.

The polygons are indicative, not survey grade: a home on the edge is asked with a tolerance.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from betang.core.geo.point import Point

#: Metres in a degree of latitude; a degree of longitude is 1 % shorter at most in this province
#: (5 degrees from the equator), which the tolerance swallows.
DEGREE_M = 111_195.0
#: How far outside a polygon still counts as inside: what the drawn edge itself is worth.
TOLERANCE_M = 250.0
KINDS = ("Polygon", "MultiPolygon")
#: A MultiPolygon nests its positions in polygons, rings and lists.
DEPTH_MAX = 4
#: What shapely raises for coordinates that are none, or that make no ring.
UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    shapely.errors.ShapelyError,
)


class NotAPolygonError(ValueError):
    """The geometry is no valid polygon."""


class Boundary:
    """The ground of one area."""

    __slots__ = ("_box", "_polygon", "_wide")

    def __init__(self, geojson: Mapping[str, Any]) -> None:
        """Read a GeoJSON geometry. Raises `NotAPolygonError`."""
        self._polygon = read_polygon(geojson)
        self._wide: BaseGeometry = self._polygon.buffer(TOLERANCE_M / DEGREE_M)
        self._box = self._wide.bounds
        # Prepared once, asked often: about ten times faster than an unprepared polygon.
        shapely.prepare(self._wide)

    def holds(self, point: Point) -> bool:
        """Tell whether a point lies inside or within `TOLERANCE_M` of the edge."""
        west, south, east, north = self._box
        if not (west <= point.lng <= east and south <= point.lat <= north):
            return False
        return bool(shapely.intersects_xy(self._wide, point.lng, point.lat))

    def hold(self, lngs: Sequence[float], lats: Sequence[float]) -> list[bool]:
        """Answer `holds` for many points in one call."""
        answers: list[bool] = shapely.intersects_xy(self._wide, lngs, lats).tolist()
        return answers

    @property
    def inner_point(self) -> Point:
        """A point that lies inside, even where the centroid does not."""
        inner = self._polygon.representative_point()
        return Point(inner.y, inner.x).rounded()


def read_polygon(geojson: Mapping[str, Any]) -> BaseGeometry:
    """Read a Polygon or MultiPolygon, mending crossed rings. Raises `NotAPolygonError`."""
    if geojson.get("type") not in KINDS:
        raise NotAPolygonError("not a Polygon or MultiPolygon")
    if not _on_globe(geojson.get("coordinates"), DEPTH_MAX):
        raise NotAPolygonError("coordinates are no places on the globe")
    try:
        polygon = shape(dict(geojson))
        if not polygon.is_valid:
            polygon = shapely.make_valid(polygon)
    except UNREADABLE as error:
        raise NotAPolygonError("coordinates cannot be read") from error
    if polygon.is_empty or polygon.area == 0:
        raise NotAPolygonError("the polygon has no ground")
    return polygon


def _on_globe(part: Any, depth: int) -> bool:
    """Tell whether nested lists hold positions only, each on the globe (NaN is not)."""
    if not isinstance(part, list | tuple) or not part or depth < 1:
        return False
    if isinstance(part[0], int | float):
        numbers = all(isinstance(one, int | float) for one in part[:2]) and len(part) > 1
        return numbers and abs(part[0]) <= 180 and abs(part[1]) <= 90
    return all(_on_globe(inner, depth - 1) for inner in part)
