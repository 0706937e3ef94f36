"""Reading spreadsheets and text tables with pandas; only jobs come here.

Cells arrive as they were stored: a roll called 0012 stays text, a weight stays the float that
Excel kept, and row numbers are those that the spreadsheet shows.
"""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.imports.rules.columns import count_known, name_columns
from app.domain.imports.rules.rows import cell_text, is_blank
from app.domain.imports.workbook_checks import (
    CHUNK_BYTES,
    ROWS_MAX,
    Unreadable,
    check_size,
    check_workbook,
    not_a_table,
)

HEADER_SEARCH_ROWS = 20
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

Line = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a file and its rows, each with the number that the spreadsheet shows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, Line], ...]


def read_table(path: Path) -> Table:
    """Read the first sheet of a workbook, or a text table. Raises Unreadable."""
    with path.open("rb") as file:
        start = file.read(4)
    if not start:
        raise Unreadable("This file is empty.", field="file")
    if start == _ZIP:
        check_workbook(path)
    return _find_table(_read_workbook(path) if start in (_ZIP, _OLE) else _read_text(path))


def _find_table(lines: list[Line]) -> Table:
    """The header is the line near the top with the most headers that we know."""
    filled = [index for index, line in enumerate(lines) if not is_blank(line)]
    top = filled[:HEADER_SEARCH_ROWS]
    header = max(top, key=lambda i: (count_known(map(cell_text, lines[i])), -i), default=0)
    body = [index for index in filled if index > header]
    if not body:
        raise Unreadable("This file has no rows below its header.", field="file")
    width = max(_width(lines[index]) for index in (header, *body))
    columns = name_columns([cell_text(cell) for cell in lines[header][:width]])
    return Table(tuple(columns), tuple((index + 1, lines[index][:width]) for index in body))


def _width(line: Line) -> int:
    return max((i + 1 for i, cell in enumerate(line) if cell_text(cell)), default=0)


def _read_workbook(path: Path) -> list[Line]:
    import pandas as pd
    from python_calamine import CalamineError, PasswordError, XmlError, ZipError

    try:
        # Objects, not columns of one type: a float must arrive as the float that was stored.
        frame = pd.read_excel(
            path, engine="calamine", header=None, dtype=object, na_filter=False, nrows=ROWS_MAX + 1
        )
    except PasswordError:
        raise Unreadable(
            "This workbook is protected by a password. Save it without one.", field="file"
        ) from None
    except (CalamineError, ZipError, XmlError, ValueError, LookupError):
        raise not_a_table() from None
    check_size(*frame.shape)
    return list(frame.itertuples(index=False, name=None))


def _read_text(path: Path) -> list[Line]:
    import pandas as pd

    encoding = _find_encoding(path)
    try:
        separator = _find_separator(path, encoding)
        width = _measure(path, encoding, separator)
        frame = pd.read_csv(
            path,
            sep=separator,
            encoding=encoding,
            header=None,
            names=list(range(width)),
            dtype=str,
            na_filter=False,
            skip_blank_lines=False,
            index_col=False,
        )
    except csv.Error as error:
        raise Unreadable(f"This file cannot be read as a table: {error}.", field="file") from None
    except ValueError:  # what pandas and the decoders raise
        raise not_a_table() from None
    return list(frame.itertuples(index=False, name=None))


def _find_encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4096)
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    if start[1::2].count(0) > len(start) // 4:
        return "utf-16-le"
    if start[::2].count(0) > len(start) // 4:
        return "utf-16-be"
    return "utf-8" if _is_utf8(path) else "cp1252"


def _is_utf8(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            while file.read(CHUNK_BYTES):
                pass
    except UnicodeDecodeError:
        return False
    return True


def _find_separator(path: Path, encoding: str) -> str:
    """The separator that cuts the first lines into the most pieces, and all of them alike."""
    with path.open(encoding=encoding, newline="") as file:
        lines = [line for line in (file.readline(4096) for _ in range(50)) if line.strip()]

    def score(separator: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=separator)]
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual) if usual > 1 else 0, usual)

    return max(",;\t", key=score)


def _measure(path: Path, encoding: str, separator: str) -> int:
    """The width of the widest line; too much is refused before any of it is held in memory."""
    width = 0
    with path.open(encoding=encoding, newline="") as file:
        for number, line in enumerate(csv.reader(file, delimiter=separator), start=1):
            width = max(width, len(line))
            check_size(number, width)
    return width
