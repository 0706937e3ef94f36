"""Lists of units, and one unit with everything that its page shows.

They lie with the ledger because who moved a unit last stands there.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.domain.accounts.models import User
from app.domain.catalog.models import Item
from app.domain.codes.models import Alias, LabelCode, LabelState
from app.domain.codes.queries import alias_of, is_code_on
from app.domain.codes.rules import CodeKind, normalise_alias
from app.domain.ledger.models import Movement, Posting
from app.domain.locations.models import Department, Location
from app.domain.lots.models import NO_LOT, Lot
from app.domain.partners.models import Partner
from app.domain.units.models import Unit, UnitState

Departments = Collection[int] | None
AT_ONCE = 500
STATE_AT = 14  # its index in the columns of `list_units` and the fields of UnitRow


@dataclass(frozen=True, slots=True)
class UnitFilter:
    """Which units; None means any. `text` is the beginning of a code, an alias or a lot number."""

    site_id: int
    departments: Departments = None
    state: UnitState | None = None
    department_id: int | None = None
    item_id: int | None = None
    lot_id: int | None = None
    location_id: int | None = None
    partner_id: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit in a list."""

    id: int
    uid: uuid.UUID
    token: str | None
    item_name: str
    item_uid: uuid.UUID
    lot_id: int
    lot_number: str
    lot_uid: uuid.UUID
    quantity: Decimal
    unit_of_measure: str
    place_code: str
    place_uid: uuid.UUID
    place_kind: str
    is_place_virtual: bool
    state: UnitState
    moved_at: datetime
    by_name: str | None
    partner_name: str | None
    alias: str | None

    @property
    def has_lot(self) -> bool:
        """Whether the unit belongs to a real lot."""
        return self.lot_id != NO_LOT


@dataclass(frozen=True, slots=True)
class UnitPage:
    """A unit and what belongs to it; `made_at` is when its first movement happened.

    `alias` is the number that others gave it first, painted on it or printed.
    """

    unit: Unit
    item: Item
    lot: Lot | None
    department: Department
    place: Location
    partner: Partner | None
    token: str | None
    made_at: datetime
    alias: str | None


@dataclass(frozen=True, slots=True)
class UnitLabel:
    """What the label of a unit says; `made_at` is when its first movement happened."""

    uid: uuid.UUID
    site_id: int
    department_id: int
    token: str | None
    item_name: str
    lot_id: int
    lot_number: str
    quantity: Decimal
    unit_of_measure: str
    made_at: datetime
    alias: str | None


def list_units(
    session: Session,
    wanted: UnitFilter,
    *,
    limit: int,
    after: tuple[datetime, int] | None = None,
    oldest_first: bool = False,
) -> list[UnitRow]:
    """Units by when they came to where they are, the newest first unless asked otherwise."""
    key = sa.tuple_(Unit.state_since, Unit.id)
    order = (Unit.state_since, Unit.id) if oldest_first else (
        Unit.state_since.desc(), Unit.id.desc()
    )  # fmt: skip
    query = (
        sa.select(
            Unit.id, Unit.uid, LabelCode.token, Item.name, Item.uid, Lot.id, Lot.number, Lot.uid,
            Unit.quantity, Item.unit_of_measure_code, Location.code, Location.uid, Location.kind,
            Location.is_virtual, Unit.state, Unit.state_since, User.name, Partner.name,
            alias_of(CodeKind.UNIT, Unit.id),
        )
        .join(Item, Item.id == Unit.item_id)
        .join(Lot, Lot.id == Unit.lot_id)
        .join(Location, Location.id == Unit.location_id)
        .outerjoin(LabelCode, is_code_on(CodeKind.UNIT, Unit.id))
        .outerjoin(Movement, Movement.id == Unit.last_movement_id)
        .outerjoin(User, User.id == Movement.actor_id)
        .outerjoin(Partner, Partner.id == Unit.partner_id)
        .where(*_conditions(wanted))
        .order_by(*order)
        .limit(limit)
    )  # fmt: skip
    if after is not None:
        bound = sa.tuple_(
            sa.literal(after[0], Unit.state_since.type), sa.literal(after[1], Unit.id.type)
        )
        query = query.where(key > bound if oldest_first else key < bound)
    return [_row(*row) for row in session.execute(query)]


def count_units(session: Session, wanted: UnitFilter) -> dict[UnitState, int]:
    """How many units there are in each state; the filter's own state is left aside."""
    rows = session.execute(
        sa.select(Unit.state, sa.func.count())
        .where(*_conditions(wanted, with_state=False))
        .group_by(Unit.state)
    )
    return {UnitState(row[0]): row[1] for row in rows}


