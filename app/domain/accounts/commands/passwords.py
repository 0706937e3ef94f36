"""Passwords: changed by their owner, set by whoever is in charge, or with a link that works once.

Every new password ends the sessions that began with the old one.
"""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Invalid, NotFound
from app.core.outbox import enqueue
from app.core.rights import Actor
from app.domain.accounts.commands.loading import load_user
from app.domain.accounts.commands.users import require_charge_of
from app.domain.accounts.models import PasswordReset, User
from app.domain.accounts.passwords import hash_password, is_password
from app.domain.accounts.rules import PASSWORD_RESET_LIFETIME, check_password
from app.domain.audit.commands import record_change


class LinkGone(NotFound):
    """The link was used, is too old, or was replaced by a newer one."""

    code = "link_gone"


def set_password(session: Session, *, actor: Actor, user_id: int, password: str) -> None:
    """Give a user a new password: one's own, or that of somebody one is in charge of."""
    user = load_user(session, user_id)
    if actor.user_id != user.id:
        require_charge_of(session, actor, user)
    _put(session, user, password)
    _record(session, actor, user, "password.set")


def change_password(session: Session, *, actor: Actor, present: str, password: str) -> User:
    """Change one's own password, which the present one allows. Other sessions end."""
    user = load_user(session, actor.user_id)
    if not is_password(present, user.password_hash):
        raise Invalid("This is not your present password.", field="present")
    _put(session, user, password)
    _record(session, actor, user, "password.changed")
    return user


def issue_password_reset(session: Session, *, actor: Actor, user_id: int) -> PasswordReset:
    """Let a user set a new password with a link, once and within 24 hours.

    Earlier links of this user end. The old password works until the link is used.
    """
    user = load_user(session, user_id)
    require_charge_of(session, actor, user)
    moment = now()
    session.execute(
        sa.update(PasswordReset)
        .where(PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None))
        .where(PasswordReset.expires_at > moment)
        .values(expires_at=moment)
    )
    reset = PasswordReset(
        user_id=user.id,
        made_by_id=actor.user_id,
        made_at=moment,
        expires_at=moment + PASSWORD_RESET_LIFETIME,
    )
    session.add(reset)
    session.flush()
    _record(session, actor, user, "password_reset.issued")
    enqueue(session, "accounts.mail_reset", {"reset_id": reset.id})
    return reset


def use_password_reset(
    session: Session, *, uid: uuid.UUID, password: str, origin: str | None
) -> User:
    """Set a password with a link. Raises LinkGone, always in the same words."""
    reset = session.scalars(
        sa.select(PasswordReset).where(PasswordReset.uid == uid).with_for_update()
    ).first()
    if reset is None or reset.used_at is not None or reset.expires_at <= now():
        raise gone()
    user = load_user(session, reset.user_id)
    if not user.is_active:
        raise gone()
    _put(session, user, password)
    reset.used_at = now()
    record_change(
        session,
        actor=None,
        action="password_reset.used",
        subject_kind="user",
        subject_id=user.id,
        origin=origin,
    )
    return user


def gone() -> LinkGone:
    """What is said of every link that does not work."""
    return LinkGone(
        "This link was used, is older than a day or was replaced by a newer one. "
        "Ask an administrator for a new link."
    )


def _put(session: Session, user: User, password: str) -> None:
    check_password(password, username=user.username)
    user.password_hash = hash_password(password)
    user.session_epoch += 1
    session.flush()


def _record(session: Session, actor: Actor, user: User, action: str) -> None:
    record_change(session, actor=actor, action=action, subject_kind="user", subject_id=user.id)
