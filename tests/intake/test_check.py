"""Checking a list: what is found, and what must not be."""

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from betang.core.identity.area_code import CodeSystem
from betang.core.identity.nik import Nik, NikFault, read_nik
from betang.intake.check import check_list
from betang.intake.collect import Findings, masked
from betang.intake.columns import KNOWN, REQUIRED
from betang.intake.findings import CODES
from betang.intake.read import read_table
from sandbox.province.__main__ import make
from tests.intake.conftest import CHILD, HEAD, SPOUSE, as_csv

TODAY = date(2026, 11, 12)
PROTOCOL = Path(__file__).parents[2] / "docs" / "protocols" / "list.md"


def check(content, codes, system=CodeSystem.KEMENDAGRI):
    table = read_table(content, known=KNOWN, required=REQUIRED)
    return check_list(table, codes, system, today=TODAY)


def found(rows, codes, system=CodeSystem.KEMENDAGRI):
    checked = check(as_csv(rows), codes, system)
    return set(checked.findings.frame().select("row", "code").rows())


class TestTheGeneratorsAnswerKey:
    @pytest.mark.parametrize("seed", [1, 62])
    @pytest.mark.parametrize("name", ["households.csv", "households.xlsx"])
    def test_is_met_exactly(self, tmp_path, codes, seed, name):
        make(1_500, seed, tmp_path, xlsx=name.endswith("xlsx"))
        truth = pl.read_csv(tmp_path / "truth.csv", missing_columns="insert")
        if name.endswith("xlsx"):  # a workbook has no stray bytes
            truth = truth.filter(pl.col("dirt") != "latin1")

        checked = check((tmp_path / name).read_bytes(), codes)

        told = truth.filter(pl.col("finding").fill_null("") != "")
        assert set(checked.findings.frame().select("row", "code").rows()) == set(
            told.select("row", "finding").rows()
        )
        assert truth["dirt"].n_unique() >= 14

    def test_holds_whole_families_and_no_others(self, tmp_path, codes):
        make(400, 7, tmp_path, dirt=0.5)

        checked = check((tmp_path / "households.csv").read_bytes(), codes)

        assert set(checked.people["kk_n"]) == set(checked.people.filter("is_head")["kk_n"])
        assert checked.homes.height == checked.people["kk_n"].n_unique()


class TestARowIsHeld:
    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"nik": "6.20101E+15"}, "nik.scientific"),
            ({"nik": "6,2010112089E15"}, "nik.scientific"),
            ({"nik": "620101120890000l"}, "nik.digits"),
            ({"nik": "620101120890001"}, "nik.length"),
            ({"nik": "0901011208900001"}, "nik.area"),
            ({"nik": "6201013113900001"}, "nik.date"),
            ({"nik": "6201011208900000"}, "nik.serial"),
            ({"no_kk": ""}, "kk.missing"),
            ({"no_kk": "6.20101E+15"}, "kk.scientific"),
            ({"no_kk": "62010112"}, "kk.form"),
            ({"nama": " "}, "name.missing"),
            ({"nama": "=HYPERLINK(1)"}, "text.formula"),
            ({"nama": "-cmd|' /C calc'!A0"}, "text.formula"),
            ({"nama": "Budi\x07"}, "text.control"),
            ({"nama": "B" * 101}, "text.long"),
            ({"hubungan_keluarga": "77"}, "relation.unknown"),
            ({"kode_kelurahan_desa": ""}, "area.missing"),
            ({"kode_kelurahan_desa": "6201019999"}, "area.unknown"),
            ({"kode_kelurahan_desa": "3201012001"}, "area.unknown"),
            ({"kode_kabupaten_kota": "6202"}, "area.parts_disagree"),
            ({"kode_kecamatan": "620102"}, "area.parts_disagree"),
        ],
    )
    def test_with(self, codes, change, code):
        assert CODES[code].severity == "error"
        assert (2, code) in found([HEAD | change], codes)

    def test_where_two_rows_share_a_nik(self, codes):
        other = CHILD | {"no_kk": "6201010101200002", "nik": HEAD["nik"], "hubungan_keluarga": "1"}

        assert {(2, "nik.repeated"), (4, "nik.repeated"), (3, "family.waits")} <= found(
            [HEAD, SPOUSE, other], codes
        )

    def test_where_a_family_has_two_heads(self, codes):
        assert found([HEAD, SPOUSE | {"hubungan_keluarga": "1"}], codes) == {
            (2, "kk.shared"), (3, "kk.shared"),
        }  # fmt: skip

    def test_where_a_family_lives_in_two_villages(self, codes):
        away = {"kode_kelurahan_desa": "6201012001", "nama_kelurahan_desa": "Sungai Cabang"}

        assert found([HEAD, SPOUSE | away], codes) == {(2, "kk.shared"), (3, "kk.shared")}

    def test_where_a_family_has_no_head(self, codes):
        assert found([SPOUSE, CHILD], codes) == {(2, "kk.no_head"), (3, "kk.no_head")}


