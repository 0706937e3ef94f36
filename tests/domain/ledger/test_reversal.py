"""A reversal mirrors a movement once, and only while nothing builds on it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from app.core.clock import now
from app.core.database import Database
from app.core.errors import Forbidden
from app.domain.ledger import errors
from app.domain.ledger.commands import dispatch, putaway, reverse
from app.domain.ledger.models import Movement
from app.domain.units.models import UnitState
from tests.factories.plant import Plant
from tests.factories.stock import (
    COIL,
    assert_books_agree,
    balances,
    movement_count,
    produce_coils,
    stored_coils,
    unit_of,
)


def last_movement(database: Database) -> Movement:
    with database.reader() as session:
        return session.scalars(sa.select(Movement).order_by(Movement.id.desc()).limit(1)).one()


def undo(database: Database, actor, movement_id: int):
    return database.unit_of_work(
        lambda session: reverse(session, actor=actor, movement_id=movement_id, reason="wrong rack")
    )


def test_a_reversal_restores_the_balance_and_keeps_both_movements(database: Database, plant: Plant):
    coils = stored_coils(database, plant)
    stored = last_movement(database)

    posted = undo(database, plant.driver, stored.id)

    assert balances(database) == {("HR-IN", plant.item.id, plant.lot.id): COIL}
    assert unit_of(database, coils[0]).state == UnitState.PRODUCED
    with database.reader() as session:
        reversal = session.get_one(Movement, posted.movement_id)
        assert session.get_one(Movement, stored.id).verb == "putaway"
    assert (reversal.verb, reversal.reverses_id) == ("reverse", stored.id)
    assert_books_agree(database)


def test_a_movement_is_reversed_once(database: Database, plant: Plant):
    stored_coils(database, plant)
    stored = last_movement(database)
    undo(database, plant.driver, stored.id)

    with pytest.raises(errors.AlreadyReversed):
        undo(database, plant.driver, stored.id)

    assert movement_count(database) == 3


def test_a_reversal_is_not_reversed(database: Database, plant: Plant):
    stored_coils(database, plant)
    reversal = undo(database, plant.driver, last_movement(database).id)

    with pytest.raises(errors.NotReversible):
        undo(database, plant.driver, reversal.movement_id)


def test_what_a_later_movement_builds_on_is_not_reversed(database: Database, plant: Plant):
    coils = stored_coils(database, plant)
    stored = last_movement(database)
    database.unit_of_work(
        lambda session: dispatch(
            session, actor=plant.driver, unit_ids=coils, partner_id=plant.customer.id
        )
    )

    with pytest.raises(errors.BuiltUpon):
        undo(database, plant.driver, stored.id)

    assert movement_count(database) == 3


def test_movements_are_undone_one_after_the_other_back_to_the_first(
    database: Database, plant: Plant
):
    coils = stored_coils(database, plant)
    put_away = last_movement(database).id
    database.unit_of_work(
        lambda session: putaway(
            session, actor=plant.driver, unit_ids=coils, location_id=plant.bins[1].id
        )
    )
    moved = last_movement(database).id

    undo(database, plant.driver, moved)
    undo(database, plant.driver, put_away)

    assert balances(database) == {("HR-IN", plant.item.id, plant.lot.id): COIL}
    assert_books_agree(database)


def test_a_reversed_dispatch_is_back_and_nobodys(database: Database, plant: Plant):
    coils = stored_coils(database, plant)
    database.unit_of_work(
        lambda session: dispatch(
            session, actor=plant.driver, unit_ids=coils, partner_id=plant.customer.id
        )
    )

    undo(database, plant.driver, last_movement(database).id)

    unit = unit_of(database, coils[0])
    assert (unit.state, unit.location_id, unit.partner_id) == (
        UnitState.STORED,
        plant.bin.id,
        None,
    )


def test_a_unit_whose_production_is_reversed_never_was(database: Database, plant: Plant):
    coils = produce_coils(database, plant)

    undo(database, plant.admin, last_movement(database).id)

    assert unit_of(database, coils[0]).state == UnitState.VOIDED
    assert balances(database) == {}
    assert_books_agree(database)


def test_the_own_act_can_be_undone_for_half_an_hour(database: Database, plant: Plant):
    stored_coils(database, plant)
    stored = last_movement(database)

    with (
        time_machine.travel(now() + timedelta(minutes=31), tick=False),
        pytest.raises(Forbidden),
    ):
        undo(database, plant.driver, stored.id)

    undo(database, plant.driver, stored.id)


def test_somebody_elses_act_needs_the_larger_right(database: Database, plant: Plant):
    stored_coils(database, plant)
    stored = last_movement(database)

    with pytest.raises(Forbidden):
        undo(database, plant.operator, stored.id)

    undo(database, plant.keeper, stored.id)


def test_a_reversal_needs_a_reason(database: Database, plant: Plant):
    stored_coils(database, plant)
    stored = last_movement(database)

    with pytest.raises(errors.EmptyMovement):
        database.unit_of_work(
            lambda session: reverse(session, actor=plant.driver, movement_id=stored.id, reason=" ")
        )
