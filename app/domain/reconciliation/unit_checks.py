"""Units against their postings: where each lies, in which state, how much of it there is.

The last posting of a unit says it for whatever moves whole. What does not agree at first sight
(a part of it may have gone) is added up posting by posting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.core.rows import rows_from
from app.core.types import from_micro
from app.domain.ledger.models import Movement, Posting
from app.domain.ledger.rules import STATE_IN
from app.domain.locations.models import Department, Location, LocationKind
from app.domain.reconciliation.balance_checks import micro
from app.domain.reconciliation.differences import Difference
from app.domain.reconciliation.models import DifferenceKind
from app.domain.units.models import Unit, UnitState

UNITS_AT_ONCE = 500
_UNITS: Any = Unit.__table__


@dataclass(frozen=True, slots=True)
class WrongUnit:
    """A unit that is not what the ledger says, and what it must be; None where nothing says it."""

    difference: Difference
    department_id: int
    state: str
    location_id: int | None = None
    true_department_id: int | None = None
    true_state: str | None = None
    true_quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    id: int
    code: str
    kind: str
    is_virtual: bool
    department_id: int | None


def state_of_place(never_was: sa.ColumnElement[bool]) -> sa.Case[str]:
    """The state of a unit by the kind of the location that it lies in, in SQL."""
    return sa.case(
        (never_was, sa.literal(str(UnitState.VOIDED))),
        *((Location.kind == kind, sa.literal(str(state))) for kind, state in STATE_IN.items()),
        else_=sa.literal(str(UnitState.STORED)),
    )


def find_wrong_units(
    session: Session, *, unit_ids: Sequence[int] | None = None, site_id: int | None = None
) -> list[WrongUnit]:
    """What is wrong about these units, about all of a site, or about all."""
    if unit_ids is None:
        query = _at_first_sight()
        if site_id is not None:
            query = query.where(Unit.site_id == site_id)
        suspects = list(session.scalars(query))
    else:
        suspects = [
            unit_id
            for chunk in _chunks(unit_ids)
            for unit_id in session.scalars(_at_first_sight(session, chunk))
        ]
    return [found for chunk in _chunks(sorted(suspects)) for found in _compare(session, chunk)]


def _chunks(ids: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), UNITS_AT_ONCE):
        yield list(ids[start : start + UNITS_AT_ONCE])


def _at_first_sight(session: Session | None = None, ids: Sequence[int] = ()) -> sa.Select[Any]:
    """Units that are not where their last posting put them, whole, or that have none."""
    # Only what one index holds: the rest is looked up where it is needed.
    lasts = sa.select(Posting.unit_id, sa.func.max(Posting.id).label("id"))
    lasts = lasts.where(Posting.unit_id.is_not(None)).group_by(Posting.unit_id)
    wanted = None
    if session is not None:
        wanted = rows_from(session, [{"id": id_} for id_ in ids], [_UNITS.c.id])
        lasts = lasts.where(Posting.unit_id.in_(sa.select(wanted.c.id)))
    last, posting = lasts.subquery(), aliased(Posting)
    target = Location
    query = (
        sa.select(Unit.id)
        .outerjoin(last, last.c.unit_id == Unit.id)
        .outerjoin(posting, posting.id == last.c.id)
        .outerjoin(Movement, Movement.id == posting.movement_id)
        .outerjoin(target, target.id == posting.to_location_id)
        .where(
            sa.or_(
                posting.id.is_(None),
                posting.to_location_id != Unit.location_id,
                posting.quantity != Unit.quantity,
                Unit.state != state_of_place(_reverses_birth()),
                target.department_id != Unit.department_id,
            )
        )
    )
    if wanted is not None:
        query = query.where(Unit.id.in_(sa.select(wanted.c.id)))
    return query


def _reverses_birth() -> sa.ColumnElement[bool]:
    """Whether the movement takes back the one by which the unit came into the books."""
    line = aliased(Posting)
    birth = sa.select(sa.func.min(line.movement_id)).where(line.unit_id == Unit.id)
    return sa.and_(
        Movement.reverses_id.is_not(None), Movement.reverses_id == birth.scalar_subquery()
    )


def _compare(session: Session, ids: list[int]) -> Iterator[WrongUnit]:
    wanted = rows_from(session, [{"id": id_} for id_ in ids], [_UNITS.c.id])
    units = session.scalars(sa.select(Unit).join(wanted, wanted.c.id == Unit.id)).all()
    postings: dict[int, list[Any]] = defaultdict(list)
    query = sa.select(
        Posting.unit_id, Posting.movement_id, Posting.from_location_id, Posting.to_location_id,
        micro(Posting.quantity).label("quantity"), Movement.reverses_id,
    )  # fmt: skip
    query = query.join(Movement, Movement.id == Posting.movement_id)
    query = query.where(Posting.unit_id.in_(sa.select(wanted.c.id))).order_by(Posting.id)
    for line in session.execute(query):
        postings[line.unit_id].append(line)
    place_ids = {unit.location_id for unit in units}
    for lines in postings.values():
        place_ids |= {p for line in lines for p in (line.from_location_id, line.to_location_id)}
    places, departments = _places(session, place_ids), _departments(session)
    for unit in units:
        wrong = _judge(unit, postings[unit.id], places, departments)
        if wrong is not None:
            yield wrong


def _judge(
    unit: Unit, lines: list[Any], places: dict[int, _Place], departments: dict[int, str]
) -> WrongUnit | None:
    said = _said(unit, places, departments)
    if not lines:
        told = _told(unit, "no movement has it", said, None)
        return WrongUnit(told, unit.department_id, unit.state)
    place, amount = _whereabouts(lines, places)
    state = STATE_IN.get(LocationKind(place.kind), UnitState.STORED)
    if lines[-1].reverses_id == lines[0].movement_id:
        state = UnitState.VOIDED  # its entry into the books was taken back: it never was
    department_id = place.department_id or _last_department(lines, places) or unit.department_id
    quantity = unit.quantity if amount is None else from_micro(amount)
    must = (place.id, department_id, str(state), quantity)
    if must == (unit.location_id, unit.department_id, unit.state, unit.quantity):
        return None
    expected = f"{place.code}, {departments[department_id]}, {state}, {quantity:f}"
    told = _told(unit, expected, said, lines[-1].movement_id)
    return WrongUnit(told, unit.department_id, unit.state, *must)


def _whereabouts(lines: list[Any], places: dict[int, _Place]) -> tuple[_Place, int | None]:
    """Where a unit lies and how much of it; the amount of what has left is not added up."""
    lying: dict[int, int] = defaultdict(int)
    for line in lines:
        lying[line.from_location_id] -= line.quantity
        lying[line.to_location_id] += line.quantity
    inside = [id_ for id_, left in lying.items() if left > 0 and not places[id_].is_virtual]
    if inside:
        return places[inside[-1]], lying[inside[-1]]
    return places[lines[-1].to_location_id], None


def _last_department(lines: list[Any], places: dict[int, _Place]) -> int | None:
    """Of the last movement that stands; of the last one at all where none does."""
    undone = {line.reverses_id for line in lines}
    standing = [one for one in lines if not one.reverses_id and one.movement_id not in undone]
    for line in reversed(standing or lines):
        for id_ in (line.to_location_id, line.from_location_id):
            if places[id_].department_id is not None:
                return places[id_].department_id
    return None


def _said(unit: Unit, places: dict[int, _Place], departments: dict[int, str]) -> str:
    code = places[unit.location_id].code
    return f"{code}, {departments[unit.department_id]}, {unit.state}, {unit.quantity:f}"


def _told(unit: Unit, expected: str, found: str, movement_id: int | None) -> Difference:
    return Difference(
        DifferenceKind.UNIT,
        "state of a roll",
        expected,
        found,
        site_id=unit.site_id,
        department_id=unit.department_id,
        item_id=unit.item_id,
        lot_id=unit.lot_id,
        unit_id=unit.id,
        suspect_movement_id=movement_id,
    )


def _places(session: Session, ids: Collection[int]) -> dict[int, _Place]:
    names = ("id", "code", "kind", "is_virtual", "department_id")
    table: Any = Location.__table__
    wanted = rows_from(session, [{"id": id_} for id_ in sorted(ids)], [table.c.id])
    query = sa.select(*[table.c[name] for name in names])
    rows = session.execute(query.join_from(table, wanted, table.c.id == wanted.c.id))
    return {row.id: _Place(*row) for row in rows}


def _departments(session: Session) -> dict[int, str]:
    return {row[0]: row[1] for row in session.execute(sa.select(Department.id, Department.code))}
