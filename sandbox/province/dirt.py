"""What clerks, spreadsheets and life do to a list; each touch is written down in the truth.

A family gets one kind of dirt at most, so that what intake must find can be said exactly
(docs/protocols/list.md, "What is checked").
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sandbox.province.places import Places
from sandbox.province.words import ACCENTED, MONTHS

#: Share of the dirty families that each kind gets.
SHARES = {
    "nik_wrong": 0.14,
    "nik_repeated": 0.08,
    "nik_scientific": 0.06,
    "kk_shared": 0.06,
    "deceased": 0.12,
    "moved": 0.10,
    "moved_out": 0.06,
    "area_wrong": 0.05,
    "area_bps": 0.06,
    "zero_lost": 0.05,
    "date_format": 0.08,
    "spaces": 0.08,
    "latin1": 0.02,
    "twins": 0.02,
    "one_word": 0.02,
}
#: Kinds that need two families.
PAIRS = ("nik_repeated", "kk_shared")
#: A letter of Latin-1 travels as this private one until the file's bytes are written.
PRIVATE = 0xE000
#: Day zero of a spreadsheet's day numbers.
SPREADSHEET_EPOCH = np.datetime64("1899-12-30", "D")
TEXTS = (  # noqa: SIM905 -- a wall of quotes reads worse
    "no_kk nik nama id_jenis_kelamin tanggal_lahir status_individu kode_kabupaten_kota "
    "kode_kecamatan kode_kelurahan_desa nama_kelurahan_desa"
).split()


@dataclass
class Sheet:
    """One chunk as text cells that can be spoilt, and the book of what was done."""

    rng: np.random.Generator
    places: Places
    frame: pl.DataFrame
    first_row: int
    first_family: int
    cells: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    truth: list[tuple[int, str, str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Turn the columns that dirt touches into arrays of text."""
        self.born = self.frame["tanggal_lahir"].to_numpy()
        for name in TEXTS:
            self.cells[name] = self.frame[name].cast(pl.String).to_numpy().astype(object)
        self.cells["tanggal_status"] = np.full(len(self.frame), None, dtype=object)
        family = self.frame["family"].to_numpy()
        self.starts = np.searchsorted(family, np.arange(family[-1] + 2))

    def rows(self, family: int) -> range:
        """Give the rows of a family; the first is the head."""
        return range(int(self.starts[family]), int(self.starts[family + 1]))

    def any_row(self, family: int) -> int:
        """Choose one row of a family."""
        return int(self.rng.choice(np.array(self.rows(family))))

    def note(self, row: int, dirt: str, finding: str) -> None:
        """Write one line of truth for row `row` of the chunk."""
        family = int(np.searchsorted(self.starts, row, side="right"))
        self.truth.append((self.first_row + row, dirt, finding, self.first_family + family))

    def hold(self, row: int, dirt: str, finding: str) -> None:
        """Note an error of one row; if it is the head's, the rest of the family waits."""
        self.note(row, dirt, finding)
        family = int(np.searchsorted(self.starts, row, side="right")) - 1
        rows = self.rows(family)
        if row == rows[0]:
            for other in rows[1:]:
                self.note(other, dirt, "family.waits")


def spoil(sheet: Sheet, rate: float) -> pl.DataFrame:
    """Spoil a share `rate` of the families and give the frame with its cells as text."""
    families = len(sheet.starts) - 1
    order = list(sheet.rng.permutation(families))
    if rate > 0:
        for dirt, share in SHARES.items():
            wanted = max(1, round(families * rate * share))
            for _ in range(wanted):
                _one(sheet, dirt, order)
    texts = {
        name: pl.Series(name, values.tolist(), dtype=pl.String)
        for name, values in sheet.cells.items()
    }
    return sheet.frame.with_columns(**texts)


