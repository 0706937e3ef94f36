"""What an export holds: units and the log, read in parts so that its size costs no memory.

A part is chosen by key first and put into words afterwards: both statements of SQL walk an index
from where the last part ended, however deep they are.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.domain.accounts.models import User
from app.domain.catalog.models import Item
from app.domain.codes.models import LabelCode
from app.domain.codes.queries import aliases_of, is_code_on
from app.domain.codes.rules import CodeKind
from app.domain.ledger.models import Movement, Posting
from app.domain.locations.models import Department, Location
from app.domain.lots.models import NO_LOT, Lot
from app.domain.partners.models import Partner
from app.domain.units.models import Unit

ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Extent:
    """What of the ledger goes in: a site, some departments (None: all), nothing newer than this."""

    site_id: int
    departments: tuple[int, ...] | None
    last_unit_id: int
    last_movement_id: int
    units: int
    postings: int

    @property
    def rows(self) -> int:
        """Rows of both lists together."""
        return self.units + self.postings


def fix_extent(session: Session, *, site_id: int, departments: Sequence[int] | None) -> Extent:
    """Count what there is now; what is booked later stays out."""
    among = None if departments is None else tuple(sorted(departments))
    last_unit_id = session.scalar(sa.select(sa.func.max(Unit.id))) or 0
    last_movement_id = session.scalar(sa.select(sa.func.max(Movement.id))) or 0
    extent = Extent(site_id, among, last_unit_id, last_movement_id, 0, 0)
    units = session.scalar(sa.select(sa.func.count()).select_from(Unit).where(*_units_of(extent)))
    postings = session.scalar(
        sa.select(sa.func.count())
        .select_from(Posting)
        .join(Movement, Movement.id == Posting.movement_id)
        .where(*_postings_of(extent))
    )
    return Extent(site_id, among, last_unit_id, last_movement_id, units or 0, postings or 0)


def each_unit(session: Session, extent: Extent) -> Iterator[tuple[Any, list[str]]]:
    """Every unit in words with its aliases, the oldest first."""
    after = 0
    while rows := session.execute(_units_after(extent, after)).all():
        aliases = aliases_of(session, CodeKind.UNIT, [row.id for row in rows])
        for row in rows:
            yield row, aliases.get(row.id, [])
        after = rows[-1].id


def each_posting(session: Session, extent: Extent) -> Iterator[tuple[Any, uuid.UUID | None]]:
    """Every line of the log in words, in the order of the movements, and what took it back."""
    after = (0, 0)
    while rows := session.execute(_postings_after(extent, after)).all():
        reversals = _reversals(session, rows[0].movement_id, rows[-1].movement_id)
        for row in rows:
            yield row, reversals.get(row.movement_id)
        after = (rows[-1].movement_id, rows[-1].line_no)


def _units_of(extent: Extent) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [
        Unit.site_id == extent.site_id,
        Unit.id <= extent.last_unit_id,
    ]
    if extent.departments is not None:
        conditions.append(Unit.department_id.in_(extent.departments))
    return conditions


def _postings_of(extent: Extent) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [
        Movement.site_id == extent.site_id,
        Movement.id <= extent.last_movement_id,
    ]
    if extent.departments is not None:
        inside = sa.select(Location.id).where(Location.department_id.in_(extent.departments))
        conditions.append(
            sa.or_(Posting.from_location_id.in_(inside), Posting.to_location_id.in_(inside))
        )
    return conditions


def _units_after(extent: Extent, after: int) -> sa.Select[Any]:
    chosen = (
        sa.select(
            Unit.id,
            _label(Unit.id).label("label_id"),
            _movement_of(Posting.id).label("first_id"),
            _movement_of(Posting.id.desc()).label("last_id"),
        )
        .where(*_units_of(extent), Unit.id > after)
        .order_by(Unit.id)
        .limit(ROWS_AT_ONCE)
        .subquery()
    )
    made, latest = aliased(Movement), aliased(Movement)
    return (
        sa.select(
            Unit.id, Item.number.label("item_number"), Item.name.label("item_name"),
            _lot_number(), LabelCode.token, Department.name.label("department"),
            Location.code.label("place"), Location.is_virtual, Location.kind.label("place_kind"),
            Unit.state, Unit.quantity, Item.unit_of_measure_code.label("unit_of_measure"),
            made.occurred_at.label("made_at"), latest.verb.label("latest_verb"),
            latest.occurred_at.label("latest_at"), User.name.label("latest_by"),
            Unit.state_since, Partner.name.label("partner"), Unit.properties,
        )
        .join(chosen, chosen.c.id == Unit.id)
        .join(Item, Item.id == Unit.item_id)
        .join(Lot, Lot.id == Unit.lot_id)
        .join(Department, Department.id == Unit.department_id)
        .join(Location, Location.id == Unit.location_id)
        .outerjoin(LabelCode, LabelCode.id == chosen.c.label_id)
        .outerjoin(made, made.id == chosen.c.first_id)
        .outerjoin(latest, latest.id == chosen.c.last_id)
        .outerjoin(User, User.id == latest.actor_id)
        .outerjoin(Partner, Partner.id == Unit.partner_id)
        .order_by(Unit.id)
    )  # fmt: skip


def _movement_of(order: Any) -> Any:
    """The movement of a unit's first or last posting, found at an end of an index."""
    return (
        sa.select(Posting.movement_id)
        .where(Posting.unit_id == Unit.id)
        .order_by(order)
        .limit(1)
        .correlate(Unit)
        .scalar_subquery()
    )


