"""A point on WGS 84, latitude first, six decimals (about 11 cm)."""

from dataclasses import dataclass
from math import asin, cos, isfinite, radians, sin, sqrt

#: Mean radius of the earth (IUGG R1). Good to 0.5 %, which is enough for "how far from home".
EARTH_RADIUS_M = 6_371_008.8
DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Point:
    """A place. Raises ValueError outside the globe, so that no half-read pair becomes a point."""

    lat: float
    lng: float

    def __post_init__(self) -> None:
        """Refuse what is not on the globe."""
        if not (isfinite(self.lat) and isfinite(self.lng)):
            raise ValueError("a coordinate is a finite number")
        if not (-90 <= self.lat <= 90 and -180 <= self.lng <= 180):
            raise ValueError("outside the globe")

    def rounded(self) -> "Point":
        """Give the point as it is stored and sent: six decimals."""
        return Point(round(self.lat, DECIMALS), round(self.lng, DECIMALS))


def distance_m(here: Point, there: Point) -> float:
    """Measure the great-circle distance in metres (haversine)."""
    lat1, lat2 = radians(here.lat), radians(there.lat)
    half_lat = sin((lat2 - lat1) / 2)
    half_lng = sin(radians(there.lng - here.lng) / 2)
    return 2 * EARTH_RADIUS_M * asin(sqrt(half_lat**2 + cos(lat1) * cos(lat2) * half_lng**2))
