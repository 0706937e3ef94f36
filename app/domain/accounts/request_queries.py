"""Reading requests for roles: the inbox of whoever decides, and what became of one's own."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.core.clock import now
from app.core.errors import NotFound
from app.core.rights import Permission
from app.domain.accounts.models import Grant, Role, RolePermission, RoleRequest, User
from app.domain.locations.models import Department, Site


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request in words."""

    id: int
    uid: uuid.UUID
    user_uid: uuid.UUID
    user_name: str
    username: str
    email: str | None
    is_active: bool
    role_name: str
    is_department_bound: bool
    department_id: int
    department_name: str
    site_name: str
    note: str
    asked_at: datetime
    decision: str | None
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None


def list_open_requests(
    session: Session, *, among: Collection[int] | None, limit: int
) -> Sequence[RequestRow]:
    """What waits for a decision, oldest first; `among` keeps these departments, None means all."""
    query = _rows(RoleRequest.decided_at.is_(None), *_within(among))
    return _read(session, query.order_by(RoleRequest.id).limit(limit))


def list_decided_requests(
    session: Session, *, among: Collection[int] | None, limit: int
) -> Sequence[RequestRow]:
    """What was decided lately, newest first."""
    query = _rows(RoleRequest.decided_at.is_not(None), *_within(among))
    return _read(session, query.order_by(RoleRequest.decided_at.desc()).limit(limit))


def list_requests_of(session: Session, *, user_id: int, limit: int) -> Sequence[RequestRow]:
    """One person's requests, newest first."""
    query = _rows(RoleRequest.user_id == user_id)
    return _read(session, query.order_by(RoleRequest.id.desc()).limit(limit))


def count_open_requests(session: Session, *, among: Collection[int] | None) -> int:
    """How many wait for a decision."""
    open_ones = sa.select(sa.func.count(RoleRequest.id)).where(
        RoleRequest.decided_at.is_(None), *_within(among)
    )
    return session.scalar(open_ones) or 0


def request_by_uid(session: Session, *, uid: uuid.UUID) -> RequestRow:
    """One request, open or decided. Raises NotFound."""
    found = _read(session, _rows(RoleRequest.uid == uid))
    if not found:
        raise NotFound("There is no such request.")
    return found[0]


def request_by_id(session: Session, *, request_id: int) -> RequestRow:
    """One request, open or decided. Raises NotFound."""
    found = _read(session, _rows(RoleRequest.id == request_id))
    if not found:
        raise NotFound("There is no such request.")
    return found[0]


def addresses_of_deciders(session: Session, *, department_id: int) -> Sequence[str]:
    """The e-mail addresses of everybody who may decide about a request in a department."""
    moment = now()
    site_id = sa.select(Department.site_id).where(Department.id == department_id).scalar_subquery()
    in_charge = (
        sa.select(Grant.user_id)
        .join(RolePermission, RolePermission.role_id == Grant.role_id)
        .where(
            RolePermission.permission == Permission.ACCOUNTS_MANAGE,
            Grant.valid_from <= moment,
            sa.or_(Grant.valid_until.is_(None), Grant.valid_until > moment),
            Grant.revoked_at.is_(None),
            sa.or_(Grant.site_id.is_(None), Grant.site_id == site_id),
            sa.or_(Grant.department_id.is_(None), Grant.department_id == department_id),
        )
    )
    return session.scalars(
        sa.select(User.email)
        .where(User.is_active, User.email.is_not(None))
        .where(sa.or_(User.is_superuser, User.id.in_(in_charge)))
        .distinct()
        .order_by(User.email)
    ).all()  # type: ignore[return-value]


def _within(among: Collection[int] | None) -> list[sa.ColumnElement[bool]]:
    return [] if among is None else [RoleRequest.department_id.in_(sorted(among))]


def _rows(*conditions: sa.ColumnElement[bool]) -> Any:
    decider = aliased(User)
    rows: Any = (
        sa.select(
            RoleRequest.id,
            RoleRequest.uid,
            User.uid.label("user_uid"),
            User.name.label("user_name"),
            User.username,
            User.email,
            User.is_active,
            Role.name.label("role_name"),
            Role.is_department_bound,
            RoleRequest.department_id,
            Department.name.label("department_name"),
            Site.name.label("site_name"),
            RoleRequest.note,
            RoleRequest.asked_at,
            RoleRequest.decision,
            RoleRequest.decided_at,
            decider.name.label("decided_by"),
            RoleRequest.reason,
        )
        .join(User, User.id == RoleRequest.user_id)
        .join(Role, Role.id == RoleRequest.role_id)
        .join(Department, Department.id == RoleRequest.department_id)
        .join(Site, Site.id == Department.site_id)
        .outerjoin(decider, decider.id == RoleRequest.decided_by_id)
        .where(*conditions)
    )
    return rows


def _read(session: Session, query: Any) -> list[RequestRow]:
    return [RequestRow(*row) for row in session.execute(query)]
