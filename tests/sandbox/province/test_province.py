"""The province on paper."""

import json
import subprocess
import sys
from datetime import date

import polars as pl
import pytest

from betang.core.identity.area_code import BPS_REGENCY
from betang.core.identity.nik import Nik, read_nik
from sandbox.province.__main__ import CHUNK, main, make
from sandbox.province.dirt import SHARES
from sandbox.province.places import read_places

FILES = (
    "households.csv", "truth.csv", "exclusions_PKH.csv", "exclusions_SEMBAKO.csv",
    "exclusions_BLTDD.csv",
)  # fmt: skip


def read(folder, name="households.csv"):
    return pl.read_csv(folder / name, infer_schema=False, encoding="utf8-lossy")


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """3,000 families that nobody spoilt."""
    folder = tmp_path_factory.mktemp("clean")
    make(3_000, 9, folder, dirt=0)
    return folder


class TestTheCommand:
    @pytest.mark.parametrize("words", [["--families", "0"], ["--dirt", "0.9"], []])
    def test_refuses_what_makes_no_province(self, tmp_path, words):
        out = ["--out", str(tmp_path)] if words else []

        with pytest.raises(SystemExit):
            main([*words, *out])

    def test_stands_alone_and_says_what_it_wrote(self, tmp_path):
        told = subprocess.run(
            [sys.executable, "-m", "sandbox.province", "--families", "60", "--seed", "3",
             "--out", str(tmp_path)],
            check=True, capture_output=True,
        )  # fmt: skip

        summary = json.loads(told.stdout)
        assert summary["families"] == 60
        assert summary["persons"] == read(tmp_path).height
        assert all((tmp_path / name).exists() for name in FILES)

    def test_takes_its_places_from_a_file(self, tmp_path):
        areas = tmp_path / "areas.csv"
        areas.write_text("code,name,lat,lng\n62.01.01.1011,Candi,-2.72,111.73\n62,Prov,,\n")

        make(40, 1, tmp_path, dirt=0, areas=areas)

        frame = read(tmp_path)
        assert set(frame["kode_kelurahan_desa"]) == {"6201011011"}
        assert frame["lintang"].drop_nulls().len() > 0

    def test_refuses_a_file_without_a_village(self, tmp_path):
        areas = tmp_path / "areas.csv"
        areas.write_text("code,name\n11.01.01.1011,Elsewhere\n")

        with pytest.raises(SystemExit):
            make(40, 1, tmp_path, areas=areas)


class TestTheSameSeed:
    def test_gives_the_same_bytes(self, tmp_path):
        for name in ("one", "two"):
            make(300, 5, tmp_path / name)

        for name in FILES:
            one, two = (tmp_path / folder / name for folder in ("one", "two"))
            assert one.read_bytes() == two.read_bytes()

    def test_another_gives_others(self, tmp_path):
        for seed in (5, 6):
            make(50, seed, tmp_path / str(seed))

        assert (tmp_path / "5" / FILES[0]).read_bytes() != (tmp_path / "6" / FILES[0]).read_bytes()


class TestWithoutDirt:
    def test_every_number_is_good_and_used_once(self, clean):
        frame = read(clean)

        niks = [read_nik(text) for text in frame["nik"]]
        assert all(isinstance(nik, Nik) for nik in niks)
        assert frame["nik"].n_unique() == frame.height
        assert frame.filter(pl.col("hubungan_keluarga") == "1")["no_kk"].n_unique() == 3_000
        for nik, row in zip(niks[:500], frame.head(500).iter_rows(named=True), strict=True):
            born = date.fromisoformat(row["tanggal_lahir"])
            assert (nik.day, nik.month, nik.year) == (born.day, born.month, born.year % 100)
            assert nik.sex == {"1": "L", "2": "P"}[row["id_jenis_kelamin"]]

    def test_nothing_is_in_the_truth(self, clean):
        assert (clean / "truth.csv").read_text() == "row,dirt,finding,household\n"

    def test_enough_families_can_be_eligible(self, clean):
        heads = read(clean).filter(pl.col("hubungan_keluarga") == "1")
        excluded = pl.concat(
            [
                read(clean, f"exclusions_{programme}.csv")
                for programme in ("PKH", "SEMBAKO", "BLTDD")
            ]
        )
        poor = heads.filter(pl.col("desil_nasional").is_in(["1", "2", "3", "4"]))
        free = poor.filter(~pl.col("no_kk").is_in(excluded["no_kk"].implode()))

        assert 0.3 < free.height / heads.height < 0.6

    def test_there_is_every_dwelling(self, clean):
        heads = read(clean).filter(pl.col("hubungan_keluarga") == "1")

        assert set(heads["jenis_tempat_tinggal"]) == {"1", "2", "3", "4"}
        assert set(heads["id_status_penguasaan_bangunan"]) == {"1", "2", "3", "4", "5"}
        homeless = heads.filter(pl.col("jenis_tempat_tinggal") == "4")
        assert homeless["titik_acuan"].null_count() == 0


class TestTheDirt:
    def test_is_of_every_kind_and_on_no_family_twice(self, tmp_path):
        make(2_000, 2, tmp_path)

        truth = pl.read_csv(tmp_path / "truth.csv")
        assert set(truth["dirt"]) == set(SHARES)
        kinds = truth.group_by("household").agg(pl.col("dirt").n_unique())
        assert kinds["dirt"].max() == 1
        assert truth["row"].max() <= read(tmp_path).height + 1

    def test_numbers_rows_and_families_across_chunks(self, tmp_path, monkeypatch):
        monkeypatch.setattr("sandbox.province.__main__.CHUNK", 100)
        make(450, 4, tmp_path)

        frame = read(tmp_path)
        for row, dirt, finding, _ in pl.read_csv(tmp_path / "truth.csv").iter_rows():
            if finding == "nik.scientific":
                assert "E+15" in frame["nik"][row - 2], dirt
        assert CHUNK > 450

    def test_uses_bps_numbers_that_mean_another_place(self):
        places = read_places(None)
        ours = dict(zip(places.codes.tolist(), places.names, strict=True))

        regencies = {code // 1_000_000 for code in places.bps_codes.tolist()}
        assert regencies == set(BPS_REGENCY.values())
        assert any(code in ours for code in places.bps_codes.tolist())
