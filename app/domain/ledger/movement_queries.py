"""Movements: lists of them, and one with its lines and what reverses it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.core.errors import NotFound
from app.domain.accounts.models import User
from app.domain.catalog.models import Item
from app.domain.codes.models import LabelCode
from app.domain.codes.queries import is_code_on
from app.domain.codes.rules import CodeKind
from app.domain.ledger.history_queries import PlaceName
from app.domain.ledger.models import Movement, Posting, Verb
from app.domain.locations.models import Location
from app.domain.lots.models import NO_LOT, Lot
from app.domain.partners.models import Partner
from app.domain.units.models import Unit

LINES_AT_MOST = 500
# People read minutes: what was booked within one is not worth a word.
LATE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class MovementFilter:
    """Which movements; None means any."""

    site_id: int
    departments: Collection[int] | None = None
    department_id: int | None = None
    verb: Verb | None = None
    partner_id: int | None = None
    actor_id: int | None = None
    reference: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a movement in words."""

    item_name: str
    item_uid: uuid.UUID
    lot_number: str | None
    lot_uid: uuid.UUID | None
    unit_uid: uuid.UUID | None
    token: str | None
    quantity: Decimal
    unit_of_measure: str
    origin: PlaceName
    target: PlaceName
    department_ids: tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class MovementRow:
    """One movement in a list; `line` is its first line, `quantity` the sum where it has one.

    `is_late` where it was booked after something that happened later, as from a phone that had
    no network: it stands above it, and its own time looks out of order.
    """

    id: int
    uid: uuid.UUID
    verb: Verb
    occurred_at: datetime
    posted_at: datetime
    by_name: str
    partner_name: str | None
    partner_uid: uuid.UUID | None
    reason: str | None
    is_reversed: bool
    is_late: bool
    lines: int
    quantity: Decimal | None
    line: Line


@dataclass(frozen=True, slots=True)
class MovementPage:
    """A movement with its lines, and both directions of a reversal."""

    movement: Movement
    by_name: str
    partner: Partner | None
    device_name: str | None
    reversed_by_uid: uuid.UUID | None
    reverses_uid: uuid.UUID | None
    lines: Sequence[Line]


def list_movements(
    session: Session, wanted: MovementFilter, *, limit: int, before: int | None = None
) -> list[MovementRow]:
    """Movements in the order they were booked, newest first. Two statements."""
    reversal = aliased(Movement)
    query = (
        sa.select(
            Movement.id, Movement.uid, Movement.verb, Movement.occurred_at, Movement.posted_at,
            User.name, Partner.name, Partner.uid, Movement.reason, reversal.id.is_not(None),
        )
        .join(User, User.id == Movement.actor_id)
        .outerjoin(Partner, Partner.id == Movement.partner_id)
        .outerjoin(reversal, reversal.reverses_id == Movement.id)
        .where(*conditions_of(wanted))
        .order_by(Movement.id.desc())
        .limit(limit)
    )  # fmt: skip
    if before is not None:
        query = query.where(Movement.id < before)
    heads = session.execute(query).all()
    lines = _first_lines(session, [head[0] for head in heads])
    late = _late(heads)
    return [
        MovementRow(
            head[0], head[1], Verb(head[2]), *head[3:9], bool(head[9]), head[0] in late,
            *lines[head[0]],
        )
        for head in heads
    ]  # fmt: skip


def _late(heads: Sequence[Any]) -> set[int]:
    """Those that something older in the list happened after; `heads` are newest booked first."""
    late: set[int] = set()
    newest: datetime | None = None
    for movement_id, _, _, occurred_at, posted_at, *_ in reversed(heads):
        if newest is None or occurred_at >= newest:
            newest = occurred_at
        elif posted_at - occurred_at >= LATE:
            late.add(movement_id)
    return late


def movement_page(session: Session, *, uid: uuid.UUID) -> MovementPage:
    """A movement by its public id, with its first 500 lines. Raises NotFound."""
    reversal, original = aliased(Movement), aliased(Movement)
    devices = sa.table("devices", sa.column("id"), sa.column("name"))
    row = session.execute(
        sa.select(Movement, User.name, Partner, devices.c.name, reversal.uid, original.uid)
        .join(User, User.id == Movement.actor_id)
        .outerjoin(Partner, Partner.id == Movement.partner_id)
        .outerjoin(devices, devices.c.id == Movement.device_id)
        .outerjoin(reversal, reversal.reverses_id == Movement.id)
        .outerjoin(original, original.id == Movement.reverses_id)
        .where(Movement.uid == uid)
    ).first()
    if row is None:
        raise NotFound("There is no such movement.", field="movement")
    query = _lines().where(Posting.movement_id == row[0].id).order_by(Posting.line_no)
    lines = [_line(*line[1:]) for line in session.execute(query.limit(LINES_AT_MOST))]
    movement, by_name, partner, device_name, reversed_by, reverses = row
    return MovementPage(movement, by_name, partner, device_name, reversed_by, reverses, lines)


