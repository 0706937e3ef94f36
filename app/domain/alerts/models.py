"""Alerts: what a rule found, what became of it, and who was told how.

One open alert per dedupe key. Whoever acts on one is named; a finding that ends by itself is
resolved by nobody.
"""

from __future__ import annotations

import uuid
from datetime import datetime, time
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base import Base, BigId, one_of
from app.core.clock import now
from app.core.ids import new_uid
from app.core.types import Json, UtcDateTime


class Severity(StrEnum):
    """How soon somebody must look."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class NotificationState(StrEnum):
    """Whether a person was told. What was settled before the quiet hours ended needs no letter."""

    WAITING = "waiting"
    SENT = "sent"
    NOT_NEEDED = "not_needed"


class Alert(Base):
    """What a rule found, and what became of it. `path` is the page of what it is about."""

    __tablename__ = "alerts"
    __table_args__ = (
        one_of("severity", Severity),
        sa.Index(
            "uq_alerts_open_dedupe_key",
            "dedupe_key",
            unique=True,
            sqlite_where=sa.text("resolved_at IS NULL"),
            postgresql_where=sa.text("resolved_at IS NULL"),
        ),
        sa.Index(None, "resolved_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    rule_code: Mapped[str] = mapped_column(sa.String(60))
    severity: Mapped[str] = mapped_column(sa.String(12))
    dedupe_key: Mapped[str] = mapped_column(sa.String(200))
    message: Mapped[str] = mapped_column(sa.String(500))
    path: Mapped[str | None] = mapped_column(sa.String(200))
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("departments.id"))
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    resolution: Mapped[str | None] = mapped_column(sa.String(500))


class Notification(Base):
    """One letter to one person about one alert: the delivery log."""

    __tablename__ = "notifications"
    __table_args__ = (
        one_of("state", NotificationState),
        sa.UniqueConstraint("alert_id", "user_id", "channel"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    alert_id: Mapped[int] = mapped_column(sa.ForeignKey("alerts.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    channel: Mapped[str] = mapped_column(sa.String(12))
    state: Mapped[str] = mapped_column(sa.String(12), default=NotificationState.WAITING)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(sa.Integer, default=0)
    error: Mapped[str | None] = mapped_column(sa.String(500))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class QuietHours(Base):
    """When a site's people are not to be woken, by its own clocks; may cross midnight."""

    __tablename__ = "quiet_hours"

    site_id: Mapped[int] = mapped_column(
        sa.ForeignKey("sites.id"), primary_key=True, autoincrement=False
    )
    starts_at: Mapped[time] = mapped_column(sa.Time)
    ends_at: Mapped[time] = mapped_column(sa.Time)
