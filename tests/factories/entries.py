"""Movements of several lines for tests: entering, undoing, and everything that units are."""

from decimal import Decimal

import sqlalchemy as sa

from app.core.database import Database
from app.domain.catalog.models import Item, Tracking
from app.domain.ledger.commands import (
    Details,
    Entry,
    book,
    reverse,
)
from app.domain.ledger.drafts import EntryLine
from app.domain.ledger.models import Verb
from app.domain.units.models import Unit
from tests.factories.plant import Plant
from tests.factories.stock import (
    balances,
)


def enter(database: Database, plant: Plant, verb: Verb, *lines: EntryLine, actor=None, **given):
    entry = Entry(verb, lines, given.pop("partner_id", None), Details(**given))
    return database.unit_of_work(
        lambda session: book(
            session, actor=actor or plant.keeper, site_id=plant.site.id, entry=entry
        )
    )


def undo(database: Database, plant: Plant, movement_id: int | None, location_id: int | None = None):
    return database.unit_of_work(
        lambda session: reverse(
            session,
            actor=plant.admin,
            movement_id=movement_id or 0,
            reason="Wrong",
            location_id=location_id,
        )
    )


def loose(database: Database, plant: Plant, quantity="10") -> EntryLine:
    """A line of the other item, told apart by lot, after so much of it was received."""

    def track(session):
        session.get_one(Item, plant.other_item.id).tracking = Tracking.LOT

    database.unit_of_work(track)
    line = EntryLine(
        plant.other_item.id,
        plant.other_lot.id,
        quantity=Decimal(quantity),
        to_location_id=plant.bin.id,
        unit_cost=Decimal("2.5"),
    )
    enter(database, plant, Verb.RECEIVE, line, partner_id=plant.supplier.id)
    return EntryLine(plant.other_item.id, plant.other_lot.id, from_location_id=plant.bin.id)


def taking(line: EntryLine, quantity: str, **ends: int) -> EntryLine:
    return EntryLine(
        line.item_id,
        line.lot_id,
        quantity=Decimal(quantity),
        from_location_id=line.from_location_id,
        **ends,
    )


def state_of(database: Database) -> dict:
    with database.reader() as session:
        columns = [
            *(Unit.id, Unit.site_id, Unit.location_id, Unit.department_id, Unit.state),
            *(Unit.quantity, Unit.partner_id, Unit.reservation_id, Unit.last_movement_id),
        ]
        units = session.execute(sa.select(*columns).order_by(Unit.id)).all()
    return {"balances": balances(database), "units": [tuple(row) for row in units]}
