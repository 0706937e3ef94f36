"""What becomes of every row, given what is known already. The preview and the act ask the same.

A row is taken whole or not at all; every row gets exactly one verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from app.domain.imports.models import RowOutcome
from app.domain.imports.rules.columns import Meaning
from app.domain.imports.rules.rows import Layout, Problem, ReadRow, shown


@dataclass(frozen=True, slots=True)
class Options:
    """What a person answered about the file as a whole."""

    default_lot: str = ""
    create_places: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows of the things that a file names.

    `rolls` maps the aliases in use to their units; `items` and `places` say why one of them
    cannot be used, or "" where it can.
    """

    rolls: Mapping[str, int] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a row, and why in a sentence."""

    row: ReadRow
    outcome: RowOutcome
    message: str
    problems: tuple[Problem, ...] = ()
    unit_id: int | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether answers for the file as a whole are all that it needs."""
        return bool(self.problems) and all(problem.answer for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Questions:
    """What the file leaves open and one answer would settle."""

    unknown_places: int = 0
    some_unknown_places: tuple[str, ...] = ()
    rows_without_lot: int = 0


def judge_rows(
    rows: Iterable[ReadRow], *, layout: Layout, options: Options, known: Known
) -> list[Verdict]:
    """A verdict for every row, in the order of the file."""
    first_seen: dict[str, int] = {}
    verdicts = []
    for row in rows:
        verdict = _judge(row, first_seen, layout, options, known)
        if row.roll:
            first_seen.setdefault(row.roll, row.row_no)
        verdicts.append(verdict)
    return verdicts


def ask(rows: Sequence[ReadRow], *, known: Known) -> Questions:
    """What one answer for the whole file would settle, whatever was answered so far."""
    unknown = dict.fromkeys(row.place for row in rows if row.place not in known.places)
    unknown.pop("", None)
    return Questions(
        unknown_places=len(unknown),
        some_unknown_places=tuple(list(unknown)[:5]),
        rows_without_lot=sum(not row.lot for row in rows),
    )


def count_outcomes(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """How many rows have each outcome, and how many of the failed only wait for an answer."""
    counts = {str(outcome): 0 for outcome in RowOutcome} | {"waiting": 0}
    for verdict in verdicts:
        counts[verdict.outcome] += 1
        counts["waiting"] += verdict.is_waiting
    return counts


def summarise(verdicts: Iterable[Verdict]) -> dict[str, Any]:
    """What the new rolls amount to, for people: weight and how many different things."""
    rows = [verdict.row for verdict in verdicts if verdict.outcome == RowOutcome.CREATED]
    return {
        "weight_kg": str(sum((row.weight for row in rows if row.weight), Decimal(0))),
        "items": len({row.item for row in rows}),
        "lots": len({(row.item, row.lot) for row in rows}),
        "places": len({row.place for row in rows} - {""}),
        "customers": len({row.customer for row in rows} - {""}),
        "without_place": sum(not row.place for row in rows),
    }


def _judge(
    row: ReadRow, first_seen: Mapping[str, int], layout: Layout, options: Options, known: Known
) -> Verdict:
    # A roll that is there already is passed over whatever else its row says: importing a
    # corrected file again must not complain about what was done.
    if row.roll in known.rolls:
        return _skip(row, f"Roll {row.roll} is in stock already.", known.rolls[row.roll])
    if row.roll in first_seen:
        return _skip(row, f"Roll {row.roll} stands in row {first_seen[row.roll]} already.")
    problems = row.problems + tuple(_against_known(row, layout, options, known))
    if problems:
        return Verdict(row, RowOutcome.FAILED, _why(problems), problems)
    lot = row.lot or options.default_lot
    without_lot = "" if row.lot else f" It had no lot of its own and goes to lot {lot}."
    where = f"in {row.place}" if row.place else "to be put away"
    return Verdict(replace(row, lot=lot), RowOutcome.CREATED, f"New roll, {where}.{without_lot}")


def _skip(row: ReadRow, message: str, unit_id: int | None = None) -> Verdict:
    return Verdict(row, RowOutcome.SKIPPED, message, unit_id=unit_id)


def _against_known(
    row: ReadRow, layout: Layout, options: Options, known: Known
) -> Iterable[Problem]:
    lot_column = layout.name_of(Meaning.LOT) or "lot"
    if not row.lot and not options.default_lot and not _has_problem(row, lot_column):
        expected = "a lot, or one lot for all rows without"
        yield Problem(lot_column, expected, "(empty)", answer="default_lot")
    if reason := known.items.get(row.item):
        yield Problem(layout.name_of(Meaning.ITEM), reason, shown(row.item))
    place_column = layout.name_of(Meaning.PLACE)
    if reason := known.places.get(row.place):
        yield Problem(place_column, reason, shown(row.place))
    elif row.place and row.place not in known.places and not options.create_places:
        yield Problem(place_column, "a place that exists", shown(row.place), answer="create_places")


def _has_problem(row: ReadRow, column: str) -> bool:
    return any(problem.column == column for problem in row.problems)


def _why(problems: Sequence[Problem]) -> str:
    said = [f"{p.column}: expected {p.expected}, found {p.found}" for p in problems]
    return "; ".join(said) + "."
