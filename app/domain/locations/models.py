"""Sites, their shifts and departments, and the tree of locations.

A location always names the department that it belongs to (its own, or the one it took over from
its parent when it was opened); virtual locations belong to none.
"""

from __future__ import annotations

import uuid
from datetime import datetime, time
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base import Base, BigId, one_of
from app.core.clock import now
from app.core.ids import new_uid
from app.core.types import Quantity, UtcDateTime


class LocationKind(StrEnum):
    """What a location is. The second half stands for places outside the site's books."""

    ZONE = "zone"
    RACK = "rack"
    BIN = "bin"
    STAGING = "staging"
    TECHNICIAN = "technician"
    VEHICLE = "vehicle"
    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    PRODUCTION = "production"
    TRANSFORMATION = "transformation"
    MEASUREMENT = "measurement"
    SCRAP = "scrap"
    COUNT = "count"
    LOST = "lost"
    TRANSIT = "transit"


VIRTUAL_KINDS = frozenset(
    {
        LocationKind.SUPPLIER,
        LocationKind.CUSTOMER,
        LocationKind.PRODUCTION,
        LocationKind.TRANSFORMATION,
        LocationKind.MEASUREMENT,
        LocationKind.SCRAP,
        LocationKind.COUNT,
        LocationKind.LOST,
        LocationKind.TRANSIT,
    }
)


class Mixing(StrEnum):
    """What may lie together in one location."""

    ANY = "any"
    ONE_ITEM = "one_item"
    ONE_LOT = "one_lot"


class Site(Base):
    """A plant, warehouse or store: the widest scope of rights."""

    __tablename__ = "sites"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    time_zone: Mapped[str] = mapped_column(sa.String(60))
    may_go_negative: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Shift(Base):
    """A shift in the site's wall time; one that ends before it starts crosses midnight."""

    __tablename__ = "shifts"
    __table_args__ = (sa.UniqueConstraint("site_id", "name"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    name: Mapped[str] = mapped_column(sa.String(40))
    starts_at: Mapped[time] = mapped_column(sa.Time)
    ends_at: Mapped[time] = mapped_column(sa.Time)


class Department(Base):
    """Part of a site that owns stock and people's rights; it has one staging location."""

    __tablename__ = "departments"
    __table_args__ = (sa.UniqueConstraint("site_id", "code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    code: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(120))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Location(Base):
    """One place. `path` holds the ids from the root, "/3/17/", for whole-branch queries."""

    __tablename__ = "locations"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "code"),
        one_of("kind", LocationKind),
        one_of("mixing", Mixing),
        sa.Index(None, "department_id", "kind"),
        sa.Index(None, "site_id", "kind"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("locations.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("departments.id"))
    code: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(120))
    kind: Mapped[str] = mapped_column(sa.String(20))
    is_virtual: Mapped[bool] = mapped_column(default=False)
    path: Mapped[str] = mapped_column(sa.String(400), default="/")
    capacity_units: Mapped[int | None] = mapped_column(sa.Integer)
    capacity_kg: Mapped[Decimal | None] = mapped_column(Quantity)
    mixing: Mapped[str] = mapped_column(sa.String(20), default=Mixing.ANY)
    may_go_negative: Mapped[bool] = mapped_column(default=False)
    blocked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    blocked_reason: Mapped[str | None] = mapped_column(sa.String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
