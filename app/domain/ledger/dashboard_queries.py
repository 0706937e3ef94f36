"""What the dashboard shows: flows of the day, stock by state, the latest movements.

Everything is grouped in the database, so the answer is small however large the plant is; the
caller adds up. `departments` keeps only these, None means all of the site.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.domain.accounts.models import User
from app.domain.audit.models import AuditEntry
from app.domain.catalog.models import Item, UnitOfMeasure
from app.domain.codes.models import LabelCode
from app.domain.codes.queries import alias_of, is_code_on
from app.domain.codes.rules import CodeKind
from app.domain.ledger.history_queries import PlaceName
from app.domain.ledger.models import Movement, Posting, Verb
from app.domain.locations.models import Location
from app.domain.partners.models import Partner
from app.domain.units.models import Unit, UnitState

Departments = Collection[int] | None

# What a site still has to answer for; what was sent or used up only grows.
OPEN_STATES = (
    UnitState.PRODUCED,
    UnitState.STORED,
    UnitState.IN_TRANSIT,
    UnitState.MISSING,
)


@dataclass(frozen=True, slots=True)
class Flow:
    """How many lines of one verb were booked for a department in one span of time.

    `span` counts the boundaries that were asked for. Kilograms are zero for what is not weighed.
    """

    span: int
    verb: Verb
    department_id: int | None
    is_reversed: bool
    lines: int
    kilograms: Decimal


@dataclass(frozen=True, slots=True)
class Stock:
    """How many units of a department are in one state, what they weigh, since when the oldest."""

    department_id: int
    state: UnitState
    units: int
    kilograms: Decimal
    oldest_since: datetime


@dataclass(frozen=True, slots=True)
class LatestMovement:
    """One booked act in a line; the roll's codes and the places are those of its first line."""

    uid: uuid.UUID
    verb: Verb
    occurred_at: datetime
    actor_name: str
    lines: int
    kilograms: Decimal
    unit_uid: uuid.UUID | None
    token: str | None
    alias: str | None
    item_name: str
    origin: PlaceName
    target: PlaceName
    partner_name: str | None


def ledger_version(session: Session, *, site_id: int, since: datetime) -> tuple[int, int, int]:
    """Changes whenever something was booked or master data was changed.

    The count makes it right where ids are committed out of order: a late commit of a lower id
    leaves the highest id alone.
    """
    row = session.execute(
        sa.select(
            sa.select(sa.func.coalesce(sa.func.max(Movement.id), 0))
            .where(Movement.site_id == site_id)
            .scalar_subquery(),
            sa.select(sa.func.count())
            .select_from(Movement)
            .where(Movement.posted_at >= since, Movement.site_id == site_id)
            .scalar_subquery(),
            sa.select(sa.func.coalesce(sa.func.max(AuditEntry.id), 0)).scalar_subquery(),
        )
    ).one()
    return row[0], row[1], row[2]


def list_flows(
    session: Session,
    *,
    site_id: int,
    boundaries: Sequence[datetime],
    departments: Departments = None,
) -> list[Flow]:
    """Booked lines between the first and the last boundary, by the span they fall in.

    The time is when it happened (`occurred_at`); `posted_at` only narrows the search, because
    nothing is booked before it happened.
    """
    source, target = aliased(Location), aliased(Location)
    reversal = aliased(Movement)
    span = sa.case(
        *((Movement.occurred_at < end, n) for n, end in enumerate(boundaries[1:])), else_=-1
    )
    department = sa.func.coalesce(target.department_id, source.department_id)
    keys = (span, Movement.verb, department, reversal.id.is_not(None))
    query = (
        sa.select(*keys, sa.func.count(), sa.func.sum(Posting.quantity), *_measure())
        .join(Posting, Posting.movement_id == Movement.id)
        .join(source, source.id == Posting.from_location_id)
        .join(target, target.id == Posting.to_location_id)
        .join(Item, Item.id == Posting.item_id)
        .join(UnitOfMeasure, UnitOfMeasure.code == Item.unit_of_measure_code)
        .outerjoin(reversal, reversal.reverses_id == Movement.id)
        .where(
            Movement.site_id == site_id,
            Movement.posted_at >= boundaries[0],
            Movement.occurred_at >= boundaries[0],
            Movement.occurred_at < boundaries[-1],
            _within(department, departments),
        )
        .group_by(*keys, *_measure())
    )
    return [
        Flow(n, Verb(verb), dept, bool(is_reversed), lines, _kilograms(quantity, *measure))
        for n, verb, dept, is_reversed, lines, quantity, *measure in session.execute(query)
    ]


