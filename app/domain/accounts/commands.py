"""Users, passwords, roles and grants. Every change is in the audit log; passwords never are."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import DomainError, Forbidden, Invalid, NotFound
from app.core.rights import Actor, Permission, require, require_throughout
from app.domain.accounts.models import Grant, Role, RolePermission, SubmitGrant, User
from app.domain.accounts.passwords import hash_password
from app.domain.accounts.queries import permissions_of, scan_rights, token_hash
from app.domain.accounts.rules import (
    ROLE_SEEDS,
    SUBMIT_GRANT_LIFETIME,
    RoleSeed,
    check_password,
    clean_username,
)
from app.domain.audit.commands import record_change
from app.domain.locations.models import Department


class UsernameTaken(DomainError):
    """Somebody else has that user name."""

    code = "username_taken"


def seed_roles(session: Session) -> None:
    """Make sure that the known roles exist. What somebody changed in one is left alone."""
    existing = set(session.scalars(sa.select(Role.code)))
    for seed in ROLE_SEEDS:
        if seed.code not in existing:
            _add_role(session, seed)
    session.flush()


def create_user(
    session: Session,
    *,
    actor: Actor,
    username: str,
    name: str,
    password: str | None = None,
    email: str | None = None,
    home_department_id: int | None = None,
) -> User:
    """Make an account without any rights; without a password nobody can log in to it yet."""
    require(
        actor,
        Permission.ACCOUNTS_MANAGE,
        site_id=_site_of(session, home_department_id),
        department_id=home_department_id,
    )
    user = _add_user(session, username=username, name=name, password=password, email=email)
    user.home_department_id = home_department_id
    session.flush()
    _record_user(session, actor, user, origin=None)
    return user


def create_admin(session: Session, *, username: str, name: str, password: str, origin: str) -> User:
    """Make an account with every right, for whoever holds the machine; nobody is asked."""
    user = _add_user(session, username=username, name=name, password=password, email=None)
    user.is_superuser = True
    session.flush()
    _record_user(session, None, user, origin=origin)
    return user


def set_password(session: Session, *, actor: Actor, user_id: int, password: str) -> None:
    """Give a user a new password: one's own, or anybody's for whoever manages all accounts."""
    user = _load_user(session, user_id)
    if actor.user_id != user.id:
        require_throughout(actor, Permission.ACCOUNTS_MANAGE)
        if user.is_superuser and not actor.is_superuser:
            raise Forbidden("Only an administrator with all rights may do this.")
    check_password(password, username=user.username)
    user.password_hash = hash_password(password)
    record_change(
        session, actor=actor, action="password.set", subject_kind="user", subject_id=user.id
    )


def grant_role(
    session: Session,
    *,
    actor: Actor,
    user_id: int,
    role_code: str,
    site_id: int | None = None,
    department_id: int | None = None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> Grant:
    """Give a role in a scope (everywhere, a site, a department) from now or a later moment.

    Nobody gives away what they do not hold in the whole of that scope. Takes effect at once.
    """
    role = _load_role(session, role_code)
    user = _load_user(session, user_id)
    if department_id is not None:
        site_id = _site_of(session, department_id)
    if role.is_department_bound and department_id is None:
        raise Invalid(f"The role {role.name} is given for a department.", field="department")
    starts = valid_from or now()
    if valid_until is not None and valid_until <= starts:
        raise Invalid("A grant must end after it begins.", field="valid_until")
    _require_to_hand_out(session, actor, role, site_id, department_id)
    grant = Grant(
        user_id=user.id,
        role_id=role.id,
        site_id=site_id,
        department_id=department_id,
        valid_from=starts,
        valid_until=valid_until,
        granted_by_id=actor.user_id,
    )
    session.add(grant)
    session.flush()
    _record_grant(session, actor, grant, role, action="role.granted")
    return grant


def revoke_role(session: Session, *, actor: Actor, grant_id: int) -> Grant:
    """End a grant at once; the row stays. Revoking again changes nothing."""
    grant = session.get(Grant, grant_id, with_for_update=True)
    if grant is None:
        raise NotFound("There is no such grant.", field="grant")
    role = session.get_one(Role, grant.role_id)
    _require_to_hand_out(session, actor, role, grant.site_id, grant.department_id)
    if grant.revoked_at is None:
        grant.revoked_at = now()
        session.flush()
        _record_grant(session, actor, grant, role, action="role.revoked")
    return grant


def issue_submit_grant(
    session: Session, *, actor: Actor, device_id: int, at: datetime | None = None
) -> tuple[SubmitGrant, str]:
    """The right to send scans from one device for 14 days, and its token.

    The token is shown this once; only its hash is kept.
    """
    require(actor, Permission.SYNC_SCAN)
    issued_at = at or now()
    token = secrets.token_urlsafe(32)
    grant = SubmitGrant(
        user_id=actor.user_id,
        device_id=device_id,
        token_hash=token_hash(token),
        content={
            "version": 1,
            "site_id": actor.site_id,
            "rights": scan_rights(session, actor),
        },
        issued_at=issued_at,
        expires_at=issued_at + SUBMIT_GRANT_LIFETIME,
    )
    session.add(grant)
    session.flush()
    record_change(
        session,
        actor=actor,
        action="submit_grant.issued",
        subject_kind="submit_grant",
        subject_id=grant.id,
        after={"device_id": device_id, "rights": grant.content["rights"]},
    )
    return grant, token


def _add_role(session: Session, seed: RoleSeed) -> None:
    role = Role(code=seed.code, name=seed.name, is_department_bound=seed.is_department_bound)
    session.add(role)
    session.flush()
    for permission in sorted(seed.permissions):
        session.add(RolePermission(role_id=role.id, permission=permission))


def _add_user(
    session: Session, *, username: str, name: str, password: str | None, email: str | None
) -> User:
    username = clean_username(username)
    if session.scalar(sa.select(User.id).where(User.username == username)) is not None:
        raise UsernameTaken(f"There is a user “{username}” already.", field="username")
    shown = " ".join(name.split())
    if not 1 <= len(shown) <= 120:
        raise Invalid("A name has 1 to 120 characters.", field="name")
    if password is not None:
        check_password(password, username=username)
    user = User(
        username=username,
        name=shown,
        email=email or None,
        password_hash=hash_password(password) if password is not None else None,
    )
    session.add(user)
    return user


def _require_to_hand_out(
    session: Session,
    actor: Actor,
    role: Role,
    site_id: int | None,
    department_id: int | None,
) -> None:
    for permission in {Permission.ACCOUNTS_MANAGE, *permissions_of(session, role_id=role.id)}:
        require_throughout(actor, permission, site_id=site_id, department_id=department_id)


def _load_user(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("There is no such user.", field="user")
    return user


def _load_role(session: Session, code: str) -> Role:
    role = session.scalars(sa.select(Role).where(Role.code == code)).first()
    if role is None:
        raise NotFound(f"There is no role “{code[:40]}”.", field="role")
    return role


def _site_of(session: Session, department_id: int | None) -> int | None:
    if department_id is None:
        return None
    site_id = session.scalar(sa.select(Department.site_id).where(Department.id == department_id))
    if site_id is None:
        raise NotFound("There is no such department.", field="department")
    return site_id


def _record_user(session: Session, actor: Actor | None, user: User, *, origin: str | None) -> None:
    after: dict[str, Any] = {
        "username": user.username,
        "name": user.name,
        "is_superuser": user.is_superuser,
        "home_department_id": user.home_department_id,
    }
    record_change(
        session,
        actor=actor,
        action="user.created",
        subject_kind="user",
        subject_id=user.id,
        after=after,
        origin=origin,
    )


def _record_grant(session: Session, actor: Actor, grant: Grant, role: Role, *, action: str) -> None:
    record_change(
        session,
        actor=actor,
        action=action,
        subject_kind="user",
        subject_id=grant.user_id,
        after={
            "grant_id": grant.id,
            "role": role.code,
            "site_id": grant.site_id,
            "department_id": grant.department_id,
            "valid_until": grant.valid_until.isoformat() if grant.valid_until else None,
        },
    )
