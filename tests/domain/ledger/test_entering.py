"""Any verb with several lines of stock and rolls, as the desk and programs book it."""

from decimal import Decimal

import pytest
import sqlalchemy as sa

from app.core.database import Database
from app.core.errors import DomainError, Forbidden
from app.domain.codes.queries import tokens_of
from app.domain.codes.rules import CodeKind
from app.domain.ledger import errors
from app.domain.ledger.commands import (
    Details,
    Entry,
    book_many,
)
from app.domain.ledger.drafts import EntryLine, Key
from app.domain.ledger.entry_rules import verb_of
from app.domain.ledger.models import Movement, Posting, Verb
from app.domain.locations.commands import (
    LocationDraft,
    open_location,
)
from app.domain.locations.models import Location, LocationKind, Site
from app.domain.units.models import UnitState
from tests.factories.entries import enter, loose, state_of, taking, undo
from tests.factories.plant import Plant
from tests.factories.stock import (
    assert_books_agree,
    balances,
    movement_count,
    stored_coils,
    unit_of,
)


@pytest.mark.parametrize("verb", [Verb.ISSUE, Verb.CONSUME, Verb.SCRAP, Verb.DISPATCH])
def test_what_leaves_leaves_by_its_verb_and_comes_back_by_undo(
    database: Database, plant: Plant, verb
):
    line = loose(database, plant)
    (coil,) = stored_coils(database, plant)
    before = state_of(database)

    booked = enter(
        database,
        plant,
        verb,
        taking(line, "4"),
        EntryLine(unit_id=coil),
        partner_id=plant.customer.id,
        reason="Rust",
    )

    unit = unit_of(database, coil)
    expected = {Verb.SCRAP: UnitState.SCRAPPED, Verb.DISPATCH: UnitState.DISPATCHED}
    assert unit.state == expected.get(verb, UnitState.CONSUMED)
    assert balances(database) == {("FM01A01", plant.other_item.id, plant.other_lot.id): Decimal(6)}
    assert_books_agree(database)
    undo(database, plant, booked.movement_id)
    assert state_of(database) == before
    assert_books_agree(database)


def test_one_movement_has_several_lines_who_what_when_where_and_why(
    database: Database, plant: Plant
):
    line = loose(database, plant)

    booked = enter(
        database,
        plant,
        Verb.SCRAP,
        taking(line, "1"),
        taking(line, "2"),
        reason="Rust",
        note="Seen by Kim",
        reference_type="report",
        reference_id="R-7",
    )

    with database.reader() as session:
        movement = session.get_one(Movement, booked.movement_id)
        lines = session.scalars(
            sa.select(Posting).where(Posting.movement_id == movement.id).order_by(Posting.line_no)
        ).all()
        costs = session.scalars(sa.select(Posting.unit_cost).order_by(Posting.id)).all()
    assert (movement.reason, movement.note) == ("Rust", "Seen by Kim")
    assert (movement.reference_type, movement.reference_id) == ("report", "R-7")
    assert [one.quantity for one in lines] == [1, 2]
    assert costs[0] == Decimal("2.5")


@pytest.mark.parametrize("kind", [LocationKind.TECHNICIAN, LocationKind.VEHICLE])
def test_a_technician_is_issued_parts_and_gives_the_rest_back(
    database: Database, plant: Plant, kind
):
    line = loose(database, plant)
    person = database.unit_of_work(
        lambda session: (
            open_location(
                session,
                actor=plant.admin,
                site_id=plant.site.id,
                draft=LocationDraft("KIM", kind, department_id=plant.hot_rolling.id),
            ).id
        )
    )

    enter(database, plant, Verb.ISSUE, taking(line, "4", to_location_id=person))
    given = EntryLine(
        line.item_id,
        line.lot_id,
        quantity=Decimal(1),
        from_location_id=person,
        to_location_id=plant.bin.id,
    )
    enter(database, plant, Verb.RETURN, given, reason="Not needed")

    key = (plant.other_item.id, plant.other_lot.id)
    assert balances(database) == {("FM01A01", *key): Decimal(7), ("KIM", *key): Decimal(3)}
    assert_books_agree(database)


@pytest.mark.parametrize("verb", [Verb.SCRAP, Verb.ADJUST, Verb.RETURN])
def test_what_vanishes_or_comes_back_needs_a_reason(database: Database, plant: Plant, verb):
    line = loose(database, plant)
    before = movement_count(database)

    with pytest.raises(errors.EmptyMovement, match="needs a reason"):
        enter(database, plant, verb, taking(line, "1"), reason=" ")

    assert movement_count(database) == before


