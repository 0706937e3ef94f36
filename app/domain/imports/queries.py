"""Reading imports: the runs, the log of their rows, and what waits to be booked."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.core.outbox import OutboxMessage
from app.core.rights import Actor, Permission
from app.domain.accounts.models import User
from app.domain.catalog.models import Item, Tracking
from app.domain.imports.models import ImportKind, ImportLayout, ImportRow, ImportRun, RowOutcome
from app.domain.imports.rules.rows import ReadRow
from app.domain.locations.models import Department
from app.domain.locations.queries import departments_in_reach
from app.domain.units.models import Unit

RUNS_AT_ONCE = 50
GOOD = (RowOutcome.CREATED, RowOutcome.UPDATED)


@dataclass(frozen=True, slots=True)
class RunView:
    """A run with the names that a page shows.

    `asked_at` is when its latest job was asked for, `job_error` what that job said if it gave up.
    """

    run: ImportRun
    department: Department
    created_by: str
    asked_at: datetime
    job_error: str | None = None


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row of the log with the public id of its unit."""

    row: ImportRow
    unit_uid: uuid.UUID | None


def import_by_uid(session: Session, *, actor: Actor, uid: uuid.UUID) -> RunView:
    """A run that this actor may see. Raises NotFound."""
    found = session.execute(_runs(session, actor).where(ImportRun.uid == uid)).first()
    if found is None:
        raise NotFound("There is no such import.", field="import")
    return _view(found)


def list_imports(
    session: Session, *, actor: Actor, before_id: int | None = None, limit: int = RUNS_AT_ONCE
) -> list[RunView]:
    """The runs that this actor may see, newest first."""
    query = _runs(session, actor).order_by(ImportRun.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(ImportRun.id < before_id)
    return [_view(row) for row in session.execute(query)]


def list_rows(
    session: Session,
    *,
    run_id: int,
    outcomes: Collection[RowOutcome] = (),
    after_row: int = 0,
    limit: int,
) -> list[LogRow]:
    """Rows of a run in the order of the file; no outcomes means all of them."""
    query = (
        sa.select(ImportRow, Unit.uid)
        .join(ImportRun, ImportRun.id == ImportRow.run_id)
        .outerjoin(
            Unit,
            sa.and_(Unit.id == ImportRow.subject_id, ImportRun.kind == ImportKind.UNITS),
        )
        .where(ImportRow.run_id == run_id, ImportRow.row_no > after_row)
        .order_by(ImportRow.row_no)
        .limit(limit)
    )
    if outcomes:
        query = query.where(ImportRow.outcome.in_(outcomes))
    return [LogRow(row, unit_uid) for row, unit_uid in session.execute(query)]


def open_rows(
    session: Session, *, run_id: int, after_row: int, limit: int
) -> list[tuple[int, ReadRow]]:
    """Rows that wait to be booked, in the order of the file: row id and what it says."""
    query = (
        sa.select(ImportRow.id, ImportRow.row_no, ImportRow.said)
        .where(
            ImportRow.run_id == run_id,
            ImportRow.row_no > after_row,
            ImportRow.outcome.in_(GOOD),
            ~ImportRow.is_booked,
        )
        .order_by(ImportRow.row_no)
        .limit(limit)
    )
    rows = session.execute(query)
    return [(id_, ReadRow.from_said(row_no, said)) for id_, row_no, said in rows]


def booked_rows(session: Session, *, run_id: int) -> set[int]:
    """The rows that this run has booked already; they are never judged again."""
    return set(
        session.scalars(
            sa.select(ImportRow.row_no).where(ImportRow.run_id == run_id, ImportRow.is_booked)
        )
    )


def count_rows(session: Session, *, run_id: int) -> dict[str, int]:
    """How many rows have each outcome, how many are booked, and how many wait to be."""
    booked = sa.func.sum(sa.case((ImportRow.is_booked, 1), else_=0))
    found = session.execute(
        sa.select(ImportRow.outcome, sa.func.count(), booked)
        .where(ImportRow.run_id == run_id)
        .group_by(ImportRow.outcome)
    ).all()
    rows = {outcome: (int(count), int(done)) for outcome, count, done in found}
    counts = {str(outcome): rows.get(outcome, (0, 0))[0] for outcome in RowOutcome}
    done = sum(rows[outcome][1] for outcome in rows)
    return counts | {"booked": done, "open": sum(counts[one] for one in GOOD) - done}


def remembered_layout(
    session: Session, *, site_id: int, kind: str, signature: str
) -> ImportLayout | None:
    """What the columns of such a file meant when one was last booked at this site."""
    return session.scalars(
        sa.select(ImportLayout).where(
            ImportLayout.site_id == site_id,
            ImportLayout.kind == kind,
            ImportLayout.signature == signature,
        )
    ).one_or_none()


def suggest_items(session: Session, *, limit: int) -> list[Item]:
    """Items that are kept by roll and in kg, the newest first."""
    query = (
        sa.select(Item)
        .where(Item.tracking == Tracking.UNIT, Item.unit_of_measure_code == "kg")
        .order_by(Item.id.desc())
        .limit(limit)
    )
    return list(session.scalars(query))


def unit_uids(session: Session, *, unit_ids: Sequence[int]) -> list[uuid.UUID]:
    """The public ids of units, in the order in which they were made."""
    query = sa.select(Unit.uid).where(Unit.id.in_(unit_ids)).order_by(Unit.id)
    return list(session.scalars(query))


def _runs(session: Session, actor: Actor) -> Any:
    query: Any = (
        sa.select(ImportRun, Department, User.name, OutboxMessage)
        .join(Department, Department.id == ImportRun.department_id)
        .join(User, User.id == ImportRun.created_by_id)
        .outerjoin(OutboxMessage, OutboxMessage.uid == ImportRun.message_uid)
    )
    departments = departments_in_reach(session, actor=actor, permission=Permission.IMPORTS_RUN)
    if departments is None:
        return query
    return query.where(ImportRun.department_id.in_(sorted(departments)))


def _view(row: Any) -> RunView:
    run, department, name, message = row
    has_failed = message is not None and message.failed_at is not None
    return RunView(
        run,
        department,
        name,
        asked_at=message.created_at if message else run.created_at,
        job_error=(message.error or "It ended without an answer.") if has_failed else None,
    )
