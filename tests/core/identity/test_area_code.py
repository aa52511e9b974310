"""Area codes of two systems."""

import pytest

from betang.core.identity.area_code import (
    BPS_REGENCY,
    KEMENDAGRI_REGENCY,
    dotted,
    kind_of,
    level_of,
    parent_of,
    read_area_code,
    regency_of,
    within,
)


class TestReadAreaCode:
    @pytest.mark.parametrize("text", ["", "62.1", "6201040", "62010110111", "6²01", "kumai"])
    def test_refuses_what_has_no_level(self, text):
        assert read_area_code(text) is None

    def test_takes_dots_or_none(self):
        assert read_area_code("62.01.01.1011") == read_area_code("6201011011") == 6_201_011_011


class TestTheTrap:
    def test_eight_regencies_have_the_digits_of_another(self):
        assert len(BPS_REGENCY) == 8
        assert set(BPS_REGENCY) == set(BPS_REGENCY.values()) == set(range(6206, 6214))
        assert all(ours != bps for ours, bps in BPS_REGENCY.items())

    def test_katingan_is_6206_here_and_6209_there(self):
        assert BPS_REGENCY[6206] == 6209
        assert KEMENDAGRI_REGENCY[6206] == 6208


class TestTheTree:
    def test_has_no_other_levels(self):
        with pytest.raises(ValueError, match="digits"):
            level_of(620)

    def test_is_arithmetic(self):
        village = 6_201_011_011

        assert [parent_of(village), parent_of(620101), parent_of(6201), parent_of(62)] == [
            620101, 6201, 62, None,
        ]  # fmt: skip
        assert regency_of(village) == 6201
        assert dotted(village) == "62.01.01.1011"
        assert within(village, 6201)
        assert not within(6_210_011_011, 6201)

    @pytest.mark.parametrize(
        ("code", "name", "kind"),
        [
            (62, "", "provinsi"),
            (6201, "KAB. KOTAWARINGIN BARAT", "kabupaten"),
            (6271, "KOTA PALANGKARAYA", "kota"),
            (620101, "Kumai", "kecamatan"),
            (6_201_011_011, "Candi", "kelurahan"),
            (6_201_012_001, "Sungai Cabang", "desa"),
        ],
    )
    def test_tells_kinds(self, code, name, kind):
        assert kind_of(code, name) == kind
