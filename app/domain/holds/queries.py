"""Reading holds."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.core.clock import now
from app.core.errors import NotFound
from app.core.rows import rows_from
from app.domain.accounts.models import User
from app.domain.holds.models import Hold, HoldScope

Subject = tuple[HoldScope, int]


@dataclass(frozen=True, slots=True)
class HoldRow:
    """One hold as a page shows it."""

    uid: uuid.UUID
    scope: str
    reason: str
    put_at: datetime
    put_by: str
    until: datetime | None
    lifted_at: datetime | None
    lifted_by: str | None
    lift_reason: str | None
    is_in_force: bool


def in_force(at: datetime) -> sa.ColumnElement[bool]:
    """The condition that a hold stops something at that moment."""
    return sa.and_(Hold.lifted_at.is_(None), sa.or_(Hold.until.is_(None), Hold.until > at))


def hold_by_uid(session: Session, *, uid: uuid.UUID) -> Hold:
    """A hold by its public id. Raises NotFound."""
    hold = session.scalars(sa.select(Hold).where(Hold.uid == uid)).first()
    if hold is None:
        raise NotFound("There is no such hold.", field="hold")
    return hold


def reasons_of(session: Session, subjects: Iterable[Subject]) -> dict[Subject, str]:
    """Why each of these subjects is on hold now; those that are not are left out.

    The oldest reason counts where a subject has several holds. One query.
    """
    wanted = [{"scope": scope, "subject_id": id_} for scope, id_ in sorted(set(subjects))]
    if not wanted:
        return {}
    table: Any = Hold.__table__
    asked = rows_from(session, wanted, [table.c.scope, table.c.subject_id])
    rows = session.execute(
        sa.select(Hold.scope, Hold.subject_id, Hold.reason)
        .join(asked, sa.and_(Hold.scope == asked.c.scope, Hold.subject_id == asked.c.subject_id))
        .where(in_force(now()))
        .order_by(Hold.id.desc())
    )
    return {(HoldScope(row.scope), row.subject_id): row.reason for row in rows}


def list_holds(session: Session, *, among: Collection[Subject], limit: int) -> list[HoldRow]:
    """Every hold there is or was on these subjects, newest first."""
    put_by, lifted_by = aliased(User), aliased(User)
    at = now()
    rows: Any = session.execute(
        sa.select(
            Hold.uid, Hold.scope, Hold.reason, Hold.put_at, put_by.name, Hold.until,
            Hold.lifted_at, lifted_by.name, Hold.lift_reason, in_force(at),
        )
        .join(put_by, put_by.id == Hold.put_by_id)
        .outerjoin(lifted_by, lifted_by.id == Hold.lifted_by_id)
        .where(
            sa.or_(
                *[sa.and_(Hold.scope == scope, Hold.subject_id == id_) for scope, id_ in among]
            )
        )
        .order_by(Hold.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [HoldRow(*row) for row in rows]
