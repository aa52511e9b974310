"""Read an uploaded file as text cells, a chunk at a time, whatever was done to it.

Anything can be uploaded. A file that is no list is refused with a sentence; a row that is broken
comes out marked; nothing else escapes. Limits are those of docs/protocols/list.md.
"""

import codecs
import csv
import io
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from betang.core.errors import MalformedError
from betang.intake import workbook

CSV_BYTES_MAX = 1024**3
XLSX_BYTES_MAX = 256 * 1024**2
ROWS_MAX = 3_500_000
COLUMNS_MAX = 200
#: Bytes read at a time: about 60,000 rows; bounds the memory of the widest list.
CHUNK_BYTES = 12 * 1024**2
CHUNK_ROWS = 60_000
#: A quoted cell longer than this is a quote that never ends.
QUOTED_BYTES_MAX = 64 * 1024
HEADER_BYTES_MAX = 64 * 1024
DELIMITERS = (",", ";", "\t", "|")
#: Bytes that are not UTF-8 come out as these private letters, so that the row can be marked.
PRIVATE_FIRST = 0xF700
PRIVATE = "[\uf780-\uf7ff]"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
ZIP = b"PK\x03\x04"
ERROR_HANDLER = "betang-windows-1252"


class EmptyListError(MalformedError):
    """There is nothing in the file."""

    code = "list.empty"
    sentence = "Berkas kosong."
    do = "Pilih berkas daftar yang berisi judul kolom dan baris keluarga."


class TooLargeError(MalformedError):
    """The file is over a limit."""

    code = "list.too_large"
    sentence = "Berkas terlalu besar: {why}."
    do = "Bagi daftar per kabupaten, lalu unggah satu per satu (CSV lebih ringan dari XLSX)."
    status = 413


class NotATableError(MalformedError):
    """The bytes are no table that we read."""

    code = "list.not_table"
    sentence = "Berkas ini bukan tabel yang dapat dibaca: {why}."
    do = "Simpan daftar sebagai CSV UTF-8 atau XLSX, lalu unggah lagi."


class ColumnMissingError(MalformedError):
    """A required column is not there."""

    code = "list.column_missing"
    sentence = "Kolom wajib tidak ada: {columns}."
    do = "Tambahkan kolomnya, dengan nama persis seperti itu pada baris pertama."


class ColumnTwiceError(MalformedError):
    """A column is there twice, and nobody can say which one is right."""

    code = "list.column_twice"
    sentence = "Kolom muncul dua kali: {columns}."
    do = "Hapus salah satu kolomnya."


@dataclass
class Table:
    """A list that can be read: which columns it has, and its rows in chunks."""

    file_format: str
    columns: list[str]
    unknown: int
    _source: Iterator[pl.DataFrame] = field(repr=False)

    def chunks(self) -> Iterator[pl.DataFrame]:
        """Give frames of text: the known columns, `row` (2 is the first) and `broken`."""
        return self._source


def read_table(
    content: bytes, *, known: Sequence[str], required: Sequence[str], any_of: bool = False
) -> Table:
    """Read the head of `content` and prepare its rows.

    With `any_of`, one of the `required` columns is enough. Raises a `MalformedError` of this
    module for what is no list.
    """
    if not content.strip(b"\xef\xbb\xbf \t\r\n\0"):
        raise EmptyListError
    if content.startswith(ZIP):
        return _read_xlsx(content, known, required, any_of=any_of)
    if content.startswith(OLD_EXCEL):
        raise NotATableError(why="berkas Excel lama (.xls)")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            content = content.decode("utf-16").encode("utf-8", "replace")
        except UnicodeDecodeError as error:
            raise NotATableError(why="UTF-16 yang rusak") from error
    return _read_csv(content, known, required, any_of=any_of)


def _read_csv(
    content: bytes, known: Sequence[str], required: Sequence[str], *, any_of: bool
) -> Table:
    if len(content) > CSV_BYTES_MAX:
        raise TooLargeError(why="lebih dari 1 GiB")
    start = 3 if content.startswith(codecs.BOM_UTF8) else 0
    if b"\n" not in content[:HEADER_BYTES_MAX]:
        content = content.replace(b"\r", b"\n")
    skipped = 0
    while True:
        end = content.find(b"\n", start)
        end = len(content) if end < 0 else end
        line = content[start:end].decode("utf-8", ERROR_HANDLER).rstrip("\r")
        start = end + 1
        if (line.strip() and not line.lower().startswith("sep=")) or start >= len(content):
            break
        skipped += 1
    if len(line) > HEADER_BYTES_MAX:
        raise NotATableError(why="baris judul terlalu panjang")
    delimiter, names = _header(line, known)
    columns = _columns(names, known, required, any_of=any_of)
    source = _csv_chunks(content, start, delimiter, columns, first_row=2 + skipped)
    found = [name for name in columns if name in known]
    return Table("csv", found, len(columns) - len(found), source)


def _header(line: str, known: Sequence[str]) -> tuple[str, list[str]]:
    """Choose the delimiter that makes the most known columns."""
    best: tuple[int, str, list[str]] = (-1, ",", [])
    for delimiter in DELIMITERS:
        try:
            cells = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error:
            continue
        names = [column_name(cell) for cell in cells]
        score = sum(name in known for name in names)
        if score > best[0]:
            best = (score, delimiter, names)
    return best[1], best[2]


def column_name(cell: str) -> str:
    """Reduce a header cell to a column's name: lower case, blanks and hyphens as underscores."""
    return "_".join(cell.replace("-", " ").replace("\u00a0", " ").lower().split())


