"""What the database knows of everything that some rows name: a handful of set-based queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.rows import rows_from
from app.domain.catalog.models import Item, Tracking, UnitOfMeasure
from app.domain.codes.models import Alias
from app.domain.codes.rules import CodeKind
from app.domain.imports.models import ImportKind, ImportRun
from app.domain.imports.rules.rows import ReadRow
from app.domain.imports.rules.verdicts import Known, KnownItem, KnownRoll
from app.domain.imports.rules.weights import Usual, of_item, of_rolls
from app.domain.locations.models import Location
from app.domain.lots.models import Lot
from app.domain.partners.models import Partner
from app.domain.units.models import Unit

ROLL_SCHEME = "roll"
ITEMS_ASKED, ROLLS_ASKED = 50, 20


def load_known(session: Session, *, run: ImportRun, rows: Sequence[ReadRow]) -> Known:
    """What the database knows of everything that the rows name."""
    items = _items(session, run, {row.item for row in rows})
    lots = _lots(session, {(row.item, row.lot) for row in rows if row.item in items})
    if run.kind != ImportKind.UNITS:
        measures = session.scalars(sa.select(UnitOfMeasure.code))
        return Known(items=items, lots=lots, measures=frozenset(measures))
    return Known(
        rolls=_rolls(session, run.site_id, {row.roll for row in rows}),
        items=items,
        lots=lots,
        places=_places(session, run, {row.place for row in rows}),
        customers=_customers(session, {row.customer for row in rows}),
    )


def usual_weights(
    session: Session, *, items: Sequence[str], few: Sequence[str]
) -> dict[str, Usual]:
    """The usual weights that items say themselves; of those with `few` rolls, what stock says."""
    table: Any = Item.__table__
    wanted = _named(session, items, table.c.number)
    rows = session.execute(
        sa.select(
            table.c.number, table.c.id, table.c.typical_quantity, table.c.tolerance_percent
        ).join(wanted, wanted.c.number == table.c.number)
    ).all()
    usual = {
        row.number: of_item(row.typical_quantity, row.tolerance_percent)
        for row in rows
        if row.typical_quantity and row.tolerance_percent
    }
    silent = {row.id: row.number for row in rows if row.number in set(few) - usual.keys()}
    for item_id, weights in _latest_weights(session, list(silent)[:ITEMS_ASKED]).items():
        if (found := of_rolls(weights)) is not None:
            usual[silent[item_id]] = found
    return usual


def _latest_weights(session: Session, item_ids: Sequence[int]) -> dict[int, list[float]]:
    """The weights of the latest rolls of each item."""
    if not item_ids:
        return {}
    parts = [
        sa.select(Unit.item_id, Unit.quantity)
        .where(Unit.item_id == item_id)
        .order_by(Unit.id.desc())
        .limit(ROLLS_ASKED)
        .subquery()
        for item_id in item_ids
    ]
    found: dict[int, list[float]] = defaultdict(list)
    for item_id, quantity in session.execute(sa.union_all(*[sa.select(part) for part in parts])):
        found[item_id].append(float(quantity))
    return found


def _named(session: Session, values: Iterable[str], column: Any) -> sa.Subquery:
    rows = [{column.name: value} for value in sorted(set(values) - {""})]
    return rows_from(session, rows, [column])


def _items(session: Session, run: ImportRun, numbers: set[str]) -> dict[str, KnownItem]:
    table: Any = Item.__table__
    wanted = _named(session, numbers, table.c.number)
    rows = session.execute(sa.select(table).join(wanted, wanted.c.number == table.c.number))
    return {
        row.number: KnownItem(
            row.id,
            row.name,
            row.unit_of_measure_code,
            row.typical_quantity,
            row.tolerance_percent,
            row.properties,
            _item_fault(row, run),
        )
        for row in rows
    }


def _item_fault(item: Any, run: ImportRun) -> str:
    if item.tracking != Tracking.UNIT:
        return "an item that is kept by roll"
    if item.unit_of_measure_code != "kg":
        return f"an item that is kept in kg, not in {item.unit_of_measure_code}"
    if item.department_id not in (None, run.department_id):
        return "an item that this department may enter"
    return ""


def _lots(session: Session, pairs: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    items: Any = Item.__table__
    lots: Any = Lot.__table__
    named = [{"name": item, "number": lot} for item, lot in sorted(pairs) if lot]
    wanted = rows_from(session, named, [items.c.name, lots.c.number])
    rows = session.execute(
        sa.select(items.c.number.label("item"), lots.c.number, lots.c.id)
        .join_from(wanted, items, items.c.number == wanted.c.name)
        .join(lots, sa.and_(lots.c.item_id == items.c.id, lots.c.number == wanted.c.number))
    )
    return {(row.item, row.number): row.id for row in rows}


def _rolls(session: Session, site_id: int, values: set[str]) -> dict[str, KnownRoll]:
    """An outer join and names looked up one by one: left to choose, SQLite begins at the wrong
    end and takes as many steps as the plant has rolls for every row."""
    aliases: Any = Alias.__table__
    wanted = _named(session, values, aliases.c.value)
    is_it = sa.and_(
        aliases.c.value == wanted.c.value,
        aliases.c.site_id == site_id,
        aliases.c.scheme == ROLL_SCHEME,
        aliases.c.kind == CodeKind.UNIT,
    )
    asked_for = sa.select(wanted.c.value, aliases.c.subject_id).outerjoin_from(
        wanted, aliases, is_it
    )
    found = [row for row in session.execute(asked_for) if row.subject_id is not None]
    if not found:
        return {}
    units: Any = Unit.__table__
    asked = rows_from(session, [{"id": row.subject_id} for row in found], [units.c.id])
    rows = session.execute(
        sa.select(
            *(units.c[name] for name in ("id", "quantity", "properties")),
            _name_of(Item.number, Item.id == units.c.item_id).label("item"),
            _name_of(Lot.number, Lot.id == units.c.lot_id).label("lot"),
            _name_of(Location.code, Location.id == units.c.location_id, ~Location.is_virtual).label(
                "place"
            ),
        ).join_from(asked, units, units.c.id == asked.c.id)
    )
    known = {
        row.id: KnownRoll(row.id, row.item, row.lot, row.quantity, row.properties, row.place or "")
        for row in rows
    }
    return {row.value: known[row.subject_id] for row in found}


def _name_of(column: Any, *conditions: Any) -> sa.ScalarSelect[str]:
    return sa.select(column).where(*conditions).scalar_subquery()


def _places(session: Session, run: ImportRun, codes: set[str]) -> dict[str, str]:
    table: Any = Location.__table__
    wanted = _named(session, codes, table.c.code)
    rows = session.execute(
        sa.select(table)
        .join(wanted, wanted.c.code == table.c.code)
        .where(table.c.site_id == run.site_id)
    )
    return {row.code: _place_fault(row, run) for row in rows}


def _place_fault(place: Any, run: ImportRun) -> str:
    if place.is_virtual:
        return "a place inside the plant"
    if place.blocked_at is not None:
        return f"a place that is not blocked ({place.blocked_reason or 'no reason given'})"
    if place.department_id not in (None, run.department_id):
        return "a place of this department"
    return ""


def _customers(session: Session, names: set[str]) -> frozenset[str]:
    table: Any = Partner.__table__
    wanted = _named(session, names, table.c.name)
    return frozenset(
        session.scalars(sa.select(table.c.name).join(wanted, wanted.c.name == table.c.name))
    )
