"""Reading spreadsheets and text tables with pandas; only jobs come here.

Cells arrive as they were stored: a roll called 0012 stays text, a weight stays the float that
Excel kept, and row numbers are those that the spreadsheet shows. Lines come one after the other;
nobody holds all of them.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.domain.imports import text_tables
from app.domain.imports.rules.cells import cell_text, is_blank
from app.domain.imports.rules.columns import count_known, name_columns
from app.domain.imports.rules.verdicts import Options
from app.domain.imports.workbook_checks import (
    ROWS_ABOVE_MAX,
    ROWS_MAX,
    Unreadable,
    check_size,
    check_workbook,
    is_encrypted,
    not_a_table,
    protected,
)

# One more than is taken, so that there being more is seen.
LINES_MAX = ROWS_MAX + ROWS_ABOVE_MAX + 1
# More sheets than a person would choose from.
SHEETS_NAMED = 50
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"

Line = tuple[Any, ...]
NumberedLine = tuple[int, Line]


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a file and its rows, each with the number that the spreadsheet shows.

    `reading` is how it was read: encoding and separator, or sheet and sheets; and the row of the
    header. `rows_total` counts the lines below it, empty ones too. `merged` are the cells, by row,
    that are only the continuation of another one: first and last column, and row of that one.
    """

    columns: tuple[str, ...]
    rows: Iterator[NumberedLine]
    rows_total: int
    reading: dict[str, Any]
    merged: Mapping[int, Sequence[tuple[int, int, int]]]


@dataclass(frozen=True, slots=True)
class _Lines:
    """All lines of a file from its top, how many there are, and how wide they are."""

    lines: Iterator[Line]
    count: int
    width: int
    reading: dict[str, Any]
    merged: Mapping[int, Sequence[tuple[int, int, int]]] = field(default_factory=dict)


def open_table(path: Path, options: Options | None = None) -> Table:
    """Begin to read a sheet of a workbook, or a text table. Raises Unreadable, also on the way."""
    options = options or Options()
    with path.open("rb") as file:
        start = file.read(4)
    if not start:
        raise Unreadable("This file is empty.", field="file")
    if start == _ZIP:
        found = _open_workbook(path, options, has_merged=check_workbook(path))
    elif start == _OLE:
        if is_encrypted(path):
            raise protected()
        found = _open_workbook(path, options, has_merged=True)
    else:
        found = _open_text(path, options)
    return _below_header(found)


def _below_header(found: _Lines) -> Table:
    """The header is the line near the top with the most headers that we know."""
    numbered = ((n, line) for n, line in enumerate(found.lines, start=1) if not is_blank(line))
    top = list(itertools.islice(numbered, ROWS_ABOVE_MAX))
    known = [count_known(map(cell_text, line)) for _, line in top]
    at = known.index(max(known)) if known else 0
    body = top[at + 1 :]
    if not body:
        raise Unreadable("This file has no rows below its header.", field="file")
    header_row, header = top[at]
    columns = tuple(name_columns([cell_text(cell) for cell in header[: found.width]]))
    rows = ((n, line[: found.width]) for n, line in itertools.chain(body, numbered))
    reading = found.reading | {"header_row": header_row}
    return Table(columns, rows, found.count - header_row, reading, found.merged)


def _open_workbook(path: Path, options: Options, *, has_merged: bool) -> _Lines:
    import pandas as pd
    from python_calamine import CalamineError, PasswordError, XmlError, ZipError

    try:
        with pd.ExcelFile(path, engine="calamine") as book:
            sheets = [str(name) for name in book.sheet_names]
            sheet = options.sheet if options.sheet in sheets else sheets[0]
            # Objects, not columns of one type: a float must arrive as the float that was stored.
            frame = pd.read_excel(
                book, sheet, header=None, dtype=object, na_filter=False, nrows=LINES_MAX
            )
            # pandas does not tell; asking costs a second reading of the sheet.
            ranges = book.book.get_sheet_by_name(sheet).merged_cell_ranges if has_merged else None
    except PasswordError:
        raise protected() from None
    except (CalamineError, ZipError, XmlError, ValueError, LookupError):
        raise not_a_table() from None
    check_size(*frame.shape)
    used: Any = (frame != "").any() if len(frame) else ()
    width = max((n + 1 for n, is_used in enumerate(used) if is_used), default=0)
    choices = sheets[:SHEETS_NAMED] if len(sheets) > 1 else []
    reading = {"format": "workbook", "sheet": sheet, "sheets": choices}
    lines = frame.itertuples(index=False, name=None)
    return _Lines(lines, len(frame), width, reading, _by_row(ranges or ()))


def _by_row(ranges: Sequence[Any]) -> dict[int, list[tuple[int, int, int]]]:
    """Merged ranges, which count from 0, by the number of each of their rows."""
    if sum(last[0] - first[0] + 1 for first, last in ranges) > ROWS_MAX:
        raise Unreadable("This sheet has too many merged cells.", field="file")
    by_row: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for (top, left), (bottom, right) in ranges:
        by_row[top + 1].extend([(left + 1, right, top + 1)] if right > left else [])
        for row in range(top + 1, bottom + 1):
            by_row[row + 1].append((left, right, top + 1))
    return by_row


def _open_text(path: Path, options: Options) -> _Lines:
    form = text_tables.find_form(path, encoding=options.encoding, separator=options.separator)
    reading = {"format": "text", "encoding": form.encoding, "separator": form.separator}
    lines = text_tables.read_lines(path, form)
    return _Lines(lines, form.lines, form.used_width, reading)
