"""Promises for tests: stock to promise, promising, issuing, releasing."""

from decimal import Decimal

import sqlalchemy as sa

from app.core.database import Database
from app.domain.catalog.models import Item, Tracking
from app.domain.ledger.commands import (
    Details,
    Entry,
    Wish,
    adjust,
    book,
    release,
    reserve,
)
from app.domain.ledger.drafts import EntryLine
from app.domain.ledger.models import SiteBalance, Verb
from app.domain.reservations.models import Reservation
from tests.factories.plant import Plant

TEN = Decimal(10)


def stock(database: Database, plant: Plant, quantity: Decimal = TEN, lot_id: int | None = None):
    """So much of the other item, which is told apart by lot, in the first bin."""

    def find(session):
        session.get_one(Item, plant.other_item.id).tracking = Tracking.LOT
        adjust(
            session,
            actor=plant.admin,
            location_id=plant.bin.id,
            item_id=plant.other_item.id,
            lot_id=lot_id or plant.other_lot.id,
            difference=quantity,
            reason="Found",
        )

    database.unit_of_work(find)


def promise(
    database: Database, plant: Plant, quantity, order="MO-1", *, actor=None, lot=True, **given
):
    wish = Wish(plant.other_item.id, Decimal(quantity), lot_id=plant.other_lot.id if lot else None)
    return database.unit_of_work(
        lambda session: reserve(
            session,
            actor=actor or plant.keeper,
            site_id=plant.site.id,
            wishes=[given.pop("wish", wish)],
            reference_type="order",
            reference_id=order,
            **given,
        )
    )


def issue(database: Database, plant: Plant, quantity, order: str | None = None, *, verb=Verb.ISSUE):
    line = EntryLine(
        plant.other_item.id,
        plant.other_lot.id,
        quantity=Decimal(quantity),
        from_location_id=plant.bin.id,
    )
    details = Details(reference_type=order and "order", reference_id=order, reason="Rust")
    return database.unit_of_work(
        lambda session: book(
            session,
            actor=plant.keeper,
            site_id=plant.site.id,
            entry=Entry(verb, [line], details=details),
        )
    )


def let_go(database: Database, plant: Plant, reservation: Reservation, quantity=None):
    return database.unit_of_work(
        lambda session: release(
            session,
            actor=plant.keeper,
            reservation_id=reservation.id,
            quantity=quantity,
            reason="Order cancelled",
        )
    )


def promises(database: Database) -> list[Reservation]:
    with database.reader() as session:
        return list(session.scalars(sa.select(Reservation).order_by(Reservation.id)))


def site_stock(database: Database, plant: Plant) -> tuple[Decimal, Decimal]:
    """(on hand, promised) of the other item and lot."""
    with database.reader() as session:
        key = (plant.site.id, plant.other_item.id, plant.other_lot.id)
        row = session.get_one(SiteBalance, key)
        return row.on_hand, row.reserved
