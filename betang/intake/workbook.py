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
CELL = re.compile(rb'<c r="([A-Z]{1,4})(\d{1,8})"')
ROW = re.compile(rb'<row [^>]{0,200}?r="(\d{1,8})"')
#: Bytes carried over from one step to the next, so that no tag is cut.
OVERLAP = 64


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
        widest, deepest, here = 0, 0, 0
        rest = b""
        for block in _blocks(parts, name):
            unpacked += len(block)
            if unpacked > UNPACKED_BYTES_MAX:
                raise TooWideError
            if name.endswith("sharedStrings.xml"):
                longest = max(longest, _longest(rest + block))
                rest = block[-STEP:]
                continue
            if "/worksheets/" not in name:
                continue
            whole = rest + block
            here += block.count(b"<c ") + block.count(b"<c>")
            for letters, row in set(_corners(whole)):
                widest, deepest = max(widest, _column(letters)), max(deepest, row)
            deepest = max(deepest, max(map(int, ROW.findall(whole)), default=0))
            rest = whole[-OVERLAP:]
        if widest > COLUMNS_MAX or widest * deepest > SPARE_FACTOR * here + SPARE_CELLS:
            raise TooWideError
        cells += here
    if cells * longest > TEXT_BYTES_MAX:
        raise TooWideError


def _blocks(parts: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with parts.open(name) as part:
        while block := part.read(STEP):
            yield block


def _corners(block: bytes) -> Iterator[tuple[bytes, int]]:
    """Give for each column its deepest row in this block."""
    deepest: dict[bytes, int] = {}
    for letters, row in CELL.findall(block):
        deepest[letters] = max(deepest.get(letters, 0), int(row))
    return iter(deepest.items())


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _longest(block: bytes) -> int:
    """Give the length of the longest shared text that ends in this block."""
    return max(map(len, block.split(b"</si>")), default=0)
