"""Points, polygons and how far a point is trusted."""

import math

import pytest

from betang.core.geo.boundary import Boundary, NotAPolygonError
from betang.core.geo.location_grade import LocationGrade, grade
from betang.core.geo.point import Point, distance_m

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[111.0, -2.0], [111.1, -2.0], [111.1, -2.1], [111.0, -2.1], [111.0, -2.0]]],
}
BOW_TIE = {
    "type": "Polygon",
    "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]],
}


class TestPoint:
    @pytest.mark.parametrize(
        ("lat", "lng"), [(91, 0), (0, 181), (math.nan, 0), (0, math.inf), (-90.1, 0)]
    )
    def test_refuses_what_is_not_on_the_globe(self, lat, lng):
        with pytest.raises(ValueError, match=r"globe|finite"):
            Point(lat, lng)

    def test_keeps_six_decimals(self):
        assert Point(-2.12345678, 111.98765432).rounded() == Point(-2.123457, 111.987654)

    def test_measures_a_degree_of_latitude(self):
        assert distance_m(Point(0, 0), Point(1, 0)) == pytest.approx(111_195, abs=5)


class TestBoundary:
    @pytest.mark.parametrize(
        "geojson",
        [
            {},
            {"type": "Point", "coordinates": [0, 0]},
            {"type": "Polygon"},
            {"type": "Polygon", "coordinates": []},
            {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
            {"type": "Polygon", "coordinates": [[["a", "b"], [1, 1], [2, 2], [0, 0]]]},
            {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [2, 2], [0, 0]]]},
            {"type": "Polygon", "coordinates": [[[0, 0], [1, math.nan], [2, 2], [0, 0]]]},
            {"type": "Polygon", "coordinates": [[[0, 0], [1e308, 1], [2, 2], [0, 0]]]},
            {"type": "Polygon", "coordinates": [[[0, 0], [1], [2, 2], [0, 0]]]},
            {"type": "Polygon", "coordinates": [[[0, 0], [1, 2], [2, 2, 3], [0, 0, 1]]]},
            {"type": "Polygon", "coordinates": [[[[[[0, 0], [1, 2], [2, 2], [0, 0]]]]]]},
        ],
    )
    def test_refuses_what_has_no_ground(self, geojson):
        with pytest.raises(NotAPolygonError):
            Boundary(geojson)

    def test_holds_what_is_inside_and_a_little_outside(self):
        boundary = Boundary(SQUARE)

        assert boundary.holds(Point(-2.05, 111.05))
        assert boundary.holds(Point(-1.999, 111.05))
        assert not boundary.holds(Point(-1.99, 111.05))
        assert boundary.hold([111.05, 112.0], [-2.05, -2.05]) == [True, False]

    def test_mends_crossed_rings(self):
        assert Boundary(BOW_TIE).holds(Point(0.5, 0.9))

    def test_gives_a_point_of_its_own(self):
        boundary = Boundary(SQUARE)

        assert boundary.holds(boundary.inner_point)


class TestGrade:
    def test_doubts_a_faked_point_however_exact(self):
        assert grade(accuracy_m=3, inside_village=True, mocked=True) is LocationGrade.DOUBTFUL

    def test_doubts_a_point_outside_the_village(self):
        assert grade(accuracy_m=3, inside_village=False) is LocationGrade.DOUBTFUL

    @pytest.mark.parametrize(
        ("accuracy_m", "expected"),
        [
            (None, LocationGrade.POOR),
            (0, LocationGrade.POOR),
            (5, LocationGrade.GOOD),
            (20, LocationGrade.GOOD),
            (21, LocationGrade.FAIR),
            (100, LocationGrade.FAIR),
            (101, LocationGrade.POOR),
        ],
    )
    def test_goes_by_accuracy_where_no_boundary_is_known(self, accuracy_m, expected):
        assert grade(accuracy_m=accuracy_m, inside_village=None) is expected
