"""Reading the ledger: what happened to a thing, newest first."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.domain.accounts.models import User
from app.domain.ledger.models import Movement, Posting
from app.domain.locations.models import Location
from app.domain.partners.models import Partner


@dataclass(frozen=True, slots=True)
class PostingRow:
    """One posting with the words that a page or a phone shows."""

    movement_id: int
    movement_uid: uuid.UUID
    verb: str
    occurred_at: datetime
    posted_at: datetime
    actor_name: str
    origin_code: str
    target_code: str
    target_is_virtual: bool
    partner_name: str | None
    item_id: int
    lot_id: int
    unit_id: int | None
    quantity: Decimal
    reason: str | None
    note: str | None
    is_reversed: bool


def postings_of_unit(session: Session, *, unit_id: int, limit: int) -> list[PostingRow]:
    """What happened to a unit, newest first, at most `limit` rows. One statement."""
    return _rows(
        session,
        posting_select().where(Posting.unit_id == unit_id).order_by(Posting.id.desc()).limit(limit),
    )


def posting_select() -> sa.Select[Any]:
    """Postings joined with everything that PostingRow names; callers filter, order and limit."""
    origin, target, undoing = aliased(Location), aliased(Location), aliased(Movement)
    return (
        sa.select(
            Movement.id,
            Movement.uid,
            Movement.verb,
            Movement.occurred_at,
            Movement.posted_at,
            User.name,
            origin.code,
            target.code,
            target.is_virtual,
            Partner.name,
            Posting.item_id,
            Posting.lot_id,
            Posting.unit_id,
            Posting.quantity,
            Movement.reason,
            Movement.note,
            undoing.id.is_not(None),
        )
        .select_from(Posting)
        .join(Movement, Movement.id == Posting.movement_id)
        .join(User, User.id == Movement.actor_id)
        .join(origin, origin.id == Posting.from_location_id)
        .join(target, target.id == Posting.to_location_id)
        .outerjoin(Partner, Partner.id == Movement.partner_id)
        .outerjoin(undoing, undoing.reverses_id == Movement.id)
    )


def _rows(session: Session, statement: sa.Select[Any]) -> list[PostingRow]:
    return posting_rows(session.execute(statement).all())


def posting_rows(rows: Sequence[Any]) -> list[PostingRow]:
    """The rows of `posting_select`."""
    return [PostingRow(*row) for row in rows]
