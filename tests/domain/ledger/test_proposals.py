"""What goes first, what ends by itself, and that no more is promised than there is."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
import time_machine

from app.core.clock import now
from app.core.database import Database
from app.core.errors import DomainError, Forbidden, Invalid, NotFound
from app.domain.ledger import errors
from app.domain.ledger.commands import (
    Wish,
    release,
    release_expired,
)
from app.domain.ledger.models import Movement, Verb
from app.domain.ledger.proposal_queries import Order, propose
from app.domain.lots.commands import register_lot
from app.domain.lots.models import Lot
from tests.factories.plant import Plant
from tests.factories.promises import TEN, promise, promises, site_stock, stock
from tests.factories.stock import (
    assert_books_agree,
    movement_count,
)


def lots_with_stock(database: Database, plant: Plant) -> dict[str, int]:
    """Ten each of three lots: one expires soon, one late, one never."""
    days = {"late": now().date() + timedelta(days=90), "soon": now().date() + timedelta(days=9)}

    def register(session):
        lots = {}
        for name, day in (("never", None), *days.items()):
            lot = register_lot(
                session, actor=plant.keeper, item_id=plant.other_item.id, number=name
            )
            lot.expires_on = day
            lots[name] = lot.id
        return lots

    lots = database.unit_of_work(register)
    for lot_id in lots.values():
        stock(database, plant, TEN, lot_id)
    return lots


@pytest.mark.parametrize(
    "order, expected",
    [
        (Order.FEFO, [("soon", 10), ("late", 10), ("never", 5)]),
        (Order.FIFO, [("never", 10), ("late", 10), ("soon", 5)]),
    ],
)
def test_what_goes_first_is_proposed(database: Database, plant: Plant, order, expected):
    lots_with_stock(database, plant)

    with database.reader() as session:
        proposed = propose(
            session,
            site_id=plant.site.id,
            item_id=plant.other_item.id,
            quantity=Decimal(25),
            order=order,
        )

    assert [(one.number, one.take) for one in proposed] == expected


def test_no_lot_means_the_lots_that_go_first(database: Database, plant: Plant):
    lots = lots_with_stock(database, plant)

    promise(database, plant, 12, lot=False)

    assert {one.lot_id: one.open for one in promises(database)} == {
        lots["soon"]: 10,
        lots["late"]: 2,
    }
    with pytest.raises(errors.NotEnoughToReserve, match="Only 18"):
        promise(database, plant, 19, lot=False)


def test_expired_lots_are_not_proposed(database: Database, plant: Plant):
    lots = lots_with_stock(database, plant)

    def expire(session):
        session.get_one(Lot, lots["soon"]).expires_on = date(2026, 1, 1)

    database.unit_of_work(expire)
    promise(database, plant, 11, lot=False)

    assert lots["soon"] not in {one.lot_id for one in promises(database)}


def test_a_promise_ends_by_itself_once(database: Database, plant: Plant):
    stock(database, plant)
    promise(database, plant, 4, until=now() + timedelta(hours=1))
    promise(database, plant, 3, "MO-2", until=now() + timedelta(days=2))
    later = now() + timedelta(hours=2)

    with time_machine.travel(later, tick=False):
        counts = [
            database.unit_of_work(lambda session: release_expired(session, at=later, limit=10))
            for _ in range(2)
        ]

    assert counts == [1, 0]
    assert [one.open for one in promises(database)] == [0, 3]
    with database.reader() as session:
        released = session.scalars(sa.select(Movement).where(Movement.verb == Verb.UNRESERVE)).one()
    assert (released.actor_id, released.reason) == (
        plant.keeper.user_id,
        "The reservation has expired",
    )


def test_what_cannot_be_promised_is_refused(database: Database, plant: Plant):
    stock(database, plant)
    before = movement_count(database)

    for wish, order, until, error in (
        (Wish(plant.other_item.id, Decimal(0)), "MO-1", None, errors.EmptyMovement),
        (Wish(), "MO-1", None, errors.EmptyMovement),
        (Wish(unit_id=999_999), "MO-1", None, errors.UnitNotFound),
        (Wish(plant.other_item.id, Decimal(1)), " ", None, errors.EmptyMovement),
        (Wish(plant.other_item.id, Decimal(1)), "x" * 81, None, errors.EmptyMovement),
        (Wish(plant.other_item.id, Decimal(1)), "MO-1", now() - timedelta(hours=1), Invalid),
    ):
        with pytest.raises(error):
            promise(database, plant, 1, order, wish=wish, until=until)
    with pytest.raises(Forbidden):
        promise(database, plant, 1, actor=plant.driver)
    with pytest.raises(NotFound):
        database.unit_of_work(
            lambda session: release(
                session, actor=plant.admin, reservation_id=999, reason="No such"
            )
        )

    assert movement_count(database) == before
    assert promises(database) == []


def test_fifty_who_want_ten_pieces_get_ten(database: Database, plant: Plant):
    stock(database, plant)
    answers: list[str] = []
    others = [Database(database.engine.url.render_as_string(hide_password=False)) for _ in "12345"]

    def want(other: Database, number: int):
        for attempt in range(10):
            try:
                promise(other, plant, 1, f"MO-{number}-{attempt}")
                answers.append("promised")
            except DomainError as error:
                answers.append(error.code)

    threads = [
        threading.Thread(target=want, args=(other, number)) for number, other in enumerate(others)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in others:
        other.dispose()

    assert (answers.count("promised"), answers.count("over_reserved")) == (10, 40)
    assert site_stock(database, plant) == (TEN, TEN)
    assert_books_agree(database)
