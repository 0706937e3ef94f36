"""Reading items and units of measure."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.domain.catalog.models import Item, UnitOfMeasure

AT_ONCE = 500


def item_by_uid(session: Session, *, uid: uuid.UUID) -> Item:
    """An item by its public id. Raises NotFound."""
    item = session.scalars(sa.select(Item).where(Item.uid == uid)).first()
    if item is None:
        raise NotFound("There is no such item.", field="item")
    return item


def items_by_number(session: Session, *, numbers: Iterable[str]) -> dict[str, Item]:
    """The items that have one of these (cleaned) numbers."""
    wanted = sorted(set(numbers))
    found: dict[str, Item] = {}
    for start in range(0, len(wanted), AT_ONCE):
        rows = session.scalars(
            sa.select(Item).where(Item.number.in_(wanted[start : start + AT_ONCE]))
        )
        found.update({item.number: item for item in rows})
    return found


def items_by_id(session: Session, *, ids: Iterable[int]) -> dict[int, Item]:
    """The items with these ids."""
    wanted = sorted(set(ids))
    found: dict[int, Item] = {}
    for start in range(0, len(wanted), AT_ONCE):
        rows = session.scalars(sa.select(Item).where(Item.id.in_(wanted[start : start + AT_ONCE])))
        found.update({item.id: item for item in rows})
    return found


def list_units_of_measure(session: Session) -> Sequence[UnitOfMeasure]:
    """Every unit of measure."""
    return session.scalars(sa.select(UnitOfMeasure).order_by(UnitOfMeasure.code)).all()


def list_item_names(session: Session) -> Sequence[tuple[uuid.UUID, str]]:
    """Public id and name of every item that a choice can hold, by name."""
    rows = session.execute(sa.select(Item.uid, Item.name).order_by(Item.name).limit(AT_ONCE))
    return [(row[0], row[1]) for row in rows]
