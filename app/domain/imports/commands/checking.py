"""What a job does with a file: begins, judges its rows part by part, and says what it found.

Nothing is booked here. Only the latest job of a run may write: an older one that is still
under way finds another `message_uid` and stops without an effect. Every part is harmless to
repeat: beginning again forgets what an earlier attempt wrote.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import DomainError
from app.core.rows import insert_rows
from app.domain.imports.known_queries import load_known
from app.domain.imports.models import ImportKind, ImportRow, ImportRun, RowOutcome, RunState
from app.domain.imports.queries import booked_rows, count_rows, remembered_layout
from app.domain.imports.readers import Table
from app.domain.imports.rules.catalogue import judge_items, judge_lots
from app.domain.imports.rules.columns import Meaning, guess_mapping, signature_of
from app.domain.imports.rules.rows import Layout, ReadRow
from app.domain.imports.rules.tally import Tally
from app.domain.imports.rules.verdicts import Known, Options, Verdict, judge_rolls

_ROWS: Any = ImportRow.__table__


class Superseded(DomainError):
    """A newer job has taken this run over."""

    code = "superseded"


@dataclass(frozen=True, slots=True)
class ImportSource:
    """What a job needs to read the file; `booked` are rows that are never judged again."""

    storage_key: str
    filename: str
    options: Options
    booked: frozenset[int]


def begin_check(session: Session, *, run_id: int, message_uid: uuid.UUID) -> ImportSource:
    """Mark the run as being worked on and forget what was found before. Raises Superseded."""
    run = current_run(session, run_id, message_uid)
    run.state = RunState.PREVIEWING
    run.started_at = now()
    run.finished_at = None
    run.rows_done = 0
    session.execute(
        sa.delete(ImportRow)
        .where(ImportRow.run_id == run.id, ~ImportRow.is_booked)
        .execution_options(synchronize_session=False)
    )
    booked = frozenset(booked_rows(session, run_id=run.id))
    return ImportSource(run.storage_key, run.filename, Options(**run.options), booked)


def lay_out(session: Session, *, run_id: int, message_uid: uuid.UUID, table: Table) -> Tally:
    """Settle what the columns mean, and begin to count.

    As a person said for this very file, else as such a file was last booked, else by the headers.
    """
    run = current_run(session, run_id, message_uid)
    remembered = None
    if run.mapping.keys() != set(table.columns):
        remembered = remembered_layout(
            session, site_id=run.site_id, kind=run.kind, signature=signature_of(table.columns)
        )
        meanings = remembered.mapping["meanings"] if remembered is not None else None
        run.mapping = (
            dict(zip(table.columns, meanings, strict=True))
            if meanings is not None
            else {c: str(m) for c, m in guess_mapping(table.columns, run.kind).items()}
        )
        if remembered is not None:
            run.options = remembered.options | {k: v for k, v in run.options.items() if v}
    run.columns = list(table.columns)
    run.reading = table.reading | {
        "is_remembered": remembered is not None or bool(run.reading.get("is_remembered"))
    }
    run.rows_total = table.rows_total
    return Tally(layout_of(run), Options(**run.options))


def layout_of(run: ImportRun) -> Layout:
    """The columns of a run, and in which measure its weights are."""
    mapping = {column: Meaning(run.mapping[column]) for column in run.columns}
    layout = Layout(tuple(run.columns), mapping, run.kind)
    said = layout.weight_unit_said
    return replace(layout, weight_unit=said or run.options.get("weight_unit", ""))


def check_rows(
    session: Session,
    *,
    run_id: int,
    message_uid: uuid.UUID,
    rows: Sequence[ReadRow],
    tally: Tally,
    rows_done: int,
) -> tuple[list[Verdict], Known]:
    """Judge some rows and write what would become of each. Raises Superseded."""
    run = current_run(session, run_id, message_uid)
    known = load_known(session, run=run, rows=rows)
    verdicts = judge(tally.layout, tally.options, rows, known, tally.first_seen)
    insert_rows(session, _ROWS, [_log_row(run.id, one) for one in verdicts], names=_NAMES)
    run.rows_done = rows_done
    return verdicts, known


def judge(
    layout: Layout,
    options: Options,
    rows: Sequence[ReadRow],
    known: Known,
    first_seen: dict[str, int],
) -> list[Verdict]:
    """What becomes of rows, by the kind of their file."""
    if layout.kind == ImportKind.UNITS:
        return judge_rolls(rows, layout=layout, options=options, known=known, first_seen=first_seen)
    if layout.kind == ImportKind.ITEMS:
        return judge_items(rows, layout=layout, known=known, first_seen=first_seen)
    return judge_lots(rows, known=known, first_seen=first_seen)


def finish_check(
    session: Session,
    *,
    run_id: int,
    message_uid: uuid.UUID,
    tally: Tally,
    errors_key: str | None,
) -> ImportRun:
    """Write what the file amounts to, and what one answer would settle."""
    run = current_run(session, run_id, message_uid)
    run.sums = tally.sums()
    run.questions = tally.questions()
    run.counts = count_rows(session, run_id=run.id) | {"waiting": tally.counts.get("waiting", 0)}
    run.rows_done = run.rows_total = sum(run.counts[outcome] for outcome in RowOutcome)
    run.errors_key = errors_key
    run.state = RunState.PREVIEWED
    run.error = None
    run.finished_at = now()
    return run


def fail_import(session: Session, *, run_id: int, message_uid: uuid.UUID, reason: str) -> ImportRun:
    """Say why the file could not be read, booked or undone; nothing of it was.

    What an undo could not take back is still booked.
    """
    run = current_run(session, run_id, message_uid)
    run.state = RunState.APPLIED if run.state == RunState.UNDOING else RunState.FAILED
    run.error = reason
    run.finished_at = now()
    return run


def current_run(session: Session, run_id: int, message_uid: uuid.UUID) -> ImportRun:
    """The run, locked, if this job is still its latest. Raises Superseded."""
    run = session.scalars(
        sa.select(ImportRun).where(ImportRun.id == run_id).with_for_update()
    ).one()
    if run.message_uid != message_uid:
        raise Superseded("A newer check of this file has taken over.")
    return run


_NAMES = (
    *("run_id", "row_no", "cells", "said", "outcome", "message", "problems", "changes"),
    *("subject_id", "is_booked"),
)


def _log_row(run_id: int, verdict: Verdict) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "row_no": verdict.row.row_no,
        "cells": verdict.row.cells,
        "said": verdict.row.said() if verdict.is_good else {},
        "outcome": verdict.outcome,
        "message": verdict.message,
        "problems": [asdict(problem) for problem in verdict.problems],
        "changes": [asdict(change) for change in verdict.changes],
        "subject_id": verdict.subject_id,
        "is_booked": False,
    }
