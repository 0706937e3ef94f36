"""Reading reservations: the list, one, and what promised, used and released it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.domain.accounts.models import User
from app.domain.catalog.models import Item
from app.domain.codes.models import LabelCode
from app.domain.codes.queries import is_code_on
from app.domain.codes.rules import CodeKind
from app.domain.ledger.models import Movement, Posting
from app.domain.lots.models import NO_LOT, Lot
from app.domain.reservations.models import Reservation
from app.domain.units.models import Unit


@dataclass(frozen=True, slots=True)
class ReservationRow:
    """One promise in a list; `lot_number` and the unit are None where it names none."""

    id: int
    uid: uuid.UUID
    site_id: int
    reference_type: str
    reference_id: str
    open: Decimal
    expires_at: datetime | None
    created_at: datetime
    item_uid: uuid.UUID
    item_name: str
    unit_of_measure: str
    lot_uid: uuid.UUID | None
    lot_number: str | None
    unit_uid: uuid.UUID | None
    token: str | None


@dataclass(frozen=True, slots=True)
class PromiseStep:
    """One movement that promised more, used some, or released it."""

    movement_uid: uuid.UUID
    verb: str
    occurred_at: datetime
    by_name: str
    reason: str | None
    delta: Decimal


def list_reservations(
    session: Session,
    *,
    site_id: int,
    is_open: bool = True,
    reference: str = "",
    before: int | None = None,
    limit: int,
) -> list[ReservationRow]:
    """Promises of a site, newest first: those still open, or all of them."""
    query = _rows().where(Reservation.site_id == site_id)
    if is_open:
        query = query.where(Reservation.open > Decimal(0))
    if reference:
        query = query.where(Reservation.reference_id.startswith(reference, autoescape=True))
    if before is not None:
        query = query.where(Reservation.id < before)
    rows = session.execute(query.order_by(Reservation.id.desc()).limit(limit))
    return [_row(*row) for row in rows]


def reservation_by_uid(session: Session, *, uid: uuid.UUID) -> ReservationRow:
    """One promise. Raises NotFound."""
    found = session.execute(_rows().where(Reservation.uid == uid)).first()
    if found is None:
        raise NotFound("There is no such reservation.", field="reservation")
    return _row(*found)


def promise_of_unit(session: Session, *, unit: Unit) -> ReservationRow | None:
    """To whom a roll is promised; no question asked where it is to nobody."""
    if unit.reservation_id is None:
        return None
    return _row(*session.execute(_rows().where(Reservation.id == unit.reservation_id)).one())


def list_steps(session: Session, *, reservation_id: int, limit: int) -> list[PromiseStep]:
    """What became of a promise, newest first."""
    rows = session.execute(
        sa.select(
            Movement.uid,
            Movement.verb,
            Movement.occurred_at,
            User.name,
            Movement.reason,
            Posting.reserved_delta,
        )
        .join(Movement, Movement.id == Posting.movement_id)
        .join(User, User.id == Movement.actor_id)
        .where(Posting.reservation_id == reservation_id)
        .order_by(Posting.id.desc())
        .limit(limit)
    )
    return [PromiseStep(*row) for row in rows]


def _rows() -> Any:
    return (
        sa.select(
            Reservation.id, Reservation.uid, Reservation.site_id, Reservation.reference_type,
            Reservation.reference_id, Reservation.open, Reservation.expires_at,
            Reservation.created_at, Item.uid, Item.name, Item.unit_of_measure_code,
            Lot.id, Lot.uid, Lot.number, Unit.uid, LabelCode.token,
        )
        .join(Item, Item.id == Reservation.item_id)
        .join(Lot, Lot.id == Reservation.lot_id)
        .outerjoin(Unit, Unit.id == Reservation.unit_id)
        .outerjoin(LabelCode, is_code_on(CodeKind.UNIT, Reservation.unit_id))
    )  # fmt: skip


def _row(*row: Any) -> ReservationRow:
    fields: list[Any] = list(row)
    *first, lot_id, lot_uid, lot_number, unit_uid, token = fields
    lot = [lot_uid, lot_number] if lot_id != NO_LOT else [None, None]
    shown = [*first, *lot, unit_uid, token]
    return ReservationRow(*shown)
