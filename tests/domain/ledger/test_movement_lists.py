"""Lists of movements, one movement with its lines, and what happened to a thing."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.errors import NotFound
from app.domain.ledger.commands import Details, dispatch, putaway, reverse, transfer
from app.domain.ledger.history_queries import (
    events_at_location,
    events_of_item,
    events_of_lot,
    events_of_unit,
)
from app.domain.ledger.models import Verb
from app.domain.ledger.movement_queries import MovementFilter, list_movements, movement_page
from tests.factories.stock import COIL, produce_coils, stored_coils
from tests.support.statements import counting_statements


@pytest.fixture
def coils(database, plant):
    """Two coils in FM01A01: one movement for their making, one for the way there."""
    return stored_coils(database, plant, 2)


def verbs(rows):
    return [row.verb for row in rows]


def listed(session, plant, **values):
    return list_movements(session, MovementFilter(plant.site.id, **values), limit=10)


def test_the_newest_movement_stands_first_with_its_first_line_and_sum(plant, session, coils):
    rows = listed(session, plant)

    assert verbs(rows) == [Verb.PUTAWAY, Verb.PRODUCE]
    assert (rows[0].lines, rows[0].quantity) == (2, 2 * COIL)
    assert (rows[0].line.origin.code, rows[0].line.target.code) == ("HR-IN", "FM01A01")
    assert rows[1].line.origin.is_virtual
    assert rows[0].by_name == plant.driver.name


def test_filters_narrow(plant, session, coils):
    transfer(session, actor=plant.driver, unit_ids=coils[:1], department_id=plant.finishing.id)
    dispatch(session, actor=plant.driver, unit_ids=coils[1:], partner_id=plant.customer.id)

    assert verbs(listed(session, plant, verb=Verb.PRODUCE)) == [Verb.PRODUCE]
    assert verbs(listed(session, plant, partner_id=plant.customer.id)) == [Verb.DISPATCH]
    assert verbs(listed(session, plant, department_id=plant.finishing.id)) == [Verb.TRANSFER]
    assert verbs(listed(session, plant, actor_id=plant.keeper.user_id)) == [Verb.PRODUCE]
    assert listed(session, plant, departments=frozenset()) == []
    assert len(listed(session, plant, departments=frozenset({plant.hot_rolling.id}))) == 4


def test_a_day_is_when_it_happened_not_when_it_was_booked(plant, session, coils):
    long_ago = datetime(2026, 1, 2, 8, tzinfo=UTC)
    putaway(
        session,
        actor=plant.driver,
        unit_ids=coils[:1],
        location_id=plant.bins[1].id,
        details=Details(occurred_at=long_ago),
    )

    since, until = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)
    assert len(listed(session, plant, since=since, until=until)) == 1
    assert len(listed(session, plant, since=until)) == 2


def test_what_was_booked_after_something_later_says_so(plant, session, coils):
    put_away, produced = listed(session, plant)
    assert not put_away.is_late
    assert not produced.is_late

    putaway(
        session,
        actor=plant.driver,
        unit_ids=coils[:1],
        location_id=plant.bins[1].id,
        details=Details(occurred_at=put_away.occurred_at - timedelta(minutes=20)),
    )

    assert [row.is_late for row in listed(session, plant)] == [True, False, False]


def test_pages_go_on_after_the_last_id(plant, session, coils):
    first = list_movements(session, MovementFilter(plant.site.id), limit=1)
    second = list_movements(session, MovementFilter(plant.site.id), limit=1, before=first[0].id)

    assert verbs(second) == [Verb.PRODUCE]


def test_ten_movements_cost_two_statements(plant, session, coils):
    with counting_statements(session) as statements:
        listed(session, plant)

    assert statements.count == 2


def test_a_movement_and_its_reversal_point_at_each_other(plant, session, coils):
    putaways = listed(session, plant, verb=Verb.PUTAWAY)
    reversal = reverse(session, actor=plant.keeper, movement_id=putaways[0].id, reason="wrong rack")
    assert reversal.movement_uid is not None

    original = movement_page(session, uid=putaways[0].uid)
    mirror = movement_page(session, uid=reversal.movement_uid)

    assert original.reversed_by_uid == mirror.movement.uid
    assert mirror.reverses_uid == original.movement.uid
    assert [line.target.code for line in mirror.lines] == ["HR-IN", "HR-IN"]
    assert listed(session, plant, verb=Verb.PUTAWAY)[0].is_reversed
    with pytest.raises(NotFound):
        movement_page(session, uid=plant.site.uid)


def test_a_rolls_history_is_newest_first_in_one_statement(plant, session, coils):
    with counting_statements(session) as statements:
        events = events_of_unit(session, unit_id=coils[0], limit=10)

    assert verbs(events) == [Verb.PUTAWAY, Verb.PRODUCE]
    assert events[0].target.code == "FM01A01"
    assert statements.count == 1
    earlier = events_of_unit(session, unit_id=coils[0], limit=10, before=events[0].posting_id)
    assert verbs(earlier) == [Verb.PRODUCE]


def test_a_places_history_holds_what_came_and_what_left(database, plant, session, coils):
    transfer(session, actor=plant.driver, unit_ids=coils[:1], department_id=plant.finishing.id)

    events = events_at_location(session, location_id=plant.bin.id, limit=10)

    assert verbs(events) == [Verb.TRANSFER, Verb.PUTAWAY, Verb.PUTAWAY]
    assert events_at_location(session, location_id=plant.bin.id, limit=1) == events[:1]
    assert events_at_location(session, location_id=plant.bins[1].id, limit=10) == []


def test_lots_and_items_have_histories_too(database, plant, session, coils):
    produce_coils(database, plant)

    of_lot = events_of_lot(session, item_id=plant.item.id, lot_id=plant.lot.id, limit=10)
    assert len(of_lot) == 5
    assert events_of_item(session, item_id=plant.item.id, limit=10) == of_lot
    assert events_of_item(session, item_id=plant.other_item.id, limit=10) == []
