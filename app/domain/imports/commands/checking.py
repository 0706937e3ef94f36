"""What a job does with a file: begins, tells how far it is, and writes what it found.

Nothing is booked here. Only the latest job of a run may write: an older one that is still
under way finds another `message_uid` and stops without an effect.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import DomainError
from app.core.rows import insert_rows
from app.domain.imports.models import ImportRow, ImportRun, RowOutcome, RunState
from app.domain.imports.queries import booked_rows, load_known
from app.domain.imports.rules.columns import Meaning
from app.domain.imports.rules.rows import Layout, ReadRow
from app.domain.imports.rules.verdicts import (
    Options,
    Verdict,
    ask,
    count_outcomes,
    judge_rows,
    summarise,
)

_ROWS: Any = ImportRow.__table__
ROWS_PER_INSERT = 2_000


class Superseded(DomainError):
    """A newer job has taken this run over."""

    code = "superseded"


@dataclass(frozen=True, slots=True)
class ImportSource:
    """What a job needs to read the file: where it lies, and the meanings settled so far."""

    storage_key: str
    mapping: Mapping[str, Meaning]


@dataclass(frozen=True, slots=True)
class Judged:
    """The rows of a run that are still open, each with its verdict, and how all rows count."""

    verdicts: list[Verdict]
    counts: dict[str, int]


def begin_job(session: Session, *, run_id: int, message_uid: uuid.UUID) -> ImportSource:
    """Mark the run as being worked on. Raises Superseded."""
    run = current_run(session, run_id, message_uid)
    if run.state == RunState.STAGED:
        run.state = RunState.PREVIEWING
        run.started_at = now()
        run.finished_at = None
    mapping = {column: Meaning(meaning) for column, meaning in run.mapping.items()}
    return ImportSource(run.storage_key, mapping)


def note_progress(
    session: Session, *, run_id: int, message_uid: uuid.UUID, rows_done: int, rows_total: int
) -> None:
    """Tell how many rows were read. Raises Superseded."""
    run = current_run(session, run_id, message_uid)
    run.rows_done, run.rows_total = rows_done, rows_total


def record_check(
    session: Session,
    *,
    run_id: int,
    message_uid: uuid.UUID,
    layout: Layout,
    rows: Sequence[ReadRow],
) -> ImportRun:
    """Write what would become of every row, and what one answer would settle."""
    run = current_run(session, run_id, message_uid)
    judged = judge_open_rows(session, run=run, layout=layout, rows=rows)
    run.columns = list(layout.columns)
    run.mapping = {column: str(meaning) for column, meaning in layout.mapping.items()}
    run.sums = summarise(judged.verdicts)
    run.questions = asdict(ask(rows, known=load_known(session, run=run, rows=rows)))
    write_log(session, run=run, verdicts=judged.verdicts)
    run.counts = judged.counts
    run.rows_total = run.rows_done = len(rows)
    run.state = RunState.PREVIEWED
    run.error = None
    run.finished_at = now()
    return run


def fail_import(session: Session, *, run_id: int, message_uid: uuid.UUID, reason: str) -> ImportRun:
    """Say why the file could not be read or booked; nothing of it was."""
    run = current_run(session, run_id, message_uid)
    run.state = RunState.FAILED
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


def judge_open_rows(
    session: Session, *, run: ImportRun, layout: Layout, rows: Sequence[ReadRow]
) -> Judged:
    """Judge every row that this run has not booked yet."""
    booked = booked_rows(session, run_id=run.id)
    open_rows = [row for row in rows if row.row_no not in booked]
    verdicts = judge_rows(
        open_rows,
        layout=layout,
        options=Options(**run.options),
        known=load_known(session, run=run, rows=open_rows),
    )
    counts = count_outcomes(verdicts)
    counts[RowOutcome.CREATED] += len(booked)
    return Judged(verdicts, counts | {"booked": len(booked)})


def write_log(
    session: Session,
    *,
    run: ImportRun,
    verdicts: Sequence[Verdict],
    unit_ids: Mapping[int, int] | None = None,
) -> None:
    """Write the log of the open rows anew; `unit_ids` are the units made, by row number."""
    made = unit_ids or {}
    session.execute(
        sa.delete(ImportRow)
        .where(
            ImportRow.run_id == run.id,
            sa.or_(ImportRow.outcome != RowOutcome.CREATED, ImportRow.unit_id.is_(None)),
        )
        .execution_options(synchronize_session=False)
    )
    rows = [
        {
            "run_id": run.id,
            "row_no": verdict.row.row_no,
            "cells": verdict.row.cells,
            "outcome": verdict.outcome,
            "message": verdict.message,
            "problems": [asdict(problem) for problem in verdict.problems],
            "unit_id": made.get(verdict.row.row_no, verdict.unit_id),
        }
        for verdict in verdicts
    ]
    for start in range(0, len(rows), ROWS_PER_INSERT):
        part = rows[start : start + ROWS_PER_INSERT]
        insert_rows(session, _ROWS, part, names=list(part[0]))
