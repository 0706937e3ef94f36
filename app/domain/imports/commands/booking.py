"""Booking a checked file: all of its good rows in one transaction, or none of them.

The run is locked first and marked last, so however often the job runs, the rows are booked once.
The rows are taken part by part from where the check has put them: the file is not read again,
and its length costs no memory.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.outbox import enqueue
from app.core.rights import Actor, Permission, require
from app.core.rows import update_rows
from app.domain.imports.commands.booking_catalogue import book_items, book_lots
from app.domain.imports.commands.booking_rolls import book_rolls
from app.domain.imports.commands.checking import current_run, judge, layout_of
from app.domain.imports.known_queries import load_known
from app.domain.imports.models import ImportKind, ImportRow, ImportRun, RunState
from app.domain.imports.queries import count_rows, open_rows
from app.domain.imports.rules.verdicts import Options, Verdict

ROWS_AT_ONCE = 4_000
SCANS_JOB = "sync.reprocess"
_ROWS: Any = ImportRow.__table__
# The subjects of good rows by row number, once they are booked.
Book = Callable[[Session, Actor, ImportRun, Sequence[Verdict]], Mapping[int, int]]
BOOKS: Mapping[str, Book] = {
    ImportKind.UNITS: book_rolls,
    ImportKind.ITEMS: book_items,
    ImportKind.LOTS: book_lots,
}


def book_import(
    session: Session,
    *,
    actor: Actor,
    run_id: int,
    message_uid: uuid.UUID,
    on_progress: Callable[[int], None] = lambda _rows: None,
) -> ImportRun:
    """Book every good row and write what became of each.

    What has changed since the check is judged again. Raises Superseded where another job has
    booked the run, Forbidden where the right is gone.
    """
    run = current_run(session, run_id, message_uid)
    if run.state == RunState.APPLIED:
        return run
    require(actor, Permission.IMPORTS_RUN, site_id=run.site_id, department_id=run.department_id)
    layout, options = layout_of(run), Options(**run.options)
    first_seen: dict[str, int] = {}
    after = done = 0
    while part := open_rows(session, run_id=run.id, after_row=after, limit=ROWS_AT_ONCE):
        rows = [row for _, row in part]
        known = load_known(session, run=run, rows=rows)
        verdicts = judge(layout, options, rows, known, first_seen)
        booked = BOOKS[run.kind](session, actor, run, [one for one in verdicts if one.is_good])
        _note(session, [row_id for row_id, _ in part], verdicts, booked)
        after, done = rows[-1].row_no, done + len(rows)
        on_progress(done)
    if run.kind == ImportKind.UNITS:
        # A roll may have been scanned before its row came.
        enqueue(session, SCANS_JOB, {"site_id": run.site_id})
    waiting = run.counts.get("waiting", 0)
    run.counts = count_rows(session, run_id=run.id) | {"waiting": waiting}
    run.state = RunState.APPLIED
    run.error = None
    run.finished_at = now()
    return run


def _note(
    session: Session, ids: Sequence[int], verdicts: Sequence[Verdict], booked: Mapping[int, int]
) -> None:
    """Mark what is booked, and say of the others why they are not."""
    pairs = list(zip(ids, verdicts, strict=True))
    done = [
        {"id": row_id, "is_booked": True, "subject_id": booked[one.row.row_no]}
        for row_id, one in pairs
        if one.is_good
    ]
    update_rows(session, _ROWS, done, keys=("id",), names=("is_booked", "subject_id"))
    left = [
        {
            "id": row_id,
            "outcome": one.outcome,
            "message": one.message,
            "problems": [asdict(problem) for problem in one.problems],
            "subject_id": one.subject_id,
        }
        for row_id, one in pairs
        if not one.is_good
    ]
    names = ("outcome", "message", "problems", "subject_id")
    update_rows(session, _ROWS, left, keys=("id",), names=names)
