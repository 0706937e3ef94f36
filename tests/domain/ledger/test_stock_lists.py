"""Lists of rolls, lots and items: filters, order, whose stock, and how many statements."""

from datetime import UTC, datetime

import pytest

from app.core.errors import NotFound
from app.domain.codes.commands import add_aliases
from app.domain.codes.rules import CodeKind
from app.domain.ledger.commands import Details, NewStock, dispatch, produce, putaway, transfer
from app.domain.ledger.drafts import NewUnit
from app.domain.ledger.stock_queries import (
    StockScope,
    balances_at,
    list_items,
    list_lots,
    list_partners,
    places_of,
    stock_by,
)
from app.domain.ledger.unit_queries import UnitFilter, count_units, list_units, unit_page
from app.domain.lots.commands import register_lot
from app.domain.units.models import UnitState
from tests.factories.plant import token_of
from tests.factories.stock import COIL, produce_coils, stored_coils
from tests.support.statements import counting_statements


@pytest.fixture
def everything(plant):
    return UnitFilter(plant.site.id)


def ids(rows):
    return [row.id for row in rows]


def at(minute):
    return Details(occurred_at=datetime(2026, 11, 20, 8, minute, tzinfo=UTC))


def test_the_roll_that_moved_last_stands_first(database, plant, session, everything):
    first, second = produce_coils(database, plant, 2)
    for unit_id, minute in ((first, 5), (second, 3)):
        putaway(
            session,
            actor=plant.driver,
            unit_ids=[unit_id],
            location_id=plant.bin.id,
            details=at(minute),
        )

    assert ids(list_units(session, everything, limit=10)) == [first, second]
    assert ids(list_units(session, everything, limit=10, oldest_first=True)) == [second, first]


@pytest.mark.parametrize("oldest_first", [False, True])
def test_pages_follow_each_other_without_a_gap(database, plant, session, everything, oldest_first):
    stored_coils(database, plant, 5)  # all at one moment, so only the id tells them apart
    whole = list_units(session, everything, limit=10, oldest_first=oldest_first)

    seen, after = [], None
    while rows := list_units(session, everything, limit=2, after=after, oldest_first=oldest_first):
        seen += ids(rows)
        after = (rows[-1].moved_at, rows[-1].id)

    assert seen == ids(whole)
    assert len(seen) == 5


def test_a_row_says_what_where_and_who(database, plant, session, everything):
    [coil] = stored_coils(database, plant)

    [row] = list_units(session, everything, limit=10)

    assert row.token == token_of(session, CodeKind.UNIT, coil)
    assert (row.item_name, row.lot_number) == (plant.item.name, plant.lot.number)
    assert (row.quantity, row.unit_of_measure) == (COIL, "kg")
    assert (row.place_code, row.state) == ("FM01A01", UnitState.STORED)
    assert row.by_name == plant.driver.name


def test_filters_narrow_and_counts_leave_the_state_aside(database, plant, session, everything):
    stored = stored_coils(database, plant, 2)
    waiting = produce_coils(database, plant)

    def having(**values):
        return set(ids(list_units(session, UnitFilter(plant.site.id, **values), limit=10)))

    assert having(state=UnitState.STORED) == set(stored)
    assert having(location_id=plant.hot_staging.id) == set(waiting)
    assert having(item_id=plant.other_item.id) == set()
    assert having(lot_id=plant.lot.id) == {*stored, *waiting}
    assert having(department_id=plant.finishing.id) == set()
    assert having(departments=frozenset({plant.finishing.id})) == set()
    stored_only = UnitFilter(plant.site.id, state=UnitState.STORED)
    assert count_units(session, stored_only) == {UnitState.STORED: 2, UnitState.PRODUCED: 1}


@pytest.mark.parametrize("text", ["{token}", "{short}", "l-26-1187", "cg2782", "CG278278"])
def test_a_roll_is_found_by_the_beginning_of_its_codes_and_lot(database, plant, session, text):
    [coil] = stored_coils(database, plant)
    produce(
        session,
        actor=plant.keeper,
        stock=NewStock(
            plant.hot_rolling.id, plant.other_item.id, plant.other_lot.id, [NewUnit(COIL)]
        ),
    )
    token = token_of(session, CodeKind.UNIT, coil)
    add_aliases(session, plant.site.id, "coil", CodeKind.UNIT, {"CG278278": coil})
    typed = text.format(token=token, short=f"{token[:4]}-{token[4:6]}")

    found = list_units(session, UnitFilter(plant.site.id, text=typed), limit=10)

    assert ids(found) == [coil]


