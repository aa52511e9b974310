"""Find the village of a row, and say so when the code is of the other system."""

import polars as pl

from betang.areas.look_up import CodeTable
from betang.areas.source import matching_name
from betang.core.identity.area_code import PROVINCE, CodeSystem
from betang.intake.collect import Findings

TEN = r"^[0-9]{10}$"
TEN_DIGITS = 10
PART = r"^[0-9]{1,4}$"


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
        """Add `village` (Kemendagri, null where wrong) and mark `bad`."""
        frame = _with_codes(frame, self.system)
        frame = frame.join(self._ours, on="code", how="left", maintain_order="left")
        frame = frame.join(self._bps, on="code", how="left", maintain_order="left")
        frame = _with_name(frame)
        fault = self._fault_kemendagri() if self.system is CodeSystem.KEMENDAGRI else _fault_bps()
        frame = frame.with_columns(fault.alias("area?"))
        untouched = frame.filter(~pl.col("bad"))
        findings.add_codes(
            untouched.filter(pl.col("area?") != "area.parts_disagree"),
            "kode_kelurahan_desa", "area?", "kode_kelurahan_desa",
        )  # fmt: skip
        findings.add(
            untouched.filter(pl.col("area?") == "area.parts_disagree"),
            "kode_kecamatan", "area.parts_disagree", "kode_kecamatan",
        )  # fmt: skip
        fine = untouched.filter(pl.col("area?").is_null())
        findings.add(
            fine.filter("lost_zero"), "kode_kelurahan_desa", "area.lost_zero", "kode_kelurahan_desa"
        )
        known = pl.col("our_name") if self.system is CodeSystem.KEMENDAGRI else pl.col("bps_name")
        findings.add(
            fine.filter(pl.col("name") != known),
            "nama_kelurahan_desa", "area.name_differs", "nama_kelurahan_desa",
        )  # fmt: skip
        village = pl.col("code") if self.system is CodeSystem.KEMENDAGRI else pl.col("bps_area")
        return frame.with_columns(
            pl.when(pl.col("area?").is_null()).then(village).alias("village"),
            bad=pl.col("bad") | pl.col("area?").is_not_null(),
        ).drop(
            "area?",
            "code",
            "our_name",
            "bps_name",
            "bps_area",
            "name",
            "lost_zero",
            "regency_n",
            "district_n",
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