class TestARowPasses:
    def test_without_a_word_when_it_is_right(self, codes):
        assert found([HEAD, SPOUSE, CHILD], codes) == set()

    def test_without_a_word_for_twins_and_names_of_one_word(self, codes):
        twin = CHILD | {"nik": "6201010102150002", "nama": "Tingang"}

        assert found([HEAD, SPOUSE, CHILD, twin], codes) == set()

    def test_without_a_word_when_born_elsewhere(self, codes):
        assert found([HEAD | {"nik": "3573011208900001"}], codes) == set()

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"nik": ""}, "nik.missing"),
            ({"nama": "Budi  Dohong"}, "text.spaces"),
            ({"nik": " 6201 0112 0890 0001"}, "text.spaces"),
            ({"nik": "'6201011208900001"}, "text.spaces"),
            ({"tanggal_lahir": "31-02-1990"}, "birth.unreadable"),
            ({"tanggal_lahir": "2027-01-01"}, "birth.unreadable"),
            ({"tanggal_lahir": "1890-01-01"}, "birth.unreadable"),
            ({"tanggal_lahir": "kemarin"}, "birth.unreadable"),
            ({"tanggal_lahir": "1990-08-13"}, "birth.disagrees"),
            ({"id_jenis_kelamin": "P"}, "sex.disagrees"),
            ({"id_jenis_kelamin": "9"}, "value.unreadable"),
            ({"status_individu": "2"}, "person.deceased"),
            ({"status_individu": "4"}, "person.moved"),
            ({"nama_kelurahan_desa": "Kumpai Batu"}, "area.name_differs"),
            ({"desil_nasional": "11"}, "value.unreadable"),
            ({"penghasilan_bulanan": "sejuta"}, "value.unreadable"),
        ],
    )
    def test_with_a_warning(self, codes, change, code):
        assert CODES[code].severity == "warning"
        assert (2, code) in found([HEAD | change], codes)
        assert check(as_csv([HEAD | change]), codes).people.height == 1


class TestDates:
    @pytest.mark.parametrize(
        "written",
        [
            "12/08/1990", "12-8-1990", "12.08.1990", "12 Agustus 1990", "12-Agt-1990", "33097",
            "1990-08-12 00:00:00", "08/12/1990",
        ],
    )  # fmt: skip
    def test_are_read_however_written(self, codes, written):
        checked = check(as_csv([HEAD | {"tanggal_lahir": written}, SPOUSE, CHILD]), codes)

        assert checked.people["born"][0] == date(1990, 8, 12)
        assert "birth.disagrees" not in checked.findings.counts

    def test_of_the_rarer_way_are_marked(self, codes):
        rows = [HEAD, SPOUSE, CHILD | {"tanggal_lahir": "01/02/2015"}]

        assert found(rows, codes) == {(4, "birth.format")}

    def test_day_first_stands_where_the_nik_cannot_tell(self, codes):
        row = HEAD | {"nik": "", "tanggal_lahir": "02/03/1990"}

        assert check(as_csv([row]), codes).people["born"].to_list() == [date(1990, 3, 2)]


