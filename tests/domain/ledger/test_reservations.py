"""Promises: what is promised leaves for nobody else."""

from decimal import Decimal

import pytest

from app.core.database import Database
from app.core.errors import DomainError
from app.core.ids import new_uid
from app.domain.holds.commands import put_hold
from app.domain.holds.models import HoldScope
from app.domain.ledger import errors
from app.domain.ledger.commands import (
    Details,
    Wish,
    dispatch,
    putaway,
    reverse,
)
from app.domain.ledger.models import Verb
from app.domain.lots.models import Lot, LotStatus
from tests.factories.plant import Plant
from tests.factories.promises import TEN, issue, let_go, promise, promises, site_stock, stock
from tests.factories.stock import (
    COIL,
    assert_books_agree,
    movement_count,
    stored_coils,
    unit_of,
)


def test_a_promise_takes_from_what_is_free_and_moves_nothing(database: Database, plant: Plant):
    stock(database, plant)

    promise(database, plant, 4)

    (made,) = promises(database)
    assert (made.open, made.reference_type, made.reference_id) == (Decimal(4), "order", "MO-1")
    assert site_stock(database, plant) == (TEN, Decimal(4))
    assert_books_agree(database)


def test_more_than_is_free_is_not_promised(database: Database, plant: Plant):
    stock(database, plant)
    promise(database, plant, 7)
    before = movement_count(database)

    with pytest.raises(errors.NotEnoughToReserve) as refused:
        promise(database, plant, 4, "MO-2")

    assert refused.value.facts == {
        "on_hand": "10",
        "reserved": "7",
        "available": "3",
        "asked": "4",
    }
    assert "Only 3 can be promised, not 4" in refused.value.message
    assert movement_count(database) == before
    assert len(promises(database)) == 1


def test_promising_again_for_the_same_order_adds(database: Database, plant: Plant):
    stock(database, plant)

    promise(database, plant, 3)
    promise(database, plant, 4)

    (made,) = promises(database)
    assert made.open == 7


def test_what_is_promised_to_others_is_not_issued(database: Database, plant: Plant):
    stock(database, plant)
    promise(database, plant, 8)
    before = movement_count(database)

    for order in (None, "MO-2"):
        with pytest.raises(errors.PromisedToOthers) as refused:
            issue(database, plant, 3, order)
        assert refused.value.facts["available"] == "2"

    assert movement_count(database) == before
    issue(database, plant, 2)
    assert site_stock(database, plant) == (Decimal(8), Decimal(8))


def test_more_than_is_there_is_not_issued(database: Database, plant: Plant):
    stock(database, plant)
    before = movement_count(database)

    with pytest.raises(errors.NotEnoughStock, match="FM01A01 holds 10 of this, not 11"):
        issue(database, plant, 11)

    assert movement_count(database) == before


def test_an_order_gets_what_it_was_promised_part_by_part(database: Database, plant: Plant):
    stock(database, plant)
    promise(database, plant, 8)

    issue(database, plant, 3, "MO-1")

    assert promises(database)[0].open == 5
    assert site_stock(database, plant) == (Decimal(7), Decimal(5))
    issue(database, plant, 6, "MO-1")
    assert promises(database)[0].open == 0
    assert site_stock(database, plant) == (Decimal(1), Decimal(0))
    assert_books_agree(database)


def test_an_issue_that_is_taken_back_renews_the_promise(database: Database, plant: Plant):
    stock(database, plant)
    promise(database, plant, 8)
    booked = issue(database, plant, 8, "MO-1")

    database.unit_of_work(
        lambda session: reverse(
            session, actor=plant.admin, movement_id=booked.movement_id, reason="Wrong order"
        )
    )

    assert promises(database)[0].open == 8
    assert site_stock(database, plant) == (TEN, Decimal(8))


@pytest.mark.parametrize("verb", [Verb.SCRAP, Verb.ADJUST])
def test_what_is_promised_is_not_scrapped_or_lost_unnoticed(database: Database, plant: Plant, verb):
    stock(database, plant)
    promise(database, plant, 8)

    with pytest.raises(errors.PromisedToOthers):
        issue(database, plant, 3, verb=verb)


