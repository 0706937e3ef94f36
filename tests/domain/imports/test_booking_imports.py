"""A checked file is booked whole and once: items, lots, customers, places, rolls, movements."""

import threading
from contextlib import suppress
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.core.errors import Forbidden
from app.domain.catalog.models import Item
from app.domain.codes.commands import AliasTaken
from app.domain.codes.models import Alias, LabelCode
from app.domain.codes.rules import CodeKind
from app.domain.imports.commands.checking import Superseded
from app.domain.imports.commands.staging import NotReady
from app.domain.imports.models import ImportRow, RowOutcome, RunState
from app.domain.imports.queries import list_rows
from app.domain.ledger.models import Balance, Movement
from app.domain.locations.models import Location, LocationKind
from app.domain.lots.models import Lot
from app.domain.partners.models import Partner
from app.domain.units.models import Unit, UnitState
from tests.factories.imports import coil, coils
from tests.support.statements import counting_statements

MAKE = {"create_places": True, "default_lot": "OPEN"}


def count(database, model, *where):
    with database.reader() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model).where(*where))


def units(database):
    with database.reader() as session:
        return session.scalars(sa.select(Unit).order_by(Unit.id)).all()


def log(database, run, *outcomes):
    with database.reader() as session:
        return [
            entry.row for entry in list_rows(session, run_id=run.id, outcomes=outcomes, limit=99)
        ]


def test_a_file_becomes_rolls_in_their_places(database, plant, imports):
    run = imports.apply(imports.checked(coils(5), **MAKE))

    assert run.state == RunState.APPLIED
    assert (run.counts["created"], run.counts["booked"]) == (5, 5)
    assert (run.counts["skipped"], run.counts["failed"]) == (0, 0)
    made = units(database)
    assert [unit.state for unit in made] == [UnitState.STORED] * 5
    assert {unit.department_id for unit in made} == {plant.hot_rolling.id}
    noisy = next(unit for unit in made if unit.quantity == Decimal("798.94"))
    assert noisy.properties == {"thickness": "0.25", "customer": "E사"}


def test_the_books_hold_one_production_per_item_and_lot_and_one_putaway_per_place(
    database, imports
):
    run = imports.apply(imports.checked(coils(5), **MAKE))

    with database.reader() as session:
        movements = session.scalars(sa.select(Movement)).all()
        on_hand = session.scalar(sa.select(sa.func.sum(Balance.on_hand)))
    verbs = [movement.verb for movement in movements]
    assert (verbs.count("produce"), verbs.count("putaway")) == (5, 5)
    assert {movement.reference_id for movement in movements} == {str(run.uid)}
    assert on_hand == sum(unit.quantity for unit in units(database))


def test_everything_that_the_file_names_has_a_label_code(database, imports):
    imports.apply(imports.checked(coils(5), **MAKE))

    for kind, model, where in (
        (CodeKind.UNIT, Unit, ()),
        (CodeKind.LOT, Lot, (Lot.id > 0,)),
        (CodeKind.ITEM, Item, ()),
        (CodeKind.PARTNER, Partner, ()),
        (CodeKind.LOCATION, Location, (~Location.is_virtual,)),
    ):
        labelled = count(database, LabelCode, LabelCode.kind == kind)
        assert labelled == count(database, model, *where), kind


def test_places_are_made_under_their_yard(database, plant, imports):
    imports.apply(imports.checked(coils(2), **MAKE))

    with database.reader() as session:
        yard = session.scalars(sa.select(Location).where(Location.code == "EGLA")).one()
        below = session.scalars(sa.select(Location).where(Location.parent_id == yard.id)).all()
    assert (yard.kind, yard.department_id) == (LocationKind.ZONE, plant.hot_rolling.id)
    assert [(bin_.code, bin_.kind) for bin_ in below] == [
        ("EGLA-710000", LocationKind.BIN),
        ("EGLA-710001", LocationKind.BIN),
    ]


def test_a_roll_in_a_place_that_exists_goes_there(database, plant, imports):
    imports.apply(imports.checked([coil(1, yard="", storage_loc="fm01a01")]))

    assert [unit.location_id for unit in units(database)] == [plant.bin.id]