def _one(sheet: Sheet, dirt: str, order: list[Any]) -> None:
    """Find a family (or two) that this dirt fits and spoil it."""
    for _ in range(50):
        if len(order) < 2:
            return
        family = int(order.pop())
        if dirt in PAIRS:
            PAIRWISE[dirt](sheet, family, int(order.pop()))
            return
        if SINGLE[dirt](sheet, family):
            return
        order.insert(0, family)


def _nik_wrong(sheet: Sheet, family: int) -> bool:
    row = sheet.any_row(family)
    nik = str(sheet.cells["nik"][row])
    spoilt, finding = [
        (nik[:-1], "nik.length"),
        (nik[:8] + "O" + nik[9:], "nik.digits"),
        (nik[:8] + "13" + nik[10:], "nik.date"),
        (nik[:12] + "0000", "nik.serial"),
    ][int(sheet.rng.integers(4))]
    sheet.cells["nik"][row] = spoilt
    sheet.hold(row, "nik_wrong", finding)
    return True


def _nik_scientific(sheet: Sheet, family: int) -> bool:
    row = sheet.any_row(family)
    nik = str(sheet.cells["nik"][row])
    sheet.cells["nik"][row] = f"{nik[0]}.{nik[1:6]}E+15"
    sheet.hold(row, "nik_scientific", "nik.scientific")
    return True


def _nik_repeated(sheet: Sheet, family: int, other: int) -> None:
    """List one person in two families, as when a child married and nobody struck it off."""
    here, there = sheet.any_row(family), sheet.any_row(other)
    for name in ("nik", "nama", "id_jenis_kelamin", "tanggal_lahir"):
        sheet.cells[name][there] = sheet.cells[name][here]
    sheet.hold(here, "nik_repeated", "nik.repeated")
    sheet.hold(there, "nik_repeated", "nik.repeated")


def _kk_shared(sheet: Sheet, family: int, other: int) -> None:
    for row in sheet.rows(other):
        sheet.cells["no_kk"][row] = sheet.cells["no_kk"][sheet.rows(family)[0]]
    for row in (*sheet.rows(family), *sheet.rows(other)):
        sheet.note(row, "kk_shared", "kk.shared")


def _presence(sheet: Sheet, row: int, status: str, dirt: str, finding: str) -> None:
    sheet.cells["status_individu"][row] = status
    day = np.datetime64("2026-09-30", "D") - sheet.rng.integers(1, 300)
    sheet.cells["tanggal_status"][row] = str(max(day, sheet.born[row]))
    sheet.note(row, dirt, finding)


def _deceased(sheet: Sheet, family: int) -> bool:
    _presence(sheet, sheet.any_row(family), "2", "deceased", "person.deceased")
    return True


def _moved(sheet: Sheet, family: int) -> bool:
    _presence(sheet, sheet.any_row(family), "3", "moved", "person.moved")
    return True


def _moved_out(sheet: Sheet, family: int) -> bool:
    for row in sheet.rows(family):
        _presence(sheet, row, "4", "moved_out", "person.moved")
    return True


def _area_wrong(sheet: Sheet, family: int) -> bool:
    for row in sheet.rows(family):
        sheet.cells["kode_kelurahan_desa"][row] = sheet.cells["kode_kecamatan"][row] + "9999"
        sheet.note(row, "area_wrong", "area.unknown")
    return True


def _area_bps(sheet: Sheet, family: int) -> bool:
    choice = int(sheet.rng.integers(len(sheet.places.bps_codes)))
    code, name = str(sheet.places.bps_codes[choice]), sheet.places.bps_names[choice]
    for row in sheet.rows(family):
        sheet.cells["kode_kabupaten_kota"][row] = code[:4]
        sheet.cells["kode_kecamatan"][row] = code[:7]
        sheet.cells["kode_kelurahan_desa"][row] = code
        sheet.cells["nama_kelurahan_desa"][row] = name
        sheet.note(row, "area_bps", "area.bps_code")
    return True


