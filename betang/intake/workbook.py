"""Open the first sheet of an XLSX as text, after weighing what is in it.

The reader keeps a dense rectangle in memory, so two cells at far corners, or one long text named by
a million cells, would fill the machine. The parts are unpacked once, counted, and thrown away.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

import fastexcel
import polars as pl

UNPACKED_BYTES_MAX = 1024**3
PARTS_MAX = 1_000
STEP = 8 * 1024**2
COLUMNS_MAX = 200
#: Cells of the rectangle that may be empty: a list is mostly full.
SPARE_CELLS = 4_000_000
SPARE_FACTOR = 8
#: Text that the sheet would hold if every cell held the longest shared text.
TEXT_BYTES_MAX = 4 * 1024**3
#: A place as the reader would take it, however the tag is written: any order of attributes, either
#: quote, any prefix. Cells have letters, rows have none.
PLACE = re.compile(rb"""[\s:"']r\s*=\s*["']([A-Za-z]{0,12})(\d{1,20})["']""")
CELL_TAG = re.compile(rb"<(?:[\w.-]{1,40}:)?c[\s/>]")
ROW_TAG = re.compile(rb"<(?:[\w.-]{1,40}:)?row[\s/>]")


class BrokenWorkbookError(Exception):
    """The bytes are no workbook."""


class TooWideError(Exception):
    """The workbook would fill the memory."""


def first_sheet(content: bytes) -> pl.DataFrame:
    """Read the first sheet, header row included, every cell as text.

    Raises `BrokenWorkbookError` or `TooWideError`.
    """
    _weigh(content)
    try:
        sheet = fastexcel.read_excel(content).load_sheet(0, header_row=None, dtypes="string")
        return sheet.to_polars()
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError, ValueError, OSError) as error:
        raise BrokenWorkbookError from error
    except BaseException as error:
        # The reader is Rust: what it did not foresee comes as a panic, which is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise BrokenWorkbookError from error


def _weigh(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            names = [info.filename for info in parts.infolist()]
            if len(names) > PARTS_MAX:
                raise TooWideError
            _weigh_parts(parts, names)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise BrokenWorkbookError from error
    except (NotImplementedError, RuntimeError) as error:  # encrypted, or an unknown method
        raise BrokenWorkbookError from error


def _weigh_parts(parts: zipfile.ZipFile, names: list[str]) -> None:
    unpacked = cells = longest = 0
    for name in names:
        sheet = _Sheet()
        rest = b""
        for block in _blocks(parts, name):
            unpacked += len(block)
            if unpacked > UNPACKED_BYTES_MAX:
                raise TooWideError
            if name.lower().endswith("sharedstrings.xml"):
                longest = max(longest, _longest(rest + block))
                rest = block[-STEP:]
                continue
            # Any other part may be a sheet: the workbook says which, not the name.
            whole = rest + block
            end = whole.rfind(b">") + 1  # no tag is cut
            sheet.weigh(whole[:end])
            rest = whole[end:]
            if len(rest) > STEP:
                raise TooWideError
        if sheet.is_hollow():
            raise TooWideError
        cells += sheet.cells
    if cells * longest > TEXT_BYTES_MAX:
        raise TooWideError


class _Sheet:
    """How large a rectangle the reader would make of what was weighed so far."""

    def __init__(self) -> None:
        self.cells = self.rows = self.in_row = self.widest = self.deepest = 0

    def weigh(self, block: bytes) -> None:
        """Count cells and rows, those without a place too: the reader puts them one by one."""
        deepest: dict[bytes, int] = {}
        placed = 0
        for letters, row in PLACE.findall(block):
            placed += bool(letters)
            deepest[letters] = max(deepest.get(letters, 0), int(row))
        for letters, row in deepest.items():
            self.widest, self.deepest = max(self.widest, _column(letters)), max(self.deepest, row)
        here = _count(block, b"c", CELL_TAG)
        self.cells += here
        self.rows += _count(block, b"row", ROW_TAG)
        self.deepest = max(self.deepest, self.rows)
        if placed >= here:
            self.in_row = 0
            return
        for number, part in enumerate(ROW_TAG.split(block)):
            self.in_row = len(CELL_TAG.findall(part)) + (0 if number else self.in_row)
            self.widest = max(self.widest, self.in_row)

    def is_hollow(self) -> bool:
        """Say whether the rectangle is too wide, or far larger than what is in it."""
        return self.widest > COLUMNS_MAX or (
            self.widest * self.deepest > SPARE_FACTOR * self.cells + SPARE_CELLS
        )


def _count(block: bytes, name: bytes, tag: re.Pattern[bytes]) -> int:
    """Count the tags of a name; slowly only where prefixes may be about."""
    if b":" + name in block:
        return len(tag.findall(block))
    return sum(block.count(b"<" + name + end) for end in (b" ", b">", b"/", b"\n", b"\r", b"\t"))


def _blocks(parts: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with parts.open(name) as part:
        while block := part.read(STEP):
            yield block


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _longest(block: bytes) -> int:
    """Give the length of the longest shared text that ends in this block."""
    return max(map(len, block.split(b"</si>")), default=0)
