"""Items, one row per number, and units of measure with exact conversion factors."""

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


class Tracking(StrEnum):
    """How finely an item's stock is told apart."""

    QUANTITY = "quantity"
    LOT = "lot"
    UNIT = "unit"


class UnitOfMeasure(Base):
    """A measure; one of it is numerator / denominator of its dimension's base measure."""

    __tablename__ = "units_of_measure"

    code: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    dimension: Mapped[str] = mapped_column(sa.String(20))
    numerator: Mapped[int] = mapped_column(sa.BigInteger, default=1)
    denominator: Mapped[int] = mapped_column(sa.BigInteger, default=1)


class Item(Base):
    """What is stocked. `department_id` only says whose people may enter it.

    The lots of an item with `is_qc_required` wait in quarantine for the word of quality. A unit
    whose quantity is more than `tolerance_percent` off `typical_quantity` is asked about; one of
    which less than `scrap_below` would be left is closed, if somebody says so.
    """

    __tablename__ = "items"
    __table_args__ = (one_of("tracking", Tracking),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    number: Mapped[str] = mapped_column(sa.String(80), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    tracking: Mapped[str] = mapped_column(sa.String(12), default=Tracking.UNIT)
    unit_of_measure_code: Mapped[str] = mapped_column(sa.ForeignKey("units_of_measure.code"))
    department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("departments.id"))
    is_qc_required: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    scrap_below: Mapped[Decimal | None] = mapped_column(Quantity)
    properties: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    typical_quantity: Mapped[Decimal | None] = mapped_column(Quantity)
    tolerance_percent: Mapped[int | None] = mapped_column(sa.Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