def list_stock(session: Session, *, site_id: int, departments: Departments = None) -> list[Stock]:
    """Units that the site still has to answer for, by department and state."""
    query = (
        sa.select(
            Unit.department_id,
            Unit.state,
            sa.func.count(),
            sa.func.sum(Unit.quantity),
            sa.func.min(Unit.state_since),
            *_measure(),
        )
        .join(Item, Item.id == Unit.item_id)
        .join(UnitOfMeasure, UnitOfMeasure.code == Item.unit_of_measure_code)
        .where(
            Unit.site_id == site_id,
            Unit.state.in_(OPEN_STATES),
            _within(Unit.department_id, departments),
        )
        .group_by(Unit.department_id, Unit.state, *_measure())
    )
    return [
        Stock(department_id, UnitState(state), units, _kilograms(quantity, *measure), since)
        for department_id, state, units, quantity, since, *measure in session.execute(query)
    ]


def list_latest_movements(
    session: Session, *, site_id: int, departments: Departments = None, limit: int = 12
) -> list[LatestMovement]:
    """The last acts in the order they were booked, newest first."""
    source, target = aliased(Location), aliased(Location)
    first, recent = aliased(Posting), _recent(site_id, departments, limit)
    totals = (
        sa.select(
            Posting.movement_id,
            sa.func.min(Posting.line_no).label("line_no"),
            sa.func.count().label("lines"),
            sa.func.sum(Posting.quantity).label("quantity"),
        )
        .where(Posting.movement_id.in_(sa.select(recent.c.id)))
        .group_by(Posting.movement_id)
        .subquery()
    )
    query = (
        sa.select(
            Movement.uid, Movement.verb, Movement.occurred_at, User.name,
            totals.c.lines, totals.c.quantity, Unit.uid, LabelCode.token,
            alias_of(CodeKind.UNIT, Unit.id), Item.name, Partner.name,
            source.code, source.uid, source.kind, source.is_virtual,
            target.code, target.uid, target.kind, target.is_virtual,
            *_measure(),
        )
        .join(totals, totals.c.movement_id == Movement.id)
        .join(first, _is_line(first, Movement.id, totals.c.line_no))
        .join(User, User.id == Movement.actor_id)
        .join(source, source.id == first.from_location_id)
        .join(target, target.id == first.to_location_id)
        .join(Item, Item.id == first.item_id)
        .join(UnitOfMeasure, UnitOfMeasure.code == Item.unit_of_measure_code)
        .outerjoin(Unit, Unit.id == first.unit_id)
        .outerjoin(LabelCode, is_code_on(CodeKind.UNIT, Unit.id))
        .outerjoin(Partner, Partner.id == Movement.partner_id)
        .order_by(Movement.id.desc())
    )  # fmt: skip
    return [_latest(*row) for row in session.execute(query)]


def _recent(site_id: int, departments: Departments, limit: int) -> sa.Subquery:
    query = sa.select(Movement.id).where(Movement.site_id == site_id)
    if departments is not None:
        touched = (
            sa.select(Posting.id)
            .join(
                Location,
                sa.or_(
                    Location.id == Posting.from_location_id,
                    Location.id == Posting.to_location_id,
                ),
            )
            .where(Posting.movement_id == Movement.id, Location.department_id.in_(departments))
        )
        query = query.where(touched.exists())
    return query.order_by(Movement.id.desc()).limit(limit).subquery()


def _is_line(posting: Any, movement_id: Any, line_no: Any) -> sa.ColumnElement[bool]:
    return sa.and_(posting.movement_id == movement_id, posting.line_no == line_no)


def _latest(*row: Any) -> LatestMovement:
    (
        uid, verb, at, actor, lines, quantity, unit_uid, token, alias, item, partner, *rest,
    ) = row  # fmt: skip
    return LatestMovement(
        uid=uid,
        verb=Verb(verb),
        occurred_at=at,
        actor_name=actor,
        lines=lines,
        kilograms=_kilograms(quantity, *rest[8:]),
        unit_uid=unit_uid,
        token=token,
        alias=alias,
        item_name=item,
        origin=PlaceName(*rest[:4]),
        target=PlaceName(*rest[4:8]),
        partner_name=partner,
    )


def _within(column: Any, departments: Departments) -> sa.ColumnElement[bool]:
    return sa.true() if departments is None else column.in_(sorted(departments))


def _measure() -> tuple[Any, Any, Any]:
    return UnitOfMeasure.dimension, UnitOfMeasure.numerator, UnitOfMeasure.denominator


def _kilograms(
    quantity: Decimal | None, dimension: str, numerator: int, denominator: int
) -> Decimal:
    if quantity is None or dimension != "mass":
        return Decimal(0)
    return quantity * numerator / denominator
