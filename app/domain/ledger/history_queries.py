"""What happened to a unit, a lot, an item or at a place: postings in words, newest first."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.domain.accounts.models import User
from app.domain.catalog.models import Item
from app.domain.codes.models import LabelCode
from app.domain.codes.queries import is_code_on
from app.domain.codes.rules import CodeKind
from app.domain.ledger.models import Movement, Posting, Verb
from app.domain.locations.models import Location
from app.domain.partners.models import Partner
from app.domain.units.models import Unit


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A place as it is written: its code, or nothing where it is virtual."""

    code: str
    uid: uuid.UUID
    kind: str
    is_virtual: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One posting in words. `is_reversed` says that it was taken back later."""

    posting_id: int
    movement_uid: uuid.UUID
    verb: Verb
    occurred_at: datetime
    posted_at: datetime
    by_name: str
    origin: PlaceName
    target: PlaceName
    partner_name: str | None
    partner_uid: uuid.UUID | None
    quantity: Decimal
    unit_of_measure: str
    item_name: str
    unit_uid: uuid.UUID | None
    token: str | None
    reason: str | None
    note: str | None
    is_reversed: bool


def events_of_unit(
    session: Session, *, unit_id: int, limit: int, before: int | None = None
) -> list[Event]:
    """What happened to a unit; `before` is the last posting already shown."""
    return _events(session, _earlier(sa.select(Posting.id), before), limit, unit_id=unit_id)


def events_of_lot(
    session: Session, *, item_id: int, lot_id: int, limit: int, before: int | None = None
) -> list[Event]:
    """What happened to everything of a lot."""
    ids = _earlier(sa.select(Posting.id), before)
    return _events(session, ids, limit, item_id=item_id, lot_id=lot_id)


def events_of_item(
    session: Session, *, item_id: int, limit: int, before: int | None = None
) -> list[Event]:
    """What happened to everything of an item."""
    return _events(session, _earlier(sa.select(Posting.id), before), limit, item_id=item_id)


def events_at_location(
    session: Session, *, location_id: int, limit: int, before: int | None = None
) -> list[Event]:
    """What came to a place and what left it."""
    # Two index scans that each stop at the limit, instead of sorting all that ever happened here.
    ends = [
        sa.select(
            _earlier(sa.select(Posting.id), before)
            .where(column == location_id)
            .order_by(Posting.id.desc())
            .limit(limit)
            .subquery()
            .c.id
        )
        for column in (Posting.from_location_id, Posting.to_location_id)
    ]
    return _events(session, sa.select(sa.union(*ends).subquery().c.id), limit)


def _earlier(ids: sa.Select[Any], before: int | None) -> sa.Select[Any]:
    return ids.where(Posting.id < before) if before is not None else ids


def _events(session: Session, ids: sa.Select[Any], limit: int, **equals: int) -> list[Event]:
    """The newest of the postings with these ids and these values, in words. One statement."""
    if equals:
        ids = ids.filter_by(**equals).order_by(Posting.id.desc()).limit(limit)
    chosen = ids.subquery()
    origin, target, reversal = aliased(Location), aliased(Location), aliased(Movement)
    query = (
        sa.select(
            Posting.id, Movement.uid, Movement.verb, Movement.occurred_at, Movement.posted_at,
            User.name, Partner.name, Partner.uid, Posting.quantity, Item.unit_of_measure_code,
            Item.name, Unit.uid, LabelCode.token, Movement.reason, Movement.note,
            reversal.id.is_not(None),
            origin.code, origin.uid, origin.kind, origin.is_virtual,
            target.code, target.uid, target.kind, target.is_virtual,
        )
        .join(chosen, chosen.c.id == Posting.id)
        .join(Movement, Movement.id == Posting.movement_id)
        .join(User, User.id == Movement.actor_id)
        .join(Item, Item.id == Posting.item_id)
        .join(origin, origin.id == Posting.from_location_id)
        .join(target, target.id == Posting.to_location_id)
        .outerjoin(Partner, Partner.id == Movement.partner_id)
        .outerjoin(Unit, Unit.id == Posting.unit_id)
        .outerjoin(LabelCode, is_code_on(CodeKind.UNIT, Posting.unit_id))
        .outerjoin(reversal, reversal.reverses_id == Movement.id)
        .order_by(Posting.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [_event(*row) for row in session.execute(query)]


def _event(*row: Any) -> Event:
    (
        posting_id, movement_uid, verb, occurred_at, posted_at, by_name, partner_name,
        partner_uid, quantity, unit_of_measure, item_name, unit_uid, token, reason, note,
        is_reversed, *places,
    ) = row  # fmt: skip
    return Event(
        posting_id=posting_id,
        movement_uid=movement_uid,
        verb=Verb(verb),
        occurred_at=occurred_at,
        posted_at=posted_at,
        by_name=by_name,
        origin=PlaceName(*places[:4]),
        target=PlaceName(*places[4:]),
        partner_name=partner_name,
        partner_uid=partner_uid,
        quantity=quantity,
        unit_of_measure=unit_of_measure,
        item_name=item_name,
        unit_uid=unit_uid,
        token=token,
        reason=reason,
        note=note,
        is_reversed=bool(is_reversed),
    )