class TestTheTwoCodeSystems:
    def test_a_bps_number_is_named_as_one(self, codes):
        bps = next(code for code in codes.bps_villages if code not in codes.villages)

        assert (2, "area.bps_code") in found(
            [HEAD | {"kode_kabupaten_kota": "", "kode_kecamatan": "",
                     "kode_kelurahan_desa": str(bps), "nama_kelurahan_desa": ""}], codes
        )  # fmt: skip

    def test_a_number_of_both_is_decided_by_the_name(self, codes):
        code = 6_211_062_002  # Purwodadi here, Tumbang Siruk there
        row = HEAD | {"kode_kabupaten_kota": "", "kode_kecamatan": "",
                      "kode_kelurahan_desa": str(code)}  # fmt: skip

        assert found([row | {"nama_kelurahan_desa": "Purwodadi"}], codes) == set()
        assert found([row | {"nama_kelurahan_desa": "TUMBANG SIRUK"}], codes) == {
            (2, "area.bps_code")
        }

    def test_a_bps_list_waits_for_the_clerk_then_means_what_the_clerk_said(self, codes):
        bps, (name, area, _) = next(
            (code, line) for code, line in codes.bps_villages.items() if line[1] is not None
        )
        row = HEAD | {"kode_kabupaten_kota": str(bps)[:4], "kode_kecamatan": str(bps)[:7],
                      "kode_kelurahan_desa": str(bps), "nama_kelurahan_desa": name}  # fmt: skip
        confirmed = codes._replace(
            bps_villages=codes.bps_villages | {bps: (name, area, "confirmed")}
        )

        assert found([row], codes, CodeSystem.BPS) == {(2, "area.bps_unconfirmed")}
        checked = check(as_csv([row]), confirmed, CodeSystem.BPS)
        assert checked.people["village"].to_list() == [area]

    def test_parts_that_lost_their_zero_are_put_together(self, codes):
        parts = {"kode_kabupaten_kota": "1", "kode_kecamatan": "1", "kode_kelurahan_desa": "1011"}
        checked = check(as_csv([HEAD | parts]), codes)

        assert checked.people["village"].to_list() == [6_201_011_011]
        assert dict(checked.findings.counts) == {"area.lost_zero": 1}


class TestTwins:
    """The vectorised check and `core` agree about every NIK."""

    @settings(max_examples=300, deadline=None)
    @given(st.from_regex(r"[0-9]{14,17}|62010[0-9][0-7][0-9][01][0-9]{7}", fullmatch=True))
    @example("6201012902000001")
    @example("6201012902010001")
    def test_agree(self, codes, text):
        told = found([HEAD | {"nik": text, "tanggal_lahir": "", "id_jenis_kelamin": ""}], codes)

        read = read_nik(text)
        expected = {(2, f"nik.{read.value}")} if isinstance(read, NikFault) else set()
        assert told == expected
        assert isinstance(read, (Nik, NikFault))


class TestFindings:
    def test_are_all_in_the_protocol_with_their_severity(self):
        documented = {}
        for line in PROTOCOL.read_text().splitlines():
            if (line.startswith("| `") and "| error |" in line) or "| warning |" in line:
                codes, severity = line.split("|")[1:3]
                for code in re.findall(r"`([a-z_]+\.[a-z_0-9]+)`", codes):
                    documented[code] = severity.strip()

        own = {code: kind.severity for code, kind in CODES.items() if code != "row.empty"}
        assert documented == own

    def test_never_show_a_whole_number_or_name(self):
        assert masked("nik", "6201011208900001") == "6201••••••••0001"
        assert masked("nama", "Budi Dohong") == "B••••••••"
        assert masked("rt", "0\x001") == "0�1"

    def test_are_counted_beyond_what_is_kept(self, monkeypatch):
        monkeypatch.setattr("betang.intake.collect.KEPT_PER_CODE", 2)
        findings = Findings()
        rows = pl.DataFrame({"row": [2, 3, 4]}, schema={"row": pl.UInt32})

        findings.add(rows, "nik", "nik.repeated")
        findings.add(rows, "nama", "text.spaces")

        assert (findings.counts["nik.repeated"], findings.frame().height) == (3, 4)
        assert findings.held_rows().sort().to_list() == [2, 3, 4]
        assert findings.warned_rows().to_list() == []
