"""Reading whatever is uploaded."""

import io
import zipfile

import polars as pl
import pytest
import xlsxwriter

from betang.intake import read, workbook
from betang.intake.read import (
    ColumnMissingError,
    ColumnTwiceError,
    EmptyListError,
    NotATableError,
    TooLargeError,
    read_table,
)
from sandbox.province.write import SheetFile

KNOWN = ("nik", "nama", "alamat")


def table(content, known=KNOWN, required=("nik", "nama")):
    return read_table(content, known=known, required=required)


def rows(content):
    frames = list(table(content).chunks())
    return pl.concat(frames).rows(named=True) if frames else []


def sheet(cells, sparse=None):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet()
    for number, line in enumerate(cells):
        for column, cell in enumerate(line):
            page.write(number, column, cell)
    for row, column, cell in sparse or []:
        page.write(row, column, cell)
    book.close()
    return out.getvalue()


def repacked(content, name, change):
    """Change one part of a workbook."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for info in old.infolist():
            part = old.read(info)
            new.writestr(info.filename, change(part) if info.filename == name else part)
    return out.getvalue()


def moved(content, name, to):
    """Give one part of a workbook another name, and say so where the parts are listed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for info in old.infolist():
            part = old.read(info)
            for prefix in ("/", "xl/"):
                before, after = name.removeprefix("xl/"), to.removeprefix("xl/")
                part = part.replace(f"{prefix}{before}".encode(), f"{prefix}{after}".encode())
            part = part.replace(f'"{before}"'.encode(), f'"{after}"'.encode())
            new.writestr(to if info.filename == name else info.filename, part)
    return out.getvalue()


class TestAFileThatIsNoList:
    @pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b" \r\n \0\0"])
    def test_is_refused_as_empty(self, content):
        with pytest.raises(EmptyListError):
            table(content)

    @pytest.mark.parametrize(
        "content",
        [b"\xd0\xcf\x11\xe0old", b"PK\x03\x04broken", b"\xff\xfe\x00", b"PK\x03\x04" + b"\0" * 99],
    )
    def test_is_refused_as_no_table(self, content):
        with pytest.raises(NotATableError):
            table(content)

    @pytest.mark.parametrize(
        ("content", "named"),
        [
            (b"%PDF-1.7\n1 0 obj", "nik, nama"),
            (b"nik,alamat\n1,2", "nama"),
            (b"\x00\x01\x02\n", "nik, nama"),
            (b'"nik,nama', "nik, nama"),
        ],
    )
    def test_is_refused_with_the_columns_it_lacks(self, content, named):
        with pytest.raises(ColumnMissingError) as refused:
            table(content)

        assert named in refused.value.told

    def test_is_refused_when_a_column_is_there_twice(self):
        with pytest.raises(ColumnTwiceError):
            table(b"nik,NIK ,nama\n1,2,3\n")

    def test_is_refused_with_too_many_columns(self):
        with pytest.raises(TooLargeError):
            table(b"nik,nama" + b",x" * 300)

    def test_is_refused_when_larger_than_the_limit(self, monkeypatch):
        monkeypatch.setattr(read, "CSV_BYTES_MAX", 20)

        with pytest.raises(TooLargeError):
            table(b"nik,nama\n1,2\n" * 3)

    def test_is_refused_with_too_many_rows(self, monkeypatch):
        monkeypatch.setattr(read, "ROWS_MAX", 2)

        with pytest.raises(TooLargeError):
            rows(b"nik,nama\n1,2\n1,2\n1,2\n")


