"""Outlines of areas inside a window of the map, thinned to what a small drawing can show."""

from functools import lru_cache
from typing import NamedTuple

from django.db.models import Count, Max
from shapely import box
from shapely.geometry.base import BaseGeometry

from betang.areas.models import Boundary
from betang.core.geo.boundary import NotAPolygonError, read_polygon

#: A window wider than this (degrees) shows regencies, a narrower one districts: so many lines that
#: a person finds the place, and no more.
DISTRICTS_UP_TO = 1.5
#: Details smaller than this part of the window are left out.
THINNED_TO = 1 / 300


class Window(NamedTuple):
    """A part of the map, in degrees."""

    west: float
    south: float
    east: float
    north: float

    @property
    def width(self) -> float:
        """The longer side."""
        return max(self.east - self.west, self.north - self.south)


class Outline(NamedTuple):
    """What is seen of one area: its code, rings of (longitude, latitude), a point inside."""

    code: int
    rings: list[list[tuple[float, float]]]
    inner: tuple[float, float]
    ground: float


def outlines(window: Window) -> list[Outline]:
    """Give the areas of the level that suits the window; another level where it has no polygon."""
    narrow = window.width <= DISTRICTS_UP_TO
    for level in (3, 2, 4) if narrow else (2, 3, 4):
        known = Boundary.objects.filter(area__level=level).aggregate(
            count=Count("pk"), last=Max("pk")
        )
        if known["count"]:
            seen = [
                _seen(code, ground, window) for code, ground in _grounds(level, *known.values())
            ]
            return [outline for outline in seen if outline]
    return []


@lru_cache(maxsize=3)
def _grounds(level: int, _count: int, _last: int) -> list[tuple[int, BaseGeometry]]:
    """Read the polygons of a level, once a process; a file that adds areas is read again."""
    rows = Boundary.objects.filter(area__level=level).values_list("area_id", "geojson")
    grounds = []
    for code, geojson in rows:
        try:
            grounds.append((code, read_polygon(geojson)))
        except NotAPolygonError:  # it was checked when it was loaded; a map without it still helps
            continue
    return grounds


def _seen(code: int, ground: BaseGeometry, window: Window) -> Outline | None:
    """Cut an area to the window and thin it; None where it lies outside."""
    frame = box(*window)
    if not ground.intersects(frame):
        return None
    cut = ground.simplify(window.width * THINNED_TO).intersection(frame)
    parts = [part for part in getattr(cut, "geoms", [cut]) if part.geom_type == "Polygon"]
    if not parts:
        return None
    inner = max(parts, key=lambda part: part.area).representative_point()
    rings = [list(part.exterior.coords) for part in parts]
    return Outline(code, rings, (inner.x, inner.y), cut.area)
