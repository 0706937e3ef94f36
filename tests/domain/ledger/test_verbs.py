"""What each verb does to places, states and balances, and what it refuses."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from app.core.database import Database
from app.core.errors import DomainError, Forbidden
from app.domain.codes.models import LabelCode
from app.domain.ledger import errors
from app.domain.ledger.commands import (
    Details,
    NewStock,
    adjust,
    dispatch,
    produce,
    putaway,
    receive,
    transfer,
)
from app.domain.ledger.drafts import NewUnit
from app.domain.ledger.models import Movement
from app.domain.locations.models import Location
from app.domain.lots.models import Lot, LotStatus
from app.domain.units.models import UnitState
from tests.factories.plant import Plant
from tests.factories.stock import (
    COIL,
    assert_books_agree,
    balances,
    movement_count,
    produce_coils,
    site_stock,
    stored_coils,
    unit_of,
)


def refused(database, error, work):
    """The act is refused with that error and nothing of it is written."""
    before = (balances(database), movement_count(database), site_stock(database))
    with pytest.raises(error) as caught:
        database.unit_of_work(work)
    assert (balances(database), movement_count(database), site_stock(database)) == before
    return caught.value


def test_produced_units_lie_in_their_departments_staging_with_a_label_each(
    database: Database, plant: Plant
):
    coils = produce_coils(database, plant, 3)

    assert balances(database) == {("HR-IN", plant.item.id, plant.lot.id): 3 * COIL}
    assert site_stock(database) == 3 * COIL
    assert {unit_of(database, coil).state for coil in coils} == {UnitState.PRODUCED}
    with database.reader() as session:
        codes = session.scalars(sa.select(LabelCode.subject_id).where(LabelCode.kind == "R"))
        assert sorted(codes) == coils
    assert_books_agree(database)


def test_received_units_come_from_the_supplier(database: Database, plant: Plant):
    stock = NewStock(plant.hot_rolling.id, plant.item.id, plant.lot.id, [NewUnit(COIL)])

    posted = database.unit_of_work(
        lambda session: receive(
            session, actor=plant.keeper, stock=stock, partner_id=plant.supplier.id
        )
    )

    with database.reader() as session:
        movement = session.get_one(Movement, posted.movement_id)
        assert (movement.verb, movement.partner_id) == ("receive", plant.supplier.id)
    assert_books_agree(database)


def test_putaway_moves_units_and_leaves_the_sites_stock_alone(database: Database, plant: Plant):
    coils = stored_coils(database, plant, 2)

    assert balances(database) == {("FM01A01", plant.item.id, plant.lot.id): 2 * COIL}
    assert site_stock(database) == 2 * COIL
    unit = unit_of(database, coils[0])
    assert (unit.state, unit.location_id) == (UnitState.STORED, plant.bin.id)
    assert_books_agree(database)


def test_putaway_where_the_unit_lies_already_books_nothing(database: Database, plant: Plant):
    coils = stored_coils(database, plant)
    before = movement_count(database)

    posted = database.unit_of_work(
        lambda session: putaway(
            session, actor=plant.driver, unit_ids=coils, location_id=plant.bin.id
        )
    )

    assert posted.movement_id is None
    assert movement_count(database) == before


def test_a_unit_named_twice_moves_once(database: Database, plant: Plant):
    coils = produce_coils(database, plant)

    database.unit_of_work(
        lambda session: putaway(
            session, actor=plant.driver, unit_ids=coils * 2, location_id=plant.bin.id
        )
    )

    assert balances(database) == {("FM01A01", plant.item.id, plant.lot.id): COIL}


def test_transfer_lands_in_the_other_departments_staging(database: Database, plant: Plant):
    coils = stored_coils(database, plant)

    database.unit_of_work(
        lambda session: transfer(
            session, actor=plant.driver, unit_ids=coils, department_id=plant.finishing.id
        )
    )

    unit = unit_of(database, coils[0])
    assert unit.location_id == plant.finishing_staging.id
    assert unit.department_id == plant.finishing.id
    assert unit.state == UnitState.PRODUCED
    assert_books_agree(database)


def test_dispatch_takes_units_off_the_site_for_a_customer(database: Database, plant: Plant):
    coils = stored_coils(database, plant)

    database.unit_of_work(
        lambda session: dispatch(
            session, actor=plant.driver, unit_ids=coils, partner_id=plant.customer.id
        )
    )

    unit = unit_of(database, coils[0])
    assert (unit.state, unit.partner_id) == (UnitState.DISPATCHED, plant.customer.id)
    assert unit.department_id == plant.hot_rolling.id
    assert (balances(database), site_stock(database)) == ({}, Decimal(0))
    assert_books_agree(database)


def test_adjust_finds_and_loses_exact_quantities(database: Database, plant: Plant):
    def change(difference: str):
        database.unit_of_work(
            lambda session: adjust(
                session,
                actor=plant.keeper,
                location_id=plant.bin.id,
                item_id=plant.item.id,
                lot_id=plant.lot.id,
                difference=Decimal(difference),
                reason="counted",
            )
        )

    for difference in ("0.1", "0.1", "0.1", "-0.2"):
        change(difference)

    assert balances(database) == {("FM01A01", plant.item.id, plant.lot.id): Decimal("0.1")}
    assert_books_agree(database)


def test_less_than_nothing_is_refused_with_the_numbers(database: Database, plant: Plant):
    error = refused(
        database,
        errors.NotEnoughStock,
        lambda session: adjust(
            session,
            actor=plant.keeper,
            location_id=plant.bin.id,
            item_id=plant.item.id,
            lot_id=plant.lot.id,
            difference=Decimal(-1),
            reason="counted",
        ),
    )

    assert error.message == "FM01A01 holds 0 of this, not 1."


def test_a_location_that_may_go_negative_does(database: Database, plant: Plant):
    def allow(session):
        session.get_one(Location, plant.bin.id).may_go_negative = True

    database.unit_of_work(allow)

    database.unit_of_work(
        lambda session: adjust(
            session,
            actor=plant.keeper,
            location_id=plant.bin.id,
            item_id=plant.item.id,
            lot_id=0,
            difference=Decimal(-1),
            reason="counted",
        )
    )

    assert balances(database) == {("FM01A01", plant.item.id, 0): Decimal(-1)}


def test_an_adjustment_needs_a_reason(database: Database, plant: Plant):
    error = refused(
        database,
        errors.EmptyMovement,
        lambda session: adjust(
            session,
            actor=plant.keeper,
            location_id=plant.bin.id,
            item_id=plant.item.id,
            lot_id=plant.lot.id,
            difference=Decimal(1),
            reason="  ",
        ),
    )

    assert error.field == "reason"


def test_a_dispatched_unit_cannot_be_put_away(database: Database, plant: Plant):
    coils = stored_coils(database, plant)
    database.unit_of_work(
        lambda session: dispatch(
            session, actor=plant.driver, unit_ids=coils, partner_id=plant.customer.id
        )
    )

    refused(
        database,
        errors.UnitNotOnSite,
        lambda session: putaway(
            session, actor=plant.driver, unit_ids=coils, location_id=plant.bin.id
        ),
    )


def test_one_bad_unit_refuses_the_whole_movement(database: Database, plant: Plant):
    coils = produce_coils(database, plant, 2)

    refused(
        database,
        errors.UnitNotFound,
        lambda session: putaway(
            session, actor=plant.driver, unit_ids=[*coils, 999_999], location_id=plant.bin.id
        ),
    )


@pytest.mark.parametrize("target", ["customer", "production"])
def test_putaway_leads_to_real_places_only(database: Database, plant: Plant, target: str):
    coils = produce_coils(database, plant)

    refused(
        database,
        errors.WrongDestination,
        lambda session: putaway(
            session,
            actor=plant.admin,
            unit_ids=coils,
            location_id=plant.virtual[target],  # type: ignore[index]
        ),
    )


def test_nothing_is_put_into_a_blocked_place(database: Database, plant: Plant):
    coils = produce_coils(database, plant)

    def block(session):
        location = session.get_one(Location, plant.bin.id)
        location.blocked_at = datetime.now(UTC)
        location.blocked_reason = "bent upright"

    database.unit_of_work(block)

    error = refused(
        database,
        errors.LocationBlocked,
        lambda session: putaway(
            session, actor=plant.driver, unit_ids=coils, location_id=plant.bin.id
        ),
    )
    assert "bent upright" in error.message


def test_an_unapproved_lot_moves_but_does_not_leave(database: Database, plant: Plant):
    coils = produce_coils(database, plant)

    def quarantine(session):
        session.get_one(Lot, plant.lot.id).status = LotStatus.QUARANTINE

    database.unit_of_work(quarantine)

    database.unit_of_work(
        lambda session: putaway(
            session, actor=plant.driver, unit_ids=coils, location_id=plant.bin.id
        )
    )
    refused(
        database,
        errors.LotNotApproved,
        lambda session: dispatch(
            session, actor=plant.driver, unit_ids=coils, partner_id=plant.customer.id
        ),
    )


def test_the_driver_may_not_put_away_into_another_department(database: Database, plant: Plant):
    coils = produce_coils(database, plant)

    refused(
        database,
        Forbidden,
        lambda session: putaway(
            session,
            actor=plant.driver,
            unit_ids=coils,
            location_id=plant.finishing_bins[0].id,
        ),
    )


@pytest.mark.parametrize("person", ["viewer", "driver"])
def test_who_may_not_produce_is_refused(database: Database, plant: Plant, person: str):
    stock = NewStock(plant.hot_rolling.id, plant.item.id, plant.lot.id, [NewUnit(COIL)])

    refused(
        database,
        Forbidden,
        lambda session: produce(session, actor=getattr(plant, person), stock=stock),
    )


@pytest.mark.parametrize("quantity", ["0", "-1"])
def test_a_unit_of_nothing_is_refused(database: Database, plant: Plant, quantity: str):
    stock = NewStock(
        plant.hot_rolling.id, plant.item.id, plant.lot.id, [NewUnit(Decimal(quantity))]
    )

    refused(
        database,
        errors.EmptyMovement,
        lambda session: produce(session, actor=plant.keeper, stock=stock),
    )


def test_every_movement_says_who_when_and_why(database: Database, plant: Plant):
    at = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)
    stock = NewStock(
        plant.hot_rolling.id,
        plant.item.id,
        plant.lot.id,
        [NewUnit(COIL)],
        Details(occurred_at=at, reference_type="order", reference_id="4711", note="late shift"),
    )

    posted = database.unit_of_work(
        lambda session: produce(session, actor=plant.keeper, stock=stock)
    )

    with database.reader() as session:
        movement = session.get_one(Movement, posted.movement_id)
    assert (movement.actor_id, movement.occurred_at) == (plant.keeper.user_id, at)
    assert (movement.reference_type, movement.reference_id) == ("order", "4711")
    assert movement.note == "late shift"
    assert movement.posted_at > at


def test_every_refusal_is_a_sentence_with_a_code():
    causes = [
        cause
        for cause in vars(errors).values()
        if isinstance(cause, type) and issubclass(cause, DomainError)
    ]

    assert len({cause.code for cause in causes}) == len(causes)
