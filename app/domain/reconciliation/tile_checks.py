"""What the dashboard says of a site against what the ledger says, and the daily identity.

Per department: produced + received + found = to put away + stored + in transit + dispatched +
consumed + scrapped + missing. Units whose production was reversed are on neither side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.ledger.dashboard_queries import OPEN_STATES, list_stock
from app.domain.ledger.models import Posting
from app.domain.locations.models import Location, LocationKind
from app.domain.reconciliation.differences import Difference
from app.domain.reconciliation.models import DifferenceKind
from app.domain.reconciliation.unit_checks import WrongUnit
from app.domain.units.models import Unit, UnitState

Tiles = Counter[tuple[int, str]]  # department, state
ENTRANCES = (
    LocationKind.PRODUCTION,
    LocationKind.SUPPLIER,
    LocationKind.COUNT,
    LocationKind.TRANSFORMATION,
)


def find_wrong_tiles(
    session: Session, *, site_id: int, wrong_units: Iterable[WrongUnit]
) -> list[Difference]:
    """Numbers of the dashboard that the ledger does not bear out."""
    units = list(wrong_units)
    shown = _shown(session, site_id)
    must = _by_ledger(session, site_id, units)
    tiles = [
        Difference(
            DifferenceKind.TILE,
            f"rolls {state.replace('_', ' ')}",
            expected=str(must[department_id, state]),
            found=str(shown[department_id, state]),
            site_id=site_id,
            department_id=department_id,
        )
        for department_id, state in sorted(must.keys() | shown.keys())
        if must[department_id, state] != shown[department_id, state]
    ]
    return tiles + _find_broken_identities(session, site_id, shown, units)


def _shown(session: Session, site_id: int) -> Tiles:
    """What people see: the dashboard's own query, and the states that it leaves out."""
    tiles: Tiles = Counter()
    for row in list_stock(session, site_id=site_id):
        tiles[row.department_id, row.state] += row.units
    hidden = [str(state) for state in UnitState if state not in OPEN_STATES]
    return tiles + _counted(session, Unit.site_id == site_id, Unit.state.in_(hidden))


def _by_ledger(session: Session, site_id: int, wrong: Iterable[WrongUnit]) -> Tiles:
    """Every unit where the ledger has it: those that agree with it, and the others put right."""
    tiles = _counted(session, Unit.site_id == site_id)
    for one in wrong:
        tiles[one.department_id, one.state] -= 1
        if one.true_department_id is not None and one.true_state is not None:
            tiles[one.true_department_id, one.true_state] += 1
    return tiles


def _counted(session: Session, *conditions: sa.ColumnElement[bool]) -> Tiles:
    keys = (Unit.department_id, Unit.state)
    query = sa.select(*keys, sa.func.count()).where(*conditions).group_by(*keys)
    return Counter({(row[0], row[1]): row[2] for row in session.execute(query)})


def _find_broken_identities(
    session: Session, site_id: int, shown: Tiles, wrong: Iterable[WrongUnit]
) -> list[Difference]:
    entered = _entered(session, site_id, wrong)
    present: Counter[int] = Counter()
    for (department_id, state), count in shown.items():
        if state != UnitState.VOIDED:
            present[department_id] += count
    return [
        Difference(
            DifferenceKind.IDENTITY,
            "produced, received and found against what became of it",
            expected=str(entered[department_id]),
            found=str(present[department_id]),
            site_id=site_id,
            department_id=department_id,
        )
        for department_id in sorted(entered.keys() | present.keys())
        if entered[department_id] != present[department_id]
    ]


def _entered(session: Session, site_id: int, wrong: Iterable[WrongUnit]) -> Counter[int]:
    """Units that came in from outside, by the department that has them now by the ledger."""
    came_in = (
        sa.select(Posting.id)
        .join(Location, Location.id == Posting.from_location_id)
        .where(Posting.unit_id == Unit.id, Location.kind.in_(ENTRANCES))
    )
    query = (
        sa.select(Unit.department_id, sa.func.count())
        .where(Unit.site_id == site_id, Unit.state != UnitState.VOIDED, came_in.exists())
        .group_by(Unit.department_id)
    )
    entered = Counter({row[0]: row[1] for row in session.execute(query)})
    for one in wrong:
        if one.true_department_id is None:
            continue
        entered[one.department_id] -= one.state != UnitState.VOIDED
        entered[one.true_department_id] += one.true_state != UnitState.VOIDED
    return entered