def _columns(
    names: list[str], known: Sequence[str], required: Sequence[str], *, any_of: bool
) -> list[str]:
    """Check the header; columns not known get a name that nobody asks for."""
    if len(names) > COLUMNS_MAX:
        raise TooLargeError(why="lebih dari 200 kolom")
    twice = sorted({name for name in names if name in known and names.count(name) > 1})
    if twice:
        raise ColumnTwiceError(columns=", ".join(twice))
    missing = [name for name in required if name not in names]
    if missing and not (any_of and len(missing) < len(required)):
        raise ColumnMissingError(columns=", ".join(missing))
    return [name if name in known else f"?{index}" for index, name in enumerate(names)]


def _csv_chunks(
    content: bytes, start: int, delimiter: str, columns: list[str], first_row: int
) -> Iterator[pl.DataFrame]:
    row = first_row
    while start < len(content):
        end = _chunk_end(content, start)
        raw = content[start:end]
        start = end
        try:
            raw.decode()
        except UnicodeDecodeError:
            raw = raw.decode("utf-8", ERROR_HANDLER).encode()
        frame = _fast(raw, delimiter, columns)
        if frame is None:
            frame = _careful(raw.decode(), delimiter, columns)
        row = yield from _numbered(frame, columns, row)


def _chunk_end(content: bytes, start: int) -> int:
    """Find the end of a row near `CHUNK_BYTES` on: a newline with no quote open before it."""
    limit = start + CHUNK_BYTES
    if limit >= len(content):
        return len(content)
    end = content.rfind(b"\n", start, limit) + 1
    if end <= start:
        end = content.find(b"\n", limit) + 1 or len(content)
    first, opened = end, content.count(b'"', start, end) % 2
    while opened and end < len(content) and end - first < QUOTED_BYTES_MAX:
        further = content.find(b"\n", end) + 1 or len(content)
        opened = (opened + content.count(b'"', end, further)) % 2
        end = further
    return first if opened else end


def _fast(raw: bytes, delimiter: str, columns: list[str]) -> pl.DataFrame | None:
    """Let polars read a chunk; None where it stumbles or where rows went missing."""
    try:
        frame = pl.read_csv(
            raw,
            has_header=False,
            separator=delimiter,
            schema=dict.fromkeys(columns, pl.String),
            missing_columns="insert",
            raise_if_empty=False,
        )
    except (pl.exceptions.PolarsError, OSError, ValueError):
        return None
    lines = raw.count(b"\n") + (not raw.endswith(b"\n"))
    if b'"' in raw and frame.height != lines:
        inside = frame.select(
            pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True)).sum()
        ).item()
        lines -= inside or 0
    if frame.height != lines:
        return None
    return frame.with_columns(broken=pl.lit(value=False))


def _careful(text: str, delimiter: str, columns: list[str]) -> pl.DataFrame:
    """Read a chunk line by line, marking the lines that cannot be told apart."""
    rows: list[list[str | None]] = []
    broken: list[bool] = []
    for line in io.StringIO(text, newline="\n"):
        bare = line.rstrip("\r\n")
        try:
            cells: list[str | None] = list(next(csv.reader([bare], delimiter=delimiter), []))
        except csv.Error:
            cells = []
            broken.append(True)
        else:
            broken.append(len(cells) > len(columns) or bare.count('"') % 2 == 1)
        cells = cells[: len(columns)]
        rows.append(cells + [None] * (len(columns) - len(cells)))
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    return frame.with_columns(broken=pl.Series(broken, dtype=pl.Boolean))


def _read_xlsx(
    content: bytes, known: Sequence[str], required: Sequence[str], *, any_of: bool
) -> Table:
    if len(content) > XLSX_BYTES_MAX:
        raise TooLargeError(why="XLSX lebih dari 256 MiB")
    try:
        frame = workbook.first_sheet(content)
    except workbook.TooWideError as error:
        raise TooLargeError(why="isi XLSX setelah dibuka melampaui batas") from error
    except workbook.BrokenWorkbookError as error:
        raise NotATableError(why="berkas XLSX rusak") from error
    if frame.is_empty():
        raise EmptyListError
    names = [column_name(cell or "") for cell in frame.row(0)]
    columns = _columns(names, known, required, any_of=any_of)
    frame.columns = columns
    found = [name for name in columns if name in known]
    return Table("xlsx", found, len(columns) - len(found), _xlsx_chunks(frame, columns))


def _xlsx_chunks(frame: pl.DataFrame, columns: list[str]) -> Iterator[pl.DataFrame]:
    row = 2
    for start in range(1, frame.height, CHUNK_ROWS):
        part = frame.slice(start, CHUNK_ROWS).with_columns(broken=pl.lit(value=False))
        row = yield from _numbered(part, columns, row)


def _numbered(
    frame: pl.DataFrame, columns: list[str], row: int
) -> Generator[pl.DataFrame, None, int]:
    """Yield a chunk with its row numbers, blank rows left out; return the next number."""
    if row + frame.height > ROWS_MAX + 2:
        raise TooLargeError(why="lebih dari 3.500.000 baris")
    kept = [name for name in columns if not name.startswith("?")]
    numbered = frame.select(
        pl.int_range(row, row + pl.len(), dtype=pl.UInt32).alias("row"), "broken", *kept
    )
    blank = pl.all_horizontal(pl.col(name).is_null() for name in kept)
    yield numbered.filter(~blank | pl.col("broken"))
    return row + frame.height


def _windows_1252(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    bad = error.object[error.start : error.end]
    return "".join(chr(PRIVATE_FIRST + byte) for byte in bad), error.end


codecs.register_error(ERROR_HANDLER, _windows_1252)

#: The private letters and what they were meant to be.
MEANT = {
    chr(PRIVATE_FIRST + byte): bytes([byte]).decode("cp1252", "replace")
    for byte in range(0x80, 0x100)
}
