"""Units. Their place, state and quantity are a projection that only the ledger writes."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base import Base, BigId, one_of
from app.core.clock import now
from app.core.ids import new_uid
from app.core.types import Json, Quantity, UtcDateTime


class UnitState(StrEnum):
    """Where a unit is in its life. A unit in staging is `produced`: not put
    away yet. A unit whose production or receipt was reversed is `voided`: it never was."""

    PRODUCED = "produced"
    STORED = "stored"
    IN_TRANSIT = "in_transit"
    DISPATCHED = "dispatched"
    CONSUMED = "consumed"
    SCRAPPED = "scrapped"
    MISSING = "missing"
    VOIDED = "voided"


ON_SITE_STATES = frozenset({UnitState.PRODUCED, UnitState.STORED})


class Unit(Base):
    """One physical thing: a roll, a coil, a box.

    `department_id` is its location's department; outside the site the last one it had.
    `reservation_id` is to whom the whole unit is promised.
    """

    __tablename__ = "units"
    __table_args__ = (
        one_of("state", UnitState),
        sa.Index(None, "department_id", "state"),
        sa.Index(None, "location_id", "state"),
        sa.Index(None, "item_id", "lot_id"),
        sa.Index(None, "lot_id"),
        sa.Index(None, "site_id", "state_since", "id"),
        sa.CheckConstraint("quantity >= 0", name="quantity"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("items.id"))
    lot_id: Mapped[int] = mapped_column(sa.ForeignKey("lots.id"), default=0)
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("departments.id"))
    location_id: Mapped[int] = mapped_column(sa.ForeignKey("locations.id"))
    state: Mapped[str] = mapped_column(sa.String(12))
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partners.id"))
    reservation_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    properties: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    state_since: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    last_movement_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_seen_uncertainty_seconds: Mapped[float] = mapped_column(sa.Float, default=0.0)
    last_seen_location_id: Mapped[int | None] = mapped_column(sa.ForeignKey("locations.id"))
    last_seen_device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("devices.id"))
