"""Check a whole list: each chunk by itself, then what only the whole list can show."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from betang.areas.look_up import CodeTable
from betang.core.ahead import ahead
from betang.core.identity.area_code import CodeSystem
from betang.intake.cells import clean
from betang.intake.check_area import AreaCheck
from betang.intake.check_birth import ISO, check_birth
from betang.intake.check_home import check_homes
from betang.intake.check_numbers import check_numbers
from betang.intake.check_person import check_person
from betang.intake.collect import Findings
from betang.intake.columns import PERSON, REQUIRED
from betang.intake.read import Table

KEPT = (
    "row",
    "bad",
    "kk_n",
    "nik_n",
    "village",
    "nama",
    "born",
    "written",
    "sex",
    "relation",
    "is_head",
    "presence",
    "presence_on",
    "left_province",
)


@dataclass
class CheckedList:
    """What may pass: `people` and `homes` of whole families; and all that was found."""

    people: pl.DataFrame
    homes: pl.DataFrame
    findings: Findings
    rows: int


def check_list(table: Table, codes: CodeTable, system: CodeSystem, *, today: date) -> CheckedList:
    """Read and check every row of `table`."""
    findings = Findings()
    areas = AreaCheck(codes, system)
    people, homes = [], []
    for chunk in ahead(table.chunks()):
        frame = check_chunk(chunk, areas, findings, today=today)
        homes.append(check_homes(frame, findings))
        people.append(frame.select(KEPT))
    if not people:
        return CheckedList(pl.DataFrame(), pl.DataFrame(), findings, 0)
    whole = pl.concat(people)
    people.clear()
    whole = _mark_families(_mark_repeated(whole, findings), findings)
    _note_odd_dates(whole, findings)
    held = findings.held_rows()
    home = pl.concat(homes).filter(~pl.col("row").is_in(held.implode()))
    passing = whole.filter(~pl.col("row").is_in(held.implode()))
    return CheckedList(passing.drop("bad", "written"), home.drop("bad"), findings, whole.height)


def check_chunk(
    chunk: pl.DataFrame, areas: AreaCheck, findings: Findings, *, today: date
) -> pl.DataFrame:
    """Check the rows of one chunk by themselves."""
    findings.add(chunk.filter("broken"), "", "row.broken")
    frame = clean(chunk, (*REQUIRED, *PERSON), findings)
    frame = check_numbers(frame, findings)
    frame = areas.check(frame, findings)
    frame = check_birth(frame, findings, today=today)
    return check_person(frame, findings, today=today)


def _mark_repeated(whole: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Hold every row whose NIK is on another row too."""
    repeated = whole.select(pl.col("nik_n").is_duplicated() & pl.col("nik_n").is_not_null())
    mask = repeated.to_series()
    rows = whole.filter(mask)
    findings.add(
        rows.with_columns(nik=pl.col("nik_n").cast(pl.String)), "nik", "nik.repeated", "nik"
    )
    return whole.with_columns(bad=pl.col("bad") | mask)


def _mark_families(whole: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Hold families that share a number, have no head, or whose head is held."""
    grouped = (
        whole.filter(pl.col("kk_n").is_not_null())
        .group_by("kk_n")
        .agg(
            heads=pl.col("is_head").sum(),
            villages=pl.col("village").n_unique() - pl.col("village").is_null().any(),
            waits=(pl.col("is_head") & pl.col("bad")).any(),
        )
        .filter((pl.col("heads") != 1) | (pl.col("villages") > 1) | pl.col("waits"))
    )
    touched = whole.filter(pl.col("kk_n").is_in(grouped["kk_n"].implode())).join(
        grouped, on="kk_n", maintain_order="left"
    )
    shown = touched.with_columns(no_kk=pl.col("kk_n").cast(pl.String))
    shared = (pl.col("heads") > 1) | (pl.col("villages") > 1)
    headless = ~shared & (pl.col("heads") == 0)
    waiting = ~shared & ~headless & ~pl.col("bad")
    findings.add(shown.filter(shared), "no_kk", "kk.shared", "no_kk")
    findings.add(shown.filter(headless), "no_kk", "kk.no_head", "no_kk")
    findings.add(shown.filter(waiting), "no_kk", "family.waits", "no_kk")
    return whole


def _note_odd_dates(whole: pl.DataFrame, findings: Findings) -> None:
    """Mark dates written otherwise than most of the file."""
    written = whole["written"].drop_nulls()
    if written.is_empty():
        return
    most = written.mode().to_list()
    usual = ISO if ISO in most else min(most)
    findings.add(
        whole.filter((pl.col("written") != usual) & ~pl.col("bad")), "tanggal_lahir", "birth.format"
    )
