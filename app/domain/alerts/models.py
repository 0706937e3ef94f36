"""Alerts: what a rule found. One open alert per dedupe key."""

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


class Severity(StrEnum):
    """How soon somebody must look."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Alert(Base):
    """What a rule found, and what became of it."""

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
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    rule_code: Mapped[str] = mapped_column(sa.String(60))
    severity: Mapped[str] = mapped_column(sa.String(12))
    dedupe_key: Mapped[str] = mapped_column(sa.String(200))
    message: Mapped[str] = mapped_column(sa.String(500))
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("departments.id"))
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
