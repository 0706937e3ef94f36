"""What the dashboard asks of the ledger."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.domain.ledger import commands
from app.domain.ledger.commands import Details, NewStock
from app.domain.ledger.dashboard_queries import (
    Flow,
    ledger_version,
    list_flows,
    list_latest_movements,
    list_stock,
)
from app.domain.ledger.drafts import NewUnit
from app.domain.ledger.models import Verb
from app.domain.units.models import UnitState
from tests.support.statements import counting_statements

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOURS = [NOON + timedelta(hours=n) for n in range(-2, 2)]


@pytest.fixture
def produce(session, plant):
    """Book rolls of 1,000 kg each; gives their ids."""

    def book(count=1, at=NOON, department=None):
        stock = NewStock(
            (department or plant.hot_rolling).id,
            plant.item.id,
            plant.lot.id,
            [NewUnit(Decimal(1_000)) for _ in range(count)],
            Details(occurred_at=at),
        )
        return commands.produce(session, actor=plant.admin, stock=stock)

    return book


def flows(session, plant, departments=None):
    found = list_flows(session, site_id=plant.site.id, boundaries=HOURS, departments=departments)
    return sorted(found, key=lambda flow: (flow.span, flow.verb))


def test_lines_are_counted_by_hour_verb_and_department(session, plant, produce):
    rolls = produce(3, at=NOON - timedelta(minutes=90)).unit_ids
    produce(1, department=plant.finishing)
    commands.putaway(
        session,
        actor=plant.admin,
        unit_ids=rolls[:2],
        location_id=plant.bin.id,
        details=Details(occurred_at=NOON),
    )

    hot, fin = plant.hot_rolling.id, plant.finishing.id
    assert flows(session, plant) == [
        Flow(0, Verb.PRODUCE, hot, False, 3, Decimal(3_000)),
        Flow(2, Verb.PRODUCE, fin, False, 1, Decimal(1_000)),
        Flow(2, Verb.PUTAWAY, hot, False, 2, Decimal(2_000)),
    ]
    assert [flow.verb for flow in flows(session, plant, {fin})] == [Verb.PRODUCE]


def test_the_last_moment_of_a_span_belongs_to_the_next(session, plant, produce):
    produce(at=HOURS[1])
    produce(at=HOURS[1] - timedelta(microseconds=1))
    produce(at=HOURS[-1])
    produce(at=HOURS[0] - timedelta(microseconds=1))

    assert [(flow.span, flow.lines) for flow in flows(session, plant)] == [(0, 1), (1, 1)]


def test_a_dispatch_counts_for_the_department_that_the_roll_left(session, plant, produce):
    rolls = produce().unit_ids
    commands.dispatch(
        session,
        actor=plant.admin,
        unit_ids=rolls,
        partner_id=plant.customer.id,
        details=Details(occurred_at=NOON),
    )

    dispatched = [flow for flow in flows(session, plant) if flow.verb is Verb.DISPATCH]
    assert dispatched == [Flow(2, Verb.DISPATCH, plant.hot_rolling.id, False, 1, Decimal(1_000))]


def test_what_was_reversed_is_marked(session, plant, produce):
    booked = produce()
    commands.reverse(
        session,
        actor=plant.admin,
        movement_id=booked.movement_id,
        reason="typed twice",
        details=Details(occurred_at=NOON),
    )

    marks = {flow.verb: flow.is_reversed for flow in flows(session, plant)}
    assert marks == {Verb.PRODUCE: True, Verb.REVERSE: False}


def test_stock_is_counted_by_department_and_state(session, plant, produce):
    rolls = produce(3).unit_ids
    commands.putaway(session, actor=plant.admin, unit_ids=rolls[:1], location_id=plant.bin.id)
    commands.dispatch(session, actor=plant.admin, unit_ids=rolls[1:2], partner_id=plant.customer.id)

    stock = {row.state: row for row in list_stock(session, site_id=plant.site.id)}

    assert set(stock) == {UnitState.PRODUCED, UnitState.STORED}
    assert stock[UnitState.PRODUCED].units == 1
    assert stock[UnitState.STORED].kilograms == Decimal(1_000)
    assert list_stock(session, site_id=plant.site.id, departments={plant.finishing.id}) == []


def test_the_latest_movements_come_first_and_say_where_from_and_to(session, plant, produce):
    rolls = produce(2).unit_ids
    commands.putaway(session, actor=plant.admin, unit_ids=rolls[:1], location_id=plant.bin.id)
    commands.dispatch(session, actor=plant.admin, unit_ids=rolls[:1], partner_id=plant.customer.id)

    dispatched, put_away, produced = list_latest_movements(session, site_id=plant.site.id)

    assert (dispatched.verb, dispatched.origin.code) == (Verb.DISPATCH, "FM01A01")
    assert dispatched.target.is_virtual
    assert dispatched.partner_name == "Nordwerk GmbH"
    assert (put_away.origin.code, put_away.target.code) == ("HR-IN", "FM01A01")
    assert put_away.token is not None
    assert put_away.token == dispatched.token
    assert put_away.origin.kind == "staging"
    assert (produced.lines, produced.kilograms) == (2, Decimal(2_000))
    assert produced.origin.is_virtual


def test_the_latest_movements_of_a_department_are_those_that_touched_it(session, plant, produce):
    rolls = produce().unit_ids
    produce(department=plant.finishing)
    commands.transfer(session, actor=plant.admin, unit_ids=rolls, department_id=plant.finishing.id)

    latest = list_latest_movements(session, site_id=plant.site.id, departments={plant.finishing.id})

    assert [movement.verb for movement in latest] == [Verb.TRANSFER, Verb.PRODUCE]


def test_the_version_changes_with_every_booking_and_every_change_of_master_data(
    session, plant, produce
):
    def version():
        return ledger_version(session, site_id=plant.site.id, since=NOON - timedelta(days=1))

    first = version()
    produce()
    second = version()

    assert first != second
    assert version() == second


def test_every_question_is_one_statement(session, plant, produce):
    produce(3)

    with counting_statements(session) as statements:
        flows(session, plant)
        list_stock(session, site_id=plant.site.id)
        list_latest_movements(session, site_id=plant.site.id)
        ledger_version(session, site_id=plant.site.id, since=NOON)

    assert statements.count == 4
