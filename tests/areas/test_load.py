"""Loading areas and confirming the crosswalk."""

import json

import pytest

from betang.areas.boundaries import NotGeoJsonError, inside, load_boundaries
from betang.areas.confirm import LevelDiffersError, UnknownBpsCodeError, confirm_bps
from betang.areas.load import load_areas
from betang.areas.models import Area, BpsCode
from betang.core.geo.point import Point
from betang.core.identity.area_code import BPS_REGENCY
from betang.journal.models import Entry

CANDI = 6_201_011_011
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[111.0, -2.0], [111.1, -2.0], [111.1, -2.1], [111.0, -2.1], [111.0, -2.0]]],
}


@pytest.fixture
def areas(db, budi, noon):
    return load_areas(actor=budi, at=noon)


def entries(kind):
    return Entry.objects.filter(kind=kind).count()


class TestLoadAreas:
    def test_brings_the_province_as_the_decree_counts_it(self, areas):
        counts = {
            kind: Area.objects.filter(kind=kind).count()
            for kind in ("kabupaten", "kota", "kecamatan", "desa", "kelurahan")
        }

        assert counts == {
            "kabupaten": 13, "kota": 1, "kecamatan": 136, "desa": 1432, "kelurahan": 139,
        }  # fmt: skip
        assert Area.objects.get(pk=6271).name == "Kota Palangka Raya"

    def test_changes_nothing_the_second_time(self, areas, budi, noon):
        again = load_areas(actor=budi, at=noon)

        assert (again.areas_changed, again.bps_changed) == (0, 0)
        assert entries("areas.loaded") == 1

    def test_confirms_regencies_by_the_known_table_and_their_names_agree(self, areas):
        lines = BpsCode.objects.filter(level=2).select_related("area")

        assert {line.state for line in lines} == {"confirmed"}
        assert {line.area_id: line.bps_code for line in lines if line.area_id in BPS_REGENCY} == (
            BPS_REGENCY
        )
        for line in lines:
            bare = line.area.name.upper().replace(" ", "")
            assert bare == line.name.replace(" ", "")

    def test_only_proposes_villages_and_leaves_doubt_open(self, areas):
        villages = BpsCode.objects.filter(level=4)

        assert villages.filter(state="confirmed").count() == 0
        assert villages.filter(state="proposed").count() > 1_400
        assert villages.filter(state="none").count() > 0
        assert not villages.filter(state="none", area__isnull=False).exists()

    def test_proposes_no_area_of_another_regency(self, areas):
        for line in BpsCode.objects.filter(level=4, state="proposed"):
            ours = line.area_id // 1_000_000
            assert BPS_REGENCY.get(ours, ours) == line.bps_code // 1_000_000


class TestConfirm:
    def test_refuses_an_unknown_number(self, areas, budi, noon):
        with pytest.raises(UnknownBpsCodeError):
            confirm_bps(6_299_999_999, area=CANDI, actor=budi, at=noon)

    def test_refuses_a_district_for_a_village(self, areas, budi, noon):
        line = BpsCode.objects.filter(level=4).first()

        with pytest.raises(LevelDiffersError):
            confirm_bps(line.pk, area=620101, actor=budi, at=noon)

        assert entries("area.bps_confirmed") == 0

    def test_outlives_every_later_load(self, areas, budi, noon):
        line = BpsCode.objects.filter(level=4, state="none").first()
        confirm_bps(line.pk, area=CANDI, actor=budi, at=noon)

        load_areas(actor=budi, at=noon)

        line.refresh_from_db()
        assert (line.state, line.area_id, line.confirmed_by_person) == (
            "confirmed", CANDI, budi.person,
        )  # fmt: skip
        assert entries("area.bps_confirmed") == 1


class TestBoundaries:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\x00\xff",
            b"[]",
            b'{"features": [1]}',
            b'{"features": [{"properties": {"kode": "62.01.01.1011"}, "geometry": null}]}',
            b'{"features": [{"properties": {}, "geometry": {"type": "Polygon"}}]}',
            b'{"features": [{"properties": {"kode": "62"}, "geometry": {"type": "Polygon"}}]}',
        ],
    )
    def test_refuse_a_file_that_is_none(self, areas, tmp_path, content, budi, noon):
        path = tmp_path / "x.geojson"
        path.write_bytes(content)

        with pytest.raises(NotGeoJsonError):
            load_boundaries(path, actor=budi, at=noon)

        assert entries("boundaries.loaded") == 0

    def test_tell_inside_from_outside_once_loaded(self, areas, tmp_path, budi, noon):
        path = tmp_path / "x.geojson"
        features = [
            {"type": "Feature", "properties": {"kode": code}, "geometry": SQUARE}
            for code in ("62.01.01.1011", "11.01.01.1001")
        ]
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        points = [Point(-2.05, 111.05), Point(-3, 112)]
        before = inside(CANDI, points)

        loaded = load_boundaries(path, actor=budi, at=noon)
        again = load_boundaries(path, actor=budi, at=noon)

        assert before == [None, None]
        assert inside(CANDI, points) == [True, False]
        assert (loaded.changed, loaded.unknown, again.changed) == (1, 1, 0)
        assert Area.objects.get(pk=CANDI).lat == pytest.approx(-2.05, abs=0.05)
