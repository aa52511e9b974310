"""Where families live: villages with both numbers, weighted by where people really are."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt

from betang.core.identity.area_code import BPS_REGENCY, PROVINCE, Level, level_of, read_area_code

#: Population of December 2024 in thousands, by Kemendagri regency (public figures of Dukcapil).
PEOPLE_THOUSANDS = {
    6201: 295, 6202: 455, 6203: 418, 6204: 138, 6205: 160, 6206: 182, 6207: 160, 6208: 67,
    6209: 114, 6210: 134, 6211: 145, 6212: 124, 6213: 119, 6271: 315,
}  # fmt: skip
#: A kelurahan holds about this many times the families of a desa.
KELURAHAN_WEIGHT = 3.0


@dataclass(frozen=True)
class Places:
    """Villages in the order of their numbers, and the BPS numbers a mistaken clerk would use."""

    codes: npt.NDArray[np.int64]
    names: list[str]
    weights: npt.NDArray[np.float64]
    lats: npt.NDArray[np.float64]
    lngs: npt.NDArray[np.float64]
    bps_codes: npt.NDArray[np.int64]
    bps_names: list[str]


def read_places(path: Path | None) -> Places:
    """Read villages from a CSV (`code,name[,lat,lng]`, Kemendagri numbers) or the package."""
    rows = list(_from_file(path) if path else _from_package("base.csv"))
    villages = sorted(
        (code, name, lat, lng)
        for code, name, lat, lng in rows
        if code // 10**8 == PROVINCE and level_of(code) is Level.VILLAGE
    )
    if not villages:
        raise SystemExit(f"tidak ada desa provinsi {PROVINCE} di {path}")
    codes = np.array([code for code, *_ in villages], dtype=np.int64)
    bps = _bps_villages({code: name for code, name, _, _ in villages})
    return Places(
        codes=codes,
        names=[name for _, name, _, _ in villages],
        weights=_weights(codes),
        lats=np.array([lat for _, _, lat, _ in villages]),
        lngs=np.array([lng for _, _, _, lng in villages]),
        bps_codes=np.array([code for code, _ in bps], dtype=np.int64),
        bps_names=[name for _, name in bps],
    )


def _weights(codes: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    weight = np.where(codes % 10_000 < 2_000, KELURAHAN_WEIGHT, 1.0)
    regencies = codes // 1_000_000
    for regency in np.unique(regencies):
        here = regencies == regency
        weight[here] *= PEOPLE_THOUSANDS.get(int(regency), 100) / weight[here].sum()
    total: npt.NDArray[np.float64] = weight / weight.sum()
    return total


def _bps_villages(ours: dict[int, str]) -> list[tuple[int, str]]:
    """BPS numbers where regencies differ in digits, unless they mean a village of that name."""
    regencies = {bps for kemendagri, bps in BPS_REGENCY.items() if kemendagri != bps}
    found = []
    for code, name, _, _ in _from_package("villages.csv"):
        if code // 1_000_000 in regencies and not _same(ours.get(code, ""), name):
            found.append((code, name.title()))
    return sorted(found)


def _same(one: str, other: str) -> bool:
    return _bare(one) == _bare(other)


def _bare(name: str) -> str:
    return "".join(letter for letter in name.upper() if letter.isalnum())


def _from_package(name: str) -> Iterator[tuple[int, str, float, float]]:
    text = (files("wilayah_indonesia") / "csv" / name).read_text(encoding="utf-8")
    for fields in csv.reader(text.splitlines()):
        digits = fields[0].replace(".", "") if fields else ""
        if len(digits) == 10 and digits.startswith(str(PROVINCE)):
            yield int(digits), " ".join(fields[-1].split()), np.nan, np.nan


def _from_file(path: Path) -> Iterator[tuple[int, str, float, float]]:
    with path.open(encoding="utf-8", newline="") as lines:
        for fields in csv.DictReader(lines):
            code = read_area_code(fields.get("code") or fields.get("kode") or "")
            if code is not None:
                lat = float(fields.get("lat") or fields.get("lat_inside") or "nan")
                lng = float(fields.get("lng") or fields.get("lng_inside") or "nan")
                yield code, fields.get("name") or fields.get("nama") or "", lat, lng
