"""Files of any encoding, separator and make are read alike, and hostile ones are refused."""

import tracemalloc
import zipfile
from dataclasses import replace

import pytest
import xlsxwriter

from app.domain.imports.readers import open_table
from app.domain.imports.rules.verdicts import Options
from app.domain.imports.workbook_checks import COLUMNS_MAX, ROWS_MAX, Unreadable


def read_table(path, **told):
    """The table with all of its rows."""
    table = open_table(path, Options(**told))
    return replace(table, rows=tuple(table.rows))


LINES = [("roll", "item", "kg"), ("0012", "강판", "798.94"), ("0013", "B", "5")]


@pytest.fixture
def workbook(tmp_path):
    def write(lines, name="file.xlsx", sheet="coils", start=0):
        path = tmp_path / name
        with xlsxwriter.Workbook(path) as book:
            page = book.add_worksheet(sheet)
            for number, line in enumerate(lines, start=start):
                page.write_row(number, 0, line)
        return path

    return write


@pytest.fixture
def text(tmp_path):
    def write(content):
        path = tmp_path / "file.csv"
        path.write_bytes(content)
        return path

    return write


def repacked(path, **parts):
    """A workbook with some of its parts replaced."""
    target = path.with_suffix(".changed")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name.rsplit("/", 1)[-1].split(".")[0], old.read(name)))
    return target


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_text_table_is_read_in_any_encoding_and_separator(text, encoding, separator):
    content = "\r\n".join(separator.join(line) for line in LINES).encode(encoding)

    table = read_table(text(content))

    assert table.columns == LINES[0]
    assert table.rows == ((2, LINES[1]), (3, LINES[2]))


def test_a_windows_text_is_read_too(text):
    table = read_table(text("item;kg\nGröße;5\n".encode("cp1252")))

    assert table.rows == ((2, ("Größe", "5")),)


def test_quotes_line_breaks_and_short_lines_are_understood(text):
    table = read_table(text(b'item,kg,note\n"a, b",5,"two\nlines"\nc,6\nd,7,x,more\n'))

    assert table.columns == ("item", "kg", "note", "Column D")
    assert table.rows[0] == (2, ("a, b", "5", "two\nlines", ""))
    assert table.rows[1] == (3, ("c", "6", "", ""))
    assert table.rows[2] == (4, ("d", "7", "x", "more"))


def test_a_null_character_reaches_the_row_reader(text):
    table = read_table(text(b"item,kg\na\x00b,5\n"))

    assert table.rows == ((2, ("a\x00b", "5")),)


def test_cells_of_a_workbook_keep_their_types_and_row_numbers(workbook):
    lines = [("Stock of Monday",), (), LINES[0], ("0012", "A", 798.9400000000001), (), ("", "B", 5)]

    table = read_table(workbook(lines))

    assert table.columns == LINES[0]
    assert table.rows == ((4, ("0012", "A", 798.9400000000001)), (6, ("", "B", 5)))


def test_a_header_may_stand_anywhere_near_the_top_left(workbook):
    table = read_table(workbook([("", *line) for line in LINES], start=5))

    assert table.columns == ("Column A", *LINES[0])
    assert table.rows[0][0] == 7


@pytest.mark.parametrize("content", [b"", b"\n\n", b"item,kg\n", b"PK\x03\x04nonsense"])
def test_a_file_without_rows_is_refused(text, content):
    with pytest.raises(Unreadable):
        read_table(text(content))


@pytest.mark.parametrize("content", [bytes(range(256)) * 9, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0"])
def test_a_file_that_is_no_table_is_refused_with_words(text, content):
    with pytest.raises(Unreadable, match=r"must be an Excel workbook|no rows"):
        read_table(text(content))


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "file.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")

    with pytest.raises(Unreadable, match="must be an Excel workbook"):
        read_table(path)


def test_a_damaged_workbook_is_refused(workbook):
    path = workbook(LINES)
    content = path.read_bytes()
    path.write_bytes(content[:300] + b"\xff" * 40 + content[340:])

    with pytest.raises(Unreadable, match="undamaged"):
        read_table(path)


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_parsed(workbook, monkeypatch):
    monkeypatch.setattr("app.domain.imports.workbook_checks.UNPACKED_BYTES_MAX", 4 * 1024 * 1024)
    bomb = repacked(workbook(LINES), sheet1=b" " * 20_000_000)
    assert bomb.stat().st_size < 100_000

    with pytest.raises(Unreadable, match="unpacks to more than 4 MB"):
        read_table(bomb)


@pytest.mark.parametrize(
    "cells, message",
    [
        (b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>', f"{ROWS_MAX:,} rows"),
        (b"<row r='2'><c r='XFD2'><v>1</v></c></row>", f"{COLUMNS_MAX} columns"),
        (b"<row>" + b"<c><v>1</v></c>" * 300 + b"</row>", f"{COLUMNS_MAX} columns"),
        # What Excel never writes, but a parser takes.
        (b'<row r="2"><c r="xfd2"><v>1</v></c></row>', f"{COLUMNS_MAX} columns"),
        (b'<row r="2"><c s=">" r="A150000"><v>1</v></c></row>', f"{ROWS_MAX:,} rows"),
        (b'<row r="2"><c r="&#88;FD2"><v>1</v></c></row>', "cannot be read"),
        (b'<row r="2"><c s="<" r="XFD2"><v>1</v></c></row>', f"{COLUMNS_MAX} columns"),
    ],
)
def test_a_cell_in_the_last_corner_is_refused_before_memory_is_asked_for(workbook, cells, message):
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1"><v>1</v></c></row>' + cells + b"</sheetData></worksheet>"
    )
    path = repacked(workbook(LINES), sheet1=sheet)

    tracemalloc.start()
    with pytest.raises(Unreadable, match=message):
        read_table(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 20_000_000


def test_formatted_but_empty_cells_do_not_count(workbook):
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="str"><v>item</v></c><c r="XFD1" s="1"/></row>'
        b'<row r="2"><c r="A2"><v>7</v></c></row><row r="1048576"/></sheetData></worksheet>'
    )

    table = read_table(repacked(workbook(LINES), sheet1=sheet))

    assert table == read_table(workbook([("item",), (7,)], name="plain.xlsx"))


def test_two_thousand_columns_are_refused(text):
    content = ",".join(f"c{number}" for number in range(2_000)) + "\n" + "1," * 1_999 + "1\n"

    with pytest.raises(Unreadable, match=f"more than {COLUMNS_MAX} columns"):
        read_table(text(content.encode()))


def test_a_huge_cell_of_a_text_is_refused(text):
    with pytest.raises(Unreadable, match="field larger than field limit"):
        read_table(text(b"item,kg\n" + b"x" * 1_000_000 + b",5\n"))
