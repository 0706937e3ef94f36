"""Counts and sums of the log, taken while it is written, so that both always agree."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

Group = TypeVar("Group", str, date)


@dataclass(slots=True)
class Sums:
    """How many movements and lines, and how much in each unit of measure."""

    movements: int = 0
    lines: int = 0
    quantities: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    last_movement_id: int = 0

    def add(self, movement_id: int, quantity: Decimal, unit_of_measure: str) -> None:
        """Count one line. Lines of a movement follow each other."""
        if movement_id != self.last_movement_id:
            self.movements += 1
            self.last_movement_id = movement_id
        self.lines += 1
        self.quantities[unit_of_measure] += quantity


@dataclass(slots=True)
class Tally:
    """The log by verb, by department and by day."""

    by_verb: defaultdict[str, Sums] = field(default_factory=lambda: defaultdict(Sums))
    by_department: defaultdict[str, Sums] = field(default_factory=lambda: defaultdict(Sums))
    by_day: defaultdict[date, Sums] = field(default_factory=lambda: defaultdict(Sums))

    def add(
        self,
        *,
        movement_id: int,
        verb: str,
        department: str,
        day: date,
        quantity: Decimal,
        unit_of_measure: str,
    ) -> None:
        """Count one line of the log."""
        for sums in (self.by_verb[verb], self.by_department[department], self.by_day[day]):
            sums.add(movement_id, quantity, unit_of_measure)
