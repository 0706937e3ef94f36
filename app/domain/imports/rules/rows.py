"""What one row of a file says: texts, an exact weight, or problems as values.

A row is read whole: every problem in it is found at once. Numbers keep the value that a person
sees in the spreadsheet (798.9400000000001 is 798.94); texts are read as written.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from app.core.errors import Invalid
from app.core.types import NotExact, parse_quantity
from app.domain.codes.rules import is_token, normalise_alias
from app.domain.imports.rules.columns import Meaning
from app.domain.locations.rules import LONGEST_CODE, clean_code

LONGEST_FOUND = 80
ROWS_PER_PROGRESS = 200
LONGEST_PROPERTY = 500
LONGEST_PLACE = LONGEST_CODE
HEAVIEST_KG = Decimal(1_000_000)
_LONGEST: Mapping[Meaning, int] = {
    Meaning.ITEM: 80,
    Meaning.NAME: 200,
    Meaning.LOT: 80,
    Meaning.ROLL: 120,
    Meaning.CUSTOMER: 200,
    Meaning.PLACE: LONGEST_PLACE,
    Meaning.PROPERTY: LONGEST_PROPERTY,
}


# Line breaks and tabs pass; half characters (surrogates) cannot be stored.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one cell. `answer` is the option for the file that would settle it."""

    column: str
    expected: str
    found: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a file in its order, and what each of them means."""

    columns: tuple[str, ...]
    mapping: Mapping[str, Meaning]

    def column_of(self, meaning: Meaning) -> str | None:
        """The first column with a meaning."""
        return next((name for name in self.columns if self.mapping.get(name) == meaning), None)

    def name_of(self, meaning: Meaning) -> str:
        """How a message calls the columns with a meaning: "yard + storage_loc"."""
        return " + ".join(name for name in self.columns if self.mapping.get(name) == meaning)


@dataclass(frozen=True, slots=True)
class ReadRow:
    """What a row says. `cells` are its texts as they stood; the rest is what they mean.

    `zone` is the first part of a place that has several: the yard of "EGLA-710821".
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
    properties: dict[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def cell_text(value: object) -> str:
    """A cell as text: whole numbers without ".0", fractions at 15 digits, dates in ISO."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        has_time = value.time() != value.min.time()
        return value.isoformat(" ", "seconds") if has_time else value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


def shown(text: str) -> str:
    """A cell's text as a message quotes it: control characters visible, never endless."""
    visible = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[:LONGEST_FOUND])
    return (visible + "…" if len(text) > LONGEST_FOUND else visible) or "(empty)"


def read_row(row_no: int, values: Sequence[object], layout: Layout) -> ReadRow:
    """Read one row by the layout. Nothing is looked up; what is wrong is in `problems`."""
    problems: list[Problem] = []
    cells: dict[str, str] = {}
    texts: dict[Meaning, str] = {}
    places: list[str] = []
    properties: dict[str, str] = {}
    weight: Decimal | None = None
    for column, value in zip(layout.columns, values, strict=False):
        meaning = layout.mapping.get(column, Meaning.LEAVE_OUT)
        text = cell_text(value)
        cells[column] = shown(text) if text else ""
        if meaning != Meaning.PROPERTY:
            text = " ".join(text.split())
        if meaning == Meaning.WEIGHT:
            weight = _read_weight(column, value, problems)
        elif meaning != Meaning.LEAVE_OUT and _is_good_text(column, text, meaning, problems):
            if meaning == Meaning.PLACE:
                places.extend([text] if text else [])
            elif meaning == Meaning.PROPERTY:
                properties.update({column: text} if text else {})
            else:
                texts[meaning] = text
    roll = _read_roll(texts.get(Meaning.ROLL, ""), layout, problems)
    place = _join_places(places, layout, problems)
    customer = _read_customer(texts.get(Meaning.CUSTOMER, ""), layout, problems)
    return ReadRow(
        row_no=row_no,
        cells=cells,
        item=texts.get(Meaning.ITEM, ""),
        name=texts.get(Meaning.NAME, ""),
        lot=texts.get(Meaning.LOT, ""),
        roll=roll,
        weight=weight,
        place=place,
        zone=clean_code(places[0]) if place and len(places) > 1 else "",
        customer=customer,
        properties=properties,
        problems=tuple(problems + _missing(layout, texts, problems)),
    )


