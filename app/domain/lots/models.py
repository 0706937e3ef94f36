"""Lots. Row 0 is "no lot": NULL is never equal to NULL in a unique index."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base import Base, BigId, one_of
from app.core.clock import now
from app.core.ids import new_uid
from app.core.types import UtcDateTime

NO_LOT = 0


class LotStatus(StrEnum):
    """Whether quality has released the lot."""

    APPROVED = "approved"
    QUARANTINE = "quarantine"
    REJECTED = "rejected"


class Lot(Base):
    """A quantity of one item made or received together."""

    __tablename__ = "lots"
    __table_args__ = (
        sa.UniqueConstraint("item_id", "number"),
        one_of("status", LotStatus),
        sa.CheckConstraint("id = 0 OR item_id IS NOT NULL", name="item"),
        sa.Index(None, "number"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("items.id"))
    number: Mapped[str] = mapped_column(sa.String(80))
    status: Mapped[str] = mapped_column(sa.String(12), default=LotStatus.APPROVED)
    expires_on: Mapped[date | None] = mapped_column(sa.Date)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class LotDecision(Base):
    """One word of quality on a lot: from which status to which, by whom and why. Append-only."""

    __tablename__ = "lot_decisions"
    __table_args__ = (
        one_of("to_status", LotStatus),
        sa.Index(None, "lot_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    lot_id: Mapped[int] = mapped_column(sa.ForeignKey("lots.id"))
    from_status: Mapped[str] = mapped_column(sa.String(12))
    to_status: Mapped[str] = mapped_column(sa.String(12))
    reason: Mapped[str] = mapped_column(sa.String(500))
    decided_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
