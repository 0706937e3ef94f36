"""What a file amounts to, counted row by row while it is read: flat, whatever its length.

It grows by names, not by rows: items, lots, places and customers are counted once each, and of
each row only its roll and its weight are remembered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.domain.imports.models import ImportKind, RowOutcome
from app.domain.imports.rules.rows import Layout, ReadRow
from app.domain.imports.rules.verdicts import Known, Options, Verdict
from app.domain.imports.rules.weights import Weights

PLACES_NAMED, WEIGHTS_NAMED = 5, 3
NEW, CHANGED, SAME = "new", "changed", "same"
_STATE_OF = {
    RowOutcome.CREATED: NEW,
    RowOutcome.UPDATED: CHANGED,
    RowOutcome.UNCHANGED: SAME,
}


@dataclass(slots=True)
class Unusual:
    """New rolls whose weight is far off: how many, and of those that lack nothing else, the kg."""

    count: int = 0
    held: int = 0
    held_kg: Decimal = Decimal(0)
    some: list[str] = field(default_factory=list)

    def add(self, row_no: int, found: str, good_kg: Decimal | None) -> None:
        """One more; `good_kg` is its weight where its row was good otherwise."""
        self.count += 1
        if len(self.some) < WEIGHTS_NAMED:
            self.some.append(f"{found} in row {row_no}")
        if good_kg is not None:
            self.held += 1
            self.held_kg += good_kg


@dataclass(slots=True)
class Tally:
    """Counts of rows, sums of what is new, and what one answer for the file would settle."""

    layout: Layout
    options: Options
    rows: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    first_seen: dict[str, int] = field(default_factory=dict)
    weights: Weights = field(default_factory=Weights)
    unusual: Unusual = field(default_factory=Unusual)
    _names: dict[str, dict[Any, str]] = field(default_factory=dict)
    _weight: Decimal = Decimal(0)
    _without_place: int = 0
    _without_lot: int = 0
    _unknown_places: dict[str, None] = field(default_factory=dict)

    def add(self, verdicts: Sequence[Verdict], known: Known) -> None:
        """Count some rows more."""
        for verdict in verdicts:
            self.rows += 1
            self._count(verdict.outcome)
            if verdict.is_waiting:
                self._count("waiting")
            self._ask(verdict, known)
            if verdict.outcome in _STATE_OF:
                self._name(verdict, known)
            if verdict.outcome == RowOutcome.CREATED:
                self._sum(verdict.row)

    def hold(self, unusual: Unusual) -> None:
        """Some weights are far off; their rows wait, unless somebody said that they are right."""
        self.unusual = unusual
        if self.options.accept_weights:
            return
        self.counts[RowOutcome.CREATED] = self.counts.get(RowOutcome.CREATED, 0) - unusual.held
        self.counts["waiting"] = self.counts.get("waiting", 0) + unusual.held
        self._weight -= unusual.held_kg

    def sums(self) -> dict[str, Any]:
        """What the file amounts to, for people: weight, and how much of what is new."""
        kinds = {kind: _by_state(states) for kind, states in self._names.items()}
        if self.layout.kind == ImportKind.UNITS:
            rolls = {state: self.counts.get(outcome, 0) for outcome, state in _STATE_OF.items()}
            kinds = {"rolls": rolls} | kinds
        return {
            "weight_kg": str(self._weight),
            "without_place": self._without_place,
            "kinds": kinds,
        }

    def questions(self) -> dict[str, Any]:
        """What one answer for the whole file would settle, whatever was answered so far."""
        return {
            "unknown_places": len(self._unknown_places),
            "some_unknown_places": list(self._unknown_places)[:PLACES_NAMED],
            "rows_without_lot": self._without_lot,
            "weight_unit": bool(self.weights.rows) and not self.layout.weight_unit_said,
            "unusual_weights": self.unusual.count,
            "some_unusual_weights": self.unusual.some,
        }

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def _ask(self, verdict: Verdict, known: Known) -> None:
        row = verdict.row
        if self.layout.kind != ImportKind.UNITS:
            return
        self._without_lot += verdict.has_default_lot or not row.lot
        if row.item and row.weight is not None:
            self.weights.add(row.item, row.row_no, row.weight)
        if row.place and row.place not in known.places:
            self._unknown_places[row.place] = None

    def _name(self, verdict: Verdict, known: Known) -> None:
        row = verdict.row
        state = SAME if row.item in known.items else NEW
        if self.layout.kind == ImportKind.ITEMS:
            state = _STATE_OF[verdict.outcome]
        self._see("items", row.item, state)
        if row.lot:
            pair = (row.item, row.lot)
            self._see("lots", pair, SAME if pair in known.lots else NEW)
        if row.place:
            self._see("places", row.place, SAME if row.place in known.places else NEW)
        if row.customer:
            self._see("customers", row.customer, SAME if row.customer in known.customers else NEW)

    def _see(self, kind: str, name: Any, state: str) -> None:
        self._names.setdefault(kind, {}).setdefault(name, state)

    def _sum(self, row: ReadRow) -> None:
        if row.weight is not None:
            self._weight += row.weight
            self._without_place += not row.place


def _by_state(states: dict[Any, str]) -> dict[str, int]:
    counted = {NEW: 0, CHANGED: 0, SAME: 0}
    for state in states.values():
        counted[state] += 1
    return counted