def test_what_is_incomplete_is_refused_in_a_sentence(database: Database, plant: Plant):
    line = loose(database, plant)
    before = movement_count(database)

    for verb, lines, error in (
        (Verb.ISSUE, [], errors.EmptyMovement),
        (Verb.RESERVE, [taking(line, "1")], errors.EmptyMovement),
        (Verb.ISSUE, [EntryLine(from_location_id=plant.bin.id)], errors.EmptyMovement),
        (Verb.PUTAWAY, [taking(line, "1")], errors.LocationNotFound),
        (Verb.ISSUE, [EntryLine(line.item_id, line.lot_id, quantity=Decimal(1))],
         errors.LocationNotFound),
        (Verb.ISSUE, [taking(line, "0")], errors.EmptyMovement),
        (Verb.ISSUE, [EntryLine(line.item_id, quantity=Decimal(1), from_location_id=plant.bin.id)],
         errors.LotNeeded),
        (Verb.ISSUE, [EntryLine(plant.item.id, plant.lot.id, quantity=Decimal(1),
                                from_location_id=plant.bin.id)], errors.RollNeeded),
        (Verb.RECEIVE, [EntryLine(plant.item.id, to_location_id=plant.bin.id)],
         errors.EmptyMovement),
        (Verb.ISSUE, [EntryLine(line.item_id, plant.lot.id, quantity=Decimal(1),
                                from_location_id=plant.bin.id)], errors.LotOfOtherItem),
    ):  # fmt: skip
        with pytest.raises(error):
            enter(database, plant, verb, *lines)

    assert movement_count(database) == before


def test_new_rolls_are_received_with_their_labels(database: Database, plant: Plant):
    line = EntryLine(
        plant.item.id, plant.lot.id, quantity=Decimal(900), to_location_id=plant.hot_staging.id
    )

    booked = enter(database, plant, Verb.RECEIVE, line, line)

    assert [unit_of(database, id_).quantity for id_ in booked.unit_ids] == [900, 900]
    with database.reader() as session:
        assert len(tokens_of(session, CodeKind.UNIT, booked.unit_ids)) == 2


def test_a_batch_refuses_one_entry_alone_and_a_group_whole(database: Database, plant: Plant):
    line = loose(database, plant)
    key = Key.of("user:1", "a", 1)
    entries = [
        Entry(Verb.ISSUE, [taking(line, "4")], details=Details(key=key)),
        Entry(Verb.ISSUE, [taking(line, "40")]),
        Entry(Verb.SCRAP, [taking(line, "1")], linked="g"),
        Entry(Verb.ISSUE, [taking(line, "1")], linked="g"),
        Entry(Verb.ISSUE, [taking(line, "4")], details=Details(key=key)),
    ]

    results = database.unit_of_work(
        lambda session: book_many(
            session, actor=plant.keeper, site_id=plant.site.id, entries=entries
        )
    )

    assert [one.error.code if one.error else one.status for one in results] == [
        "posted",
        "not_enough_stock",
        "empty_movement",
        "empty_movement",
        "replayed",
    ]
    assert_books_agree(database)


def test_each_verb_has_its_own_right(database: Database, plant: Plant):
    line = loose(database, plant)

    for verb in (Verb.ISSUE, Verb.CONSUME, Verb.SCRAP):
        with pytest.raises(Forbidden, match=f"ledger.{verb}"):
            enter(database, plant, verb, taking(line, "1"), actor=plant.driver, reason="No")


@pytest.mark.parametrize(
    "word, verb",
    [
        ("Stock In", Verb.RECEIVE),
        ("INWARD", Verb.RECEIVE),
        ("sale", Verb.DISPATCH),
        ("consumption", Verb.CONSUME),
        (" issue ", Verb.ISSUE),
    ],
)
def test_words_of_older_systems_are_understood(word, verb):
    assert verb_of(word) is verb


def test_other_words_are_refused_with_the_ones_there_are():
    with pytest.raises(DomainError, match="receive, produce"):
        verb_of("steal")


@pytest.mark.parametrize("model, of", [(Site, "site"), (Location, "bin")])
def test_a_site_or_a_place_that_may_go_below_zero_does(database: Database, plant: Plant, model, of):
    line = loose(database, plant)

    def allow(session):
        session.get_one(model, getattr(plant, of).id).may_go_negative = True

    with pytest.raises(errors.NotEnoughStock):
        enter(database, plant, Verb.ISSUE, taking(line, "11"))
    database.unit_of_work(allow)
    enter(database, plant, Verb.ISSUE, taking(line, "11"))

    assert list(balances(database).values()) == [-1]
    assert_books_agree(database)