def unit_page(session: Session, *, uid: uuid.UUID) -> UnitPage:
    """A unit by its public id. Raises NotFound."""
    row = session.execute(
        sa.select(
            Unit, Item, Lot, Department, Location, Partner, LabelCode.token, _made_at(),
            alias_of(CodeKind.UNIT, Unit.id),
        )
        .join(Item, Item.id == Unit.item_id)
        .join(Lot, Lot.id == Unit.lot_id)
        .join(Department, Department.id == Unit.department_id)
        .join(Location, Location.id == Unit.location_id)
        .outerjoin(Partner, Partner.id == Unit.partner_id)
        .outerjoin(LabelCode, is_code_on(CodeKind.UNIT, Unit.id))
        .where(Unit.uid == uid)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound("There is no such roll.", field="unit")
    values: list[Any] = list(row)
    if values[2].id == NO_LOT:
        values[2] = None
    return UnitPage(*values)


def unit_labels(session: Session, uids: Sequence[uuid.UUID]) -> list[UnitLabel]:
    """What the labels of these units say, in the order asked for. Raises NotFound."""
    found: dict[uuid.UUID, UnitLabel] = {}
    for start in range(0, len(uids), AT_ONCE):
        rows = session.execute(
            sa.select(
                Unit.uid, Unit.site_id, Unit.department_id, LabelCode.token, Item.name, Lot.id,
                Lot.number, Unit.quantity, Item.unit_of_measure_code, _made_at(),
                alias_of(CodeKind.UNIT, Unit.id),
            )
            .join(Item, Item.id == Unit.item_id)
            .join(Lot, Lot.id == Unit.lot_id)
            .outerjoin(LabelCode, is_code_on(CodeKind.UNIT, Unit.id))
            .where(Unit.uid.in_(uids[start : start + AT_ONCE]))
        )  # fmt: skip
        found.update({row[0]: UnitLabel(*row) for row in rows})
    if len(found) < len(set(uids)):
        raise NotFound("There is no such roll.", field="unit")
    return [found[uid] for uid in uids]


def moved_unit_uids(session: Session, *, movement_uid: uuid.UUID, limit: int) -> list[uuid.UUID]:
    """The units that a movement touched, in the order of its lines. Raises NotFound."""
    found = session.scalars(
        sa.select(Unit.uid)
        .join(Posting, Posting.unit_id == Unit.id)
        .join(Movement, Movement.id == Posting.movement_id)
        .where(Movement.uid == movement_uid)
        .order_by(Posting.line_no)
        .limit(limit)
    ).all()
    if not found:
        raise NotFound("There is no such movement of rolls.", field="movement")
    return list(found)


def _made_at() -> sa.ScalarSelect[datetime]:
    """When the first movement of a unit happened, as a column."""
    return (
        sa.select(Movement.occurred_at)
        .join(Posting, Posting.movement_id == Movement.id)
        .where(Posting.unit_id == Unit.id)
        .order_by(Posting.id)
        .limit(1)
        .scalar_subquery()
    )


def _row(*row: Any) -> UnitRow:
    values = list(row)
    values[STATE_AT] = UnitState(values[STATE_AT])
    return UnitRow(*values)


def _conditions(wanted: UnitFilter, *, with_state: bool = True) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [Unit.site_id == wanted.site_id]
    if wanted.departments is not None:
        conditions.append(Unit.department_id.in_(sorted(wanted.departments)))
    if with_state and wanted.state is not None:
        conditions.append(Unit.state == wanted.state)
    for column, value in (
        (Unit.department_id, wanted.department_id),
        (Unit.item_id, wanted.item_id),
        (Unit.lot_id, wanted.lot_id),
        (Unit.location_id, wanted.location_id),
        (Unit.partner_id, wanted.partner_id),
    ):
        if value is not None:
            conditions.append(column == value)
    text = normalise_alias(wanted.text)
    return [*conditions, _begins_with(text)] if text else conditions


def _begins_with(text: str) -> sa.ColumnElement[bool]:
    """A unit whose token, alias or lot number begins so; hyphens in a token do not count."""
    tokens = sa.select(LabelCode.subject_id).where(
        LabelCode.kind == CodeKind.UNIT.value,
        LabelCode.state != LabelState.VOID,
        LabelCode.token.startswith(text.replace("-", "").replace(" ", ""), autoescape=True),
    )
    aliases = sa.select(Alias.subject_id).where(
        Alias.kind == CodeKind.UNIT.value, Alias.value.startswith(text, autoescape=True)
    )
    lots = sa.select(Lot.id).where(sa.func.upper(Lot.number).startswith(text, autoescape=True))
    return sa.or_(Unit.id.in_(tokens), Unit.id.in_(aliases), Unit.lot_id.in_(lots))
