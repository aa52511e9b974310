"""Check what a row says of the person: relation, sex, presence."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from betang.intake.check_birth import read_dates
from betang.intake.collect import Findings
from betang.intake.columns import RELATIONS, SEXES, STATUSES

PRESENCES = {word: presence for word, (presence, _) in STATUSES.items()}
LEFT = {word: left for word, (_, left) in STATUSES.items()}


def check_person(frame: pl.DataFrame, findings: Findings, *, today: date) -> pl.DataFrame:
    """Add `relation`, `sex`, `presence`, `presence_on`, `left_province`, and mark `bad`."""
    frame = frame.with_columns(
        _coded(frame, "hubungan_keluarga", RELATIONS).alias("relation"),
        _coded(frame, "id_jenis_kelamin", SEXES).alias("sex"),
        _coded(frame, "status_individu", PRESENCES).alias("presence"),
        _coded(frame, "status_individu", LEFT).alias("left_province").fill_null(value=False),
    )
    untouched = frame.filter(~pl.col("bad"))
    findings.add(untouched.filter(pl.col("nama").is_null()), "nama", "name.missing")
    findings.add(
        untouched.filter(pl.col("relation").is_null()),
        "hubungan_keluarga", "relation.unknown", "hubungan_keluarga",
    )  # fmt: skip
    for column, read in (("id_jenis_kelamin", "sex"), ("status_individu", "presence")):
        unread = pl.col(read).is_null() & pl.col(column).is_not_null()
        findings.add(untouched.filter(unread), column, "value.unreadable", column)
    findings.add(
        untouched.filter(pl.col("sex") != pl.col("nik_sex")),
        "id_jenis_kelamin", "sex.disagrees", "id_jenis_kelamin",
    )  # fmt: skip
    for presence in ("deceased", "moved"):
        findings.add(
            untouched.filter(pl.col("presence") == presence),
            "status_individu",
            f"person.{presence}",
        )
    dates = read_dates(frame.drop("born", "written"), "tanggal_status", today=today)
    return frame.with_columns(
        pl.col("presence").fill_null("alive"),
        presence_on=dates["born"],
        is_head=(pl.col("relation") == "head").fill_null(value=False),
        bad=pl.col("bad") | pl.col("nama").is_null() | pl.col("relation").is_null(),
    )


def _coded(frame: pl.DataFrame, column: str, words: Mapping[str, object]) -> pl.Expr:
    """Read a code or its words; null where neither. Few cells differ, so each is read once."""
    seen = frame[column].unique().drop_nulls().to_list()
    meaning = {text: words[key] for text in seen if (key := _key(text)) in words}
    kind = pl.Boolean if isinstance(next(iter(words.values())), bool) else pl.String
    return pl.col(column).replace_strict(meaning or {"": None}, default=None, return_dtype=kind)


def _key(text: str) -> str:
    """Write a code without its leading zeros, words in capitals."""
    text = text.upper().removesuffix(".0")
    return text.lstrip("0") if text.isdecimal() else text
