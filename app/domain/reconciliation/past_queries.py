"""Stock and cards as of any past moment: the nearest known state, and what was booked between.

By `posted` it is what the books said then; by `occurred`, what had really happened by then, as far
as it is known today. Known states are today's balances and the checkpoints before them.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.types import from_micro
from app.domain.catalog.models import Item
from app.domain.ledger.models import Balance, Movement, Posting, Verb
from app.domain.locations.models import Location
from app.domain.lots.models import Lot
from app.domain.reconciliation.balance_checks import micro, posted_sums
from app.domain.reconciliation.models import Checkpoint, CheckpointBalance

PastKey = tuple[str, int, int]  # code of the place, item, lot


class Clock(StrEnum):
    """By which time the past is asked."""

    POSTED = "posted"
    OCCURRED = "occurred"


@dataclass(frozen=True, slots=True)
class PastScope:
    """Whose stock: a site, departments in it (None: all), perhaps one item."""

    site_id: int
    departments: Collection[int] | None = None
    department_id: int | None = None
    item_id: int | None = None


@dataclass(frozen=True, slots=True)
class PastStock:
    """What lay in one place at a moment."""

    place_code: str
    place_uid: uuid.UUID
    place_kind: str
    item_id: int
    item_uid: uuid.UUID
    item_number: str
    item_name: str
    lot_id: int
    lot_uid: uuid.UUID
    lot_number: str
    unit_of_measure: str
    on_hand: Decimal

    @property
    def key(self) -> PastKey:
        """Where the next page begins."""
        return self.place_code, self.item_id, self.lot_id


@dataclass(frozen=True, slots=True)
class CardLine:
    """One movement of an item into or out of a scope, and what was there after it."""

    movement_uid: uuid.UUID
    verb: Verb
    at: datetime
    change: Decimal
    on_hand: Decimal


def list_past_stock(
    session: Session,
    scope: PastScope,
    *,
    at: datetime,
    clock: Clock,
    limit: int,
    after: PastKey | None = None,
) -> list[PastStock]:
    """What lay where at a moment, by place, item and lot."""
    sums = _sums_as_of(session, scope, at=at, clock=clock).subquery()
    keys: list[Any] = [sums.c.location_id, sums.c.item_id, sums.c.lot_id]
    total = sa.cast(sa.func.sum(sums.c.quantity), sa.BigInteger)
    lay = sa.select(*keys, total.label("quantity")).group_by(*keys).having(total != 0).subquery()
    query: Any = (
        sa.select(
            Location.code, Location.uid, Location.kind, Item.id, Item.uid, Item.number, Item.name,
            Lot.id, Lot.uid, Lot.number, Item.unit_of_measure_code, lay.c.quantity,
        )
        .select_from(lay)
        .join(Location, Location.id == lay.c.location_id)
        .join(Item, Item.id == lay.c.item_id)
        .join(Lot, Lot.id == lay.c.lot_id)
        .where(*_places(scope))
    )  # fmt: skip
    order = sa.tuple_(Location.code, Item.id, Lot.id)
    if after is not None:
        query = query.where(order > sa.tuple_(*(sa.literal(part) for part in after)))
    query = query.order_by(Location.code, Item.id, Lot.id).limit(limit)
    rows: Any = session.execute(query)
    return [PastStock(*(*names, from_micro(left))) for *names, left in rows]


def card_as_of(
    session: Session, scope: PastScope, *, at: datetime, clock: Clock, limit: int
) -> list[CardLine]:
    """The last lines of an item's card before a moment, newest first, each with what was left."""
    assert scope.item_id is not None
    sums = _sums_as_of(session, scope, at=at, clock=clock).subquery()
    inside = sa.select(Location.id).where(~Location.is_virtual, *_places(scope))
    total = sa.select(sa.func.coalesce(sa.func.sum(sums.c.quantity), 0))
    left = int(session.execute(total.where(sums.c.location_id.in_(inside))).scalar_one())
    lines: list[CardLine] = []
    for line in session.execute(_crossing(scope, inside, at=at, clock=clock).limit(limit)):
        change = int(line.change)
        lines.append(
            CardLine(line.uid, Verb(line.verb), line.at, from_micro(change), from_micro(left))
        )
        left -= change
    return lines


