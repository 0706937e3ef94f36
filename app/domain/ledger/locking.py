"""Loading the books of a batch under locks. This file fixes the order of locks, for everybody:

idempotency keys (keys.py) → balances → site balances → lots (shared) → units,
each sorted by its key. Batches that lock in this order cannot deadlock with each other. A
transaction of several batches (an undo between scans, an import's production and putaway) can;
it is then done again as a whole.
On SQLite the writer lock of the transaction covers them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.database import StaleRead
from app.core.rows import insert_rows, rows_from
from app.domain.ledger.drafts import LineDraft, MovementDraft, Place, UnitBook
from app.domain.ledger.fold import BalanceKey, Books
from app.domain.ledger.models import Balance, Movement, SiteBalance
from app.domain.locations.models import Location
from app.domain.lots.models import Lot
from app.domain.units.models import Unit

_BALANCES: Any = Balance.__table__
_SITE_BALANCES: Any = SiteBalance.__table__
_UNITS: Any = Unit.__table__
BALANCE_KEYS = ("location_id", "item_id", "lot_id")
SITE_BALANCE_KEYS = ("site_id", "item_id", "lot_id")


def load_books(session: Session, drafts: Sequence[MovementDraft]) -> Books:
    """Lock and read everything that the drafts may touch.

    A unit's place is needed to know which balances to lock before the unit itself may be locked;
    if it has moved in between, StaleRead makes the whole transaction start again.
    """
    lines = [(draft, line) for draft in drafts for line in draft.lines]
    unit_ids = sorted({line.unit_id for _, line in lines if line.unit_id is not None})
    before = {unit.id: unit for unit in _read_units(session, unit_ids)}
    places = _read_places(session, lines, before)
    on_hand = _lock_balances(session, lines, before, places)
    _lock_site_balances(session, lines, before, places)
    lots = _lock_lots(session, {line.lot_id for _, line in lines})
    units = {unit.id: unit for unit in _read_units(session, unit_ids, lock=True)}
    if any(unit.location_id != before[unit.id].location_id for unit in units.values()):
        raise StaleRead
    reverses = {draft.reverses_id for draft in drafts if draft.reverses_id is not None}
    return Books(places, lots, units, on_hand, _reversed(session, reverses))


def _read_units(session: Session, ids: list[int], *, lock: bool = False) -> list[UnitBook]:
    if not ids:
        return []
    names = [name for name in UnitBook.__slots__ if name != "last_draft"]
    wanted = rows_from(session, [{"id": id_} for id_ in ids], [_UNITS.c.id])
    statement = (
        sa.select(*[_UNITS.c[name] for name in names])
        .join_from(_UNITS, wanted, _UNITS.c.id == wanted.c.id)
        .order_by(_UNITS.c.id)
    )
    if lock:
        statement = statement.with_for_update(of=_UNITS)
    return [UnitBook(**row) for row in session.execute(statement).mappings()]


def _read_places(
    session: Session,
    lines: list[tuple[MovementDraft, LineDraft]],
    units: dict[int, UnitBook],
) -> dict[int, Place]:
    ids = {line.to_location_id for _, line in lines}
    ids |= {line.from_location_id for _, line in lines if line.from_location_id is not None}
    ids |= {unit.location_id for unit in units.values()}
    table: Any = Location.__table__
    wanted = rows_from(session, [{"id": id_} for id_ in sorted(ids)], [table.c.id])
    names = [name for name in Place.__slots__ if name != "blocked_reason"]
    statement = sa.select(
        *[table.c[name] for name in names],
        sa.case(
            (table.c.blocked_at.is_not(None), sa.func.coalesce(table.c.blocked_reason, ""))
        ).label("blocked_reason"),
    ).join_from(table, wanted, table.c.id == wanted.c.id)
    rows = session.execute(statement).mappings()
    return {row["id"]: Place(**row) for row in rows}


def _touched(line: LineDraft, units: dict[int, UnitBook], places: dict[int, Place]) -> list[Place]:
    """The places that a line may leave or reach."""
    ids = [line.to_location_id, line.from_location_id]
    if line.unit_id in units:
        ids.append(units[line.unit_id].location_id)
    return [places[id_] for id_ in ids if id_ in places]


def _lock_balances(
    session: Session,
    lines: list[tuple[MovementDraft, LineDraft]],
    units: dict[int, UnitBook],
    places: dict[int, Place],
) -> dict[BalanceKey, Decimal]:
    keys = {
        (place.id, line.item_id, line.lot_id)
        for _, line in lines
        for place in _touched(line, units, places)
        if not place.is_virtual
    }
    rows = _lock(session, _BALANCES, BALANCE_KEYS, keys)
    return {(row.location_id, row.item_id, row.lot_id): row.on_hand for row in rows}


def _lock_site_balances(
    session: Session,
    lines: list[tuple[MovementDraft, LineDraft]],
    units: dict[int, UnitBook],
    places: dict[int, Place],
) -> None:
    """Only lines that enter or leave the site touch what the site has."""
    keys = {
        (draft.site_id, line.item_id, line.lot_id)
        for draft, line in lines
        if any(place.is_virtual for place in _touched(line, units, places))
    }
    _lock(session, _SITE_BALANCES, SITE_BALANCE_KEYS, keys)


def _lock(
    session: Session,
    table: sa.Table,
    names: tuple[str, str, str],
    keys: Iterable[tuple[int, int, int]],
) -> list[Any]:
    """Make the missing rows, then lock all of them, both in the order of their keys."""
    wanted = [dict(zip(names, key, strict=True)) for key in sorted(keys)]
    if not wanted:
        return []
    insert_rows(
        session,
        table,
        [row | {"on_hand": Decimal(0)} for row in wanted],
        names=(*names, "on_hand"),
        order_by=names,
        ignore_conflicts=True,
    )
    source = rows_from(session, wanted, [table.c[name] for name in names])
    statement = (
        sa.select(table)
        .join_from(table, source, sa.and_(*[table.c[name] == source.c[name] for name in names]))
        .order_by(*[table.c[name] for name in names])
        .with_for_update(of=table)
    )
    return list(session.execute(statement).all())


def _lock_lots(session: Session, ids: set[int]) -> dict[int, str]:
    table: Any = Lot.__table__
    wanted = rows_from(session, [{"id": id_} for id_ in sorted(ids)], [table.c.id])
    statement = (
        sa.select(table.c.id, table.c.status)
        .join_from(table, wanted, table.c.id == wanted.c.id)
        .order_by(table.c.id)
        .with_for_update(of=table, read=True)
    )
    return {row.id: row.status for row in session.execute(statement)}


def _reversed(session: Session, ids: set[int]) -> set[int]:
    """Which of these movements have been reversed, asked while their balances are locked."""
    if not ids:
        return set()
    return set(
        session.scalars(sa.select(Movement.reverses_id).where(Movement.reverses_id.in_(ids)))
    )