def _label(unit_id: Any) -> Any:
    """The current label code of a unit, the one on it."""
    return sa.select(LabelCode.id).where(is_code_on(CodeKind.UNIT, unit_id)).scalar_subquery()


def _postings_after(extent: Extent, after: tuple[int, int]) -> sa.Select[Any]:
    key = sa.tuple_(Posting.movement_id, Posting.line_no)
    bound = sa.tuple_(
        sa.literal(after[0], Posting.movement_id.type), sa.literal(after[1], Posting.line_no.type)
    )
    chosen = (
        sa.select(
            Posting.movement_id, Posting.line_no, Posting.item_id, Posting.lot_id,
            Posting.from_location_id, Posting.to_location_id, Posting.quantity, Movement.uid,
            Movement.occurred_at, Movement.posted_at, Movement.verb, Movement.actor_id,
            Movement.partner_id, Movement.reason, Movement.note, Movement.reference_type,
            Movement.reference_id, Movement.reverses_id,
            _label(Posting.unit_id).label("label_id"),
        )
        .join(Movement, Movement.id == Posting.movement_id)
        .where(*_postings_of(extent), Movement.id >= after[0], key > bound)
        .order_by(Posting.movement_id, Posting.line_no)
        .limit(ROWS_AT_ONCE)
        .subquery("chosen")
    )  # fmt: skip
    of = chosen.c
    origin, target, original = aliased(Location), aliased(Location), aliased(Movement)
    # The posting is not joined again: SQLite would walk all of them in the order asked for.
    return (
        sa.select(
            of.movement_id, of.line_no, of.uid, of.occurred_at, of.posted_at,
            User.name.label("by_name"), of.verb, Item.number.label("item_number"),
            Item.name.label("item_name"), _lot_number(), LabelCode.token,
            origin.code.label("origin"), origin.is_virtual.label("is_origin_virtual"),
            origin.kind.label("origin_kind"), target.code.label("target"),
            target.is_virtual.label("is_target_virtual"), target.kind.label("target_kind"),
            Department.name.label("department"), of.quantity,
            Item.unit_of_measure_code.label("unit_of_measure"), Partner.name.label("partner"),
            of.reason, of.note, of.reference_type, of.reference_id,
            original.uid.label("reverses"),
        )
        .select_from(chosen)
        .join(User, User.id == of.actor_id)
        .join(Item, Item.id == of.item_id)
        .join(Lot, Lot.id == of.lot_id)
        .join(origin, origin.id == of.from_location_id)
        .join(target, target.id == of.to_location_id)
        .outerjoin(
            Department,
            Department.id == sa.func.coalesce(target.department_id, origin.department_id),
        )
        .outerjoin(LabelCode, LabelCode.id == of.label_id)
        .outerjoin(Partner, Partner.id == of.partner_id)
        .outerjoin(original, original.id == of.reverses_id)
        .order_by(of.movement_id, of.line_no)
    )  # fmt: skip


def _reversals(session: Session, first_id: int, last_id: int) -> dict[int, uuid.UUID]:
    """What took back any of a run of movements; as a range, because most columns are NULL."""
    rows = session.execute(
        sa.select(Movement.reverses_id, Movement.uid).where(
            Movement.reverses_id >= first_id, Movement.reverses_id <= last_id
        )
    )
    return {row.reverses_id: row.uid for row in rows if row.reverses_id is not None}


def _lot_number() -> Any:
    return sa.case((Lot.id != NO_LOT, Lot.number), else_=None).label("lot")