def _crossing(scope: PastScope, inside: Any, *, at: datetime, clock: Clock) -> Any:
    """Movements that changed what a scope has of an item, newest first."""
    moment = _column(clock)
    gained = sa.case((Posting.to_location_id.in_(inside), micro(Posting.quantity)), else_=0)
    lost = sa.case((Posting.from_location_id.in_(inside), micro(Posting.quantity)), else_=0)
    change = sa.cast(sa.func.sum(gained - lost), sa.BigInteger)
    columns: list[Any] = [Movement.id, Movement.uid, Movement.verb, moment.label("at")]
    return (
        sa.select(*columns, change.label("change"))
        .join(Posting, Posting.movement_id == Movement.id)
        .where(Posting.item_id == scope.item_id, Movement.site_id == scope.site_id, moment <= at)
        .group_by(Movement.id, Movement.uid, Movement.verb, moment)
        .having(change != 0)
        .order_by(moment.desc(), Movement.id.desc())
    )


def _sums_as_of(session: Session, scope: PastScope, *, at: datetime, clock: Clock) -> Any:
    """The nearest known state and the lines between, as rows to be added up."""
    known = _nearest(session, at) if clock is Clock.POSTED else None
    base: Any = Balance.__table__ if known is None else CheckpointBalance.__table__
    state = sa.select(
        base.c.location_id, base.c.item_id, base.c.lot_id, micro(base.c.on_hand).label("quantity")
    )
    if known is not None:
        state = state.where(base.c.checkpoint_id == known.id)
    if scope.item_id is not None:
        state = state.where(base.c.item_id == scope.item_id)
    is_later = known is None or known.taken_at > at
    between = _between(at, known.taken_at if known else None, clock)
    if scope.item_id is not None:
        between.append(Posting.item_id == scope.item_id)
    between.append(Movement.site_id == scope.site_id)
    parts = []
    for part in posted_sums(*between):
        lines = part.subquery()
        change = lines.c.quantity * (-1 if is_later else 1)
        parts.append(sa.select(lines.c.location_id, lines.c.item_id, lines.c.lot_id, change))
    return sa.union_all(state, *parts)


def _between(at: datetime, known_at: datetime | None, clock: Clock) -> list[Any]:
    """Which movements lie between a moment and a known state."""
    if known_at is None:
        # Nothing is booked before it happened: what was posted by then had happened.
        later = [Movement.posted_at > at]
        return [*later, Movement.occurred_at > at] if clock is Clock.OCCURRED else later
    low, high = sorted((at, known_at))
    return [Movement.posted_at > low, Movement.posted_at <= high]


def _nearest(session: Session, at: datetime) -> Checkpoint | None:
    """The checkpoint that lies nearer to a moment than today does, if there is one."""
    before = sa.select(Checkpoint).where(Checkpoint.taken_at <= at)
    after = sa.select(Checkpoint).where(Checkpoint.taken_at > at)
    found: Sequence[Checkpoint | None] = (
        session.scalars(before.order_by(Checkpoint.taken_at.desc()).limit(1)).first(),
        session.scalars(after.order_by(Checkpoint.taken_at).limit(1)).first(),
    )
    near = [one for one in found if one is not None]
    best = min(near, key=lambda one: abs(one.taken_at - at), default=None)
    return best if best is not None and abs(best.taken_at - at) < abs(now() - at) else None


def sums_for_checkpoint(*, taken_at: datetime) -> Any:
    """What lay where at a moment, in every site, as a statement."""
    base: Any = Balance.__table__
    state = sa.select(
        base.c.location_id, base.c.item_id, base.c.lot_id, micro(base.c.on_hand).label("quantity")
    )
    parts = []
    for part in posted_sums(Movement.posted_at > taken_at):
        lines = part.subquery()
        parts.append(
            sa.select(lines.c.location_id, lines.c.item_id, lines.c.lot_id, -lines.c.quantity)
        )
    sums = sa.union_all(state, *parts).subquery()
    keys: list[Any] = [sums.c.location_id, sums.c.item_id, sums.c.lot_id]
    total = sa.cast(sa.func.sum(sums.c.quantity), sa.BigInteger)
    return sa.select(*keys, total.label("quantity")).group_by(*keys).having(total != 0)


def _places(scope: PastScope) -> list[Any]:
    conditions: list[Any] = [Location.site_id == scope.site_id]
    if scope.departments is not None:
        conditions.append(Location.department_id.in_(sorted(scope.departments)))
    if scope.department_id is not None:
        conditions.append(Location.department_id == scope.department_id)
    return conditions


def _column(clock: Clock) -> Any:
    return Movement.posted_at if clock is Clock.POSTED else Movement.occurred_at