def test_a_roll_without_a_place_waits_in_staging(database, plant, imports):
    imports.apply(imports.checked([coil(1, yard="", storage_loc="")]))

    (unit,) = units(database)
    assert (unit.state, unit.location_id) == (UnitState.PRODUCED, plant.hot_staging.id)


def test_the_roll_number_finds_the_roll(database, imports):
    imports.apply(imports.checked([coil(7)], **MAKE))

    with database.reader() as session:
        alias = session.scalars(sa.select(Alias)).one()
    assert (alias.value, alias.subject_id) == ("CA000007", units(database)[0].id)


def test_a_customer_is_made_once_and_one_that_has_the_name_is_kept(database, plant, imports):
    rows = [coil(1), coil(2), coil(3, customer=plant.customer.name), coil(4, customer="")]

    imports.apply(imports.checked(rows, **MAKE))

    with database.reader() as session:
        codes = set(session.scalars(sa.select(Partner.code)))
    assert codes == {"NORDWERK", "ERZ", "E사"}


def test_bad_rows_are_refused_with_all_their_problems_and_the_others_are_booked(database, imports):
    rows = [
        coil(1),
        coil(2, total_weight="heavy", coil_type_code=""),
        coil(3, total_weight=-5),
        coil(4, total_weight="1e309"),
        coil(5, total_weight="NaN"),
        coil(6, material_no="CA000001"),
        coil(7, order_no=""),
    ]

    run = imports.apply(imports.checked(rows, create_places=True))

    assert (run.counts["created"], run.counts["booked"]) == (1, 1)
    assert (run.counts["skipped"], run.counts["failed"]) == (1, 5)
    assert count(database, Unit) == 1
    failed = log(database, run, RowOutcome.FAILED)
    assert [row.row_no for row in failed] == [3, 4, 5, 6, 8]
    assert failed[0].problems == [
        {
            "column": "total_weight",
            "expected": "a number like 4820.5, with at most 6 decimals",
            "found": "heavy",
            "answer": "",
        },
        {
            "column": "coil_type_code",
            "expected": "an item number",
            "found": "(empty)",
            "answer": "",
        },
    ]
    assert log(database, run, RowOutcome.SKIPPED)[0].message == (
        "Roll CA000001 stands in row 2 already."
    )


def test_what_a_check_finds_writes_nothing_but_its_log(database, imports):
    before = count(database, Location)

    run = imports.checked(coils(3), **MAKE)

    assert run.counts["created"] == 3
    for model in (Unit, Movement, Alias):
        assert count(database, model) == 0
    assert count(database, Location) == before
    assert count(database, ImportRow) == 3


def test_what_one_answer_would_settle_is_asked(imports):
    run = imports.checked([coil(1), coil(2, order_no=""), coil(3, yard="", storage_loc="FM01A01")])

    assert run.counts["failed"] == 2
    assert imports.load(run).questions == {
        "unknown_places": 2,
        "some_unknown_places": ["EGLA-710001", "EGLA-710002"],
        "rows_without_lot": 1,
        "weight_unit": True,
        "unusual_weights": 0,
        "some_unusual_weights": [],
    }


def test_an_answer_given_after_the_first_booking_books_only_the_rest(database, imports):
    first = imports.apply(imports.checked([coil(1), coil(2, order_no="")], create_places=True))
    booked = log(database, first, RowOutcome.CREATED)[0]

    again = imports.again(first, **MAKE)
    second = imports.apply(again)

    assert (again.counts["created"], again.counts["booked"]) == (2, 1)
    assert (second.counts["created"], second.counts["booked"]) == (2, 2)
    assert count(database, Unit) == 2
    assert log(database, second, RowOutcome.CREATED)[0].subject_id == booked.subject_id


def test_a_corrected_file_passes_over_what_is_in_stock(database, imports):
    imports.apply(imports.checked([coil(1), coil(2, total_weight="x")], **MAKE))

    run = imports.apply(imports.checked([coil(1), coil(2)], **MAKE))

    assert (run.counts["created"], run.counts["booked"]) == (1, 1)
    assert (run.counts["unchanged"], run.counts["failed"]) == (1, 0)
    assert log(database, run)[0].message == "Roll CA000001 is in stock already, in EGLA-710001."
    assert count(database, Unit) == 2


