"""Between sites through transit, and back from customers; each undone."""

import pytest

from app.core.database import Database
from app.core.errors import DomainError
from app.domain.holds.models import HoldScope
from app.domain.holds.queries import reasons_of
from app.domain.ledger import errors
from app.domain.ledger.commands import (
    Entry,
    arrive,
    bring_back,
    dispatch,
    send_to_site,
)
from app.domain.ledger.drafts import EntryLine
from app.domain.ledger.models import Movement, Verb
from app.domain.locations.commands import (
    open_department,
    open_site,
)
from app.domain.units.models import UnitState
from tests.factories.entries import loose, state_of, taking, undo
from tests.factories.plant import Plant
from tests.factories.stock import (
    assert_books_agree,
    balances,
    movement_count,
    stored_coils,
    unit_of,
)


def test_customers_send_rolls_back_and_quality_must_look(database: Database, plant: Plant):
    coils = stored_coils(database, plant, 2)
    database.unit_of_work(
        lambda session: dispatch(
            session, actor=plant.driver, unit_ids=coils, partner_id=plant.customer.id
        )
    )
    gone = state_of(database)

    (booked,) = database.unit_of_work(
        lambda session: bring_back(
            session,
            actor=plant.keeper,
            unit_ids=coils,
            department_id=plant.hot_rolling.id,
            reason="Telescoped",
        )
    )

    unit = unit_of(database, coils[0])
    assert (unit.state, unit.location_id) == (UnitState.PRODUCED, plant.hot_staging.id)
    with database.reader() as session:
        assert session.get_one(Movement, booked.movement_id).partner_id == plant.customer.id
        held = reasons_of(session, [(HoldScope.UNIT, id_) for id_ in coils])
    assert set(held.values()) == {"Returned: Telescoped"}
    undo(database, plant, booked.movement_id)
    assert state_of(database) == gone


def test_only_what_left_comes_back(database: Database, plant: Plant):
    coils = stored_coils(database, plant)

    with pytest.raises(errors.WrongDestination):
        database.unit_of_work(
            lambda session: bring_back(
                session,
                actor=plant.keeper,
                unit_ids=coils,
                department_id=plant.hot_rolling.id,
                reason="Telescoped",
            )
        )


def second_site(database: Database, plant: Plant) -> int:
    """A department of another site."""

    def found(session):
        site = open_site(session, actor=plant.admin, code="ELS", name="Elsewhere", time_zone="UTC")
        return open_department(
            session, actor=plant.admin, site_id=site.id, code="RCV", name="Receiving"
        ).id

    return database.unit_of_work(found)


def ship(database: Database, plant: Plant, *lines: EntryLine, to="ELS"):
    entry = Entry(Verb.TRANSFER, lines)
    return database.unit_of_work(
        lambda session: send_to_site(
            session, actor=plant.keeper, site_id=plant.site.id, to_site_code=to, entry=entry
        )
    )


def land(database: Database, plant: Plant, movement_id, department_id: int):
    return database.unit_of_work(
        lambda session: arrive(
            session, actor=plant.admin, movement_id=movement_id, department_id=department_id
        )
    )


def test_stock_goes_to_another_site_through_transit(database: Database, plant: Plant):
    line = loose(database, plant)
    (coil,) = stored_coils(database, plant)
    department = second_site(database, plant)
    before = state_of(database)

    sent = ship(database, plant, taking(line, "4"), EntryLine(unit_id=coil))
    in_transit = state_of(database)
    assert unit_of(database, coil).state == UnitState.IN_TRANSIT
    landed = land(database, plant, sent.movement_id, department)

    unit = unit_of(database, coil)
    assert (unit.state, unit.department_id) == (UnitState.PRODUCED, department)
    assert unit.site_id != plant.site.id
    assert ("RCV-IN", plant.item.id, plant.lot.id) in balances(database)
    assert_books_agree(database)
    undo(database, plant, landed.movement_id)
    assert state_of(database) == in_transit
    land(database, plant, sent.movement_id, department)
    with pytest.raises(DomainError):
        undo(database, plant, sent.movement_id)
    assert_books_agree(database)
    assert before["units"][0][1] == plant.site.id


def test_a_shipment_arrives_once_and_where_it_was_sent(database: Database, plant: Plant):
    line = loose(database, plant)
    department = second_site(database, plant)
    sent = ship(database, plant, taking(line, "4"))

    with pytest.raises(errors.OtherSite, match="goes to ELS, not to FAL"):
        land(database, plant, sent.movement_id, plant.hot_rolling.id)
    first = land(database, plant, sent.movement_id, department)
    again = land(database, plant, sent.movement_id, department)

    assert (again.movement_id, again.is_replay) == (first.movement_id, True)
    undo(database, plant, first.movement_id)
    undo(database, plant, sent.movement_id)
    with pytest.raises(errors.NothingInTransit):
        land(database, plant, sent.movement_id, department)
    assert_books_agree(database)


def test_a_dispatch_is_undone_to_where_the_roll_is_now(database: Database, plant: Plant):
    (coil,) = stored_coils(database, plant)
    sent = database.unit_of_work(
        lambda session: dispatch(
            session, actor=plant.driver, unit_ids=[coil], partner_id=plant.customer.id
        )
    )

    undo(database, plant, sent.movement_id, plant.hot_staging.id)

    unit = unit_of(database, coil)
    assert (unit.state, unit.location_id) == (UnitState.PRODUCED, plant.hot_staging.id)
    assert movement_count(database) == 5
    assert_books_agree(database)