class TestAWorkbookMadeToHurt:
    def test_is_refused_when_it_unpacks_too_far(self, monkeypatch):
        monkeypatch.setattr(workbook, "UNPACKED_BYTES_MAX", 1_000_000)
        content = sheet([["nik", "nama"], ["1", "x" * 100]])
        bomb = repacked(content, "xl/styles.xml", lambda part: part + b" " * 2_000_000)

        with pytest.raises(TooLargeError):
            table(bomb)

    def test_is_refused_when_its_corners_are_far_apart(self):
        with pytest.raises(TooLargeError):
            table(sheet([["nik", "nama"]], sparse=[(1_000_000, 150, "x")]))

    @pytest.mark.parametrize(
        "far",
        [
            b'<c s="0" r="XFD1048576"><v>1</v></c>',
            b'<c s="0" r="GR1048576"><v>1</v></c>',
            b"<c r='XFD1048576'><v>1</v></c>",
            b'<c\n  r = "xfd1048576"><v>1</v></c>',
            b'<c s=">" r="XFD1048576"><v>1</v></c>',
            b'<c s="0"r="XFD1048576"><v>1</v></c>',
            b"<c" + b" " * 999 + b"r" + b" " * 999 + b'="XFD1048576"><v>1</v></c>',
            b"<c/>" * 16_000,
        ],
        ids=range(8),
    )
    @pytest.mark.parametrize("elsewhere", [False, True])
    def test_is_refused_however_the_far_corner_is_written(self, far, elsewhere):
        name = "xl/worksheets/sheet1.xml"
        row = b'<row r="1048576">' + far + b"</row></sheetData>"
        content = repacked(
            sheet([["nik", "nama"]]), name, lambda part: part.replace(b"</sheetData>", row)
        )
        if elsewhere:  # the workbook says which part is the sheet; its name says nothing
            content = moved(content, name, "xl/other/page.xml")

        with pytest.raises(TooLargeError):
            table(content)

    def test_is_refused_when_it_is_too_wide(self):
        with pytest.raises(TooLargeError):
            table(sheet([["nik", "nama"]], sparse=[(1, 16_000, "x")]))

    def test_is_refused_when_one_long_text_fills_many_cells(self, monkeypatch):
        monkeypatch.setattr(workbook, "TEXT_BYTES_MAX", 1_000_000)
        content = sheet([["nik", "nama"], *([["1", "x" * 30_000]] * 100)])

        with pytest.raises(TooLargeError):
            table(content)

    def test_is_refused_when_its_sheet_is_no_xml(self):
        content = sheet([["nik", "nama"], ["1", "2"]])
        broken = repacked(content, "xl/worksheets/sheet1.xml", lambda part: part[: len(part) // 2])

        with pytest.raises((NotATableError, ColumnMissingError)):
            rows(broken)

    def test_is_refused_when_it_has_thousands_of_parts(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as parts:
            for number in range(1_001):
                parts.writestr(f"{number}", b"")

        with pytest.raises(TooLargeError):
            table(out.getvalue())

    def test_is_refused_when_its_sheet_is_empty(self):
        with pytest.raises((EmptyListError, NotATableError)):
            table(sheet([]))


class TestRows:
    @pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
    def test_are_told_apart_by_whatever_the_header_uses(self, mark):
        content = f"NIK{mark} Nama {mark}alamat\n1{mark}Budi{mark}x\n".encode()

        assert rows(content) == [
            {"row": 2, "broken": False, "nik": "1", "nama": "Budi", "alamat": "x"}
        ]

    @pytest.mark.parametrize(
        "content",
        [
            b"nik,nama\r\n1,Budi\r\n",
            b"nik,nama\r1,Budi\r",
            b"\xef\xbb\xbfnik,nama\n1,Budi",
            "nik,nama\n1,Budi\n".encode("utf-16"),
            b'"nik","nama"\n"1","Budi"\n',
        ],
    )
    def test_are_the_same_however_lines_end_and_letters_are_kept(self, content):
        assert [(row["row"], row["nik"], row["nama"]) for row in rows(content)] == [
            (2, "1", "Budi")
        ]

    def test_keep_the_numbers_a_spreadsheet_shows(self):
        found = rows(b"sep=,\nnik,nama\n\n1,Budi\n,\n2,Sari\n")

        assert [(row["row"], row["nik"]) for row in found] == [(4, "1"), (6, "2")]

    def test_with_too_many_cells_are_marked_and_cost_no_other(self):
        found = rows(b'nik,nama\n1,Budi\n2,Sari,x,y\n3,"Tono\n4,Wati\n')

        assert [(row["row"], row["broken"]) for row in found] == [
            (2, False), (3, True), (4, True), (5, False),
        ]  # fmt: skip
        assert found[3]["nama"] == "Wati"

    def test_with_a_line_break_in_quotes_stay_one_row(self):
        found = rows(b'nik,nama\n1,"Budi\nDohong"\n2,Sari\n')

        assert [(row["row"], row["nama"]) for row in found] == [(2, "Budi\nDohong"), (3, "Sari")]

    def test_whose_bytes_are_not_utf_8_are_read_and_marked(self):
        (row,) = rows(b"nik,nama\n1,Jos\xe9\n")

        assert row["nama"] == "Jos\uf7e9"

    def test_are_whole_across_chunks(self, monkeypatch):
        monkeypatch.setattr(read, "CHUNK_BYTES", 64)
        lines = [f'{number},"Budi, ""{number}""\nx"' for number in range(200)]
        content = ("nik,nama\n" + "\n".join(lines) + "\n").encode()

        found = rows(content)

        assert [row["nik"] for row in found] == [str(number) for number in range(200)]
        assert [row["row"] for row in found] == list(range(2, 202))

    def test_of_a_workbook_come_as_text(self):
        found = rows(sheet([["nik", "nama"], [6_201_011_208_900_001, "Budi"], [None, None], ["2"]]))

        assert [(row["row"], row["nik"], row["nama"]) for row in found] == [
            (2, "6201011208900001", "Budi"), (4, "2", None),
        ]  # fmt: skip

    def test_of_our_own_writer_come_back_unchanged(self, tmp_path):
        frame = pl.DataFrame({"nik": ["1", None], "nama": ["a<b & \uf0e9", ' "é" ']})
        with SheetFile(tmp_path / "x.xlsx", frame.columns) as book:
            book.add(frame)

        found = rows((tmp_path / "x.xlsx").read_bytes())

        assert [row["nama"] for row in found] == ["a<b & \uf0e9", ' "é" ']
