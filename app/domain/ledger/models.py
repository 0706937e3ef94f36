"""Movements and postings (append-only), the balances derived from them, and claimed keys.

A posting is both sides of the double entry: a positive exact quantity from one location to
another. Triggers refuse UPDATE and DELETE on both tables on both engines.
"""

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


class Verb(StrEnum):
    """What a movement does."""

    RECEIVE = "receive"
    PRODUCE = "produce"
    PUTAWAY = "putaway"
    TRANSFER = "transfer"
    DISPATCH = "dispatch"
    ISSUE = "issue"
    CONSUME = "consume"
    RETURN = "return"
    SCRAP = "scrap"
    ADJUST = "adjust"
    RESERVE = "reserve"
    UNRESERVE = "unreserve"
    TRANSFORM = "transform"
    REVERSE = "reverse"


LONGEST_REFERENCE = 80
# What refers to an order of somebody, and not to the run of an import.
IS_ORDER = "reference_id IS NOT NULL AND reference_type <> 'import'"


class Movement(Base):
    """One booked act: who, what, when, where, why."""

    __tablename__ = "movements"
    __table_args__ = (
        one_of("verb", Verb),
        sa.Index(None, "posted_at", postgresql_using="brin"),
        sa.Index(None, "site_id", "id"),
        sa.Index(None, "act_id"),
        sa.Index(None, "partner_id", "id"),
        # Orders alone: the run of an import stands in every movement that it booked.
        sa.Index(
            "ix_movements_order",
            "site_id",
            "reference_id",
            sqlite_where=sa.text(IS_ORDER),
            postgresql_where=sa.text(IS_ORDER),
        ),
        # On SQLite the column is empty, and so is its index.
        sa.Index(None, "xact", postgresql_using="brin", sqlite_where=sa.text("xact IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    verb: Mapped[str] = mapped_column(sa.String(12))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    actor_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("devices.id"))
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partners.id"))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    reference_type: Mapped[str | None] = mapped_column(sa.String(40))
    reference_id: Mapped[str | None] = mapped_column(sa.String(LONGEST_REFERENCE))
    reason: Mapped[str | None] = mapped_column(sa.String(200))
    note: Mapped[str | None] = mapped_column(sa.String(1000))
    reverses_id: Mapped[int | None] = mapped_column(sa.ForeignKey("movements.id"), unique=True)
    act_id: Mapped[uuid.UUID | None] = mapped_column(sa.Uuid)
    # The number of the transaction that booked it, given by PostgreSQL (core/commit_order).
    xact: Mapped[int | None] = mapped_column(sa.BigInteger, server_default=sa.FetchedValue())


class Posting(Base):
    """A line of a movement: a quantity of item, lot and unit from one location to another.

    `reserved_delta` is by how much it changes what is promised: more (reserve), less (unreserve,
    or taken against the reservation). A promise goes from a place to itself: nothing moves.
    """

    __tablename__ = "postings"
    __table_args__ = (
        sa.UniqueConstraint("movement_id", "line_no"),
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.Index(None, "item_id", "lot_id", "id"),
        sa.Index(None, "unit_id", "id"),
        sa.Index(None, "from_location_id", "id"),
        sa.Index(None, "to_location_id", "id"),
        sa.Index(None, "reservation_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    movement_id: Mapped[int] = mapped_column(sa.ForeignKey("movements.id"))
    line_no: Mapped[int] = mapped_column(sa.Integer)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("items.id"))
    lot_id: Mapped[int] = mapped_column(sa.ForeignKey("lots.id"), default=0)
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("units.id"))
    from_location_id: Mapped[int] = mapped_column(sa.ForeignKey("locations.id"))
    to_location_id: Mapped[int] = mapped_column(sa.ForeignKey("locations.id"))
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    reserved_delta: Mapped[Decimal] = mapped_column(
        Quantity, default=Decimal(0), server_default=sa.text("0")
    )
    reservation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("reservations.id"))
    unit_cost: Mapped[Decimal | None] = mapped_column(Quantity)


class Balance(Base):
    """What lies of an item and lot in a real location: the sum of its postings."""

    __tablename__ = "balances"
    __table_args__ = (sa.Index(None, "item_id", "lot_id"),)

    location_id: Mapped[int] = mapped_column(
        sa.ForeignKey("locations.id"), primary_key=True, autoincrement=False
    )
    item_id: Mapped[int] = mapped_column(
        sa.ForeignKey("items.id"), primary_key=True, autoincrement=False
    )
    lot_id: Mapped[int] = mapped_column(
        sa.ForeignKey("lots.id"), primary_key=True, autoincrement=False
    )
    on_hand: Mapped[Decimal] = mapped_column(Quantity, default=Decimal(0))


class SiteBalance(Base):
    """What a whole site has of an item and lot, and how much of it is promised.

    Moves inside the site leave it alone.
    """

    __tablename__ = "site_balances"
    __table_args__ = (sa.CheckConstraint("reserved >= 0", name="reserved"),)

    site_id: Mapped[int] = mapped_column(
        sa.ForeignKey("sites.id"), primary_key=True, autoincrement=False
    )
    item_id: Mapped[int] = mapped_column(
        sa.ForeignKey("items.id"), primary_key=True, autoincrement=False
    )
    lot_id: Mapped[int] = mapped_column(
        sa.ForeignKey("lots.id"), primary_key=True, autoincrement=False
    )
    on_hand: Mapped[Decimal] = mapped_column(Quantity, default=Decimal(0))
    reserved: Mapped[Decimal] = mapped_column(
        Quantity, default=Decimal(0), server_default=sa.text("0")
    )


class IdempotencyKey(Base):
    """A key that a client chose for a request: one effect and one answer for ever.

    `scope` keeps the keys of different devices and users apart, so that a guessed key tells
    nothing (draft-ietf-httpapi-idempotency-key-header-07, security considerations).
    """

    __tablename__ = "idempotency_keys"

    scope: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    hash: Mapped[str] = mapped_column(sa.String(64))
    result: Mapped[dict[str, Any] | None] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
