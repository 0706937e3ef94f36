"""The log of an import as a CSV file, written row by row so that its size costs no memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator

from flask import Response, stream_with_context
from sqlalchemy.orm import Session

from app.domain.imports.models import ImportRun, RowOutcome
from app.domain.imports.queries import LogRow, list_rows
from app.web.list_files import safe_text

ROWS_AT_ONCE = 500
HEADER = ("row", "outcome", "column", "expected", "found", "message")


def log_response(session: Session, run: ImportRun, outcomes: Collection[RowOutcome]) -> Response:
    """Every row of a run: one line, or one for each of its problems, then the cells as read."""
    response = Response(
        stream_with_context(_lines(session, run, outcomes)), content_type="text/csv; charset=utf-8"
    )
    response.headers.set("Content-Disposition", "attachment", filename=f"import-{run.id}-log.csv")
    return response


def _lines(session: Session, run: ImportRun, outcomes: Collection[RowOutcome]) -> Iterator[str]:
    # Excel takes a file for UTF-8 only with this mark.
    yield "\ufeff" + _line([*HEADER, *run.columns])
    after = 0
    while True:
        entries = list_rows(
            session, run_id=run.id, outcomes=outcomes, after_row=after, limit=ROWS_AT_ONCE
        )
        if not entries:
            return
        for entry in entries:
            yield "".join(_line(cells) for cells in _entry_lines(entry, run))
        after = entries[-1].row.row_no


def _entry_lines(entry: LogRow, run: ImportRun) -> Iterator[list[str]]:
    row = entry.row
    cells = [row.cells.get(column, "") for column in run.columns]
    for problem in row.problems or [{"column": "", "expected": "", "found": ""}]:
        what = [problem[name] for name in ("column", "expected", "found")]
        yield [str(row.row_no), row.outcome, *what, row.message, *cells]


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([safe_text(cell) for cell in cells])
    return text.getvalue()
