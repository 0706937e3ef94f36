"""Booking rolls: their items, lots, customers and places, production, putaway, and properties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.rights import Actor
from app.core.rows import rows_from
from app.domain.catalog.commands import ensure_items
from app.domain.catalog.rules import ItemDraft
from app.domain.codes.commands import add_aliases
from app.domain.codes.rules import CodeKind
from app.domain.imports.known_queries import ROLL_SCHEME
from app.domain.imports.models import ImportRun, RowOutcome
from app.domain.imports.rules.cells import partner_code
from app.domain.imports.rules.rows import ReadRow
from app.domain.imports.rules.verdicts import Verdict, roll_properties
from app.domain.ledger.commands import (
    Described,
    Details,
    NewStock,
    Placement,
    describe_units,
    produce_many,
    putaway_many,
)
from app.domain.ledger.drafts import NewUnit
from app.domain.locations.commands import LocationDraft, open_locations
from app.domain.locations.models import Location, LocationKind
from app.domain.locations.queries import locations_by_code
from app.domain.lots.commands import ensure_lots
from app.domain.partners.commands import ensure_partners
from app.domain.partners.models import Partner
from app.domain.partners.rules import PartnerDraft

REFERENCE = "import"


def book_rolls(
    session: Session, actor: Actor, run: ImportRun, verdicts: Sequence[Verdict]
) -> dict[int, int]:
    """The units of these rows, new or changed, by row number."""
    new = [one.row for one in verdicts if one.outcome == RowOutcome.CREATED]
    units = _book_new(session, actor, run, new) if new else {}
    changed = {one.row.row_no: one for one in verdicts if one.outcome == RowOutcome.UPDATED}
    described = [
        Described(one.subject_id or 0, roll_properties(one.row)) for one in changed.values()
    ]
    if described:
        describe_units(session, actor=actor, wanted=described)
    return units | {row_no: one.subject_id or 0 for row_no, one in changed.items()}


def _book_new(
    session: Session, actor: Actor, run: ImportRun, rows: Sequence[ReadRow]
) -> dict[int, int]:
    details = Details(reference_type=REFERENCE, reference_id=str(run.uid))
    _ensure_customers(session, actor, rows)
    places = _ensure_places(session, actor, run, rows)
    stocks, members = _stocks(session, actor, run, rows, details)
    posted = produce_many(session, actor=actor, groups=stocks)
    units = {
        row.row_no: unit_id
        for group, booking in zip(members, posted, strict=True)
        for row, unit_id in zip(group, booking.unit_ids, strict=True)
    }
    placements: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        if row.place:
            placements[places[row.place]].append(units[row.row_no])
    if placements:
        putaway_many(
            session,
            actor=actor,
            placements=[Placement(place, unit_ids) for place, unit_ids in placements.items()],
            details=details,
        )
    rolls = {row.roll: units[row.row_no] for row in rows if row.roll}
    add_aliases(session, run.site_id, ROLL_SCHEME, CodeKind.UNIT, rolls)
    return units


def _stocks(
    session: Session,
    actor: Actor,
    run: ImportRun,
    rows: Sequence[ReadRow],
    details: Details,
) -> tuple[list[NewStock], list[list[ReadRow]]]:
    """New stock by item and lot, and the rows of each in the order of its units."""
    drafts = {row.item: ItemDraft(row.item, row.name or None) for row in reversed(rows)}
    items = ensure_items(session, actor=actor, drafts=list(drafts.values()))
    groups: dict[tuple[int, str], list[ReadRow]] = defaultdict(list)
    for row in rows:
        groups[(items[row.item].id, row.lot)].append(row)
    lots = ensure_lots(session, actor=actor, wanted=list(groups))
    stocks = [
        NewStock(
            department_id=run.department_id,
            item_id=item_id,
            lot_id=lots[(item_id, number)].id,
            units=[_new_unit(row) for row in members],
            details=details,
        )
        for (item_id, number), members in groups.items()
    ]
    return stocks, list(groups.values())


def _new_unit(row: ReadRow) -> NewUnit:
    assert row.weight is not None
    return NewUnit(quantity=row.weight, properties=roll_properties(row))


def _ensure_customers(session: Session, actor: Actor, rows: Sequence[ReadRow]) -> None:
    """A partner for every customer that nobody is called by yet."""
    names = sorted({row.customer for row in rows if row.customer})
    table: Any = Partner.__table__
    wanted = rows_from(session, [{"name": name} for name in names], [table.c.name])
    known = set(session.scalars(sa.select(table.c.name).where(table.c.name == wanted.c.name)))
    drafts = [PartnerDraft(partner_code(name), name) for name in names if name not in known]
    if drafts:
        ensure_partners(session, actor=actor, drafts=drafts)


def _ensure_places(
    session: Session, actor: Actor, run: ImportRun, rows: Sequence[ReadRow]
) -> Mapping[str, int]:
    """The location of each place. The judge has let unknown ones pass only if they may be made."""
    department = run.department_id
    zones = {row.place: row.zone for row in rows if row.place}
    known = locations_by_code(session, site_id=run.site_id, codes={*zones, *zones.values()} - {""})
    new = {place: zone for place, zone in sorted(zones.items()) if place not in known}
    new_zones = sorted(set(new.values()) - known.keys() - {""})

    def open_all(drafts: list[LocationDraft]) -> None:
        opened = open_locations(session, actor=actor, site_id=run.site_id, drafts=drafts)
        known.update({location.code: location for location in opened})

    open_all([LocationDraft(z, LocationKind.ZONE, department_id=department) for z in new_zones])
    open_all(
        [
            LocationDraft(
                place, LocationKind.BIN, parent_id=_parent_id(known, zone), department_id=department
            )
            for place, zone in new.items()
            # A zone may itself be named as a place.
            if place not in known
        ]
    )
    return {place: known[place].id for place in zones}


def _parent_id(known: Mapping[str, Location], zone: str) -> int | None:
    parent = known.get(zone)
    return None if parent is None or parent.is_virtual else parent.id
