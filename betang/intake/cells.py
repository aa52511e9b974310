"""Clean text cells: what is hidden, too long, a formula, or only untidy."""

from collections.abc import Sequence

import polars as pl

from betang.intake.collect import Findings
from betang.intake.columns import BLANKS
from betang.intake.read import MEANT, PRIVATE

CELL_CHARS_MAX = 1_000
NAME_CHARS_MAX = 100
#: Anything worth a second look; most cells pass this one test and no other.
SUSPICIOUS = r"[\x00-\x1f\x7f\u{f780}-\u{f7ff}]|^[\s=@+'-]|\s$|\s\s"
CONTROL = r"[\x00-\x1f\x7f]"
FORMULA = r"^(?:[=@+]|-[A-Za-z(])"
BLANK_BYTES_MAX = max(map(len, BLANKS))
#: Columns of digits: blanks inside go, and a spreadsheet's leading apostrophe.
DIGITS = frozenset({"nik", "no_kk", "kode_kelurahan_desa", "kode_kecamatan", "kode_kabupaten_kota"})


def clean(frame: pl.DataFrame, columns: Sequence[str], findings: Findings) -> pl.DataFrame:
    """Clean `columns` of `frame`, adding those that the file lacks as unknown.

    Adds `bad`: the row has a cell that cannot be kept.
    """
    present = [name for name in columns if name in frame.columns]
    frame = frame.with_columns(
        [pl.lit(None, dtype=pl.String).alias(name) for name in columns if name not in present]
    )
    odd = frame.select(_suspicious(name).any().alias(name) for name in present)
    bad: list[pl.Expr] = [pl.col("broken")]
    for name in present:
        if odd[name].item():
            frame = _clean_one(frame, name, findings)
            bad.append(pl.col(f"{name}!"))
    # No word for "nothing" is longer than four letters: most cells are told by their length alone.
    short = [
        name
        for name in present
        if frame.select((pl.col(name).str.len_bytes() <= BLANK_BYTES_MAX).any()).item()
    ]
    frame = frame.with_columns(
        bad=pl.any_horizontal(bad),
        **{
            name: pl.when(pl.col(name).is_in(BLANKS)).then(None).otherwise(pl.col(name))
            for name in short
        },
    )
    return frame.drop([name for name in frame.columns if name.endswith("!")])


def _suspicious(name: str) -> pl.Expr:
    text = pl.col(name)
    odd = text.str.contains(SUSPICIOUS) | (text.str.len_bytes() > NAME_CHARS_MAX)
    return odd | text.str.contains(" ", literal=True) if name in DIGITS else odd


def _clean_one(frame: pl.DataFrame, name: str, findings: Findings) -> pl.DataFrame:
    """Clean the odd cells of one column; the others, nearly all, are not touched."""
    text = pl.col(name)
    tidy = text.str.strip_chars()
    if name in DIGITS:
        tidy = tidy.str.strip_chars_start("'").str.replace_all(r"[\s\u{a0}]+", "")
    else:
        tidy = tidy.str.replace_all(r"[ \u{a0}]{2,}", " ")
    limit = NAME_CHARS_MAX if name == "nama" else CELL_CHARS_MAX
    odd = frame.filter(_suspicious(name)).select(
        "row",
        name,
        (text != tidy).alias("untidy"),
        tidy.str.replace_many(list(MEANT), list(MEANT.values())).alias("tidy"),
        pl.when(tidy.str.contains(CONTROL))
        .then(pl.lit("text.control"))
        .when(tidy.str.len_chars() > limit)
        .then(pl.lit("text.long"))
        .when(tidy.str.contains(FORMULA))
        .then(pl.lit("text.formula"))
        .alias("wrong"),
    )
    findings.add_codes(odd, name, "wrong", name)
    fine = pl.col("wrong").is_null()
    findings.add(odd.filter(fine & text.str.contains(PRIVATE)), name, "text.latin1")
    findings.add(odd.filter(fine & pl.col("untidy")), name, "text.spaces", name)
    told = odd.select(
        "row",
        pl.when(fine).then("tidy").alias("tidy"),
        pl.col("wrong").is_not_null().alias(f"{name}!"),
    )
    frame = frame.join(told, on="row", how="left", maintain_order="left")
    touched = pl.col(f"{name}!")
    return frame.with_columns(
        pl.when(touched.is_null()).then(text).otherwise("tidy").alias(name),
        touched.fill_null(value=False),
    ).drop("tidy")
