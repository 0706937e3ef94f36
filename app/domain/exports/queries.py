"""Reading export runs."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.core.outbox import OutboxMessage
from app.core.rights import Actor, Permission
from app.domain.accounts.models import User
from app.domain.exports.models import ExportRun, ExportState
from app.domain.exports.rules import KEPT_FOR, WORKING
from app.domain.locations.models import Department


@dataclass(frozen=True, slots=True)
class ExportView:
    """A run with what a page shows; `job_error` is what its job said if it gave up."""

    run: ExportRun
    created_by: str
    departments: str
    job_error: str | None = None

    @property
    def is_working(self) -> bool:
        """Whether the file is still being made."""
        return self.run.state in WORKING and self.job_error is None

    @property
    def kept_until(self) -> datetime | None:
        """When the file will be removed."""
        return self.run.finished_at + KEPT_FOR if self.run.finished_at else None


def departments_of(session: Session, *, actor: Actor, site_id: int) -> list[int] | None:
    """The departments of a site of which the actor may have exports; None means all of it."""
    if actor.may_throughout(Permission.EXPORTS_RUN, site_id=site_id):
        return None
    ids = session.scalars(sa.select(Department.id).where(Department.site_id == site_id))
    return [
        one for one in ids if actor.may(Permission.EXPORTS_RUN, site_id=site_id, department_id=one)
    ]


def covers(session: Session, *, actor: Actor, run: ExportRun) -> bool:
    """Whether the actor may have, now, all that the run's file holds."""
    mine = departments_of(session, actor=actor, site_id=run.site_id)
    wanted = run.parameters["departments"]
    return mine is None or (wanted is not None and set(wanted) <= set(mine))


def export_by_uid(session: Session, *, actor: Actor, uid: uuid.UUID) -> ExportView:
    """A run whose file the actor may have. Raises NotFound."""
    row = session.execute(_runs().where(ExportRun.uid == uid)).first()
    if row is None or not covers(session, actor=actor, run=row[0]):
        raise NotFound("There is no such export.", field="export")
    return _views(session, [row])[0]


def list_exports(
    session: Session, *, actor: Actor, site_id: int, before_id: int | None = None, limit: int
) -> list[ExportView]:
    """The runs of a site, newest first: all for whoever may have all of it, else one's own."""
    query = _runs().where(ExportRun.site_id == site_id)
    if departments_of(session, actor=actor, site_id=site_id) is not None:
        query = query.where(ExportRun.created_by_id == actor.user_id)
    if before_id is not None:
        query = query.where(ExportRun.id < before_id)
    rows = session.execute(query.order_by(ExportRun.id.desc()).limit(limit)).all()
    return _views(session, rows)


def kept_files(session: Session) -> set[str]:
    """The storage keys of every file that can still be fetched."""
    return set(
        session.scalars(
            sa.select(ExportRun.storage_key).where(
                ExportRun.state == ExportState.DONE, ExportRun.storage_key.is_not(None)
            )
        )
    )


def _runs() -> Any:
    return (
        sa.select(ExportRun, User.name, OutboxMessage.failed_at, OutboxMessage.error)
        .join(User, User.id == ExportRun.created_by_id)
        .outerjoin(OutboxMessage, OutboxMessage.uid == ExportRun.message_uid)
    )


def _views(session: Session, rows: Any) -> list[ExportView]:
    ids = {one for row in rows for one in row[0].parameters["departments"] or ()}
    found = session.execute(sa.select(Department.id, Department.name).where(Department.id.in_(ids)))
    names = {row.id: row.name for row in found}
    return [_view(names, *row) for row in rows]


def _view(
    names: dict[int, str],
    run: ExportRun,
    created_by: str,
    failed_at: datetime | None,
    error: str | None,
) -> ExportView:
    among = run.parameters["departments"]
    words = (
        "All departments"
        if among is None
        else ", ".join(sorted(names.get(one, "?") for one in among))
    )
    has_failed = failed_at is not None and run.state in WORKING
    return ExportView(
        run, created_by, words, (error or "It ended without an answer.") if has_failed else None
    )
