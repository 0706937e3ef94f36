"""What becomes of every row, given what is known already. The preview and the act ask the same.

A row is taken whole or not at all; every row gets exactly one verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from app.domain.imports.models import ImportKind, RowOutcome
from app.domain.imports.rules.cells import shown
from app.domain.imports.rules.columns import Meaning
from app.domain.imports.rules.rows import Layout, Problem, ReadRow


@dataclass(frozen=True, slots=True)
class Options:
    """What a person answered about the file as a whole.

    `encoding`, `separator` and `sheet` are "" where the file speaks for itself.
    """

    default_lot: str = ""
    create_places: bool = False
    weight_unit: str = ""
    accept_weights: bool = False
    encoding: str = ""
    separator: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class KnownRoll:
    """What the books say of a roll that a file names."""

    unit_id: int
    item: str
    lot: str
    weight: Decimal
    properties: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True, slots=True)
class KnownItem:
    """What the catalogue says of an item; `fault` says why rolls of it cannot be entered here."""

    item_id: int
    name: str = ""
    measure: str = "kg"
    typical: Decimal | None = None
    tolerance: int | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows of the things that a file names.

    `places` say why one of them cannot be used, or "" where it can; `lots` are (item, lot) with
    their ids.
    """

    rolls: Mapping[str, KnownRoll] = field(default_factory=dict)
    items: Mapping[str, KnownItem] = field(default_factory=dict)
    lots: Mapping[tuple[str, str], int] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    customers: frozenset[str] = frozenset()
    measures: frozenset[str] = frozenset({"kg"})


@dataclass(frozen=True, slots=True)
class Change:
    """One fact of something known that a row says otherwise."""

    field: str
    before: str
    after: str
    is_property: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a row, and why in a sentence. `subject_id` is what it is about."""

    row: ReadRow
    outcome: RowOutcome
    message: str
    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()
    subject_id: int | None = None
    has_default_lot: bool = False

    @property
    def is_waiting(self) -> bool:
        """Whether answers for the file as a whole are all that it needs."""
        return bool(self.problems) and all(problem.answer for problem in self.problems)

    @property
    def is_good(self) -> bool:
        """Whether it is to be booked."""
        return self.outcome in (RowOutcome.CREATED, RowOutcome.UPDATED)


def judge_rolls(
    rows: Iterable[ReadRow],
    *,
    layout: Layout,
    options: Options,
    known: Known,
    first_seen: MutableMapping[str, int],
) -> list[Verdict]:
    """A verdict for every row, in the order of the file.

    `first_seen` holds the row of each roll so far, and is told those of these rows.
    """
    assert layout.kind == ImportKind.UNITS
    verdicts = []
    for row in rows:
        first = first_seen.setdefault(row.roll, row.row_no) if row.roll else row.row_no
        verdicts.append(_judge(row, first, layout, options, known))
    return verdicts


def refused(row: ReadRow, problems: Iterable[Problem]) -> Verdict:
    """A row that is not good, with all that is wrong with it."""
    found = tuple(problems)
    said = [f"{p.column}: expected {p.expected}, found {p.found}" for p in found]
    return Verdict(row, RowOutcome.FAILED, "; ".join(said) + ".", found)


def skipped(row: ReadRow, what: str, first: int) -> Verdict:
    """A row that says again what an earlier one said."""
    return Verdict(row, RowOutcome.SKIPPED, f"{what} stands in row {first} already.")


def changed_properties(now: Mapping[str, Any], said: Mapping[str, str]) -> list[Change]:
    """What a row says of the properties of something known; an empty cell says nothing."""
    return [
        Change(name, str(now.get(name, "")), text, is_property=True)
        for name, text in said.items()
        if str(now.get(name, "")) != text
    ]


def roll_properties(row: ReadRow) -> dict[str, str]:
    """Everything that is kept of a roll beside its item, lot, weight and place."""
    return row.properties | ({"customer": row.customer} if row.customer else {})


def _judge(row: ReadRow, first: int, layout: Layout, options: Options, known: Known) -> Verdict:
    # Importing a corrected file again must not complain about what was done: a roll that is
    # there already needs nothing of what a new one needs.
    if row.roll in known.rolls:
        return _compare(row, known.rolls[row.roll], layout)
    if first != row.row_no:
        return skipped(row, f"Roll {row.roll}", first)
    problems = (*row.problems, *_against_known(row, layout, options, known))
    if problems:
        return refused(row, problems)
    lot = row.lot or options.default_lot
    without_lot = "" if row.lot else f" It had no lot of its own and goes to lot {lot}."
    where = f"in {row.place}" if row.place else "to be put away"
    message = f"New roll, {where}.{without_lot}"
    taken = replace(row, lot=lot)
    return Verdict(taken, RowOutcome.CREATED, message, has_default_lot=not row.lot)


def _compare(row: ReadRow, known: KnownRoll, layout: Layout) -> Verdict:
    """Item, lot and weight of a roll in stock are changed by movements, never by a file."""
    facts = (
        (Meaning.ITEM, row.item, known.item),
        (Meaning.LOT, row.lot, known.lot),
        (Meaning.WEIGHT, row.weight if layout.weight_unit else None, known.weight),
    )
    problems = [
        Problem(layout.name_of(meaning), f"{now}, as roll {row.roll} has it in stock", str(said))
        for meaning, said, now in facts
        if said and said != now
    ]
    if problems:
        return replace(refused(row, problems), subject_id=known.unit_id)
    changes = tuple(changed_properties(known.properties, roll_properties(row)))
    if changes:
        message = f"Roll {row.roll} is in stock; its properties change."
        return Verdict(row, RowOutcome.UPDATED, message, (), changes, known.unit_id)
    where = f", in {known.place}" if known.place else ""
    message = f"Roll {row.roll} is in stock already{where}."
    return Verdict(row, RowOutcome.UNCHANGED, message, subject_id=known.unit_id)


def _against_known(
    row: ReadRow, layout: Layout, options: Options, known: Known
) -> Iterable[Problem]:
    lot_column = layout.name_of(Meaning.LOT) or "lot"
    if not row.lot and not options.default_lot and not _has_problem(row, lot_column):
        expected = "a lot, or one lot for all rows without"
        yield Problem(lot_column, expected, "(empty)", answer="default_lot")
    if row.weight is not None and not layout.weight_unit:
        column = layout.name_of(Meaning.WEIGHT)
        yield Problem(column, "a measure: kg or t", shown(str(row.weight)), answer="weight_unit")
    if row.item in known.items and (reason := known.items[row.item].fault):
        yield Problem(layout.name_of(Meaning.ITEM), reason, shown(row.item))
    place_column = layout.name_of(Meaning.PLACE)
    if fault := known.places.get(row.place, ""):
        yield Problem(place_column, fault, shown(row.place))
    elif row.place and row.place not in known.places and not options.create_places:
        yield Problem(place_column, "a place that exists", shown(row.place), answer="create_places")


def _has_problem(row: ReadRow, column: str) -> bool:
    return any(problem.column == column for problem in row.problems)
