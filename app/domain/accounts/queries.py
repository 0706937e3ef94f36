"""Reading users, their rights of the moment, and the grants of devices."""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Invalid, NotFound
from app.core.rights import Actor, Permission, Scope
from app.domain.accounts.models import Grant, Role, RolePermission, SubmitGrant, User
from app.domain.accounts.passwords import is_password
from app.domain.accounts.rules import SCAN_RIGHTS, clean_username
from app.domain.locations.models import Department, Site


def load_actor(
    session: Session,
    user_id: int,
    *,
    at: datetime | None = None,
    device_id: int | None = None,
    origin: str | None = None,
    session_epoch: int | None = None,
) -> Actor | None:
    """A user with the rights in force at a moment (now); None for unknown and closed accounts.

    With a `session_epoch` also None for a session that a newer password has ended.
    """
    wanted = (
        sa.select(User, Department.site_id)
        .outerjoin(Department, Department.id == User.home_department_id)
        .where(User.id == user_id, User.is_active)
    )
    if session_epoch is not None:
        wanted = wanted.where(User.session_epoch == session_epoch)
    row = session.execute(wanted).first()
    if row is None:
        return None
    user, site_id = row
    scopes = _scopes(session, user_id, at or now())
    return Actor(
        user_id=user.id,
        name=user.name,
        is_superuser=user.is_superuser,
        scopes=scopes,
        site_id=site_id or _site_of(session, scopes),
        home_department_id=user.home_department_id,
        device_id=device_id,
        origin=origin,
    )


def verify_password(session: Session, *, username: str, password: str) -> User | None:
    """The user of that name and password, if the account is open.

    An unknown name takes as long as a wrong password, so that names cannot be found out.
    """
    try:
        wanted = clean_username(username)
    except Invalid:
        wanted = ""
    user = session.scalars(sa.select(User).where(User.username == wanted)).first()
    is_right = is_password(password, user.password_hash if user else None)
    return user if user is not None and is_right and user.is_active else None


def user_by_username(session: Session, *, username: str) -> User | None:
    """A user by name, open or closed."""
    return session.scalars(sa.select(User).where(User.username == username.strip().lower())).first()


def user_by_uid(session: Session, *, uid: uuid.UUID) -> User:
    """A user by public id, open or closed. Raises NotFound."""
    user = session.scalars(sa.select(User).where(User.uid == uid)).first()
    if user is None:
        raise NotFound("There is no such user.", field="user")
    return user


def live_grants(session: Session, *, user_id: int) -> Sequence[Grant]:
    """The grants of a user that are in force or begin later."""
    return session.scalars(
        sa.select(Grant)
        .where(
            Grant.user_id == user_id,
            Grant.revoked_at.is_(None),
            sa.or_(Grant.valid_until.is_(None), Grant.valid_until > now()),
        )
        .order_by(Grant.id)
    ).all()


def permissions_of(session: Session, *, role_id: int) -> frozenset[Permission]:
    """The permissions of a role; names that this version does not know are left out."""
    known = set(Permission)
    held = session.scalars(
        sa.select(RolePermission.permission).where(RolePermission.role_id == role_id)
    )
    return frozenset(Permission(name) for name in held if name in known)


def find_submit_grant(session: Session, token: str) -> SubmitGrant | None:
    """The submit grant of a bearer token, whether or not it is still in force."""
    return session.scalars(
        sa.select(SubmitGrant).where(SubmitGrant.token_hash == token_hash(token))
    ).first()


def token_hash(token: str) -> str:
    """What is kept of a bearer token; the token has 256 random bits, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def scan_rights(session: Session, actor: Actor) -> dict[str, list[str] | str]:
    """For each verb of a scan the codes of the departments in which the actor may do it.

    "*" stands for all departments. This is what a submit grant promises, and by what late
    events are judged.
    """
    rights = {verb: actor.departments_for(permission) for verb, permission in SCAN_RIGHTS.items()}
    wanted = frozenset[int]().union(*[ids for ids in rights.values() if ids is not None])
    codes = _department_codes(session, wanted)
    return {
        verb: "*" if ids is None else sorted(codes[one] for one in ids if one in codes)
        for verb, ids in rights.items()
    }


def _department_codes(session: Session, ids: frozenset[int]) -> Mapping[int, str]:
    if not ids:
        return {}
    rows = session.execute(sa.select(Department.id, Department.code).where(Department.id.in_(ids)))
    return {row.id: row.code for row in rows}


def _scopes(session: Session, user_id: int, at: datetime) -> tuple[Scope, ...]:
    rows = session.execute(
        sa.select(Grant, RolePermission.permission)
        .join(Role, Role.id == Grant.role_id)
        .join(RolePermission, RolePermission.role_id == Role.id)
        .where(
            Grant.user_id == user_id,
            Grant.valid_from <= at,
            sa.or_(Grant.valid_until.is_(None), Grant.valid_until > at),
            sa.or_(Grant.revoked_at.is_(None), Grant.revoked_at > at),
        )
        .order_by(Grant.id)
    )
    permissions: dict[int, set[str]] = defaultdict(set)
    grants: dict[int, Any] = {}
    for grant, permission in rows:
        grants[grant.id] = grant
        permissions[grant.id].add(permission)
    return tuple(
        Scope(
            permissions=frozenset(permissions[grant_id]),
            site_id=grant.site_id,
            department_id=grant.department_id,
            valid_from=grant.valid_from,
            valid_until=grant.valid_until,
            grant_id=grant_id,
        )
        for grant_id, grant in grants.items()
    )


def _site_of(session: Session, scopes: tuple[Scope, ...]) -> int | None:
    """The site of somebody without a home department: a grant's, else the first there is."""
    named = [scope.site_id for scope in scopes if scope.site_id is not None]
    return named[0] if named else session.scalar(sa.select(sa.func.min(Site.id)))
