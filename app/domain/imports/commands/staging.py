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
from app.core.rows import insert_rows, update_rows
from app.core.storage import StoredFile
from app.domain.audit.commands import record_change
from app.domain.imports.commands.undoing import refuse_if_built_upon
from app.domain.imports.models import ImportKind, ImportLayout, ImportRun, RunState
from app.domain.imports.rules.columns import Meaning, check_mapping, signature_of
from app.domain.imports.rules.progress import WORKING
from app.domain.imports.rules.verdicts import Options
from app.domain.locations.models import Department

CHECK_JOB = "imports.check"
BOOK_JOB = "imports.book"
UNDO_JOB = "imports.undo"
LONGEST_FILENAME = 200
LONGEST_REASON = 200
_EMPTY = ("reading", "mapping", "options", "counts", "sums", "questions")
# What is chosen about reading the file; with another choice its columns are other ones.
_READING = ("encoding", "separator", "sheet")


class NotReady(DomainError):
    """The import is not in a state in which this can be done."""

    code = "not_ready"


def stage_import(
    session: Session,
    *,
    actor: Actor,
    department_id: int,
    filename: str,
    file: StoredFile,
    kind: ImportKind = ImportKind.UNITS,
) -> ImportRun:
    """Take in a file and have it checked.

    The same bytes of the same kind by the same person are the same run.
    """
    department = session.get(Department, department_id)
    if department is None:
        raise NotFound("There is no such department.", field="department")
    require(actor, Permission.IMPORTS_RUN, site_id=department.site_id, department_id=department_id)
    table: Any = ImportRun.__table__
    row = {
        "uid": new_uid(),
        "kind": kind,
        "site_id": department.site_id,
        "department_id": department_id,
        "filename": _clean_filename(filename),
        "file_sha256": file.sha256,
        "file_bytes": file.size_bytes,
        "storage_key": file.key,
        "state": RunState.STAGED,
        **{name: {} for name in _EMPTY},
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
            ImportRun.kind == kind,
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
    if run.state in (RunState.APPLYING, RunState.UNDOING) and not _has_given_up(session, run):
        raise NotReady("This file is being booked or taken back. Wait until it is done.")
    said = asdict(options)
    if any(said[name] != run.options.get(name, "") for name in _READING):
        run.mapping = {}
    else:
        chosen = {column: mapping.get(column, Meaning.LEAVE_OUT) for column in run.columns}
        problems = check_mapping(chosen, run.kind) if run.columns else []
        if problems:
            raise Invalid(" ".join(problem.message for problem in problems), field="mapping")
        run.mapping = {column: str(meaning) for column, meaning in chosen.items()}
    run.options = said
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
    if not run.counts["open"]:
        raise NotReady("There is nothing to book in this file.")
    run.state = RunState.APPLYING
    run.rows_done = 0
    run.started_at = now()
    run.finished_at = None
    _remember_layout(session, actor, run)
    _send(session, run, BOOK_JOB, actor)
    _record(session, actor, "import.applied", run, counts=run.counts, options=run.options)
    return run


def undo_import(session: Session, *, actor: Actor, run_id: int, reason: str) -> ImportRun:
    """Have everything taken back that this file has booked. Asking twice has one effect.

    Raises UndoRefused, with what stands against it, where later acts build on the file.
    """
    run = _lock(session, actor, run_id)
    has_given_up = _has_given_up(session, run)
    if run.state == RunState.UNDONE or (run.state == RunState.UNDOING and not has_given_up):
        return run
    if run.state in WORKING and not has_given_up:
        raise NotReady("This file is being worked on. Wait until it is done.")
    if not run.counts.get("booked"):
        raise NotReady("Nothing of this file is booked.")
    if len(reason) > LONGEST_REASON:
        raise Invalid(f"A reason has at most {LONGEST_REASON} characters.", field="reason")
    refuse_if_built_upon(session, run=run)
    run.state = RunState.UNDOING
    run.error = None
    run.rows_done = 0
    run.started_at = now()
    run.finished_at = None
    _send(session, run, UNDO_JOB, actor, reason=" ".join(reason.split()))
    _record(session, actor, "import.undone", run, reason=reason, booked=run.counts["booked"])
    return run


def _remember_layout(session: Session, actor: Actor, run: ImportRun) -> None:
    """The next file with these headers is understood like this one."""
    table: Any = ImportLayout.__table__
    row = {
        "site_id": run.site_id,
        "kind": run.kind,
        "signature": signature_of(run.columns),
        "mapping": {"meanings": [run.mapping[column] for column in run.columns]},
        "options": {"weight_unit": run.options.get("weight_unit", "")},
        "used_at": now(),
        "used_by_id": actor.user_id,
    }
    insert_rows(session, table, [row], names=list(row), ignore_conflicts=True)
    keys = ("site_id", "kind", "signature")
    update_rows(session, table, [row], keys=keys, names=[name for name in row if name not in keys])


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


def _send(session: Session, run: ImportRun, job: str, actor: Actor, **facts: str) -> None:
    message = enqueue(session, job, {"run_id": run.id, "user_id": actor.user_id} | facts)
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
