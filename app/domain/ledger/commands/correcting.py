"""Putting a projection right. The ledger itself is never corrected, only what is derived from it.

Whoever corrects locks the row first and adds the ledger up afterwards: every movement that changes
the row holds the same lock until it is committed. Order of locks as in `locking.py`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import NotFound
from app.core.rows import insert_rows
from app.domain.ledger.models import Balance, SiteBalance
from app.domain.reservations.models import Reservation
from app.domain.units.models import Unit


def lock_balance(session: Session, *, location_id: int, item_id: int, lot_id: int) -> Balance:
    """The balance of a place, made if it is missing, locked until the end of the transaction."""
    key = {"location_id": location_id, "item_id": item_id, "lot_id": lot_id}
    row: Balance = _lock(session, Balance, key)
    return row


def lock_site_balance(session: Session, *, site_id: int, item_id: int, lot_id: int) -> SiteBalance:
    """The same for what a whole site has."""
    key = {"site_id": site_id, "item_id": item_id, "lot_id": lot_id}
    row: SiteBalance = _lock(session, SiteBalance, key)
    return row


def lock_unit(session: Session, *, unit_id: int) -> Unit:
    """A unit, locked. Raises NotFound."""
    unit = session.get(Unit, unit_id, with_for_update=True, populate_existing=True)
    if unit is None:
        raise NotFound("There is no such unit.", id=unit_id)
    return unit


def correct_on_hand(row: Balance | SiteBalance, *, on_hand: Decimal) -> tuple[Decimal, Decimal]:
    """Write what the ledger says into a locked balance; what it said before, and says now."""
    before, row.on_hand = row.on_hand, on_hand
    return before, on_hand


def lock_reservation(session: Session, *, reservation_id: int) -> Reservation:
    """A reservation, locked. Raises NotFound."""
    row = session.get(Reservation, reservation_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("There is no such reservation.", id=reservation_id)
    return row


def correct_reserved(row: SiteBalance, *, reserved: Decimal) -> tuple[Decimal, Decimal]:
    """Write what the ledger says is promised into a locked balance; before and after."""
    before, row.reserved = row.reserved, reserved
    return before, reserved


def correct_open(row: Reservation, *, still_open: Decimal) -> tuple[Decimal, Decimal]:
    """Write what the ledger says is still promised into a locked reservation; before and after."""
    before, row.open = row.open, still_open
    return before, still_open


def correct_unit(
    unit: Unit, *, location_id: int, department_id: int, state: str, quantity: Decimal
) -> None:
    """Write what the ledger says into a locked unit."""
    if unit.state != state:
        unit.state_since = now()
    unit.location_id, unit.department_id = location_id, department_id
    unit.state, unit.quantity = state, quantity


def _lock(session: Session, model: Any, key: dict[str, int]) -> Any:
    insert_rows(
        session,
        model.__table__,
        [key | {"on_hand": Decimal(0)}],
        names=(*key, "on_hand"),
        ignore_conflicts=True,
    )
    query = sa.select(model).filter_by(**key).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()
