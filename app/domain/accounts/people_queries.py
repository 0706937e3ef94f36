"""Reading accounts for whoever is in charge of them: people, their grants, where they work."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.core.clock import now
from app.domain.accounts.models import Grant, PasswordReset, Role, User
from app.domain.locations.models import Department, Site

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class PersonRow:
    """An account in a list."""

    id: int
    uid: uuid.UUID
    username: str
    name: str
    is_active: bool
    is_superuser: bool
    home: str | None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A grant in words. `place` is None for everywhere."""

    id: int
    role_name: str
    place: str | None
    valid_from: datetime
    valid_until: datetime | None
    revoked_at: datetime | None
    granted_by: str | None
    granted_at: datetime

    @property
    def is_over(self) -> bool:
        """Whether it ended, by itself or because somebody ended it."""
        ends = [at for at in (self.valid_until, self.revoked_at) if at is not None]
        return bool(ends) and min(ends) <= now()


@dataclass(frozen=True, slots=True)
class PlaceOfWork:
    """A department for a list of choices."""

    id: int
    uid: uuid.UUID
    name: str
    site_id: int
    site_name: str


def list_people(
    session: Session, *, text: str, after: tuple[str, int] | None, limit: int
) -> Sequence[PersonRow]:
    """Accounts by name, open and closed, with the names of the roles in force."""
    query = sa.select(
        User.id, User.uid, User.username, User.name, User.is_active, User.is_superuser,
        Department.name,
    ).outerjoin(Department, Department.id == User.home_department_id)  # fmt: skip
    if text:
        wanted = text.lower()
        query = query.where(
            sa.or_(
                sa.func.lower(User.name).contains(wanted, autoescape=True),
                User.username.contains(wanted, autoescape=True),
            )
        )
    if after is not None:
        query = query.where(sa.tuple_(User.name, User.id) > after)
    rows = session.execute(query.order_by(User.name, User.id).limit(limit)).all()
    roles = _role_names(session, [row.id for row in rows])
    return [PersonRow(*row, roles=tuple(sorted(roles[row.id]))) for row in rows]


def list_grants(session: Session, *, user_id: int, limit: int) -> Sequence[GrantRow]:
    """Everything that a user was ever given, newest first."""
    giver = aliased(User)
    rows = session.execute(
        sa.select(
            Grant.id, Role.name, sa.func.coalesce(Department.name, Site.name), Grant.valid_from,
            Grant.valid_until, Grant.revoked_at, giver.name, Grant.granted_at,
        )
        .join(Role, Role.id == Grant.role_id)
        .outerjoin(Department, Department.id == Grant.department_id)
        .outerjoin(Site, Site.id == Grant.site_id)
        .outerjoin(giver, giver.id == Grant.granted_by_id)
        .where(Grant.user_id == user_id)
        .order_by(Grant.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [GrantRow(*row) for row in rows]


def list_roles(session: Session) -> Sequence[Role]:
    """Every role, in the order in which they were made."""
    return session.scalars(sa.select(Role).order_by(Role.id).limit(AT_ONCE)).all()


def list_places_of_work(
    session: Session, *, among: Collection[int] | None = None
) -> Sequence[PlaceOfWork]:
    """The departments of all sites; `among` keeps only these, None means all."""
    query = sa.select(Department.id, Department.uid, Department.name, Site.id, Site.name).join(
        Site, Site.id == Department.site_id
    )
    if among is not None:
        query = query.where(Department.id.in_(sorted(among)))
    rows = session.execute(query.order_by(Site.name, Department.code).limit(AT_ONCE))
    return [PlaceOfWork(*row) for row in rows]


def find_reset(session: Session, *, uid: uuid.UUID) -> tuple[PasswordReset, User] | None:
    """A password link that works now, and whose it is; None for all others."""
    row = session.execute(
        sa.select(PasswordReset, User)
        .join(User, User.id == PasswordReset.user_id)
        .where(
            PasswordReset.uid == uid,
            PasswordReset.used_at.is_(None),
            PasswordReset.expires_at > now(),
            User.is_active,
        )
    ).first()
    return (row[0], row[1]) if row else None


def load_reset(session: Session, *, reset_id: int) -> tuple[PasswordReset, User] | None:
    """The same by id, for whoever sends the link."""
    uid = session.scalar(sa.select(PasswordReset.uid).where(PasswordReset.id == reset_id))
    return find_reset(session, uid=uid) if uid else None


def _role_names(session: Session, user_ids: Sequence[int]) -> dict[int, set[str]]:
    moment = now()
    rows = session.execute(
        sa.select(Grant.user_id, Role.name)
        .join(Role, Role.id == Grant.role_id)
        .where(
            Grant.user_id.in_(user_ids),
            Grant.valid_from <= moment,
            sa.or_(Grant.valid_until.is_(None), Grant.valid_until > moment),
            Grant.revoked_at.is_(None),
        )
    )
    names: dict[int, set[str]] = defaultdict(set)
    for user_id, name in rows:
        names[user_id].add(name)
    return names