def test_a_promise_is_released_in_parts_and_as_a_whole(database: Database, plant: Plant):
    stock(database, plant)
    promise(database, plant, 8)
    (made,) = promises(database)

    let_go(database, plant, made, Decimal(3))
    with pytest.raises(errors.NotSoMuchReserved, match="Only 5 is still promised"):
        let_go(database, plant, made, Decimal(6))
    let_go(database, plant, made)

    assert promises(database)[0].open == 0
    assert site_stock(database, plant) == (TEN, Decimal(0))
    assert_books_agree(database)


def test_a_promise_that_is_taken_back_is_gone_unless_it_was_used(database: Database, plant: Plant):
    stock(database, plant)
    made = promise(database, plant, 8)

    def undo():
        database.unit_of_work(
            lambda session: reverse(
                session, actor=plant.admin, movement_id=made.movement_id, reason="Wrong order"
            )
        )

    issue(database, plant, 3, "MO-1")
    with pytest.raises(DomainError):
        undo()
    assert promises(database)[0].open == 5


@pytest.mark.parametrize("status", [LotStatus.QUARANTINE, LotStatus.REJECTED])
def test_what_is_not_approved_is_not_promised(database: Database, plant: Plant, status):
    stock(database, plant)

    def judge(session):
        session.get_one(Lot, plant.other_lot.id).status = status

    database.unit_of_work(judge)
    with pytest.raises(errors.LotNotApproved):
        promise(database, plant, 1)
    with pytest.raises(errors.LotNotApproved):
        issue(database, plant, 1)
    with pytest.raises(errors.NotEnoughToReserve, match="Only 0"):
        promise(database, plant, 1, lot=False)

    assert promises(database) == []


def test_what_is_on_hold_is_not_promised(database: Database, plant: Plant):
    stock(database, plant)
    database.unit_of_work(
        lambda session: put_hold(
            session,
            actor=plant.keeper,
            scope=HoldScope.ITEM,
            subject_id=plant.other_item.id,
            reason="Recall",
            uid=new_uid(),
        )
    )

    with pytest.raises(errors.OnHold, match="Recall"):
        promise(database, plant, 1)


def test_a_roll_is_promised_whole_and_leaves_only_for_its_order(database: Database, plant: Plant):
    (coil,) = stored_coils(database, plant)
    promise(database, plant, 0, wish=Wish(unit_id=coil))

    with pytest.raises(errors.AlreadyPromised, match="order MO-1"):
        promise(database, plant, 0, "MO-2", wish=Wish(unit_id=coil))
    for details in (Details(), Details(reference_type="order", reference_id="MO-2")):
        with pytest.raises(errors.PromisedToOthers, match="promised to order MO-1"):
            send_out(database, plant, coil, details)
    database.unit_of_work(
        lambda session: putaway(
            session, actor=plant.driver, unit_ids=[coil], location_id=plant.bins[1].id
        )
    )
    send_out(database, plant, coil, Details(reference_type="order", reference_id="MO-1"))

    (made,) = promises(database)
    assert (made.open, unit_of(database, coil).reservation_id) == (Decimal(0), None)
    assert_books_agree(database)


def send_out(database: Database, plant: Plant, coil: int, details: Details):
    database.unit_of_work(
        lambda session: dispatch(
            session,
            actor=plant.driver,
            unit_ids=[coil],
            partner_id=plant.customer.id,
            details=details,
        )
    )


def test_a_released_roll_is_free_again(database: Database, plant: Plant):
    (coil,) = stored_coils(database, plant)
    promise(database, plant, 0, wish=Wish(unit_id=coil))
    (made,) = promises(database)
    assert (made.open, unit_of(database, coil).reservation_id) == (COIL, made.id)

    let_go(database, plant, made)

    assert unit_of(database, coil).reservation_id is None
    send_out(database, plant, coil, Details())
