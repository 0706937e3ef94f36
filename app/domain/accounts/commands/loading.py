"""What several commands of accounts load, and rows that two people may add at one time."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.base import Base
from app.core.database import StaleRead
from app.core.errors import NotFound
from app.domain.accounts.models import Role, User
from app.domain.locations.models import Department


def load_user(session: Session, user_id: int) -> User:
    """A user, locked until the end of the transaction. Raises NotFound."""
    user = session.get(User, user_id, with_for_update=True)
    if user is None:
        raise NotFound("There is no such user.", field="user")
    return user


def load_role(session: Session, code: str) -> Role:
    """A role by its code. Raises NotFound."""
    role = session.scalars(sa.select(Role).where(Role.code == code)).first()
    if role is None:
        raise NotFound(f"There is no role “{code[:40]}”.", field="role")
    return role


def site_of(session: Session, department_id: int | None) -> int | None:
    """The site of a department, None for none. Raises NotFound."""
    if department_id is None:
        return None
    site_id = session.scalar(sa.select(Department.site_id).where(Department.id == department_id))
    if site_id is None:
        raise NotFound("There is no such department.", field="department")
    return site_id


def add_once(session: Session, row: Base) -> None:
    """Insert a row of which there is one. Whoever comes second does the whole work again.

    The second look then finds the first one's row and says so.
    """
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise StaleRead from error
