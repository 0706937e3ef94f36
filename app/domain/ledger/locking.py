"""Loading the books of a batch under locks. This file fixes the order of locks, for everybody:

idempotency keys (keys.py) → balances → site balances → reservations → lots (shared) → units,
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

from app.core.clock import now
from app.core.database import StaleRead
from app.core.ids import new_uid
from app.core.rows import insert_rows, rows_from
from app.domain.holds.models import HoldScope
from app.domain.holds.queries import Subject, reasons_of
from app.domain.ledger.books import BalanceKey, Books, SiteKey
from app.domain.ledger.drafts import (
    LineDraft,
    LotBook,
    MovementDraft,
    Place,
    ReservationBook,
    SiteStock,
    UnitBook,
)
from app.domain.ledger.models import Balance, Movement, SiteBalance, Verb
from app.domain.ledger.promises import FULFILLING, PROMISING
from app.domain.locations.models import Location, Site
from app.domain.lots.models import Lot
from app.domain.reservations.models import Reservation
from app.domain.units.models import Unit

_BALANCES: Any = Balance.__table__
_SITE_BALANCES: Any = SiteBalance.__table__
_RESERVATIONS: Any = Reservation.__table__
_UNITS: Any = Unit.__table__
BALANCE_KEYS = ("location_id", "item_id", "lot_id")
SITE_BALANCE_KEYS = ("site_id", "item_id", "lot_id")
_PROMISE_KEYS = (*SITE_BALANCE_KEYS, "reference_type", "reference_id")

# These change or need what is free on the site also where nothing leaves it.
_CLAIMS = frozenset({Verb.ISSUE, Verb.RESERVE, Verb.UNRESERVE})
# A line with its draft, its unit as it was read first, and the places that it may leave or reach.
Loaded = tuple[MovementDraft, LineDraft, UnitBook | None, list[Place]]


def load_books(session: Session, drafts: Sequence[MovementDraft]) -> Books:
    """Lock and read everything that the drafts may touch.

    A unit's place is needed to know which balances to lock before the unit itself may be locked;
    if it has moved in between, StaleRead makes the whole transaction start again.
    """
    lines = [(draft, line) for draft in drafts for line in draft.lines]
    unit_ids = sorted({line.unit_id for _, line in lines if line.unit_id is not None})
    before = {unit.id: unit for unit in _read_units(session, unit_ids)}
    places = _read_places(session, lines, before)
    loaded = [_loaded(draft, line, before, places) for draft, line in lines]
    on_hand = _lock_balances(session, loaded)
    site_stock = _lock_site_balances(session, loaded)
    reservations = _lock_reservations(session, loaded)
    lots = _lock_lots(session, {line.lot_id for _, line in lines})
    units = {unit.id: unit for unit in _read_units(session, unit_ids, lock=True)}
    if any(_has_changed(unit, before[unit.id]) for unit in units.values()):
        raise StaleRead
    reverses = {draft.reverses_id for draft in drafts if draft.reverses_id is not None}
    # Whoever puts a hold locks its lot or unit: asked under our locks, none is overlooked.
    holds = reasons_of(session, _stoppable([line for _, line in lines]))
    undone = _reversed(session, reverses)
    return Books(places, lots, units, on_hand, site_stock, reservations, holds, undone)


def _has_changed(unit: UnitBook, before: UnitBook) -> bool:
    """Whether other rows should have been locked than those that were."""
    return (unit.location_id, unit.reservation_id) != (before.location_id, before.reservation_id)


def _stoppable(lines: list[LineDraft]) -> set[Subject]:
    """The items, lots and units that somebody may have put on hold."""
    found: set[Subject] = {(HoldScope.ITEM, line.item_id) for line in lines}
    found |= {(HoldScope.LOT, line.lot_id) for line in lines}
    return found | {(HoldScope.UNIT, line.unit_id) for line in lines if line.unit_id is not None}


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
    names = ("id", "code", "site_id", "department_id", "kind", "is_virtual", "path")
    statement = (
        sa.select(
            *[table.c[name] for name in names],
            sa.or_(table.c.may_go_negative, Site.may_go_negative).label("may_go_negative"),
            sa.case(
                (table.c.blocked_at.is_not(None), sa.func.coalesce(table.c.blocked_reason, ""))
            ).label("blocked_reason"),
            Site.time_zone,
        )
        .join_from(table, wanted, table.c.id == wanted.c.id)
        .join(Site, Site.id == table.c.site_id)
    )
    rows = [dict(row) for row in session.execute(statement).mappings()]
    branches = {row["id"]: _branch(row["id"], row.pop("path")) for row in rows}
    above = {(HoldScope.LOCATION, id_) for ids in branches.values() for id_ in ids}
    holds = reasons_of(session, above)
    return {
        row["id"]: Place(**row, hold_reason=_first_reason(holds, branches[row["id"]]))
        for row in rows
    }


def _branch(location_id: int, path: str) -> list[int]:
    """A place and all that it lies in: a hold on a rack holds its bins."""
    return [location_id, *(int(id_) for id_ in path.split("/") if id_)]


def _first_reason(holds: dict[Subject, str], ids: list[int]) -> str | None:
    found = (holds.get((HoldScope.LOCATION, id_)) for id_ in ids)
    return next((reason for reason in found if reason is not None), None)


def _loaded(
    draft: MovementDraft, line: LineDraft, units: dict[int, UnitBook], places: dict[int, Place]
) -> Loaded:
    unit = units.get(line.unit_id) if line.unit_id is not None else None
    ids = {line.to_location_id, line.from_location_id, unit.location_id if unit else None}
    return draft, line, unit, [places[id_] for id_ in ids if id_ in places]


def _lock_balances(session: Session, loaded: list[Loaded]) -> dict[BalanceKey, Decimal]:
    keys = {
        (place.id, line.item_id, line.lot_id)
        for _, line, _, touched in loaded
        for place in touched
        if not place.is_virtual
    }
    rows = _lock(session, _BALANCES, BALANCE_KEYS, keys)
    return {(row.location_id, row.item_id, row.lot_id): row.on_hand for row in rows}


def _lock_site_balances(session: Session, loaded: list[Loaded]) -> dict[SiteKey, SiteStock]:
    """Only what enters or leaves the site, or is promised, touches what the site has."""
    keys = {
        (draft.site_id, line.item_id, line.lot_id)
        for draft, line, _, touched in loaded
        if draft.verb in _CLAIMS or line.reserved_delta or any(p.is_virtual for p in touched)
    }
    rows = _lock(session, _SITE_BALANCES, SITE_BALANCE_KEYS, keys)
    return {
        (row.site_id, row.item_id, row.lot_id): SiteStock(row.on_hand, row.reserved) for row in rows
    }


def _lock_reservations(session: Session, loaded: list[Loaded]) -> dict[int, ReservationBook]:
    """Those that the lines name, those of their units, and those for the same reference."""
    _make_reservations(session, loaded)
    ids = {line.reservation_id for _, line, _, _ in loaded}
    ids |= {unit.reservation_id for _, _, unit, _ in loaded if unit is not None}
    # An import's run stands in all of its movements, and nothing is ever promised to it.
    promises = [
        _promise(draft, line)
        for draft, line, _, _ in loaded
        if draft.reference_id and draft.verb in FULFILLING | PROMISING
    ]
    table = _RESERVATIONS
    conditions = []
    if ids - {None}:
        conditions.append(table.c.id.in_(sorted(id_ for id_ in ids if id_ is not None)))
    if promises:
        asked = rows_from(session, promises, [table.c[name] for name in _PROMISE_KEYS])
        matches = [table.c[name] == asked.c[name] for name in _PROMISE_KEYS]
        # A join that is made once: as a condition of each row it would be asked for each.
        named = sa.select(table.c.id).join_from(table, asked, sa.and_(*matches))
        conditions.append(table.c.id.in_(named))
    if not conditions:
        return {}
    statement = (
        sa.select(*[table.c[name] for name in ReservationBook.__slots__])
        .where(sa.or_(*conditions))
        .order_by(table.c.id)
        .with_for_update(of=table)
    )
    rows = session.execute(statement).mappings()
    return {row["id"]: ReservationBook(**row) for row in rows}


def _promise(draft: MovementDraft, line: LineDraft) -> dict[str, Any]:
    return {
        "site_id": draft.site_id,
        "item_id": line.item_id,
        "lot_id": line.lot_id,
        "reference_type": draft.reference_type or "",
        "reference_id": draft.reference_id,
    }


def _make_reservations(session: Session, loaded: list[Loaded]) -> None:
    """Make the missing rows of what is to be reserved, as balances are made."""
    made_at = now()
    rows = [
        _promise(draft, line)
        | {"unit_id": line.unit_id, "expires_at": draft.reserve_until}
        | {"uid": new_uid(), "open": Decimal(0), "created_at": made_at}
        for draft, line, unit, _ in loaded
        if draft.verb is Verb.RESERVE and draft.reference_id and (line.unit_id is None or unit)
    ]
    insert_rows(
        session,
        _RESERVATIONS,
        rows,
        names=(*_PROMISE_KEYS, "unit_id", "expires_at", "uid", "open", "created_at"),
        order_by=(*_PROMISE_KEYS, "unit_id"),
        ignore_conflicts=True,
    )


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


def _lock_lots(session: Session, ids: set[int]) -> dict[int, LotBook]:
    table: Any = Lot.__table__
    wanted = rows_from(session, [{"id": id_} for id_ in sorted(ids)], [table.c.id])
    statement = (
        sa.select(*[table.c[name] for name in LotBook.__slots__])
        .join_from(table, wanted, table.c.id == wanted.c.id)
        .order_by(table.c.id)
        .with_for_update(of=table, read=True)
    )
    return {row["id"]: LotBook(**row) for row in session.execute(statement).mappings()}


def _reversed(session: Session, ids: set[int]) -> set[int]:
    """Which of these movements have been reversed, asked while their balances are locked."""
    if not ids:
        return set()
    return set(
        session.scalars(sa.select(Movement.reverses_id).where(Movement.reverses_id.in_(ids)))
    )