@pytest.mark.parametrize("text", ["%", "_", "R%", "\\", "'"])
def test_signs_of_the_query_language_are_only_text(database, plant, session, text):
    stored_coils(database, plant)

    assert list_units(session, UnitFilter(plant.site.id, text=text), limit=10) == []


def test_fifty_rolls_cost_one_statement(database, plant, session, everything):
    stored_coils(database, plant, 3)

    with counting_statements(session) as statements:
        list_units(session, everything, limit=51)

    assert statements.count == 1


def test_a_rolls_page_knows_when_it_was_made_and_where_it_went(database, plant, session):
    [coil] = stored_coils(database, plant)
    dispatch(session, actor=plant.driver, unit_ids=[coil], partner_id=plant.customer.id)
    uid = list_units(session, UnitFilter(plant.site.id), limit=1)[0].uid

    page = unit_page(session, uid=uid)

    assert page.partner is not None
    assert page.partner.id == plant.customer.id
    assert page.made_at < page.unit.state_since
    with pytest.raises(NotFound):
        unit_page(session, uid=plant.site.uid)


def test_lots_and_items_show_the_stock_that_the_reader_may_see(database, plant, session):
    coils = stored_coils(database, plant, 3)
    transfer(session, actor=plant.driver, unit_ids=coils[:1], department_id=plant.finishing.id)
    dispatch(session, actor=plant.driver, unit_ids=coils[1:2], partner_id=plant.customer.id)
    whole = StockScope(plant.site.id)
    hot_only = StockScope(plant.site.id, frozenset({plant.hot_rolling.id}))

    assert list_lots(session, scope=whole, limit=10)[-1].stock.units == 2
    hot = next(
        row for row in list_lots(session, scope=hot_only, limit=10) if row.id == plant.lot.id
    )
    assert (hot.stock.units, hot.stock.on_hand) == (1, COIL)
    items = {row.number: row.stock for row in list_items(session, scope=whole, limit=10)}
    assert items[plant.item.number].on_hand == 2 * COIL
    assert items[plant.other_item.number].units == 0
    assert stock_by(session, "lot_id", [plant.other_lot.id], scope=whole) == {}


def test_an_item_lies_where_the_balances_say(database, plant, session):
    stored_coils(database, plant, 2)
    produce_coils(database, plant)
    scope = StockScope(plant.site.id)

    places = places_of(session, scope=scope, item_id=plant.item.id, limit=10)

    assert [(one.code, one.on_hand) for one in places] == [
        ("FM01A01", 2 * COIL),
        ("HR-IN", COIL),
    ]
    other = places_of(
        session, scope=scope, item_id=plant.item.id, lot_id=plant.other_lot.id, limit=10
    )
    assert other == []
    assert [row[2] for row in balances_at(session, location_id=plant.bin.id, limit=5)] == [2 * COIL]


def test_lists_of_names_are_filtered_and_paged(plant, session):
    scope = StockScope(plant.site.id)
    register_lot(session, actor=plant.keeper, item_id=plant.item.id, number="X-1")

    assert [row.number for row in list_lots(session, scope=scope, text="x-", limit=9)] == ["X-1"]
    newest = list_lots(session, scope=scope, limit=1)[0]
    assert newest.number == "X-1"
    assert list_lots(session, scope=scope, before=newest.id, limit=1)[0].number == "L-26-1190"
    assert [row.name for row in list_items(session, scope=scope, text="hpkl", limit=9)] == [
        "HPKL 3.20 × 1000"
    ]
    first = list_items(session, scope=scope, limit=1)[0]
    assert list_items(session, scope=scope, after=first.number, limit=1)[0].id != first.id
    assert [row.code for row in list_partners(session, text="gmbh", limit=9)] == ["NORDWERK"]
    assert [row.code for row in list_partners(session, after="ERZ", limit=9)] == ["NORDWERK"]
