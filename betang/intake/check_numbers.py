"""Check NIK and KK numbers a column at a time (twin of `betang.core.identity.nik`)."""

import polars as pl

from betang.core.identity.nik import PROVINCE_MAX, PROVINCE_MIN, WOMAN_OFFSET
from betang.intake.collect import Findings

SCIENTIFIC = r"^\d(?:[.,]\d+)?[eE]\+?\d+$"
SIXTEEN = r"^[0-9]{16}$"
DIGITS = r"^[0-9]+$"
DAYS = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}


def check_numbers(frame: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Turn `nik` and `no_kk` into numbers `nik_n`, `kk_n` (null where wrong), and mark `bad`.

    Adds `nik_day`, `nik_month`, `nik_year` (two digits) and `nik_sex` of a good NIK.
    """
    frame = frame.with_columns(
        pl.when(pl.col("nik").str.contains(SIXTEEN)).then("nik").cast(pl.Int64).alias("nik_n"),
        pl.when(pl.col("no_kk").str.contains(SIXTEEN)).then("no_kk").cast(pl.Int64).alias("kk_n"),
    )
    number = pl.col("nik_n")
    day = number // 10**8 % 100
    frame = frame.with_columns(
        nik_day=pl.when(day > WOMAN_OFFSET).then(day - WOMAN_OFFSET).otherwise(day),
        nik_month=number // 10**6 % 100,
        nik_year=number // 10**4 % 100,
        nik_sex=pl.when(day > WOMAN_OFFSET)
        .then(pl.lit("P"))
        .when(day.is_not_null())
        .then(pl.lit("L")),
    )
    frame = frame.with_columns(_nik_fault().alias("nik?"), _kk_fault().alias("kk?"))
    untouched = frame.filter(~pl.col("bad"))
    findings.add(untouched.filter(pl.col("nik").is_null()), "nik", "nik.missing")
    findings.add_codes(untouched, "nik", "nik?", "nik")
    findings.add_codes(untouched, "no_kk", "kk?", "no_kk")
    fine = pl.col("nik?").is_null()
    return frame.with_columns(
        pl.when(fine).then("nik_n"),
        pl.when(fine).then("nik_sex"),
        pl.when(fine).then("nik_day"),
        pl.when(pl.col("kk?").is_null()).then("kk_n"),
        bad=pl.col("bad") | ~fine | pl.col("kk?").is_not_null(),
    ).drop("nik?", "kk?")


def _nik_fault() -> pl.Expr:
    text, number = pl.col("nik"), pl.col("nik_n")
    area = number // 10**10
    province = area // 10_000
    month, day = pl.col("nik_month"), pl.col("nik_day")
    last = month.replace_strict(DAYS, default=0, return_dtype=pl.Int64)
    # 29 February is a day in one century or the other when the two digits divide by four.
    leap_wrong = (month == 2) & (day == 29) & (pl.col("nik_year") % 4 != 0)
    return (
        pl.when(text.is_null())
        .then(None)
        .when(text.str.contains(SCIENTIFIC))
        .then(pl.lit("nik.scientific"))
        .when(~text.str.contains(DIGITS))
        .then(pl.lit("nik.digits"))
        .when(number.is_null())
        .then(pl.lit("nik.length"))
        .when(
            (province < PROVINCE_MIN)
            | (province > PROVINCE_MAX)
            | (area // 100 % 100 == 0)
            | (area % 100 == 0)
        )
        .then(pl.lit("nik.area"))
        .when((day < 1) | (day > last) | leap_wrong)
        .then(pl.lit("nik.date"))
        .when(number % 10_000 == 0)
        .then(pl.lit("nik.serial"))
    )


def _kk_fault() -> pl.Expr:
    text, province = pl.col("no_kk"), pl.col("kk_n") // 10**14
    return (
        pl.when(text.is_null())
        .then(pl.lit("kk.missing"))
        .when(text.str.contains(SCIENTIFIC))
        .then(pl.lit("kk.scientific"))
        .when(pl.col("kk_n").is_null() | (province < PROVINCE_MIN) | (province > PROVINCE_MAX))
        .then(pl.lit("kk.form"))
    )
