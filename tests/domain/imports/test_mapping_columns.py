"""A column's meaning is guessed from its header; a person has the last word."""

import pytest

from app.domain.imports.rules.columns import (
    Meaning,
    check_mapping,
    column_letter,
    count_known,
    guess_mapping,
    name_columns,
)

STEEL = (
    *("material_no", "coil_type_code", "material_type", "thickness", "width", "outer_dia"),
    *("inner_dia", "total_weight", "length", "factory_code", "curr_proc", "yard", "storage_loc"),
    *("order_no", "customer"),
)


def test_the_columns_of_a_steel_mill_are_all_understood():
    mapping = guess_mapping(STEEL)

    assert mapping["coil_type_code"] == Meaning.ITEM
    assert mapping["order_no"] == Meaning.LOT
    assert mapping["material_no"] == Meaning.ROLL
    assert mapping["total_weight"] == Meaning.WEIGHT
    assert mapping["yard"] == mapping["storage_loc"] == Meaning.PLACE
    assert mapping["customer"] == Meaning.CUSTOMER
    assert mapping["thickness"] == mapping["curr_proc"] == Meaning.PROPERTY


def test_a_material_number_is_the_item_where_another_column_is_the_roll():
    mapping = guess_mapping(["Material No.", "Batch No", "Roll No", "Weight (kg)", "Rack"])

    assert list(mapping.values()) == [
        Meaning.ITEM,
        Meaning.LOT,
        Meaning.ROLL,
        Meaning.WEIGHT,
        Meaning.PLACE,
    ]


def test_a_whole_location_wins_over_its_parts():
    mapping = guess_mapping(["item", "weight", "yard", "location"])

    assert mapping["location"] == Meaning.PLACE
    assert mapping["yard"] == Meaning.PROPERTY


def test_headers_are_made_unique_and_never_empty():
    assert name_columns(["a", "", "a", " a ", "x\x00y"]) == [
        "a",
        "Column B",
        "a (2)",
        "a (3)",
        "xy",
    ]


@pytest.mark.parametrize("index, letter", [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ")])
def test_a_column_has_the_letter_of_the_spreadsheet(index, letter):
    assert column_letter(index) == letter


def test_a_mapping_says_everything_that_it_lacks():
    problems = check_mapping({"a": Meaning.LOT, "b": Meaning.LOT, "c": Meaning.PLACE})

    assert [problem.meaning for problem in problems] == [
        Meaning.ITEM,
        Meaning.LOT,
        Meaning.WEIGHT,
    ]
    assert "a, b" in problems[1].message


def test_places_and_properties_may_have_several_columns():
    mapping = dict.fromkeys("ab", Meaning.PLACE) | dict.fromkeys("cd", Meaning.PROPERTY)

    assert check_mapping({**mapping, "e": Meaning.ITEM, "f": Meaning.WEIGHT}) == []


def test_a_header_row_is_known_by_its_words():
    assert count_known(["Stock of Monday", "", ""]) == 0
    assert count_known(STEEL) == 7
