"""Read what the head's row says of the family's home and means."""

import polars as pl

from betang.intake.cells import clean
from betang.intake.collect import Findings
from betang.intake.columns import (
    CONDITIONS,
    DWELLING_BY_LIVING,
    DWELLING_BY_TENURE,
    FAMILY_DECIMALS,
    FAMILY_NUMBERS,
    FAMILY_TEXTS,
)

#: Columns where 1 is yes and 0 or 2 is no.
YES_NO = frozenset(name for name, (_, high) in CONDITIONS.items() if high == 2)
NUMBERS = {
    **{name: (column.low, column.high) for name, column in FAMILY_NUMBERS.items()},
    **CONDITIONS,
}
SMALL = tuple(
    column.kept_as
    for column in FAMILY_NUMBERS.values()
    if column.kept_as not in {"living", "tenure", "income_rupiah", "extreme_poverty"}
)


def check_homes(frame: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Give one row a head: `row`, `bad` and the registry's columns of the household."""
    heads = frame.filter("is_head")
    texts = (*FAMILY_TEXTS, *NUMBERS, *FAMILY_DECIMALS)
    present = [name for name in texts if name in heads.columns]
    heads = clean(heads.select("row", "bad", *present).rename({"bad": "broken"}), texts, findings)
    heads = _numbers(heads, findings)
    heads = _decimals(heads, findings)
    living, tenure = pl.col("jenis_tempat_tinggal"), pl.col("id_status_penguasaan_bangunan")
    dwelling = pl.coalesce(
        living.replace_strict(DWELLING_BY_LIVING, default=None, return_dtype=pl.String),
        tenure.replace_strict(DWELLING_BY_TENURE, default=None, return_dtype=pl.String),
    )
    heads = heads.with_columns(dwelling.alias("dwelling"))
    homeless = (pl.col("dwelling") == "none") & pl.col("titik_acuan").is_null()
    findings.add(heads.filter(homeless & ~pl.col("bad")), "titik_acuan", "dwelling.no_anchor")
    kept = {column.kept_as: name for name, column in FAMILY_NUMBERS.items()}
    return heads.select(
        "row",
        "bad",
        "dwelling",
        *(pl.col(name).fill_null("") for name in ("alamat", "rt", "rw")),
        pl.col("titik_acuan").fill_null("").alias("anchor"),
        *(pl.col(kept[name]).cast(pl.Int16).alias(name) for name in SMALL),
        pl.col("penghasilan_bulanan").cast(pl.Int32).alias("income_rupiah"),
        (pl.col("kemiskinan_ekstrem") == 1).alias("extreme_poverty"),
        *(pl.col(name).alias(kept_as) for name, (_, _, kept_as) in FAMILY_DECIMALS.items()),
        *(pl.col(name).cast(pl.Int16) for name in CONDITIONS),
    )


def with_conditions(homes: pl.DataFrame) -> pl.DataFrame:
    """Write the condition columns as one of JSON. Done by the slice: as text they are large."""
    return homes.with_columns(_conditions().alias("conditions")).drop(*CONDITIONS)


def _numbers(heads: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Read whole numbers; what is none, or out of range, becomes unknown and is reported."""
    texts = {name: f"{name}?" for name in NUMBERS}
    heads = heads.rename(texts).with_columns(
        pl.col(text).str.strip_suffix(".0").cast(pl.Int64, strict=False).alias(name)
        for name, text in texts.items()
    )
    heads = heads.with_columns(
        pl.when(pl.col(name).is_between(low, high)).then(name).alias(name)
        for name, (low, high) in NUMBERS.items()
    )
    _report(heads, texts, findings)
    return heads.drop(texts.values())


def _decimals(heads: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Read the home point: both coordinates or none."""
    texts = {name: f"{name}?" for name in FAMILY_DECIMALS}
    heads = heads.rename(texts).with_columns(
        pl.col(text).str.replace(",", ".", literal=True).cast(pl.Float64, strict=False).alias(name)
        for name, text in texts.items()
    )
    heads = heads.with_columns(
        pl.when(pl.col(name).is_between(low, high)).then(pl.col(name).round(6)).alias(name)
        for name, (low, high, _) in FAMILY_DECIMALS.items()
    )
    _report(heads, texts, findings)
    whole = pl.col("lintang").is_not_null() & pl.col("bujur").is_not_null()
    return heads.with_columns(
        pl.when(whole).then(name).alias(name) for name in FAMILY_DECIMALS
    ).drop(texts.values())


def _report(heads: pl.DataFrame, texts: dict[str, str], findings: Findings) -> None:
    unread = heads.select(
        (pl.col(name).is_null() & pl.col(text).is_not_null() & ~pl.col("bad")).any().alias(name)
        for name, text in texts.items()
    )
    for name, text in texts.items():
        if unread[name].item():
            wrong = pl.col(name).is_null() & pl.col(text).is_not_null() & ~pl.col("bad")
            findings.add(heads.filter(wrong), name, "value.unreadable", text)


def _conditions() -> pl.Expr:
    """Write the conditions as JSON under their DTSEN names.

    What is zero is left out and what is unknown is named in `unknown`, for most is zero: a
    quarter of the size. `{}` where nothing was told.
    """
    pairs, unknown = [], []
    for name in CONDITIONS:
        value = (
            pl.when(pl.col(name) == 2).then(0).otherwise(name) if name in YES_NO else pl.col(name)
        )
        said = pl.when(value > 0).then(pl.format(f',"{name}":{{}}', value))
        pairs.append(said.fill_null(""))
        unknown.append(pl.when(pl.col(name).is_null()).then(pl.lit(f',"{name}"')).fill_null(""))
    unknowns = pl.concat_str(unknown).str.strip_prefix(",")
    told = pl.concat_str(pl.lit('{"unknown":['), unknowns, pl.lit("]"), *pairs, pl.lit("}"))
    nothing = pl.all_horizontal(pl.col(name).is_null() for name in CONDITIONS)
    return pl.when(nothing).then(pl.lit("{}")).otherwise(told)
