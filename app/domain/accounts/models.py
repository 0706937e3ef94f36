"""Users, roles as sets of permissions kept as data, and grants that give a role in a scope."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base import Base, BigId, one_of
from app.core.clock import now
from app.core.ids import new_uid
from app.core.types import Json, UtcDateTime


class Decision(StrEnum):
    """What became of a request."""

    APPROVED = "approved"
    DECLINED = "declined"


class User(Base):
    """A person who may log in. The ledger keeps only the id.

    A session holds good while it was begun under the present `session_epoch`.
    """

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
    session_epoch: Mapped[int] = mapped_column(default=0, server_default="0")
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


class SeededPermission(Base):
    """A permission that the built-in roles were given once; what people took away stays away."""

    __tablename__ = "seeded_permissions"

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


class RoleRequest(Base):
    """A person asks for a role in a department; somebody decides. `key` is the form's."""

    __tablename__ = "role_requests"
    __table_args__ = (
        one_of("decision", Decision),
        sa.Index(
            "uq_role_requests_open",
            "user_id",
            "role_id",
            "department_id",
            unique=True,
            sqlite_where=sa.text("decided_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    key: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    role_id: Mapped[int] = mapped_column(sa.ForeignKey("roles.id"))
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("departments.id"))
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
    decision: Mapped[str | None] = mapped_column(sa.String(20))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    grant_id: Mapped[int | None] = mapped_column(sa.ForeignKey("grants.id"))


class PasswordReset(Base):
    """The right to set a user's password once, for whoever holds the signed link to its uid."""

    __tablename__ = "password_resets"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


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
