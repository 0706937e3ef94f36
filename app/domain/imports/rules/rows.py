"""What one row of a file says: texts, exact numbers, or problems as values.

A row is read whole: every problem in it is found at once. Numbers keep the value that a person
sees in the spreadsheet (798.9400000000001 is 798.94); texts are read as written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any

from app.core.errors import Invalid
from app.domain.codes.rules import is_token, normalise_alias
from app.domain.imports.models import ImportKind
from app.domain.imports.rules.cells import (
    LONGEST,
    LONGEST_PLACE,
    cell_text,
    fault_of,
    partner_code,
    place_code,
    plain_text,
    read_percent,
    read_weight,
    shown,
)
from app.domain.imports.rules.columns import REQUIRED, WORDS, Meaning, weight_unit_of

_NUMBERS = frozenset({Meaning.WEIGHT, Meaning.TYPICAL, Meaning.TOLERANCE})
_CODES = frozenset({Meaning.ITEM, Meaning.LOT, Meaning.ROLL, Meaning.PLACE, Meaning.MEASURE})
_WANTED = {
    Meaning.ITEM: "an item number",
    Meaning.LOT: "a lot number",
    Meaning.ROLL: "a roll number",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one cell. `answer` is the option for the file that would settle it."""

    column: str
    expected: str
    found: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a file in its order, and what each of them means.

    `weight_unit` is "kg" or "t" as the file's header or a person says, "" while nobody does.
    """

    columns: tuple[str, ...]
    mapping: Mapping[str, Meaning]
    kind: str = ImportKind.UNITS
    weight_unit: str = ""

    def column_of(self, meaning: Meaning) -> str | None:
        """The first column with a meaning."""
        return next((name for name in self.columns if self.mapping.get(name) == meaning), None)

    def name_of(self, meaning: Meaning) -> str:
        """How a message calls the columns with a meaning: "yard + storage_loc"."""
        return " + ".join(name for name in self.columns if self.mapping.get(name) == meaning)

    @property
    def weight_unit_said(self) -> str:
        """What the header of the weights says their measure is."""
        return weight_unit_of(self.column_of(Meaning.WEIGHT) or "")


@dataclass(frozen=True, slots=True)
class ReadRow:
    """What a row says. `cells` are its texts as they stood; the rest is what they mean.

    `zone` is the first part of a place that has several: the yard of "EGLA-710821". Weights are
    in kg, `typical` too.
    """

    row_no: int
    cells: dict[str, str]
    item: str = ""
    name: str = ""
    lot: str = ""
    roll: str = ""
    weight: Decimal | None = None
    place: str = ""
    zone: str = ""
    customer: str = ""
    measure: str = ""
    typical: Decimal | None = None
    tolerance: int | None = None
    properties: dict[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def said(self) -> dict[str, Any]:
        """What the row means, as it is kept until it is booked."""
        facts = {name: getattr(self, name) for name in _SAID}
        return {
            name: str(value) if isinstance(value, Decimal) else value
            for name, value in facts.items()
            if value not in ("", None, {})
        }

    @classmethod
    def from_said(cls, row_no: int, said: Mapping[str, Any]) -> ReadRow:
        """The row again from what was kept of it."""
        numbers = {name: Decimal(said[name]) for name in ("weight", "typical") if name in said}
        return cls(row_no, {}, **(dict(said) | numbers))


_SAID = tuple(
    one.name for one in fields(ReadRow) if one.name not in ("row_no", "cells", "problems")
)


def read_row(row_no: int, values: Sequence[object], layout: Layout) -> ReadRow:
    """Read one row by the layout. Nothing is looked up; what is wrong is in `problems`."""
    problems: list[Problem] = []
    cells: dict[str, str] = {}
    texts: dict[Meaning, str] = {}
    numbers: dict[Meaning, Any] = {}
    places: list[str] = []
    properties: dict[str, str] = {}
    for column, value in zip(layout.columns, values, strict=False):
        meaning = layout.mapping.get(column, Meaning.LEAVE_OUT)
        text = plain_text(value, is_code=meaning in _CODES)
        cells[column] = shown(text) if text else ""
        if meaning == Meaning.LEAVE_OUT:
            continue
        if meaning in _NUMBERS:
            numbers[meaning] = _read_number(column, value, meaning, layout, problems)
            continue
        if meaning != Meaning.PROPERTY:
            text = " ".join(text.split())
        if fault := fault_of(text, LONGEST[meaning], is_free=meaning == Meaning.PROPERTY):
            problems.append(Problem(column, fault, shown(text)))
        elif meaning == Meaning.PLACE:
            places.extend([text] if text else [])
        elif meaning == Meaning.PROPERTY:
            properties.update({column: text} if text else {})
        else:
            texts[meaning] = text
    place = _join_places(places, layout, problems)
    return ReadRow(
        row_no=row_no,
        cells=cells,
        item=texts.get(Meaning.ITEM, ""),
        name=texts.get(Meaning.NAME, ""),
        lot=texts.get(Meaning.LOT, ""),
        roll=_read_roll(texts.get(Meaning.ROLL, ""), layout, problems),
        weight=numbers.get(Meaning.WEIGHT),
        place=place,
        zone=place_code(places[0]) if place and len(places) > 1 else "",
        customer=_read_customer(texts.get(Meaning.CUSTOMER, ""), layout, problems),
        measure=texts.get(Meaning.MEASURE, ""),
        typical=numbers.get(Meaning.TYPICAL),
        tolerance=numbers.get(Meaning.TOLERANCE),
        properties=properties,
        problems=tuple(problems + _missing(layout, texts, problems)),
    )


def refuse_merged(row: ReadRow, layout: Layout, merged: Sequence[tuple[int, int, int]]) -> ReadRow:
    """Nobody can say whether a merged cell was meant for all of its rows, or once for them all."""
    problems = [
        Problem(name, "a cell of its own", f"merged with row {top}")
        for first, last, top in merged
        for name in layout.columns[first : last + 1]
        if layout.mapping.get(name, Meaning.LEAVE_OUT) != Meaning.LEAVE_OUT
    ]
    at_fault = {problem.column for problem in problems}
    others = [problem for problem in row.problems if problem.column not in at_fault]
    return replace(row, problems=(*others, *problems))


def _read_number(
    column: str, value: object, meaning: Meaning, layout: Layout, problems: list[Problem]
) -> Decimal | int | None:
    if meaning == Meaning.WEIGHT:
        read: Decimal | int | str = read_weight(value, in_t=layout.weight_unit == "t")
    elif cell_text(value) == "":
        return None
    else:
        read = read_weight(value) if meaning == Meaning.TYPICAL else read_percent(value)
    if isinstance(read, str):
        problems.append(Problem(column, read, shown(cell_text(value))))
        return None
    return read


def _read_roll(text: str, layout: Layout, problems: list[Problem]) -> str:
    roll = normalise_alias(text)
    if is_token(roll):
        column = layout.name_of(Meaning.ROLL)
        problems.append(Problem(column, "a number that is not one of our label codes", roll))
    return roll


def _read_customer(name: str, layout: Layout, problems: list[Problem]) -> str:
    try:
        return name and partner_code(name) and name
    except Invalid:
        column = layout.name_of(Meaning.CUSTOMER)
        problems.append(Problem(column, "the name of a customer", shown(name)))
        return ""


def _join_places(parts: Sequence[str], layout: Layout, problems: list[Problem]) -> str:
    place = "-".join(parts)
    try:
        return place_code(place) if place else ""
    except Invalid:
        expected = f"the code of a place, at most {LONGEST_PLACE} characters"
        problems.append(Problem(layout.name_of(Meaning.PLACE), expected, shown(place)))
        return ""


def _missing(
    layout: Layout, texts: Mapping[Meaning, str], problems: Sequence[Problem]
) -> list[Problem]:
    """Cells that must say something and are empty.

    Where rolls have numbers, each has one. The lot of a roll may come from an option instead.
    """
    at_fault = {problem.column for problem in problems}
    wanted = [meaning for meaning in REQUIRED[layout.kind] if meaning not in _NUMBERS]
    lacking = [
        Problem(WORDS[meaning], "a column that says it", "(no column)")
        for meaning in REQUIRED[layout.kind]
        if layout.column_of(meaning) is None
    ]
    return lacking + [
        Problem(column, _WANTED.get(meaning, WORDS[meaning]), "(empty)")
        for meaning in (*wanted, Meaning.ROLL)
        if (column := layout.column_of(meaning)) and column not in at_fault
        if not texts.get(meaning)
    ]
