"""A dry run finds all errors at once, in a workbook, and says what is new, changes, or stays."""

import openpyxl
import pytest
import sqlalchemy as sa

from app.domain.audit.models import AuditEntry
from app.domain.catalog.models import Item
from app.domain.imports.models import ImportKind, ImportLayout, RowOutcome, RunState
from app.domain.imports.queries import list_rows
from app.domain.lots.models import Lot
from app.domain.units.models import Unit
from tests.factories.imports import coil, coils

ITEMS, LOTS = ImportKind.ITEMS, ImportKind.LOTS
GOOD = {"yard": "", "storage_loc": "FM01A01"}


def errors_of(imports, run):
    """The lines of the workbook of errors, and how many of its cells are formulas."""
    with imports.storage.path(run.errors_key).open("rb") as made:
        book = openpyxl.load_workbook(made)
    cells = [cell for line in book["Errors"].iter_rows() for cell in line]
    assert [cell for cell in cells if cell.data_type == "f"] == []
    return [line[:5] for line in book["Errors"].iter_rows(values_only=True)]


def log(database, run, *outcomes):
    with database.reader() as session:
        return [e.row for e in list_rows(session, run_id=run.id, outcomes=outcomes, limit=999)]


def count(database, model):
    with database.reader() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model))


def test_all_errors_stand_in_one_workbook_and_none_is_a_formula(imports):
    rows = [
        coil(1, **GOOD),
        coil(2, total_weight="=1+1", coil_type_code="", **GOOD),
        coil(3, total_weight=-5, yard="", storage_loc="@customer"),
        coil(4, order_no="\u202e", customer="+cmd|' /C calc'!A0", total_weight="@SUM(A1)", **GOOD),
    ]

    run = imports.checked(rows)

    expected = "a number like 4820.5, with at most 6 decimals"
    assert errors_of(imports, run) == [
        ("Sheet", "Row", "Column", "Expected", "Found"),
        ("coils", 3, "total_weight", expected, "=1+1"),
        ("coils", 3, "coil_type_code", "an item number", "(empty)"),
        ("coils", 4, "total_weight", "a weight above 0 kg", "-5"),
        (
            *("coils", 4, "yard + storage_loc"),
            *("the code of a place, at most 40 characters", "@customer"),
        ),
        ("coils", 5, "total_weight", expected, "@SUM(A1)"),
        ("coils", 5, "order_no", "a lot, or one lot for all rows without", "(empty)"),
    ]


def test_a_file_without_errors_has_no_workbook_of_them(imports):
    first = imports.checked([coil(1, total_weight="x", **GOOD)])
    second = imports.checked([coil(1, **GOOD)])

    assert first.errors_key
    assert second.errors_key is None


def test_a_file_says_what_is_new_changes_or_stays(imports):
    imports.apply(imports.checked([coil(n, **GOOD) for n in range(4)]))
    rows = [
        coil(0, **GOOD),
        coil(2, thickness=0.3, **GOOD),
        coil(3, total_weight=1, **GOOD),
        coil(9, coil_type_code="NEW", customer="New one", **GOOD),
        coil(9, coil_type_code="NEW", **GOOD),
    ]

    run = imports.checked(rows)

    counts = {name: run.counts[name] for name in RowOutcome}
    assert counts == {"created": 1, "updated": 1, "unchanged": 1, "skipped": 1, "failed": 1}
    assert run.sums["kinds"] == {
        "rolls": {"new": 1, "changed": 1, "same": 1},
        "items": {"new": 1, "changed": 0, "same": 1},
        "lots": {"new": 1, "changed": 0, "same": 2},
        "places": {"new": 0, "changed": 0, "same": 1},
        "customers": {"new": 1, "changed": 0, "same": 1},
    }


def test_changed_rolls_get_their_properties_and_the_audit_log_has_them(database, imports):
    imports.apply(imports.checked([coil(2, **GOOD)]))

    run = imports.apply(imports.checked([coil(2, thickness=0.3, customer="", **GOOD)]))

    assert (run.counts["updated"], run.counts["booked"]) == (1, 1)
    with database.reader() as session:
        unit = session.scalars(sa.select(Unit)).one()
        entry = session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "unit.described")
        ).one()
    assert unit.properties == {"thickness": "0.3", "customer": "E사"}
    assert entry.before["thickness"] == "0.25"


def test_items_are_made_changed_and_left_alone(database, plant, imports):
    rows = [
        {"Item no": "A-1", "Name": "First", "UoM": "KG", "Typical weight (kg)": 1200},
        {"Item no": "A-1", "Name": "Twice", "UoM": "", "Typical weight (kg)": ""},
        {"Item no": plant.item.number, "Name": "Renamed", "UoM": "kg", "Typical weight (kg)": ""},
        {"Item no": plant.other_item.number, "Name": "", "UoM": "", "Typical weight (kg)": ""},
        {"Item no": "A-2", "Name": "Bad", "UoM": "furlong", "Typical weight (kg)": "heavy"},
        {"Item no": plant.item.number + "x", "Name": "", "UoM": "t", "Typical weight (kg)": 0},
    ]

    run = imports.apply(imports.checked(rows, ITEMS))

    assert [row.outcome for row in log(database, run)] == [
        *("created", "skipped", "updated", "unchanged", "failed", "failed"),
    ]
    assert [p["column"] for p in log(database, run)[4].problems] == ["Typical weight (kg)", "UoM"]
    with database.reader() as session:
        items = {item.number: item for item in session.scalars(sa.select(Item))}
    assert (items["A-1"].name, items["A-1"].typical_quantity) == ("First", 1200)
    assert items[plant.item.number].name == "Renamed"
    assert log(database, run)[2].changes[0]["before"] == plant.item.name


