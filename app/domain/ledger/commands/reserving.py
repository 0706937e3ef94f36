"""Promising stock of a site to a reference, and letting it go again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Invalid, NotFound
from app.core.rights import Actor
from app.domain.ledger.commands.details import Details, Posted, post_one
from app.domain.ledger.commands.drafting import (
    NO_DETAILS,
    draft_of,
    read_units,
    virtual_location,
)
from app.domain.ledger.drafts import LineDraft
from app.domain.ledger.errors import EmptyMovement, NotEnoughToReserve
from app.domain.ledger.models import Movement, Posting, Verb
from app.domain.ledger.proposal_queries import Order, propose
from app.domain.locations.models import LocationKind
from app.domain.reservations.models import Reservation
from app.domain.units.models import Unit

EXPIRED = "The reservation has expired"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be promised: a unit, or so much of an item. No lot: of those that go first."""

    item_id: int | None = None
    quantity: Decimal | None = None
    lot_id: int | None = None
    unit_id: int | None = None


def reserve(
    session: Session,
    *,
    actor: Actor,
    site_id: int,
    wishes: Sequence[Wish],
    reference_type: str,
    reference_id: str,
    until: datetime | None = None,
    order: Order = Order.FEFO,
    details: Details = NO_DETAILS,
) -> Posted:
    """Promise stock of the site to a reference, all of the wishes or none.

    Who reserves again for the same reference adds to the promise, and says anew until when.
    """
    kind, name = reference_type.strip(), reference_id.strip()
    if not kind or not name or len(kind) > 40 or len(name) > 80:
        raise EmptyMovement("Say for what it is reserved, in up to 80 signs.", field="reference")
    if until is not None and until <= now():
        raise Invalid("A reservation ends in the future, or when it is used.", field="until")
    lines = [line for wish in wishes for line in _lines(session, site_id, wish, order)]
    details = replace(details, reference_type=kind, reference_id=name)
    draft = draft_of(Verb.RESERVE, site_id, lines, details)
    return post_one(session, replace(draft, reserve_until=until), actor=actor)


def _lines(session: Session, site_id: int, wish: Wish, order: Order) -> list[LineDraft]:
    if wish.unit_id is not None:
        unit = read_units(session, [wish.unit_id])[wish.unit_id]
        place = unit.location_id
        return [LineDraft(unit.item_id, unit.lot_id, place, place, unit_id=wish.unit_id)]
    if wish.item_id is None or wish.quantity is None or wish.quantity <= 0:
        raise EmptyMovement("Say which item, and how much of it.", field="quantity")
    place = virtual_location(session, site_id, LocationKind.CUSTOMER)
    if wish.lot_id is not None:
        return [LineDraft(wish.item_id, wish.lot_id, place, place, wish.quantity)]
    proposed = propose(
        session, site_id=site_id, item_id=wish.item_id, quantity=wish.quantity, order=order
    )
    free = sum((one.take for one in proposed), Decimal(0))
    if free < wish.quantity:
        raise NotEnoughToReserve(
            f"Only {free} of this can be promised, not {wish.quantity}: the rest is promised "
            "already, not approved, expired or on hold.",
            available=str(free),
            asked=str(wish.quantity),
        )
    return [LineDraft(wish.item_id, one.lot_id, place, place, one.take) for one in proposed]


def release(
    session: Session,
    *,
    actor: Actor,
    reservation_id: int,
    reason: str,
    quantity: Decimal | None = None,
    details: Details = NO_DETAILS,
) -> Posted:
    """Take a promise back, as a whole or so much of it."""
    if not reason.strip():
        raise EmptyMovement("Say why it is released, in a few words.", field="reason")
    found = session.get(Reservation, reservation_id)
    if found is None:
        raise NotFound("There is no such reservation.", id=reservation_id)
    details = replace(
        details,
        reason=reason.strip(),
        reference_type=found.reference_type,
        reference_id=found.reference_id,
    )
    line = _release_line(session, found, found.open if quantity is None else quantity)
    return post_one(session, draft_of(Verb.UNRESERVE, found.site_id, [line], details), actor=actor)


def _release_line(session: Session, found: Reservation, quantity: Decimal) -> LineDraft:
    if found.unit_id is not None:
        place = session.get_one(Unit, found.unit_id).location_id
    else:
        place = virtual_location(session, found.site_id, LocationKind.CUSTOMER)
    return LineDraft(
        found.item_id,
        found.lot_id,
        place,
        place,
        quantity,
        unit_id=found.unit_id,
        reservation_id=found.id,
    )


def release_expired(session: Session, *, at: datetime, limit: int) -> int:
    """Release what is promised beyond its time; returns how many promises. Safe to repeat.

    In the name of whoever promised it last: somebody answers for every movement.
    """
    last = (
        sa.select(sa.func.max(Movement.id))
        .join(Posting, Posting.movement_id == Movement.id)
        .where(Posting.reservation_id == Reservation.id, Movement.verb == Verb.RESERVE)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Reservation.id, Movement.actor_id)
        .join(Movement, Movement.id == last)
        .where(Reservation.open > Decimal(0), Reservation.expires_at <= at)
        .order_by(Reservation.id)
        .limit(limit)
    ).all()
    for reservation_id, actor_id in rows:
        system = Actor(actor_id, "The system", is_superuser=True)
        release(session, actor=system, reservation_id=reservation_id, reason=EXPIRED)
    return len(rows)
