"""Every error of a file as a workbook: sheet, row, column, expected, found.

Written row by row, so that its size costs no memory. Every cell is text or a number by what it
is, never by what it looks like: nothing can become a formula.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.imports.models import ImportRow, RowOutcome

ROWS_AT_ONCE = 1_000
# What a sheet can hold, less its heading.
LINES_MAX = 1_048_575
COLUMNS = (
    ("Sheet", 18),
    ("Row", 8),
    ("Column", 24),
    ("Expected", 48),
    ("Found", 32),
    ("Settled by", 32),
)
SETTLED_BY = {
    "": "correcting the cell",
    "default_lot": "one lot for all rows without",
    "create_places": "making the places that are not known",
    "weight_unit": "saying whether weights are kg or t",
    "accept_weights": "saying that these weights are right",
}


def write_errors(session: Session, path: Path, *, run_id: int, sheet: str) -> int:
    """Write the workbook; returns the number of errors in it. None is written for none."""
    lines = _lines(session, run_id)
    first = next(lines, None)
    if first is None:
        return 0
    # Not needed by the web, which imports this area too.
    from xlsxwriter.workbook import Workbook

    options = {"constant_memory": True, "tmpdir": str(path.parent)}
    count = 1
    with Workbook(str(path), options) as book:
        page = book.add_worksheet("Errors")
        page.freeze_panes(1, 0)
        for column, (heading, width) in enumerate(COLUMNS):
            page.set_column(column, column, width)
            page.write_string(0, column, heading, book.add_format({"bold": True}))
        _write(page, 1, sheet, first)
        for count, line in enumerate(lines, start=2):
            if count <= LINES_MAX:
                _write(page, count, sheet, line)
        page.autofilter(0, 0, min(count, LINES_MAX), len(COLUMNS) - 1)
    return count


def _lines(session: Session, run_id: int) -> Iterator[tuple[int, dict[str, Any]]]:
    after = 0
    while True:
        rows = session.execute(
            sa.select(ImportRow.row_no, ImportRow.problems)
            .where(
                ImportRow.run_id == run_id,
                ImportRow.outcome == RowOutcome.FAILED,
                ImportRow.row_no > after,
            )
            .order_by(ImportRow.row_no)
            .limit(ROWS_AT_ONCE)
        ).all()
        for row_no, problems in rows:
            for problem in problems:
                yield row_no, problem
        if len(rows) < ROWS_AT_ONCE:
            return
        after = rows[-1].row_no


def _write(page: Any, line: int, sheet: str, error: tuple[int, dict[str, Any]]) -> None:
    row_no, problem = error
    page.write_string(line, 0, sheet)
    page.write_number(line, 1, row_no)
    page.write_string(line, 2, problem["column"])
    page.write_string(line, 3, problem["expected"])
    page.write_string(line, 4, problem["found"])
    page.write_string(line, 5, SETTLED_BY[problem["answer"]])
