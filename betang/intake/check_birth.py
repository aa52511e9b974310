"""Read dates of birth, however they were written, and compare them with the NIK."""

from datetime import date

import polars as pl

from betang.intake.collect import Findings

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("JANUARI", "JAN", "JANUARY"),
            ("FEBRUARI", "FEB", "FEBRUARY", "PEBRUARI"),
            ("MARET", "MAR", "MARCH"),
            ("APRIL", "APR"),
            ("MEI", "MAY"),
            ("JUNI", "JUN", "JUNE"),
            ("JULI", "JUL", "JULY"),
            ("AGUSTUS", "AGU", "AGT", "AUG", "AUGUST"),
            ("SEPTEMBER", "SEP", "SEPT"),
            ("OKTOBER", "OKT", "OCT", "OCTOBER"),
            ("NOVEMBER", "NOV", "NOP", "NOPEMBER"),
            ("DESEMBER", "DES", "DEC", "DECEMBER"),
        ),
        start=1,
    )
    for name in names
}
#: How a date was written; the one used most in a file is that file's own.
ISO, SLASHES, DASHES, DOTS, WORDS, DAY_NUMBER = range(6)
EARLIEST = date(1900, 1, 1)
#: Day zero of a spreadsheet's day numbers (its 29 February 1900 never was).
EPOCH = date(1899, 12, 30)
NUMERIC = r"^(\d{1,2})([/.\-])(\d{1,2})[/.\-](\d{4})$"


def check_birth(frame: pl.DataFrame, findings: Findings, *, today: date) -> pl.DataFrame:
    """Add `born` (null where unknown) and `written` (how; null for none).

    A wrong date never holds a row. Needs `nik_day`, `nik_month`, `nik_year`.
    """
    frame = read_dates(frame, "tanggal_lahir", today=today)
    given = pl.col("tanggal_lahir").is_not_null()
    fine = frame.filter(~pl.col("bad") & given)
    findings.add(
        fine.filter(pl.col("born").is_null()), "tanggal_lahir", "birth.unreadable", "tanggal_lahir"
    )
    born = pl.col("born")
    differs = (
        (born.dt.day() != pl.col("nik_day"))
        | (born.dt.month() != pl.col("nik_month"))
        | (born.dt.year() % 100 != pl.col("nik_year"))
    )
    findings.add(
        fine.filter(differs & pl.col("nik_day").is_not_null()),
        "tanggal_lahir", "birth.disagrees", "tanggal_lahir",
    )  # fmt: skip
    return frame


def read_dates(frame: pl.DataFrame, column: str, *, today: date) -> pl.DataFrame:
    """Add `born` and `written` from the text in `column`; impossible dates become null."""
    text = pl.col(column)
    iso = text.str.strip_suffix(" 00:00:00").str.to_date("%Y-%m-%d", strict=False)
    frame = frame.with_columns(
        iso.alias("born"), pl.when(iso.is_not_null()).then(ISO).cast(pl.UInt8).alias("written")
    )
    rest = frame.filter(pl.col("born").is_null() & text.is_not_null())
    if rest.height:
        read = _read_others(rest.select("row", column, "nik_day", "nik_month"), column)
        frame = frame.join(read, on="row", how="left", maintain_order="left").with_columns(
            pl.coalesce("born", "other").alias("born"),
            pl.coalesce("written", "how").alias("written"),
        )
        frame = frame.drop("other", "how")
    possible = (pl.col("born") >= EARLIEST) & (pl.col("born") <= today)
    return frame.with_columns(pl.when(possible).then("born"), pl.when(possible).then("written"))


def _read_others(rest: pl.DataFrame, column: str) -> pl.DataFrame:
    """Read what is not ISO: give `row`, `other`, `how`."""
    parts = rest.select(
        "row",
        "nik_day",
        "nik_month",
        text=pl.col(column),
        one=pl.col(column).str.extract(NUMERIC, 1),
        mark=pl.col(column).str.extract(NUMERIC, 2),
        two=pl.col(column).str.extract(NUMERIC, 3),
        year=pl.col(column).str.extract(NUMERIC, 4),
        days=pl.when(pl.col(column).str.contains(r"^\d{5}$")).then(pl.col(column)).cast(pl.Int32),
    )
    day_first = _date("year", "two", "one")
    month_first = _date("year", "one", "two")
    agrees = (month_first.dt.day() == pl.col("nik_day")) & (
        month_first.dt.month() == pl.col("nik_month")
    )
    swapped = (
        (pl.col("one").cast(pl.Int64) == pl.col("nik_month"))
        & agrees.fill_null(value=False)
        & (pl.col("one") != pl.col("two"))
    )
    numeric = (
        pl.when(day_first.is_null() | swapped.fill_null(value=False))
        .then(month_first)
        .otherwise(day_first)
    )
    from_days = pl.lit(EPOCH) + pl.duration(days=pl.col("days"))
    read = parts.with_columns(
        pl.coalesce(numeric, from_days.cast(pl.Date)).alias("other"),
        pl.col("mark")
        .replace_strict({"/": SLASHES, "-": DASHES, ".": DOTS}, default=DAY_NUMBER)
        .cast(pl.UInt8)
        .alias("how"),
    )
    worded = {
        text: found
        for text in read.filter(pl.col("other").is_null())["text"].unique().to_list()
        if (found := _worded(text)) is not None
    }
    read = read.with_columns(
        pl.coalesce(
            "other",
            pl.col("text").replace_strict(worded, default=None, return_dtype=pl.Date)
            if worded
            else pl.lit(None, dtype=pl.Date),
        ).alias("other"),
        pl.when(pl.col("text").is_in(list(worded)))
        .then(WORDS)
        .otherwise("how")
        .cast(pl.UInt8)
        .alias("how"),
    )
    return read.select("row", "other", "how")


def _date(year: str, month: str, day: str) -> pl.Expr:
    return pl.concat_str(
        pl.col(year), pl.col(month).str.zfill(2), pl.col(day).str.zfill(2)
    ).str.to_date("%Y%m%d", strict=False)


def _worded(text: str) -> date | None:
    """Read `12 Januari 1990` and `12-Jan-1990`."""
    parts = text.replace("-", " ").upper().split()
    if len(parts) != 3 or parts[1] not in MONTHS:
        return None
    if not (parts[0].isdecimal() and parts[2].isdecimal() and len(parts[2]) == 4):
        return None
    try:
        return date(int(parts[2]), MONTHS[parts[1]], int(parts[0]))
    except ValueError:
        return None