def test_the_measure_of_an_item_is_not_changed_by_a_file(database, plant, imports):
    run = imports.checked([{"item_no": plant.item.number, "unit_of_measure": "pcs"}], ITEMS)

    assert log(database, run)[0].message == (
        "unit_of_measure: expected kg, in which it is kept, found pcs."
    )


def test_lots_are_registered_once(database, plant, imports):
    rows = [
        {"item_no": plant.item.number, "lot_no": plant.lot.number},
        {"item_no": plant.item.number, "lot_no": "L-NEW"},
        {"item_no": plant.item.number, "lot_no": "L-NEW"},
        {"item_no": "NEW", "lot_no": "L-NEW"},
        {"item_no": "NEW", "lot_no": ""},
    ]
    lots = count(database, Lot)

    run = imports.apply(imports.checked(rows, LOTS))

    assert [row.outcome for row in log(database, run)] == [
        *("unchanged", "created", "skipped", "created", "failed"),
    ]
    assert count(database, Lot) == lots + 2


def test_kilograms_or_tonnes_are_asked_once_for_a_layout(database, imports):
    rows = [coil(n, total_weight=0.5, **GOOD) for n in range(3)]

    asked = imports.look(imports.stage(rows))
    answered = imports.again(asked, weight_unit="t")
    imports.apply(answered)
    next_file = imports.look(imports.stage([coil(9, total_weight=0.7, **GOOD)]))

    assert (asked.questions["weight_unit"], asked.counts["waiting"]) == (True, 3)
    assert answered.sums["weight_kg"] == "1500.0"
    assert (next_file.counts["created"], next_file.options["weight_unit"]) == (1, "t")
    assert next_file.sums["weight_kg"] == "700.0"


@pytest.mark.parametrize("header, kg", [("weight (kg)", "5"), ("Weight_T", "5000")])
def test_a_header_that_says_its_measure_asks_nothing(imports, header, kg):
    run = imports.look(imports.stage([{"roll": "C1", "item": "A", "lot": "L", header: 5}]))

    assert not run.questions["weight_unit"]
    assert (run.counts["created"], run.sums["weight_kg"]) == (1, kg)


def test_what_columns_mean_is_remembered_for_their_headers(database, imports):
    rows = [{"a": "HTS400", "b": "L1", "weight_kg": 5}]
    meanings = {"a": "item", "b": "lot", "weight_kg": "weight"}
    run = imports.look(imports.stage(rows))
    run = imports.again(run, mapping=meanings)
    imports.apply(run)

    later = imports.look(imports.stage([{"a": "HTS800", "b": "L2", "weight_kg": 7}]))
    other = imports.look(imports.stage([{"b": "HTS800", "a": "L2", "weight_kg": 7}]))

    assert later.mapping == meanings
    assert (later.reading["is_remembered"], later.counts["created"]) == (True, 1)
    assert not other.reading["is_remembered"]
    assert count(database, ImportLayout) == 1


def test_a_weight_outside_the_tolerance_of_its_item_asks(database, imports):
    items = [{"item_no": "HTS800", "typical_weight_kg": 400, "tolerance_percent": 10}]
    imports.apply(imports.checked(items, ITEMS))
    rows = [coil(2, total_weight=440, **GOOD), coil(4, total_weight=441, **GOOD)]

    run = imports.checked(rows)
    accepted = imports.again(run, accept_weights=True)

    assert (run.counts["created"], run.counts["waiting"]) == (1, 1)
    assert run.questions["some_unusual_weights"] == ["441 in row 3"]
    assert log(database, run, RowOutcome.FAILED) == []
    assert (accepted.counts["created"], accepted.questions["unusual_weights"]) == (2, 1)
    assert accepted.sums["weight_kg"] == "881"


def test_a_slipped_decimal_point_asks_where_an_item_says_nothing(database, imports):
    rows = [coil(2 * n, **GOOD) for n in range(6)]
    rows.append(coil(99, coil_type_code="HTS800", total_weight=4120.5, **GOOD))

    run = imports.checked(rows)

    (row,) = log(database, run, RowOutcome.FAILED)
    assert row.row_no == 8
    assert row.message == (
        "total_weight: expected less than 10 times more or less than the usual 406.5 kg, "
        "found 4120.5."
    )


def test_a_few_rolls_are_weighed_against_those_in_stock(imports):
    imports.apply(imports.checked([coil(2 * n, **GOOD) for n in range(6)]))

    run = imports.checked([coil(100, total_weight=40.5, **GOOD), coil(102, **GOOD)])

    assert (run.questions["unusual_weights"], run.counts["waiting"]) == (1, 1)


def test_a_check_that_died_half_way_begins_again(database, imports, monkeypatch):
    run = imports.stage(coils(5))
    monkeypatch.setattr("app.jobs.imports.ROWS_AT_ONCE", 2)
    monkeypatch.setattr("app.jobs.imports.write_errors", _out_of_memory)
    with pytest.raises(MemoryError):
        imports.look(run)
    assert len(log(database, run)) == 5
    monkeypatch.undo()
    monkeypatch.setenv("ROLLCALL_DATA", str(imports.storage.root.parent))
    monkeypatch.setenv("SECRET_KEY", "of no use here, but long enough: 0123456789")

    again = imports.look(run)

    assert (again.state, again.rows_total) == (RunState.PREVIEWED, 5)
    assert len(log(database, run)) == 5


def _out_of_memory(*_args, **_facts):
    raise MemoryError
