"""What a person does with an import: hand a file in, say what it means, have it booked.

Each locks the run first, so of two people (or two clicks) one has an effect, and each leaves its
work to a job whose message is written in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import DomainError, Invalid, NotFound
from app.core.ids import new_uid
from app.core.outbox import OutboxMessage, enqueue
from app.core.rights import Actor, Permission, require
from app.core.rows import insert_rows
from app.core.storage import StoredFile
from app.domain.audit.commands import record_change
from app.domain.imports.models import ImportKind, ImportRun, RunState
from app.domain.imports.rules.columns import Meaning, check_mapping
from app.domain.imports.rules.verdicts import Options
from app.domain.locations.models import Department

CHECK_JOB = "imports.check"
BOOK_JOB = "imports.book"
LONGEST_FILENAME = 200


class NotReady(DomainError):
    """The import is not in a state in which this can be done."""

    code = "not_ready"


def stage_import(
    session: Session, *, actor: Actor, department_id: int, filename: str, file: StoredFile
) -> ImportRun:
    """Take in a file and have it checked. The same bytes by the same person are the same run."""
    department = session.get(Department, department_id)
    if department is None:
        raise NotFound("There is no such department.", field="department")
    require(actor, Permission.IMPORTS_RUN, site_id=department.site_id, department_id=department_id)
    table: Any = ImportRun.__table__
    row = {
        "uid": new_uid(),
        "kind": ImportKind.UNITS,
        "site_id": department.site_id,
        "department_id": department_id,
        "filename": _clean_filename(filename),
        "file_sha256": file.sha256,
        "file_bytes": file.size_bytes,
        "storage_key": file.key,
        "state": RunState.STAGED,
        **{name: {} for name in ("mapping", "options", "counts", "sums", "questions")},
        "columns": [],
        "rows_total": 0,
        "rows_done": 0,
        "created_by_id": actor.user_id,
        "created_at": now(),
    }
    new = insert_rows(
        session, table, [row], names=list(row), ignore_conflicts=True, returning=["id"]
    )
    run = session.scalars(
        sa.select(ImportRun).where(
            ImportRun.kind == ImportKind.UNITS,
            ImportRun.file_sha256 == file.sha256,
            ImportRun.created_by_id == actor.user_id,
        )
    ).one()
    if new:
        _send(session, run, CHECK_JOB, actor)
        _record(session, actor, "import.staged", run, filename=run.filename)
    return run


def check_import(
    session: Session,
    *,
    actor: Actor,
    run_id: int,
    mapping: Mapping[str, Meaning],
    options: Options,
) -> ImportRun:
    """Have the file checked again with another mapping or other answers.

    What an earlier application has booked stays booked; only the other rows are judged again.
    Of two checks under way the later one counts.
    """
    run = _lock(session, actor, run_id)
    if options.create_places:
        _require(actor, Permission.LOCATIONS_MANAGE, run)
    if run.state == RunState.APPLYING and not _has_given_up(session, run):
        raise NotReady("This file is being booked. Wait until it is done.")
    chosen = {column: mapping.get(column, Meaning.LEAVE_OUT) for column in run.columns}
    problems = check_mapping(chosen) if run.columns else []
    if problems:
        raise Invalid(" ".join(problem.message for problem in problems), field="mapping")
    run.mapping = {column: str(meaning) for column, meaning in chosen.items()}
    run.options = asdict(options)
    run.state = RunState.STAGED
    run.error = None
    run.rows_done = 0
    _send(session, run, CHECK_JOB, actor)
    return run


def apply_import(session: Session, *, actor: Actor, run_id: int) -> ImportRun:
    """Have everything booked that the check found good. Asking twice has one effect."""
    run = _lock(session, actor, run_id)
    if run.state in (RunState.APPLYING, RunState.APPLIED):
        return run
    if run.state != RunState.PREVIEWED:
        raise NotReady("Check the file first: what would happen is shown before it is booked.")
    if run.counts["created"] <= run.counts["booked"]:
        raise NotReady("There is nothing to book in this file.")
    run.state = RunState.APPLYING
    run.rows_done = 0
    run.started_at = now()
    run.finished_at = None
    _send(session, run, BOOK_JOB, actor)
    _record(session, actor, "import.applied", run, counts=run.counts, options=run.options)
    return run


def _lock(session: Session, actor: Actor, run_id: int) -> ImportRun:
    """The run, locked, if this actor may import there. Of two clicks, the second waits here."""
    run = session.scalars(
        sa.select(ImportRun).where(ImportRun.id == run_id).with_for_update()
    ).one_or_none()
    if run is None:
        raise NotFound("There is no such import.", field="import")
    _require(actor, Permission.IMPORTS_RUN, run)
    return run


def _require(actor: Actor, permission: Permission, run: ImportRun) -> None:
    require(actor, permission, site_id=run.site_id, department_id=run.department_id)


def _has_given_up(session: Session, run: ImportRun) -> bool:
    """Whether the job that works on the run has failed for good."""
    return (
        session.scalars(
            sa.select(OutboxMessage.failed_at).where(OutboxMessage.uid == run.message_uid)
        ).one_or_none()
        is not None
    )


def _send(session: Session, run: ImportRun, job: str, actor: Actor) -> None:
    message = enqueue(session, job, {"run_id": run.id, "user_id": actor.user_id})
    run.message_uid = message.uid
    session.flush()


def _record(session: Session, actor: Actor, action: str, run: ImportRun, **facts: Any) -> None:
    record_change(
        session, actor=actor, action=action, subject_kind="import", subject_id=run.id, after=facts
    )


def _clean_filename(filename: str) -> str:
    """A name to show, never to open: the last part of a path, printable, not endless."""
    last = filename.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(character for character in last if character.isprintable()).strip()
    return shown[-LONGEST_FILENAME:] or "file"
