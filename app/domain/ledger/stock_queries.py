"""Lists of items, lots and partners with the stock that a reader may see of them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.catalog.models import Item
from app.domain.ledger.models import Balance
from app.domain.locations.models import Location
from app.domain.lots.models import NO_LOT, Lot
from app.domain.partners.models import Partner
from app.domain.units.models import ON_SITE_STATES, Unit


@dataclass(frozen=True, slots=True)
class StockScope:
    """Whose stock: a site, and the departments in it that the reader may see (None: all)."""

    site_id: int
    departments: Collection[int] | None = None


@dataclass(frozen=True, slots=True)
class Stock:
    """What lies on the site: how many units, and how much by the balances."""

    units: int = 0
    on_hand: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item in a list."""

    id: int
    uid: uuid.UUID
    number: str
    name: str
    tracking: str
    unit_of_measure: str
    stock: Stock


@dataclass(frozen=True, slots=True)
class LotRow:
    """One lot in a list."""

    id: int
    uid: uuid.UUID
    number: str
    status: str
    created_at: datetime
    item_name: str
    item_uid: uuid.UUID
    unit_of_measure: str
    stock: Stock


@dataclass(frozen=True, slots=True)
class PlaceStock:
    """What of an item or lot lies in one place."""

    code: str
    uid: uuid.UUID
    kind: str
    on_hand: Decimal


def list_items(
    session: Session,
    *,
    scope: StockScope,
    text: str = "",
    after: str | None = None,
    limit: int,
) -> list[ItemRow]:
    """Items by number; `text` is a part of the number or the name."""
    query = sa.select(
        Item.id, Item.uid, Item.number, Item.name, Item.tracking, Item.unit_of_measure_code
    )
    if text:
        query = query.where(
            sa.or_(
                sa.func.lower(Item.number).contains(text.lower(), autoescape=True),
                sa.func.lower(Item.name).contains(text.lower(), autoescape=True),
            )
        )
    if after is not None:
        query = query.where(Item.number > after)
    rows = session.execute(query.order_by(Item.number).limit(limit)).all()
    stock = stock_by(session, "item_id", [row[0] for row in rows], scope=scope)
    return [ItemRow(*row, stock.get(row[0], Stock())) for row in rows]


def list_lots(
    session: Session,
    *,
    scope: StockScope,
    text: str = "",
    item_id: int | None = None,
    before: int | None = None,
    limit: int,
) -> list[LotRow]:
    """Lots, the newest first; `text` is the beginning of the number."""
    query = (
        sa.select(
            Lot.id, Lot.uid, Lot.number, Lot.status, Lot.created_at, Item.name, Item.uid,
            Item.unit_of_measure_code,
        )
        .join(Item, Item.id == Lot.item_id)
        .where(Lot.id != NO_LOT)
    )  # fmt: skip
    if text:
        query = query.where(sa.func.upper(Lot.number).startswith(text.upper(), autoescape=True))
    if item_id is not None:
        query = query.where(Lot.item_id == item_id)
    if before is not None:
        query = query.where(Lot.id < before)
    rows = session.execute(query.order_by(Lot.id.desc()).limit(limit)).all()
    stock = stock_by(session, "lot_id", [row[0] for row in rows], scope=scope)
    return [LotRow(*row, stock.get(row[0], Stock())) for row in rows]


def list_partners(
    session: Session, *, text: str = "", after: str | None = None, limit: int
) -> Sequence[Partner]:
    """Partners by code; `text` is a part of the code or the name."""
    query = sa.select(Partner)
    if text:
        query = query.where(
            sa.or_(
                sa.func.lower(Partner.code).contains(text.lower(), autoescape=True),
                sa.func.lower(Partner.name).contains(text.lower(), autoescape=True),
            )
        )
    if after is not None:
        query = query.where(Partner.code > after)
    return session.scalars(query.order_by(Partner.code).limit(limit)).all()


def stock_by(
    session: Session,
    column: str,
    ids: Sequence[int],
    *,
    scope: StockScope,
) -> dict[int, Stock]:
    """The stock of each of these (`column`: item_id or lot_id) that has some. Two statements."""
    unit_column, balance_column = getattr(Unit, column), getattr(Balance, column)
    units = (
        sa.select(unit_column, sa.func.count())
        .where(
            unit_column.in_(ids),
            Unit.site_id == scope.site_id,
            Unit.state.in_(ON_SITE_STATES),
            _within(Unit.department_id, scope.departments),
        )
        .group_by(unit_column)
    )
    counts = {row[0]: row[1] for row in session.execute(units)}
    balances = (
        sa.select(balance_column, sa.func.sum(Balance.on_hand))
        .join(Location, Location.id == Balance.location_id)
        .where(
            balance_column.in_(ids),
            Location.site_id == scope.site_id,
            _within(Location.department_id, scope.departments),
        )
        .group_by(balance_column)
    )
    return {
        row[0]: Stock(counts.get(row[0], 0), row[1] or Decimal(0))
        for row in session.execute(balances)
    }


def places_of(
    session: Session,
    *,
    scope: StockScope,
    item_id: int,
    lot_id: int | None = None,
    limit: int,
) -> list[PlaceStock]:
    """Where an item, or one lot of it, lies, the largest amount first."""
    total = sa.func.sum(Balance.on_hand)
    query = (
        sa.select(Location.code, Location.uid, Location.kind, total)
        .join(Location, Location.id == Balance.location_id)
        .where(
            Balance.item_id == item_id,
            Balance.on_hand != Decimal(0),
            Location.site_id == scope.site_id,
            _within(Location.department_id, scope.departments),
        )
        .group_by(Location.id, Location.code, Location.uid, Location.kind)
        .order_by(total.desc(), Location.code)
        .limit(limit)
    )
    if lot_id is not None:
        query = query.where(Balance.lot_id == lot_id)
    return [PlaceStock(*row) for row in session.execute(query)]


def balances_at(
    session: Session, *, location_id: int, limit: int
) -> list[tuple[str, uuid.UUID, Decimal, str]]:
    """What lies in a place by the balances: item name, item uid, quantity, measure."""
    total = sa.func.sum(Balance.on_hand)
    rows = session.execute(
        sa.select(Item.name, Item.uid, total, Item.unit_of_measure_code)
        .join(Item, Item.id == Balance.item_id)
        .where(Balance.location_id == location_id, Balance.on_hand != Decimal(0))
        .group_by(Item.id, Item.name, Item.uid, Item.unit_of_measure_code)
        .order_by(total.desc())
        .limit(limit)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _within(column: Any, departments: Collection[int] | None) -> sa.ColumnElement[bool]:
    return sa.true() if departments is None else column.in_(sorted(departments))
