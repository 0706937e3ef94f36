"""What a search box finds by name or number: a few things of each kind, the best fit first.

What is called exactly so stands before what begins so, and that before what has it inside.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.accounts.models import User
from app.domain.catalog.models import Item
from app.domain.ledger.models import Movement
from app.domain.ledger.movement_queries import MovementFilter, conditions_of, is_of_order
from app.domain.ledger.stock_queries import StockScope, stock_by
from app.domain.locations.models import Department
from app.domain.lots.models import NO_LOT, Lot
from app.domain.partners.models import Partner

EXACTLY, BEGINS, INSIDE = range(3)


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that fits: how well, its public id, its name, and what tells it from others."""

    rank: int
    uid: uuid.UUID
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class OrderHit:
    """An order that movements refer to, and how many of them do."""

    rank: int
    number: str
    kind: str
    movements: int


def find_items(session: Session, text: str, *, limit: int) -> list[Hit]:
    """Items by number or name."""
    query = sa.select(Item.uid, Item.name, Item.number)
    return _hits(session, query, text, (Item.name, Item.number), limit)


def find_partners(session: Session, text: str, *, limit: int) -> list[Hit]:
    """Customers and suppliers by code or name."""
    query = sa.select(Partner.uid, Partner.name, Partner.code)
    return _hits(session, query, text, (Partner.name, Partner.code), limit)


def find_people(session: Session, text: str, *, site_id: int, limit: int) -> list[Hit]:
    """People of a site, and those who belong to none, by name."""
    home = sa.select(Department.id).where(Department.site_id == site_id)
    here = sa.or_(User.home_department_id.is_(None), User.home_department_id.in_(home))
    query = sa.select(User.uid, User.name, User.username).where(here)
    return _hits(session, query, text, (User.name,), limit)


def find_lots(
    session: Session, text: str, *, scope: StockScope, limit: int
) -> list[tuple[Hit, int]]:
    """Lots whose number begins so, the newest first, with their rolls on the site."""
    wanted = text.lower()
    number = sa.func.lower(Lot.number)
    rank = sa.case((number == wanted, EXACTLY), else_=BEGINS)
    rows = session.execute(
        sa.select(Lot.id, rank, Lot.uid, Lot.number, Item.name)
        .join(Item, Item.id == Lot.item_id)
        .where(Lot.id != NO_LOT, number.startswith(wanted, autoescape=True))
        .order_by(rank, Lot.id.desc())
        .limit(limit)
    ).all()
    stock = stock_by(session, "lot_id", [row[0] for row in rows], scope=scope)
    return [(Hit(*row[1:]), stock[row[0]].units if row[0] in stock else 0) for row in rows]


def find_orders(
    session: Session, text: str, *, wanted: MovementFilter, limit: int
) -> list[OrderHit]:
    """Numbers that movements refer to and that begin so, the latest first."""
    number = sa.func.lower(Movement.reference_id)
    rank = sa.case((number == text.lower(), EXACTLY), else_=BEGINS)
    rows = session.execute(
        sa.select(
            rank.label("rank"), Movement.reference_id, Movement.reference_type, sa.func.count()
        )
        .where(*conditions_of(wanted), is_of_order())
        .where(number.startswith(text.lower(), autoescape=True))
        .group_by(Movement.reference_id, Movement.reference_type)
        .order_by(rank, sa.func.max(Movement.id).desc())
        .limit(limit)
    )
    return [OrderHit(*row) for row in rows]


def _hits(session: Session, query: Any, text: str, columns: Sequence[Any], limit: int) -> list[Hit]:
    """Rows (uid, name, detail) with the text in one of the columns, the first of them the name."""
    wanted = text.lower()
    lower = [sa.func.lower(column) for column in columns]
    rank = sa.case(
        (sa.or_(*[one == wanted for one in lower]), EXACTLY),
        (sa.or_(*[one.startswith(wanted, autoescape=True) for one in lower]), BEGINS),
        else_=INSIDE,
    )
    rows = session.execute(
        query.add_columns(rank)
        .where(sa.or_(*[one.contains(wanted, autoescape=True) for one in lower]))
        .order_by(rank, columns[0])
        .limit(limit)
    )
    return [Hit(row[3], *row[:3]) for row in rows]