def test_asking_twice_books_once(database, imports):
    run = imports.checked(coils(3), **MAKE)

    imports.ask(run)
    imports.ask(run)
    imports.book(run)
    again = imports.ask(run)

    assert again.state == RunState.APPLIED
    assert count(database, Unit) == 3


def test_a_job_that_runs_twice_books_once(database, imports):
    run = imports.apply(imports.checked(coils(3), **MAKE))

    imports.book_directly(run)

    assert count(database, Unit) == 3


def test_a_job_that_was_overtaken_has_no_effect(database, imports):
    run = imports.checked(coils(3), **MAKE)
    stale = run.message_uid
    imports.ask(run)

    with pytest.raises(Superseded):
        imports.book_directly(run, message_uid=stale)

    assert count(database, Unit) == 0


def test_two_people_who_checked_the_same_file_book_its_rolls_once(database, plant, imports):
    file = imports.store(coils(4))
    first = imports.checked(file, **MAKE)
    imports.actor = plant.manager
    second = imports.checked(file, **MAKE)
    imports.ask(first)
    imports.ask(second)

    imports.book(first)
    done = imports.book(second)

    assert second.counts["created"] == 4
    assert (done.counts["booked"], done.counts["unchanged"]) == (0, 4)
    assert count(database, Unit) == 4


def test_two_files_with_the_same_rolls_booked_at_once_book_them_once(database, plant, imports):
    file = imports.store(coils(4))
    runs = [imports.checked(file, **MAKE)]
    imports.actor = plant.manager
    runs.append(imports.checked(file, **MAKE))
    for run in runs:
        imports.ask(run)

    def book(run):
        with suppress(AliasTaken, IntegrityError):
            imports.book_directly(run)

    threads = [threading.Thread(target=book, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert count(database, Unit) == 4
    assert count(database, Alias) == 4


def test_a_refusal_in_the_middle_leaves_nothing_behind(database, plant, imports):
    run = imports.checked(coils(3), **MAKE)
    imports.ask(run)
    before = {model: count(database, model) for model in (Item, Lot, Location, Unit, LabelCode)}

    with pytest.raises(Forbidden):
        imports.book_directly(run, actor=plant.driver)

    assert {model: count(database, model) for model in before} == before
    assert imports.load(run).state == RunState.APPLYING


def test_a_file_with_nothing_to_book_is_not_booked(imports):
    run = imports.checked([coil(1, total_weight="x")])

    with pytest.raises(NotReady, match="nothing to book"):
        imports.ask(run)


def test_a_file_that_was_not_checked_is_not_booked(imports):
    with pytest.raises(NotReady, match="Check the file first"):
        imports.ask(imports.stage(coils(1)))


def test_a_blocked_place_or_one_of_another_department_is_a_problem(database, plant, imports):
    def block(session):
        place = session.get_one(Location, plant.bin.id)
        place.blocked_at, place.blocked_reason = sa.func.now(), "crane check"

    database.unit_of_work(block)
    rows = [
        coil(1, yard="", storage_loc="FM01A01"),
        coil(2, yard="", storage_loc="FM02A01"),
        coil(3, yard="", storage_loc="@customer"),
    ]

    run = imports.checked(rows)

    expected = [row.problems[0]["expected"] for row in log(database, run)]
    assert expected == [
        "a place that is not blocked (crane check)",
        "a place of this department",
        "the code of a place, at most 40 characters",
    ]


def test_the_number_of_statements_does_not_grow_with_the_file(database, imports):
    with counting_statements(database.engine) as few:
        imports.apply(imports.checked(coils(5), **MAKE))
    with counting_statements(database.engine) as many:
        imports.apply(imports.checked([coil(n) for n in range(100, 160)], **MAKE))

    # The audit log has a line for each place that was made.
    assert _without_audit(many) <= _without_audit(few)


def _without_audit(statements):
    return sum("audit_entries" not in text for text in statements.texts)