def _zero_lost(sheet: Sheet, family: int) -> bool:
    code = str(sheet.cells["kode_kelurahan_desa"][sheet.rows(family)[0]])
    regency, district = str(int(code[2:4])), str(int(code[4:6]))
    if len(regency) == 2 and len(district) == 2:
        return False
    for row in sheet.rows(family):
        sheet.cells["kode_kabupaten_kota"][row] = regency
        sheet.cells["kode_kecamatan"][row] = district
        sheet.cells["kode_kelurahan_desa"][row] = code[6:]
        sheet.note(row, "zero_lost", "area.lost_zero")
    return True


def _date_format(sheet: Sheet, family: int) -> bool:
    row = sheet.any_row(family)
    born = sheet.born[row]
    year, month, day = str(born).split("-")
    sheet.cells["tanggal_lahir"][row] = [
        f"{day}/{month}/{year}",
        f"{int(day)}/{int(month)}/{year}",
        f"{day}-{month}-{year}",
        f"{day}.{month}.{year}",
        f"{int(day)} {MONTHS[int(month) - 1]} {year}",
        str((born - SPREADSHEET_EPOCH).astype(int)),
    ][int(sheet.rng.integers(6))]
    sheet.note(row, "date_format", "birth.format")
    return True


def _spaces(sheet: Sheet, family: int) -> bool:
    row = sheet.any_row(family)
    name = ("nama", "nik")[int(sheet.rng.integers(2))]
    before, after = [(" ", ""), ("", "  "), ("\u00a0", " ")][int(sheet.rng.integers(3))]
    sheet.cells[name][row] = before + str(sheet.cells[name][row]) + after
    sheet.note(row, "spaces", "text.spaces")
    return True


def _latin1(sheet: Sheet, family: int) -> bool:
    row = sheet.any_row(family)
    accented = ACCENTED[int(sheet.rng.integers(len(ACCENTED)))]
    private = "".join(chr(PRIVATE + ord(one)) if ord(one) > 127 else one for one in accented)
    sheet.cells["nama"][row] = f"{private} {str(sheet.cells['nama'][row]).split()[-1]}"
    sheet.note(row, "latin1", "text.latin1")
    return True


def _twins(sheet: Sheet, family: int) -> bool:
    """Make two children twins: same day, same first twelve digits. Nobody may call them one."""
    relation = sheet.frame["hubungan_keluarga"]
    children = [row for row in sheet.rows(family) if relation[row] == 3]
    if len(children) < 2:
        return False
    one, two = children[:2]
    for name in ("tanggal_lahir", "id_jenis_kelamin"):
        sheet.cells[name][two] = sheet.cells[name][one]
    serial = 9_000 + int(sheet.rng.integers(1_000))
    sheet.cells["nik"][two] = str(sheet.cells["nik"][one])[:12] + f"{serial:04d}"
    sheet.born[two] = sheet.born[one]
    sheet.note(one, "twins", "")
    sheet.note(two, "twins", "")
    return True


def _one_word(sheet: Sheet, family: int) -> bool:
    row = sheet.any_row(family)
    sheet.cells["nama"][row] = str(sheet.cells["nama"][row]).split()[0]
    sheet.note(row, "one_word", "")
    return True


PAIRWISE: dict[str, Callable[[Sheet, int, int], None]] = {
    "nik_repeated": _nik_repeated,
    "kk_shared": _kk_shared,
}
SINGLE: dict[str, Callable[[Sheet, int], bool]] = {
    "nik_wrong": _nik_wrong,
    "nik_scientific": _nik_scientific,
    "deceased": _deceased,
    "moved": _moved,
    "moved_out": _moved_out,
    "area_wrong": _area_wrong,
    "area_bps": _area_bps,
    "zero_lost": _zero_lost,
    "date_format": _date_format,
    "spaces": _spaces,
    "latin1": _latin1,
    "twins": _twins,
    "one_word": _one_word,
}
