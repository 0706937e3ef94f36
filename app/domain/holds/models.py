"""Holds on an item, a lot, a unit or a place. A row of its own, not a state of its subject."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base import Base, BigId, one_of
from app.core.clock import now
from app.core.ids import new_uid
from app.core.types import UtcDateTime


class HoldScope(StrEnum):
    """What a hold stops."""

    ITEM = "item"
    LOT = "lot"
    UNIT = "unit"
    LOCATION = "location"


class Hold(Base):
    """One hold. It is in force until it is lifted or `until` has passed.

    `uid` is chosen by whoever asks, so that asking twice puts one hold.
    """

    __tablename__ = "holds"
    __table_args__ = (
        one_of("scope", HoldScope),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by_id IS NULL)", name="lifted"),
        sa.Index(None, "scope", "subject_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    scope: Mapped[str] = mapped_column(sa.String(12))
    subject_id: Mapped[int] = mapped_column(sa.BigInteger)
    reason: Mapped[str] = mapped_column(sa.String(500))
    put_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    put_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    lift_reason: Mapped[str | None] = mapped_column(sa.String(500))
