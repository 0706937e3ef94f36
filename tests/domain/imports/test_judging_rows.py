"""Every row gets one verdict: taken whole, passed over with a reason, or refused with problems."""

from decimal import Decimal

from app.domain.imports.models import RowOutcome
from app.domain.imports.rules.columns import Meaning
from app.domain.imports.rules.rows import Layout, Problem, ReadRow
from app.domain.imports.rules.verdicts import Known, Options, ask, count_outcomes, judge_rows

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
)
YARD = Known(places={"Y-1": ""})


def row(row_no=2, **what):
    usual = {"roll": f"C{row_no}", "item": "HTS400", "lot": "A1", "place": "Y-1"}
    return ReadRow(row_no, {}, weight=Decimal(5), **(usual | what))


def judge(*rows, options=Options(), known=YARD):  # noqa: B008 - both are frozen
    return judge_rows(rows, layout=LAYOUT, options=options, known=known)


def test_a_good_row_makes_a_new_roll():
    (verdict,) = judge(row())

    assert verdict.outcome == RowOutcome.CREATED
    assert verdict.message == "New roll, in Y-1."


def test_a_row_without_a_place_is_to_be_put_away():
    (verdict,) = judge(row(place=""))

    assert verdict.message == "New roll, to be put away."


def test_a_roll_that_is_in_stock_is_passed_over_even_if_its_row_is_bad():
    bad = row(problems=(Problem("kg", "a weight in kg", "x"),))

    (verdict,) = judge(bad, known=Known(rolls={"C2": 77}))

    assert (verdict.outcome, verdict.unit_id) == (RowOutcome.SKIPPED, 77)
    assert verdict.message == "Roll C2 is in stock already."


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
    known = Known(items={"HTS400": "an item kept by roll"}, places={"Y-1": "a place not blocked"})

    (verdict,) = judge(row(), known=known)

    assert verdict.outcome == RowOutcome.FAILED
    assert verdict.problems == (
        Problem("item", "an item kept by roll", "HTS400"),
        Problem("yard + loc", "a place not blocked", "Y-1"),
    )


def test_the_questions_do_not_depend_on_the_answers_given():
    rows = [row(2, lot=""), row(3, place="Y-8"), row(4, place="Y-8"), row(5, place="")]

    questions = ask(rows, known=YARD)

    assert questions.rows_without_lot == 1
    assert (questions.unknown_places, questions.some_unknown_places) == (1, ("Y-8",))


def test_every_row_is_counted_once():
    bad = row(5, problems=(Problem("kg", "a weight in kg", "x"),))
    verdicts = judge(row(2), row(3, roll="C2"), row(4, lot=""), bad)

    counts = {"created": 1, "updated": 0, "skipped": 1, "failed": 2}
    assert count_outcomes(verdicts) == counts | {"waiting": 1}
