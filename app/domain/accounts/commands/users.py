"""Accounts: made, closed and opened again. Nobody takes charge of more than they hold."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import DomainError, Forbidden
from app.core.rights import Actor, Permission, require, require_throughout
from app.domain.accounts.commands.loading import add_once, load_user, site_of
from app.domain.accounts.commands.roles import require_to_hand_out
from app.domain.accounts.commands.submit_grants import revoke_submit_grants
from app.domain.accounts.models import Role, User
from app.domain.accounts.passwords import hash_password
from app.domain.accounts.queries import live_grants
from app.domain.accounts.rules import check_password, clean_email, clean_name, clean_username
from app.domain.audit.commands import record_change


class UsernameTaken(DomainError):
    """Somebody else has that user name."""

    code = "username_taken"


class OwnAccount(DomainError):
    """Nobody shuts themselves out."""

    code = "own_account"


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
        site_id=site_of(session, home_department_id),
        department_id=home_department_id,
    )
    password_hash = first_hash(username, password) if password is not None else None
    user = add_user(session, username=username, name=name, password_hash=password_hash, email=email)
    user.home_department_id = home_department_id
    session.flush()
    record_user(session, actor, user, origin=None)
    return user


def create_admin(session: Session, *, username: str, name: str, password: str, origin: str) -> User:
    """Make an account with every right, for whoever holds the machine; nobody is asked."""
    password_hash = first_hash(username, password)
    user = add_user(session, username=username, name=name, password_hash=password_hash, email=None)
    user.is_superuser = True
    session.flush()
    record_user(session, None, user, origin=origin)
    return user


def close_user(session: Session, *, actor: Actor, user_id: int) -> User:
    """Shut an account: its sessions and the grants of its devices end with the next request.

    Its name stays in the books.
    """
    user = load_user(session, user_id)
    if user.id == actor.user_id:
        raise OwnAccount("Nobody closes their own account. Ask another administrator.")
    require_charge_of(session, actor, user)
    if user.is_active:
        user.is_active = False
        user.session_epoch += 1
        revoke_submit_grants(session, actor=actor, user_id=user.id)
        _record(session, actor, user, "user.closed")
    return user


def reopen_user(session: Session, *, actor: Actor, user_id: int) -> User:
    """Open a closed account again, with the password and the roles that it had."""
    user = load_user(session, user_id)
    require_charge_of(session, actor, user)
    if not user.is_active:
        user.is_active = True
        _record(session, actor, user, "user.reopened")
    return user


def require_charge_of(session: Session, actor: Actor, user: User) -> None:
    """Raise Forbidden unless the actor manages accounts wherever this person works.

    Whoever gives somebody a password could act as them, so all their rights are asked as well.
    """
    if user.is_superuser and not actor.is_superuser:
        raise Forbidden("Only an administrator with all rights may do this.")
    grants = live_grants(session, user_id=user.id)
    for grant in grants:
        role = session.get_one(Role, grant.role_id)
        require_to_hand_out(session, actor, role, grant.site_id, grant.department_id)
    if not grants or user.home_department_id is not None:
        require_throughout(
            actor,
            Permission.ACCOUNTS_MANAGE,
            site_id=site_of(session, user.home_department_id),
            department_id=user.home_department_id,
        )


def add_user(
    session: Session, *, username: str, name: str, password_hash: str | None, email: str | None
) -> User:
    """Insert an account; whoever may do so was asked before."""
    username, shown, email = clean_username(username), clean_name(name), clean_email(email)
    if session.scalar(sa.select(User.id).where(User.username == username)) is not None:
        raise UsernameTaken(f"There is a user “{username}” already.", field="username")
    user = User(username=username, name=shown, email=email, password_hash=password_hash)
    add_once(session, user)
    return user


def first_hash(username: str, password: str) -> str:
    """The hash of a new account's password. Raises Invalid.

    Hashing takes long, so what a stranger may call does it before the transaction that writes.
    """
    check_password(password, username=clean_username(username))
    return hash_password(password)


def record_user(session: Session, actor: Actor | None, user: User, *, origin: str | None) -> None:
    """Keep in the audit log that an account was made."""
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


def _record(session: Session, actor: Actor, user: User, action: str) -> None:
    record_change(session, actor=actor, action=action, subject_kind="user", subject_id=user.id)
