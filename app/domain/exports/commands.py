"""Asking for an export, and what its job writes about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.database import StaleRead
from app.core.errors import Forbidden, NotFound
from app.core.ids import new_uid
from app.core.outbox import OutboxMessage, enqueue
from app.core.rights import Actor, Permission, require
from app.core.rows import insert_rows
from app.core.storage import StoredFile
from app.domain.audit.commands import record_change
from app.domain.exports.models import ExportKind, ExportRun, ExportState
from app.domain.exports.queries import covers, departments_of
from app.domain.exports.rules import KEPT_FOR, request_key
from app.domain.locations.models import Site

AUDIT_JOB = "exports.audit"
# Two minutes of one core: scans' and imports' jobs go first.
QUEUE = "low"


def start_export(session: Session, *, actor: Actor, site_id: int) -> ExportRun:
    """Have the master audit export of a site made, of what the actor may have of it.

    The same request by the same person while its file is being made is the same run.
    """
    if session.get(Site, site_id) is None:
        raise NotFound("There is no such site.", field="site")
    require(actor, Permission.EXPORTS_RUN, site_id=site_id)
    departments = departments_of(session, actor=actor, site_id=site_id)
    if departments == []:
        raise Forbidden(f"{actor.name} may not have exports of any department of this site.")
    key = request_key(
        ExportKind.AUDIT, site_id=site_id, departments=departments, user_id=actor.user_id
    )
    _end_if_given_up(session, key)
    is_new = _claim(session, key, actor, site_id, departments)
    run = session.scalars(sa.select(ExportRun).where(ExportRun.request_key == key)).one_or_none()
    if run is None:
        raise StaleRead("The same export was finished in this moment.")
    if is_new:
        message = enqueue(
            session, AUDIT_JOB, {"run_id": run.id, "user_id": actor.user_id}, queue=QUEUE
        )
        run.message_uid = message.uid
        record_change(
            session,
            actor=actor,
            action="export.started",
            subject_kind="export",
            subject_id=run.id,
            after=run.parameters,
        )
        session.flush()
    return run


def begin_export(session: Session, *, actor: Actor, run_id: int) -> ExportRun:
    """Mark the run as being worked on, from its first row. Raises Forbidden.

    Rights are asked again: they may have been taken away since.
    """
    run = _lock(session, run_id)
    if not covers(session, actor=actor, run=run):
        raise Forbidden("Whoever asked for this may not have it any more.")
    run.state = ExportState.RUNNING
    run.started_at = now()
    run.rows_done = run.rows_total = 0
    return run


def note_progress(session: Session, *, run_id: int, rows_done: int, rows_total: int) -> None:
    """Tell how many rows are written."""
    run = _lock(session, run_id)
    run.rows_done, run.rows_total = rows_done, rows_total


def finish_export(session: Session, *, run_id: int, rows: int, file: StoredFile) -> ExportRun:
    """The file lies there whole."""
    run = _lock(session, run_id)
    run.rows_done = run.rows_total = rows
    run.storage_key = file.key
    run.file_bytes = file.size_bytes
    return _end(run, ExportState.DONE)


def fail_export(session: Session, *, run_id: int, reason: str) -> ExportRun:
    """Say why there is no file."""
    run = _lock(session, run_id)
    run.error = reason
    return _end(run, ExportState.FAILED)


def remove_old_exports(session: Session, *, at: datetime) -> int:
    """Give up the files that were kept for two weeks. Returns how many."""
    old = session.scalars(
        sa.select(ExportRun)
        .where(ExportRun.state == ExportState.DONE, ExportRun.finished_at <= at - KEPT_FOR)
        .with_for_update()
    ).all()
    for run in old:
        run.state = ExportState.REMOVED
        run.storage_key = None
    return len(old)


def _claim(
    session: Session, key: str, actor: Actor, site_id: int, departments: list[int] | None
) -> bool:
    """Insert the run unless there is one with this key. Of two at a time, the second waits."""
    row: dict[str, Any] = {
        "uid": new_uid(),
        "kind": ExportKind.AUDIT,
        "site_id": site_id,
        "parameters": {"departments": departments},
        "request_key": key,
        "state": ExportState.WAITING,
        "rows_total": 0,
        "rows_done": 0,
        "file_bytes": 0,
        "created_by_id": actor.user_id,
        "created_at": now(),
    }
    table: Any = ExportRun.__table__
    return bool(
        insert_rows(session, table, [row], names=list(row), ignore_conflicts=True, returning=["id"])
    )


def _end_if_given_up(session: Session, key: str) -> None:
    """A run whose job failed for good does not stand in the way of a new one."""
    row = session.execute(
        sa.select(ExportRun, OutboxMessage.error)
        .join(OutboxMessage, OutboxMessage.uid == ExportRun.message_uid)
        .where(ExportRun.request_key == key, OutboxMessage.failed_at.is_not(None))
        .with_for_update(of=ExportRun)
    ).first()
    if row is not None:
        row[0].error = row[1]
        _end(row[0], ExportState.FAILED)
        session.flush()


def _end(run: ExportRun, state: ExportState) -> ExportRun:
    run.state = state
    run.request_key = None
    run.finished_at = now()
    return run


def _lock(session: Session, run_id: int) -> ExportRun:
    return session.scalars(
        sa.select(ExportRun).where(ExportRun.id == run_id).with_for_update()
    ).one()
