"""Users, roles as sets of permissions kept as data, and grants that give a role in a scope."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base import Base, BigId
from app.core.clock import now
from app.core.ids import new_uid
from app.core.types import Json, UtcDateTime


class User(Base):
    """A person who may log in. The ledger keeps only the id."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    username: Mapped[str] = mapped_column(sa.String(80), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    email: Mapped[str | None] = mapped_column(sa.String(200))
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    home_department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("departments.id"))
    is_superuser: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Role(Base):
    """A named set of permissions."""

    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    is_department_bound: Mapped[bool] = mapped_column(default=True)


class RolePermission(Base):
    """One permission of a role."""

    __tablename__ = "role_permissions"

    role_id: Mapped[int] = mapped_column(sa.ForeignKey("roles.id"), primary_key=True)
    permission: Mapped[str] = mapped_column(sa.String(60), primary_key=True)


class Grant(Base):
    """A role given to a user in a scope (all sites, one site, one department) for a time."""

    __tablename__ = "grants"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    role_id: Mapped[int] = mapped_column(sa.ForeignKey("roles.id"))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("departments.id"))
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    granted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SubmitGrant(Base):
    """The right to send scans, bound to one user on one device.

    Only the hash of the bearer token is kept. `content` is what the user might do when it was
    issued, by which late events are judged ("then").
    """

    __tablename__ = "submit_grants"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    device_id: Mapped[int] = mapped_column(sa.ForeignKey("devices.id"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    content: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
