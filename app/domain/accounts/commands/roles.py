"""Roles and grants: who gives what to whom, where and until when."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Invalid, NotFound
from app.core.rights import Actor, Permission, require_throughout
from app.domain.accounts.commands.loading import load_role, load_user, site_of
from app.domain.accounts.models import Grant, Role, RolePermission, SeededPermission
from app.domain.accounts.queries import permissions_of
from app.domain.accounts.rules import ROLE_SEEDS, RoleSeed
from app.domain.audit.commands import record_change


def seed_roles(session: Session) -> None:
    """Make sure that the known roles exist. What somebody changed in one is left alone.

    A permission that this version brought is added to the roles that are meant to have it.
    """
    existing = {role.code: role for role in session.scalars(sa.select(Role))}
    seeded = set(session.scalars(sa.select(SeededPermission.permission)))
    for seed in ROLE_SEEDS:
        role = existing.get(seed.code)
        if role is None:
            _add_role(session, seed)
        else:
            _add_permissions(session, role, seed.permissions - seeded)
    session.add_all(SeededPermission(permission=one) for one in set(Permission) - seeded)
    session.flush()


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
    role = load_role(session, role_code)
    user = load_user(session, user_id)
    if department_id is not None:
        site_id = site_of(session, department_id)
    if role.is_department_bound and department_id is None:
        raise Invalid(f"The role {role.name} is given for a department.", field="department")
    starts = valid_from or now()
    if valid_until is not None and valid_until <= starts:
        raise Invalid("A grant must end after it begins.", field="valid_until")
    require_to_hand_out(session, actor, role, site_id, department_id)
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
    require_to_hand_out(session, actor, role, grant.site_id, grant.department_id)
    if grant.revoked_at is None:
        grant.revoked_at = now()
        session.flush()
        _record_grant(session, actor, grant, role, action="role.revoked")
    return grant


def require_to_hand_out(
    session: Session,
    actor: Actor,
    role: Role,
    site_id: int | None,
    department_id: int | None,
) -> None:
    for permission in {Permission.ACCOUNTS_MANAGE, *permissions_of(session, role_id=role.id)}:
        require_throughout(actor, permission, site_id=site_id, department_id=department_id)


def _add_role(session: Session, seed: RoleSeed) -> None:
    role = Role(code=seed.code, name=seed.name, is_department_bound=seed.is_department_bound)
    session.add(role)
    session.flush()
    _add_permissions(session, role, seed.permissions)


def _add_permissions(session: Session, role: Role, permissions: frozenset[Permission]) -> None:
    held = permissions_of(session, role_id=role.id) if permissions else frozenset()
    for permission in sorted(permissions - held):
        session.add(RolePermission(role_id=role.id, permission=permission))


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
