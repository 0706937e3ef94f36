"""A row is read whole: exact weights, texts as written, and every problem as a value."""

from datetime import datetime
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.codes.rules import CodeKind, make_token
from app.domain.imports.rules.cells import cell_text, read_percent, read_weight
from app.domain.imports.rules.columns import Meaning
from app.domain.imports.rules.rows import Layout, Problem, ReadRow, read_row, refuse_merged

DAY = datetime(2026, 1, 2)  # noqa: DTZ001 - a spreadsheet knows no time zone
MAPPING = {
    "roll": Meaning.ROLL,
    "item": Meaning.ITEM,
    "lot": Meaning.LOT,
    "kg": Meaning.WEIGHT,
    "yard": Meaning.PLACE,
    "loc": Meaning.PLACE,
    "thickness": Meaning.PROPERTY,
    "secret": Meaning.LEAVE_OUT,
}
LAYOUT = Layout(tuple(MAPPING), MAPPING)


def row_of(**cells):
    usual = {"roll": "c1", "item": "HTS400", "lot": "A1", "kg": 5.5, "yard": "Y", "loc": 7.0}
    values = {"thickness": 0.25, "secret": "x"} | usual | cells
    return read_row(2, [values[name] for name in MAPPING], LAYOUT)


def test_a_row_says_what_its_columns_mean():
    row = row_of(kg=798.9400000000001)

    assert (row.roll, row.item, row.lot, row.place) == ("C1", "HTS400", "A1", "Y-7")
    assert row.weight == Decimal("798.94")
    assert row.properties == {"thickness": "0.25"}
    assert row.problems == ()


@pytest.mark.parametrize(
    "value, weight",
    [(1306.39, "1306.39"), ("0012.50", "12.5"), (34, "34"), (0.1 + 0.2, "0.3"), ("1e3", "1000")],
)
def test_a_weight_is_what_a_person_sees_in_the_cell(value, weight):
    assert read_weight(value) == Decimal(weight)


@pytest.mark.parametrize(
    "value, expected, found",
    [
        ("heavy", "a number like 4820.5, with at most 6 decimals", "heavy"),
        ("4.820,5", "a number like 4820.5, with at most 6 decimals", "4.820,5"),
        ("1_000", "a number like 4820.5, with at most 6 decimals", "1_000"),
        (-3.5, "a weight above 0 kg", "-3.5"),
        (0, "a weight above 0 kg", "0"),
        ("1e309", "a number like 4820.5, with at most 6 decimals", "1e309"),
        (float("inf"), "a number like 4820.5, with at most 6 decimals", "inf"),
        (float("nan"), "a number like 4820.5, with at most 6 decimals", "nan"),
        ("NaN", "a number like 4820.5, with at most 6 decimals", "NaN"),
        (True, "a number like 4820.5, with at most 6 decimals", "TRUE"),
        ("0.1234567", "a number like 4820.5, with at most 6 decimals", "0.1234567"),
        (2_000_000, "at most 1,000,000 kg", "2000000"),
        ("", "a weight in kg", "(empty)"),
        (None, "a weight in kg", "(empty)"),
        (DAY, "a number like 4820.5, with at most 6 decimals", "2026-01-02"),
    ],
)
def test_a_bad_weight_names_column_expected_and_found(value, expected, found):
    assert row_of(kg=value).problems == (Problem("kg", expected, found),)


def test_all_problems_of_a_row_are_found_at_once():
    row = row_of(item="", roll="a\x00b", kg="x", yard="Y" * 30, loc="L" * 30)

    assert [problem.column for problem in row.problems] == ["roll", "kg", "yard + loc", "item"]
    assert row.problems[0] == Problem("roll", "text without control characters", "a\\u0000b")


def test_a_label_code_of_ours_is_no_number_of_a_roll():
    token = make_token(CodeKind.UNIT, Random(1))

    row = row_of(roll=token)

    expected = "a number that is not one of our label codes"
    assert row.problems == (Problem("roll", expected, token),)


def test_names_of_any_script_are_taken_as_they_are():
    row = row_of(item="코일 🧲 مادة")

    assert row.item == "코일 🧲 مادة"


def test_direction_marks_are_dropped_and_joiners_kept_where_they_are_spelling():
    row = row_of(item="\u200fمادة\u200e", roll="c\u200d7", thickness="👩\u200d🏭 می\u200cخواهم")

    assert (row.item, row.roll) == ("مادة", "C7")
    assert row.properties == {"thickness": "👩\u200d🏭 می\u200cخواهم"}
    assert row.problems == ()


def test_tonnes_are_exact_kilograms():
    layout = Layout(tuple(MAPPING), MAPPING, weight_unit="t")

    row = read_row(2, ["c1", "HTS400", "A1", 0.45323, "Y", 7.0, "", ""], layout)

    assert row.weight == Decimal("453.23")
    assert read_weight("0.001", in_t=True) == 1
    assert read_weight(1_001, in_t=True) == "at most 1,000,000 kg"


@pytest.mark.parametrize(
    "value, percent",
    [(10, 10), (10.0, 10), ("15 %", 15), (0.1, None), ("ten", None), ("1e3", None)],
)
def test_a_tolerance_is_a_whole_number_of_percent(value, percent):
    read = read_percent(value)

    assert read == percent if percent else read.startswith("a whole number of percent")


def test_what_a_row_says_can_be_kept_and_read_again():
    row = row_of(kg=798.9400000000001)

    again = ReadRow.from_said(row.row_no, row.said())

    assert again.said() == row.said()
    assert (again.weight, again.place, again.properties) == (row.weight, row.place, row.properties)


def test_a_merged_cell_is_a_problem_where_its_column_means_something():
    row = refuse_merged(row_of(lot=""), LAYOUT, [(2, 2, 5), (7, 7, 5)])

    assert row.problems == (Problem("lot", "a cell of its own", "merged with row 5"),)


def test_a_cell_of_ten_million_characters_is_a_problem_not_a_crash():
    row = row_of(thickness="x" * 10_000_000)

    assert row.problems[0].expected == "at most 500 characters"
    assert len(row.problems[0].found) < 100


@pytest.mark.parametrize(
    "value, text",
    [
        (34.0, "34"),
        (710821.0, "710821"),
        (0.25, "0.25"),
        (None, ""),
        (False, "FALSE"),
        (" 0012 ", "0012"),
        (DAY.replace(hour=3, minute=4), "2026-01-02 03:04:00"),
    ],
)
def test_a_cell_becomes_the_text_that_a_person_sees(value, text):
    assert cell_text(value) == text


CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.datetimes(), st.dates()
)


@given(st.lists(CELLS, min_size=len(MAPPING), max_size=len(MAPPING)))
def test_no_row_makes_the_reader_raise(values):
    row = read_row(5, values, LAYOUT)

    assert row.problems or row.weight > 0
