"""Write the chunks: CSV with its stray Latin-1 bytes, and XLSX without a library's help.

The XLSX writer knows text cells only, which is what a list is; it costs a tenth of a general one.
"""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from xml.sax.saxutils import escape

import polars as pl

from sandbox.province.dirt import PRIVATE
from sandbox.province.words import ACCENTED

LETTERS = sorted({ord(letter) for name in ACCENTED for letter in name if ord(letter) > 127})
#: A sheet holds this many rows, the header among them.
SHEET_ROWS_MAX = 1_048_576
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
    '<sheets><sheet name="keluarga" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>",
}


def csv_bytes(frame: pl.DataFrame, *, header: bool) -> bytes:
    """Write a frame as CSV; letters kept private become single Latin-1 bytes."""
    text = frame.write_csv(include_header=header)
    content = text.encode()
    for letter in LETTERS:
        content = content.replace(chr(PRIVATE + letter).encode(), bytes([letter]))
    return content


class SheetFile:
    """An XLSX file with one sheet of text cells, written row block by row block."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        """Open the file and write the header row."""
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        for name, text in PARTS.items():
            self._zip.writestr(name, HEAD + text)
        self._sheet: IO[bytes] = self._zip.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)
        self._columns = [_letters(index) for index in range(len(columns))]
        self._row = 1
        self._sheet.write(f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>'.encode())
        cells = "".join(
            _cell(letters, 1, escape(name))
            for letters, name in zip(self._columns, columns, strict=True)
        )
        self._sheet.write(f'<row r="1">{cells}</row>'.encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the sheet and the file."""
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()
        self._zip.close()

    def add(self, frame: pl.DataFrame) -> None:
        """Write rows while the sheet has room; further ones are left out."""
        frame = frame.head(SHEET_ROWS_MAX - self._row)
        if frame.is_empty():
            return
        number = pl.int_range(self._row + 1, self._row + 1 + pl.len()).cast(pl.String)
        cells = [
            pl.concat_str(
                pl.lit(f'<c r="{letters}'),
                number,
                pl.lit('" t="inlineStr"><is><t xml:space="preserve">'),
                _escaped(pl.col(name).cast(pl.String)),
                pl.lit("</t></is></c>"),
            ).fill_null("")
            for letters, name in zip(self._columns, frame.columns, strict=True)
        ]
        rows = frame.select(
            pl.concat_str(pl.lit('<row r="'), number, pl.lit('">'), *cells, pl.lit("</row>"))
        )
        self._sheet.write("".join(rows.to_series().to_list()).encode())
        self._row += len(frame)


def _escaped(text: pl.Expr) -> pl.Expr:
    """Escape for XML, and give private letters back their own."""
    text = text.str.replace_all("&", "&amp;", literal=True)
    text = text.str.replace_all("<", "&lt;", literal=True)
    return text.str.replace_many(
        [chr(PRIVATE + letter) for letter in LETTERS],
        [chr(letter) for letter in LETTERS],
    )


def _cell(letters: str, row: int, text: str) -> str:
    return f'<c r="{letters}{row}" t="inlineStr"><is><t>{text}</t></is></c>'


def _letters(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
