"""Find the village of a row, and say so when the code is of the other system."""

import polars as pl

from betang.areas.look_up import CodeTable
from betang.areas.source import matching_name
from betang.core.identity.area_code import PROVINCE, CodeSystem
from betang.intake.collect import Findings

TEN = r"^[0-9]{10}$"
TEN_DIGITS = 10
PART = r"^[0-9]{1,4}$"


#: The columns that together name a village.
NAMING = ["kode_kabupaten_kota", "kode_kecamatan", "kode_kelurahan_desa", "nama_kelurahan_desa"]


class AreaCheck:
    """The codes of both systems, ready to be joined to a chunk."""

    def __init__(self, table: CodeTable, system: CodeSystem) -> None:
        self.system = system
        self._ours = pl.DataFrame(
            {
                "code": list(table.villages),
                "our_name": [matching_name(name) for name in table.villages.values()],
            },
            schema={"code": pl.Int64, "our_name": pl.String},
        )
        self._bps = pl.DataFrame(
            {
                "code": list(table.bps_villages),
                "bps_name": [matching_name(name) for name, _, _ in table.bps_villages.values()],
                "bps_area": [
                    area if state == "confirmed" else None
                    for _, area, state in table.bps_villages.values()
                ],
            },
            schema={"code": pl.Int64, "bps_name": pl.String, "bps_area": pl.Int64},
        )

    def check(self, frame: pl.DataFrame, findings: Findings) -> pl.DataFrame:
        """Add `village` (Kemendagri, null where wrong) and mark `bad`.

        Neighbours share a village: each way of naming one is judged once.
        """
        seen = frame.select(NAMING).unique().with_row_index("naming")
        judged = seen.join(self._judged(seen), on="naming").drop("naming")
        frame = frame.join(judged, on=NAMING, how="left", nulls_equal=True, maintain_order="left")
        untouched = frame.filter(~pl.col("bad"))
        odd = untouched.filter(
            pl.col("area?").is_not_null() | pl.col("lost_zero") | pl.col("name_differs")
        )
        apart = pl.col("area?") == "area.parts_disagree"
        code = "kode_kelurahan_desa"
        findings.add_codes(odd.filter(~apart), code, "area?", code)
        findings.add(odd.filter(apart), "kode_kecamatan", "area.parts_disagree", "kode_kecamatan")
        fine = odd.filter(pl.col("area?").is_null())
        findings.add(fine.filter("lost_zero"), code, "area.lost_zero", code)
        name = "nama_kelurahan_desa"
        findings.add(fine.filter("name_differs"), name, "area.name_differs", name)
        return frame.with_columns(bad=pl.col("bad") | pl.col("area?").is_not_null()).drop(
            "area?", "lost_zero", "name_differs"
        )

    def _judged(self, seen: pl.DataFrame) -> pl.DataFrame:
        """Give for each `naming` its `village`, its fault `area?`, and what deserves a warning."""
        frame = _with_name(_with_codes(seen, self.system))
        frame = frame.join(self._ours, on="code", how="left")
        frame = frame.join(self._bps, on="code", how="left")
        if self.system is CodeSystem.KEMENDAGRI:
            fault, known, village = self._fault_kemendagri(), "our_name", "code"
        else:
            fault, known, village = _fault_bps(), "bps_name", "bps_area"
        frame = frame.with_columns(fault.alias("area?"))
        return frame.select(
            "naming",
            "area?",
            "lost_zero",
            (pl.col("name") != pl.col(known)).fill_null(value=False).alias("name_differs"),
            pl.when(pl.col("area?").is_null()).then(village).alias("village"),
        )

    def _fault_kemendagri(self) -> pl.Expr:
        ours, bps = pl.col("our_name"), pl.col("bps_name")
        name, code = pl.col("name"), pl.col("code")
        # Whole codes only: a part has two digits. Text that is no number was found elsewhere.
        regency, district = pl.col("regency_n"), pl.col("district_n")
        apart = ((regency > 999) & (regency != code // 1_000_000)).fill_null(value=False) | (
            (district > 9_999) & (district != code // 10_000)
        ).fill_null(value=False)
        return (
            pl.when(pl.col("kode_kelurahan_desa").is_null())
            .then(pl.lit("area.missing"))
            .when(ours.is_null() & bps.is_not_null())
            .then(pl.lit("area.bps_code"))
            .when(ours.is_null())
            .then(pl.lit("area.unknown"))
            .when(bps.is_not_null() & (name != ours) & (name == bps))
            .then(pl.lit("area.bps_code"))
            .when(apart)
            .then(pl.lit("area.parts_disagree"))
        )


def _fault_bps() -> pl.Expr:
    return (
        pl.when(pl.col("kode_kelurahan_desa").is_null())
        .then(pl.lit("area.missing"))
        .when(pl.col("bps_name").is_null())
        .then(pl.lit("area.unknown"))
        .when(pl.col("bps_area").is_null())
        .then(pl.lit("area.bps_unconfirmed"))
    )


def _with_codes(frame: pl.DataFrame, system: CodeSystem) -> pl.DataFrame:
    """Add `code`, whole or put together from parts, `lost_zero`, and the other codes as numbers."""
    parts = ["kode_kabupaten_kota", "kode_kecamatan", "kode_kelurahan_desa"]
    dotted = frame.select(
        pl.any_horizontal(pl.col(name).str.contains(".", literal=True).any() for name in parts)
    ).item()
    if dotted:
        frame = frame.with_columns(pl.col(parts).str.replace_all(".", "", literal=True))
    regency, district, village = (pl.col(name).cast(pl.Int64, strict=False) for name in parts)
    ten = pl.col("kode_kelurahan_desa").str.len_bytes() == TEN_DIGITS
    frame = frame.with_columns(
        pl.when(ten & (village >= 10 ** (TEN_DIGITS - 1))).then(village).alias("code"),
        regency.alias("regency_n"),
        district.alias("district_n"),
        lost_zero=pl.lit(value=False),
    )
    in_parts = pl.col("code").is_null() & pl.all_horizontal(
        pl.col(name).str.contains(PART) for name in parts
    )
    if not frame.select(in_parts.any()).item():
        return frame
    # Kemendagri writes 2 + 2 + 4 digits below the province, BPS 2 + 3 + 3; a regency may be whole.
    wide = (2, 4) if system is CodeSystem.KEMENDAGRI else (3, 3)
    regency, district, village = (pl.col(name) for name in parts)
    short = regency.str.len_chars()
    below = pl.when(short == 4).then(regency.str.slice(2)).otherwise(regency.str.zfill(2))
    joined = pl.concat_str(
        pl.lit(str(PROVINCE)), below, district.str.zfill(wide[0]), village.str.zfill(wide[1])
    )
    joined = pl.when(in_parts & joined.str.contains(TEN)).then(joined).cast(pl.Int64)
    lost = (short == 1) | (district.str.len_chars() < wide[0]) | (village.str.len_chars() < wide[1])
    return frame.with_columns(
        pl.coalesce("code", joined).alias("code"),
        lost_zero=(in_parts & lost).fill_null(value=False),
    )


def _with_name(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `name`, what two spellings of a village's name share."""
    names = frame["nama_kelurahan_desa"].unique().drop_nulls()
    bare = {name: matching_name(name) for name in names.to_list()}
    return frame.with_columns(
        pl.col("nama_kelurahan_desa")
        .replace_strict(bare, default=None, return_dtype=pl.String)
        .alias("name")
    )