def conditions_of(wanted: MovementFilter) -> list[sa.ColumnElement[bool]]:
    """What a filter asks of a movement."""
    conditions: list[sa.ColumnElement[bool]] = [Movement.site_id == wanted.site_id]
    if wanted.verb is not None:
        conditions.append(Movement.verb == wanted.verb)
    if wanted.partner_id is not None:
        conditions.append(Movement.partner_id == wanted.partner_id)
    if wanted.actor_id is not None:
        conditions.append(Movement.actor_id == wanted.actor_id)
    if wanted.reference is not None:
        conditions += [Movement.reference_id == wanted.reference, is_of_order()]
    if wanted.since is not None:
        conditions.append(Movement.occurred_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(Movement.occurred_at < wanted.until)
    if wanted.departments is not None:
        conditions.append(_touches(wanted.departments))
    if wanted.department_id is not None:
        conditions.append(_touches([wanted.department_id]))
    return conditions


def is_of_order() -> sa.ColumnElement[bool]:
    """What refers to an order, spelt like the condition of the index of orders."""
    is_import: sa.ColumnElement[str] = sa.literal_column("'import'")
    return sa.and_(Movement.reference_id.is_not(None), Movement.reference_type != is_import)


def _touches(departments: Collection[int]) -> sa.ColumnElement[bool]:
    """A movement with a line from or to a place of one of these departments."""
    ends = sa.or_(Location.id == Posting.from_location_id, Location.id == Posting.to_location_id)
    return (
        sa.select(Posting.id)
        .join(Location, ends)
        .where(Posting.movement_id == Movement.id, Location.department_id.in_(sorted(departments)))
        .exists()
    )


def _first_lines(
    session: Session, movement_ids: Sequence[int]
) -> dict[int, tuple[int, Decimal | None, Line]]:
    """For each movement: how many lines, their sum if they share a measure, the first one."""
    totals = (
        sa.select(
            Posting.movement_id,
            sa.func.min(Posting.line_no).label("line_no"),
            sa.func.count().label("lines"),
            sa.func.sum(Posting.quantity).label("quantity"),
            (
                sa.func.min(Item.unit_of_measure_code) == sa.func.max(Item.unit_of_measure_code)
            ).label("is_one_measure"),
        )
        .join(Item, Item.id == Posting.item_id)
        .where(Posting.movement_id.in_(movement_ids))
        .group_by(Posting.movement_id)
        .subquery()
    )
    query = (
        _lines()
        .add_columns(totals.c.lines, totals.c.quantity, totals.c.is_one_measure)
        .join(
            totals,
            sa.and_(
                totals.c.movement_id == Posting.movement_id,
                totals.c.line_no == Posting.line_no,
            ),
        )
    )
    found: dict[int, tuple[int, Decimal | None, Line]] = {}
    for movement_id, *line, lines, quantity, is_one_measure in session.execute(query):
        found[movement_id] = (lines, quantity if is_one_measure else None, _line(*line))
    return found


def _lines() -> Any:
    origin, target = aliased(Location), aliased(Location)
    return (
        sa.select(
            Posting.movement_id, Item.name, Item.uid, Lot.id, Lot.number, Lot.uid, Unit.uid,
            LabelCode.token, Posting.quantity, Item.unit_of_measure_code,
            origin.code, origin.uid, origin.kind, origin.is_virtual,
            target.code, target.uid, target.kind, target.is_virtual,
            origin.department_id, target.department_id,
        )
        .select_from(Posting)
        .join(Item, Item.id == Posting.item_id)
        .join(Lot, Lot.id == Posting.lot_id)
        .join(origin, origin.id == Posting.from_location_id)
        .join(target, target.id == Posting.to_location_id)
        .outerjoin(Unit, Unit.id == Posting.unit_id)
        .outerjoin(LabelCode, is_code_on(CodeKind.UNIT, Posting.unit_id))
    )  # fmt: skip


def _line(*row: Any) -> Line:
    (
        item_name, item_uid, lot_id, lot_number, lot_uid, unit_uid, token, quantity, measure,
        *places, origin_department, target_department,
    ) = row  # fmt: skip
    return Line(
        item_name=item_name,
        item_uid=item_uid,
        lot_number=lot_number if lot_id != NO_LOT else None,
        lot_uid=lot_uid if lot_id != NO_LOT else None,
        unit_uid=unit_uid,
        token=token,
        quantity=quantity,
        unit_of_measure=measure,
        origin=PlaceName(*places[:4]),
        target=PlaceName(*places[4:]),
        department_ids=(origin_department, target_department),
    )
