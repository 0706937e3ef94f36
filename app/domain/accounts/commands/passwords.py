"""Passwords: changed by their owner, set by whoever is in charge, or with a link that works once.

Every new password ends what began with the old one: sessions, the grants of devices, open links.
Hashing takes long and much memory, so `prepare_…` does it before the transaction that writes.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import DomainError, Forbidden, Invalid, NotFound
from app.core.outbox import enqueue
from app.core.rights import Actor
from app.domain.accounts.commands.loading import load_user
from app.domain.accounts.commands.submit_grants import revoke_submit_grants
from app.domain.accounts.commands.users import require_charge_of
from app.domain.accounts.models import PasswordReset, User
from app.domain.accounts.passwords import hash_password, is_password
from app.domain.accounts.queries import load_actor
from app.domain.accounts.rules import PASSWORD_RESET_LIFETIME, check_password
from app.domain.audit.commands import record_change


class LinkGone(NotFound):
    """The link was used, is too old, or was replaced by a newer one."""

    code = "link_gone"


class PasswordReplaced(DomainError):
    """Somebody else gave the account another password in between."""

    code = "password_replaced"


@dataclass(frozen=True, slots=True)
class NewPassword:
    """The hash of a new password, and the one that it was meant to replace."""

    password_hash: str
    replaces: str | None


def set_password(session: Session, *, actor: Actor, user_id: int, password: str) -> None:
    """Give a user a new password: one's own, or that of somebody one is in charge of."""
    user = load_user(session, user_id)
    if actor.user_id != user.id:
        require_charge_of(session, actor, user)
    _put(session, actor, user, _hashed(user, password))
    _record(session, actor, user, "password.set")


def prepare_change(session: Session, *, actor: Actor, present: str, password: str) -> NewPassword:
    """Check the present password and hash the new one; reads only."""
    user = session.get_one(User, actor.user_id)
    if not is_password(present, user.password_hash):
        raise Invalid("This is not your present password.", field="present")
    return _hashed(user, password)


def change_password(session: Session, *, actor: Actor, password: NewPassword) -> User:
    """Change one's own password, which the present one has allowed. Other sessions end."""
    user = load_user(session, actor.user_id)
    _put(session, actor, user, password)
    _record(session, actor, user, "password.changed")
    return user


def issue_password_reset(session: Session, *, actor: Actor, user_id: int) -> PasswordReset:
    """Let a user set a new password with a link, once and within 24 hours.

    Earlier links of this user end. The old password works until the link is used.
    """
    user = load_user(session, user_id)
    require_charge_of(session, actor, user)
    _end_links(session, user)
    moment = now()
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


def prepare_reset(session: Session, *, uid: uuid.UUID, password: str) -> NewPassword:
    """Hash the password that a link is to set; reads only. Raises LinkGone."""
    reset = _load_link(session, uid)
    user = session.get_one(User, reset.user_id)
    _require_open(reset, user)
    return _hashed(user, password)


def use_password_reset(
    session: Session, *, uid: uuid.UUID, password: NewPassword, origin: str | None
) -> User:
    """Set a password with a link. Raises LinkGone, always in the same words.

    The link is worth what its maker may do now: it ends with their account or their charge.
    """
    reset = _load_link(session, uid)
    # First the account, then the link: in the order of those who make links.
    user = load_user(session, reset.user_id)
    session.refresh(reset, with_for_update=True)
    _require_open(reset, user)
    _require_charge_of_maker(session, reset, user)
    reset.used_at = now()
    _put(session, None, user, password, origin=origin)
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


def _load_link(session: Session, uid: uuid.UUID) -> PasswordReset:
    reset = session.scalars(sa.select(PasswordReset).where(PasswordReset.uid == uid)).first()
    if reset is None:
        raise gone()
    return reset


def _require_open(reset: PasswordReset, user: User) -> None:
    if reset.used_at is not None or reset.expires_at <= now() or not user.is_active:
        raise gone()


def _require_charge_of_maker(session: Session, reset: PasswordReset, user: User) -> None:
    maker = load_actor(session, reset.made_by_id)
    if maker is None:
        raise gone()
    try:
        require_charge_of(session, maker, user)
    except Forbidden:
        raise gone() from None


def _hashed(user: User, password: str) -> NewPassword:
    check_password(password, username=user.username)
    return NewPassword(hash_password(password), replaces=user.password_hash)


def _put(
    session: Session,
    actor: Actor | None,
    user: User,
    password: NewPassword,
    *,
    origin: str | None = None,
) -> None:
    if user.password_hash != password.replaces:
        raise PasswordReplaced(
            "The password of this account was changed a moment ago. Nothing was written; "
            "log in with the newer password, or try again."
        )
    user.password_hash = password.password_hash
    user.session_epoch += 1
    session.flush()
    _end_links(session, user)
    revoke_submit_grants(session, actor=actor, user_id=user.id, origin=origin)


def _end_links(session: Session, user: User) -> None:
    moment = now()
    session.execute(
        sa.update(PasswordReset)
        .where(PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None))
        .where(PasswordReset.expires_at > moment)
        .values(expires_at=moment)
    )


def _record(session: Session, actor: Actor, user: User, action: str) -> None:
    record_change(session, actor=actor, action=action, subject_kind="user", subject_id=user.id)
