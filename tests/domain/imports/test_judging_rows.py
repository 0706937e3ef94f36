"""Every row gets one verdict: taken whole, passed over with a reason, or refused with problems."""

from decimal import Decimal

from app.domain.imports.models import RowOutcome
from app.domain.imports.rules.columns import Meaning
from app.domain.imports.rules.rows import Layout, Problem, ReadRow
from app.domain.imports.rules.tally import Tally
from app.domain.imports.rules.verdicts import (
    Change,
    Known,
    KnownItem,
    KnownRoll,
    Options,
    judge_rolls,
)

LAYOUT = Layout(
    ("roll", "item", "order_no", "kg", "yard", "loc"),
    {
        "roll": Meaning.ROLL,
        "item": Meaning.ITEM,
        "order_no": Meaning.LOT,
        "kg": Meaning.WEIGHT,
        "yard": Meaning.PLACE,
        "loc": Meaning.PLACE,
    },
    weight_unit="kg",
)
IN_STOCK = KnownRoll(77, "HTS400", "A1", Decimal(5), {"width": "742"}, "Y-1")
YARD = Known(places={"Y-1": ""})


def row(row_no=2, **what):
    usual = {"roll": f"C{row_no}", "item": "HTS400", "lot": "A1", "place": "Y-1"}
    return ReadRow(row_no, {}, weight=Decimal(5), **(usual | what))


def judge(*rows, options=Options(), known=YARD, layout=LAYOUT):  # noqa: B008 - all are frozen
    return judge_rolls(rows, layout=layout, options=options, known=known, first_seen={})


def tally_of(*rows, options=Options(), known=YARD):  # noqa: B008 - both are frozen
    tally = Tally(LAYOUT, options)
    tally.add(judge(*rows, options=options, known=known), known)
    return tally


def test_a_good_row_makes_a_new_roll():
    (verdict,) = judge(row())

    assert verdict.outcome == RowOutcome.CREATED
    assert verdict.message == "New roll, in Y-1."


def test_a_row_without_a_place_is_to_be_put_away():
    (verdict,) = judge(row(place=""))

    assert verdict.message == "New roll, to be put away."


def test_a_roll_that_is_in_stock_as_its_row_says_is_unchanged_even_if_its_row_lacks_something():
    bad = row(place="Z-9", problems=(Problem("thickness", "at most 500 characters", "x"),))

    (verdict,) = judge(bad, known=Known(rolls={"C2": IN_STOCK}))

    assert (verdict.outcome, verdict.subject_id) == (RowOutcome.UNCHANGED, 77)
    assert verdict.message == "Roll C2 is in stock already, in Y-1."


def test_a_roll_in_stock_gets_the_properties_that_its_row_says_otherwise():
    told = row(properties={"width": "743", "colour": "red"}, customer="Nordwerk")

    (verdict,) = judge(told, known=Known(rolls={"C2": IN_STOCK}))

    assert (verdict.outcome, verdict.subject_id) == (RowOutcome.UPDATED, 77)
    assert verdict.changes == (
        Change("width", "742", "743", is_property=True),
        Change("colour", "", "red", is_property=True),
        Change("customer", "", "Nordwerk", is_property=True),
    )


def test_a_roll_in_stock_with_another_item_lot_or_weight_is_refused():
    (verdict,) = judge(row(item="HTS500", lot="B2"), known=Known(rolls={"C2": IN_STOCK}))

    assert verdict.outcome == RowOutcome.FAILED
    assert verdict.problems == (
        Problem("item", "HTS400, as roll C2 has it in stock", "HTS500"),
        Problem("order_no", "A1, as roll C2 has it in stock", "B2"),
    )


def test_a_weight_without_a_measure_waits_for_one():
    layout = Layout(LAYOUT.columns, LAYOUT.mapping)

    (verdict,) = judge(row(), layout=layout)

    assert verdict.problems == (Problem("kg", "a measure: kg or t", "5", "weight_unit"),)
    assert verdict.is_waiting


def test_a_roll_that_stands_twice_in_the_file_is_taken_once():
    first, second = judge(row(2, roll="C1"), row(3, roll="C1"))

    assert first.outcome == RowOutcome.CREATED
    assert second.outcome == RowOutcome.SKIPPED
    assert second.message == "Roll C1 stands in row 2 already."


def test_a_row_without_a_lot_needs_one_for_the_file():
    refused = judge(row(lot=""))[0]
    taken = judge(row(lot=""), options=Options(default_lot="OPEN"))[0]

    assert refused.problems == (
        Problem("order_no", "a lot, or one lot for all rows without", "(empty)", "default_lot"),
    )
    assert taken.row.lot == "OPEN"
    assert "had no lot of its own and goes to lot OPEN" in taken.message


def test_a_place_that_is_not_known_is_made_only_if_asked():
    refused = judge(row(place="Y-9"))[0]
    taken = judge(row(place="Y-9"), options=Options(create_places=True))[0]

    assert refused.problems == (
        Problem("yard + loc", "a place that exists", "Y-9", "create_places"),
    )
    assert taken.outcome == RowOutcome.CREATED


def test_a_place_or_item_that_cannot_be_used_says_why():
    known = Known(
        items={"HTS400": KnownItem(1, fault="an item kept by roll")},
        places={"Y-1": "a place not blocked"},
    )

    (verdict,) = judge(row(), known=known)

    assert verdict.outcome == RowOutcome.FAILED
    assert verdict.problems == (
        Problem("item", "an item kept by roll", "HTS400"),
        Problem("yard + loc", "a place not blocked", "Y-1"),
    )


def test_the_questions_do_not_depend_on_the_answers_given():
    rows = [row(2, lot=""), row(3, place="Y-8"), row(4, place="Y-8"), row(5, place="")]

    open_ones = tally_of(*rows).questions()
    answered = tally_of(*rows, options=Options("OPEN", create_places=True)).questions()

    assert open_ones == answered
    assert open_ones["rows_without_lot"] == 1
    assert (open_ones["unknown_places"], open_ones["some_unknown_places"]) == (1, ["Y-8"])
    assert not open_ones["weight_unit"]


def test_every_row_is_counted_once():
    bad = row(5, problems=(Problem("kg", "a weight in kg", "x"),))

    counts = tally_of(row(2), row(3, roll="C2"), row(4, lot=""), bad).counts

    assert counts == {"created": 1, "skipped": 1, "failed": 2, "waiting": 1}


def test_what_is_new_is_told_from_what_is_known():
    known = Known(
        rolls={"C3": IN_STOCK},
        items={"HTS400": KnownItem(1)},
        lots={("HTS400", "A1"): 9},
        places={"Y-1": ""},
    )

    sums = tally_of(row(2), row(3), row(4, item="HTS500", customer="Nordwerk"), known=known).sums()

    assert sums["kinds"] == {
        "rolls": {"new": 2, "changed": 0, "same": 1},
        "items": {"new": 1, "changed": 0, "same": 1},
        "lots": {"new": 1, "changed": 0, "same": 1},
        "places": {"new": 0, "changed": 0, "same": 1},
        "customers": {"new": 1, "changed": 0, "same": 0},
    }
    assert sums["weight_kg"] == "10"
