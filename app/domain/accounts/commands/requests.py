"""Asking for a role, and deciding about it. A request is decided once, by one person."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import DomainError, NotFound
from app.core.ids import new_uid
from app.core.outbox import enqueue
from app.core.rights import Actor, Permission, require_throughout
from app.domain.accounts.commands.loading import add_once, load_role, load_user, site_of
from app.domain.accounts.commands.roles import grant_role
from app.domain.accounts.commands.users import add_user, first_hash, record_user
from app.domain.accounts.models import Decision, Role, RoleRequest, User
from app.domain.accounts.passwords import is_password
from app.domain.accounts.queries import live_grants
from app.domain.accounts.rules import OPEN_REQUESTS_MAX, clean_note, clean_reason
from app.domain.audit.commands import record_change


class AlreadyHeld(DomainError):
    """One has the role there."""

    code = "role_already_held"


class TooManyRequests(DomainError):
    """One asks for more than anybody decides."""

    code = "too_many_requests"


class AlreadyDecided(DomainError):
    """Somebody else was faster, or decided otherwise."""

    code = "already_decided"


class AccountClosed(DomainError):
    """A closed account gets no roles."""

    code = "account_closed"


@dataclass(frozen=True, slots=True)
class Wish:
    """The role asked for, where, and why. `key` makes a form that is sent twice one request."""

    role_code: str
    department_id: int
    note: str = ""
    key: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class FirstPassword:
    """The hash of a new account's password, and whether it is that of a form sent before.

    `compared` is the hash with which it was compared; None where there was no such form yet.
    """

    text: str = field(repr=False)
    password_hash: str
    compared: str | None = None
    is_same: bool = False

    def fits(self, kept: str | None) -> bool:
        """Whether it is the password kept. Slow only for whoever sends a form twice at once."""
        return self.is_same if kept == self.compared else is_password(self.text, kept)


def prepare_registration(
    session: Session, *, username: str, password: str, key: uuid.UUID | None
) -> FirstPassword:
    """Hash the password of a registration; reads only."""
    password_hash = first_hash(username, password)
    earlier = _request_with(session, key)
    if earlier is None:
        return FirstPassword(password, password_hash)
    kept = session.get_one(User, earlier.user_id).password_hash
    return FirstPassword(password, password_hash, kept, is_password(password, kept))


def register_user(
    session: Session,
    *,
    username: str,
    name: str,
    password: FirstPassword,
    wish: Wish,
    email: str | None = None,
    origin: str | None = None,
) -> User:
    """Make an account that may do nothing yet, with a request for a role; nobody is asked."""
    earlier = _request_with(session, wish.key)
    if earlier is not None:
        user = session.get_one(User, earlier.user_id)
        if user.username == username.strip().lower() and password.fits(user.password_hash):
            return user
    user = add_user(
        session,
        username=username,
        name=name,
        password_hash=password.password_hash,
        email=email,
    )
    record_user(session, None, user, origin=origin)
    _add_request(session, user, wish, key=new_uid() if earlier else wish.key)
    return user


def ask_for_role(session: Session, *, actor: Actor, wish: Wish) -> RoleRequest:
    """Ask for another role. The same wish, while it is open, stays one request."""
    user = load_user(session, actor.user_id)
    earlier = _request_with(session, wish.key)
    if earlier is not None and earlier.user_id == user.id:
        return earlier
    role = load_role(session, wish.role_code)
    waiting = session.scalars(
        sa.select(RoleRequest).where(
            RoleRequest.user_id == user.id, RoleRequest.decided_at.is_(None)
        )
    ).all()
    for one in waiting:
        if (one.role_id, one.department_id) == (role.id, wish.department_id):
            return one
    if len(waiting) >= OPEN_REQUESTS_MAX:
        raise TooManyRequests(
            f"{OPEN_REQUESTS_MAX} of your requests wait for a decision. Ask again after that."
        )
    for grant in live_grants(session, user_id=user.id):
        if grant.role_id == role.id and grant.department_id in (None, wish.department_id):
            raise AlreadyHeld(f"You have the role {role.name} there.", field="role")
    return _add_request(session, user, wish, key=new_uid() if earlier else wish.key)


def approve_request(
    session: Session,
    *,
    actor: Actor,
    request_uid: uuid.UUID,
    department_id: int | None,
    valid_until: datetime | None = None,
) -> RoleRequest:
    """Give the role in a department, or everywhere for None. It holds at once."""
    request, is_done = _take(session, actor, request_uid, Decision.APPROVED)
    if is_done:
        return request
    user = load_user(session, request.user_id)
    if not user.is_active:
        raise AccountClosed(f"The account of {user.name} is closed. Open it first, or decline.")
    role = session.get_one(Role, request.role_id)
    grant = grant_role(
        session,
        actor=actor,
        user_id=user.id,
        role_code=role.code,
        department_id=department_id,
        valid_until=valid_until,
    )
    request.grant_id = grant.id
    if user.home_department_id is None:
        user.home_department_id = request.department_id
    return _decide(session, actor, request, Decision.APPROVED)


def decline_request(
    session: Session, *, actor: Actor, request_uid: uuid.UUID, reason: str
) -> RoleRequest:
    """Refuse a request; the person reads why."""
    request, is_done = _take(session, actor, request_uid, Decision.DECLINED)
    if is_done:
        return request
    request.reason = clean_reason(reason)
    return _decide(session, actor, request, Decision.DECLINED)


def _request_with(session: Session, key: uuid.UUID | None) -> RoleRequest | None:
    if key is None:
        return None
    return session.scalars(sa.select(RoleRequest).where(RoleRequest.key == key)).first()


def _add_request(session: Session, user: User, wish: Wish, *, key: uuid.UUID | None) -> RoleRequest:
    role = load_role(session, wish.role_code)
    site_of(session, wish.department_id)
    request = RoleRequest(
        user_id=user.id,
        role_id=role.id,
        department_id=wish.department_id,
        note=clean_note(wish.note),
        key=key or new_uid(),
    )
    add_once(session, request)
    record_change(
        session,
        actor=None,
        action="role.asked_for",
        subject_kind="user",
        subject_id=user.id,
        after={"role": role.code, "department_id": wish.department_id},
    )
    enqueue(session, "accounts.mail_request", {"request_id": request.id})
    return request


def _take(
    session: Session, actor: Actor, uid: uuid.UUID, decision: Decision
) -> tuple[RoleRequest, bool]:
    """The request, locked, and whether this person has decided so before."""
    request = session.scalars(
        sa.select(RoleRequest).where(RoleRequest.uid == uid).with_for_update()
    ).first()
    if request is None:
        raise NotFound("There is no such request.")
    require_throughout(
        actor,
        Permission.ACCOUNTS_MANAGE,
        site_id=site_of(session, request.department_id),
        department_id=request.department_id,
    )
    if request.decided_at is None:
        return request, False
    if (request.decided_by_id, request.decision) == (actor.user_id, decision):
        return request, True
    by = session.get(User, request.decided_by_id) if request.decided_by_id else None
    name = "You" if by and by.id == actor.user_id else by.name if by else "Somebody"
    raise AlreadyDecided(f"{name} {request.decision} this request before. Nothing was changed.")


def _decide(
    session: Session, actor: Actor, request: RoleRequest, decision: Decision
) -> RoleRequest:
    request.decision = decision
    request.decided_at = now()
    request.decided_by_id = actor.user_id
    session.flush()
    record_change(
        session,
        actor=actor,
        action=f"role_request.{decision}",
        subject_kind="user",
        subject_id=request.user_id,
        after={"request_id": request.id, "reason": request.reason},
    )
    enqueue(session, "accounts.mail_decision", {"request_id": request.id})
    return request