def read_rows(
    lines: Sequence[tuple[int, Sequence[object]]],
    layout: Layout,
    *,
    on_progress: Callable[[int], None],
) -> list[ReadRow]:
    """Read all rows; `on_progress` hears now and then how many are done."""
    rows = []
    for done, (row_no, values) in enumerate(lines):
        if done % ROWS_PER_PROGRESS == 0:
            on_progress(done)
        rows.append(read_row(row_no, values, layout))
    return rows


def partner_code(name: str) -> str:
    """The code under which a customer of that name is kept; a long name ends with its digest."""
    code = normalise_alias(name)
    if len(code) <= LONGEST_CODE:
        return code
    return f"{code[:31].rstrip()}-{hashlib.sha256(code.encode()).hexdigest()[:8].upper()}"


def is_blank(values: Sequence[object]) -> bool:
    """Whether a row has nothing in it; such rows are passed over."""
    return all(cell_text(value) == "" for value in values)


def read_weight(value: object) -> Decimal | str:
    """A weight in kg, or what was expected instead."""
    if value is None or cell_text(value) == "":
        return "a weight in kg"
    try:
        # Decimal would take "1_000" for a thousand.
        weight = parse_quantity("" if "_" in cell_text(value) else value)
    except NotExact:
        return "a number like 4820.5, with at most 6 decimals"
    if weight <= 0:
        return "a weight above 0 kg"
    if weight > HEAVIEST_KG:
        return f"at most {HEAVIEST_KG:,} kg"
    return weight


def _read_weight(column: str, value: object, problems: list[Problem]) -> Decimal | None:
    weight = read_weight(value)
    if isinstance(weight, Decimal):
        return weight
    problems.append(Problem(column, weight, shown(cell_text(value))))
    return None


def _is_good_text(column: str, text: str, meaning: Meaning, problems: list[Problem]) -> bool:
    """Whether a text can be stored. Names are printable; a property may have line breaks."""
    longest = _LONGEST[meaning]
    if len(text) > longest:
        problems.append(Problem(column, f"at most {longest} characters", shown(text)))
        return False
    is_bad = _CONTROLS.search(text) if meaning == Meaning.PROPERTY else not text.isprintable()
    if is_bad:
        problems.append(Problem(column, "text without control characters", shown(text)))
        return False
    return True


def _read_roll(text: str, layout: Layout, problems: list[Problem]) -> str:
    roll = normalise_alias(text)
    if is_token(roll):
        column = layout.name_of(Meaning.ROLL)
        problems.append(Problem(column, "a number that is not one of our label codes", roll))
    return roll


def _read_customer(name: str, layout: Layout, problems: list[Problem]) -> str:
    try:
        return name and clean_code(partner_code(name)) and name
    except Invalid:
        column = layout.name_of(Meaning.CUSTOMER)
        problems.append(Problem(column, "the name of a customer", shown(name)))
        return ""


def _join_places(parts: Sequence[str], layout: Layout, problems: list[Problem]) -> str:
    place = "-".join(parts)
    try:
        return clean_code(place) if place else ""
    except Invalid:
        expected = f"the code of a place, at most {LONGEST_PLACE} characters"
        problems.append(Problem(layout.name_of(Meaning.PLACE), expected, shown(place)))
        return ""


def _missing(
    layout: Layout, texts: Mapping[Meaning, str], problems: Sequence[Problem]
) -> list[Problem]:
    """Cells that must say something and are empty. The lot may come from an option instead."""
    at_fault = {problem.column for problem in problems}
    wanted = {Meaning.ITEM: "an item number", Meaning.ROLL: "a roll number"}
    return [
        Problem(column, expected, "(empty)")
        for meaning, expected in wanted.items()
        if (column := layout.column_of(meaning)) and column not in at_fault
        if not texts.get(meaning)
    ]
