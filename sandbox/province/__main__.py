"""Make a province: `python -m sandbox.province --families N --seed S --out DIR`.

Writes households.csv, exclusions_{PKH,SEMBAKO,BLTDD}.csv, truth.csv, and with --xlsx
households.xlsx. The same arguments give the same bytes.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sandbox.province.dirt import Sheet, spoil
from sandbox.province.families import aid, families
from sandbox.province.places import Places, read_places
from sandbox.province.write import SheetFile, csv_bytes

#: Families made at a time: bounds the memory, whatever the size of the province.
CHUNK = 25_000
DIRT = 0.06
PROGRAMMES = ("PKH", "SEMBAKO", "BLTDD")


def main(arguments: list[str] | None = None) -> None:
    """Read the arguments, make the province, print what was written as JSON."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.province", description=__doc__)
    parser.add_argument("--families", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=62)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--dirt", type=float, default=DIRT, help="share of families spoilt")
    parser.add_argument("--areas", type=Path, help="CSV: code,name[,lat,lng] (Kemendagri)")
    parser.add_argument("--xlsx", action="store_true", help="write households.xlsx as well")
    given = parser.parse_args(arguments)
    if given.families < 1 or not 0 <= given.dirt <= 0.5:
        parser.error("--families from 1, --dirt from 0 to 0.5")
    summary = make(
        given.families,
        given.seed,
        given.out,
        dirt=given.dirt,
        areas=given.areas,
        xlsx=given.xlsx,
        told=sys.stderr.isatty(),
    )
    print(json.dumps(summary))


def make(
    count: int,
    seed: int,
    out: Path,
    *,
    dirt: float = DIRT,
    areas: Path | None = None,
    xlsx: bool = False,
    told: bool = False,
) -> dict[str, Any]:
    """Write a province of `count` families into the folder `out`; give what was written."""
    began = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    places = read_places(areas)
    rng = np.random.default_rng(seed)
    village = np.sort(rng.choice(len(places.codes), count, p=places.weights))
    chunks = -(-count // CHUNK)
    exclusions: dict[str, list[pl.DataFrame]] = {programme: [] for programme in PROGRAMMES}
    persons, spoilt = 0, 0
    columns = _columns(places)
    sheet_file = SheetFile(out / "households.xlsx", columns) if xlsx else None
    with (out / "households.csv").open("wb") as lists, (out / "truth.csv").open("w") as truth:
        truth.write("row,dirt,finding,household\n")
        for chunk in range(chunks):
            here = np.random.default_rng([seed, chunk])
            first = chunk * CHUNK
            frame = families(here, places, village[first : first + CHUNK], chunk, chunks)
            for programme, chosen in aid(here, frame).items():
                exclusions[programme].append(chosen)
            sheet = Sheet(here, places, frame, first_row=2 + persons, first_family=first)
            written = spoil(sheet, dirt).select(columns)
            lists.write(csv_bytes(written, header=chunk == 0))
            if sheet_file:
                sheet_file.add(written)
            for row in sorted(sheet.truth):
                truth.write(",".join(map(str, row)) + "\n")
            persons += len(written)
            spoilt += len(sheet.truth)
            if told:
                print(f"\r{first + len(sheet.starts) - 1:,} keluarga", end="", file=sys.stderr)
    if sheet_file:
        sheet_file.__exit__(None, None, None)
    listed = _write_exclusions(out, exclusions)
    return {
        "families": count,
        "persons": persons,
        "truth": spoilt,
        "exclusions": listed,
        "out": str(out),
        "seconds": round(time.monotonic() - began, 1),
    }


def _columns(places: Places) -> list[str]:
    """Name the columns in the order in which they are written."""
    sample = families(np.random.default_rng(0), places, np.zeros(2, dtype=np.int64), 0, 1)
    names = [name for name in sample.columns if name not in {"family", "place"}]
    after = names.index("status_individu") + 1
    return [*names[:after], "tanggal_status", *names[after:]]


def _write_exclusions(out: Path, exclusions: dict[str, list[pl.DataFrame]]) -> dict[str, int]:
    listed = {}
    for programme, parts in exclusions.items():
        whole = pl.concat(parts)
        whole.write_csv(out / f"exclusions_{programme}.csv")
        listed[programme] = len(whole)
    return listed


if __name__ == "__main__":
    main()
