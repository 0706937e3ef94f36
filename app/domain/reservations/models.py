"""Reservations. Like units and balances they are a projection that only the ledger writes.

A reservation promises so much of an item and lot of a site, or one unit, to a reference; not a
rack. There is one row a promise: who reserves more for the same reference adds to it.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base import Base, BigId
from app.core.clock import now
from app.core.ids import new_uid
from app.core.types import Quantity, UtcDateTime


class Reservation(Base):
    """`open` is what is still promised: the sum of `reserved_delta` of its postings."""

    __tablename__ = "reservations"
    __table_args__ = (
        sa.CheckConstraint("open >= 0", name="open"),
        # NULL is never equal to NULL, so a promise without a unit has an index of its own.
        sa.Index(
            "uq_reservations_of_stock",
            *("site_id", "item_id", "lot_id", "reference_type", "reference_id"),
            unique=True,
            sqlite_where=sa.text("unit_id IS NULL"),
            postgresql_where=sa.text("unit_id IS NULL"),
        ),
        sa.Index(
            "uq_reservations_of_unit",
            *("unit_id", "reference_type", "reference_id"),
            unique=True,
            sqlite_where=sa.text("unit_id IS NOT NULL"),
            postgresql_where=sa.text("unit_id IS NOT NULL"),
        ),
        sa.Index(None, "site_id", "id"),
        sa.Index(None, "expires_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("items.id"))
    lot_id: Mapped[int] = mapped_column(sa.ForeignKey("lots.id"))
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("units.id"))
    reference_type: Mapped[str] = mapped_column(sa.String(40))
    reference_id: Mapped[str] = mapped_column(sa.String(80))
    open: Mapped[Decimal] = mapped_column(Quantity, default=Decimal(0))
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
