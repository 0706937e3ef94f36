"""Weights that a person should look at: far off what rolls of the item usually weigh.

An item may say its usual weight and how many percent off is still usual. For one that does not,
the middle weight of its rolls counts, and only what is ten times off: a slipped decimal point, or
tonnes among kilograms.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median

FEWEST_ROLLS = 5
FAR_OFF = 10


@dataclass(frozen=True, slots=True)
class Usual:
    """The range of usual weights of an item's rolls, in kg, and how it came about."""

    lowest: Decimal
    highest: Decimal
    because: str

    def is_usual(self, weight: Decimal | float) -> bool:
        """Whether nobody needs to be asked about a weight."""
        return self.lowest <= weight <= self.highest


@dataclass(slots=True)
class Weights:
    """The weights of a file by item, as small as they can be kept: row and kg."""

    rows: dict[str, array[int]] = field(default_factory=dict)
    kg: dict[str, array[float]] = field(default_factory=dict)

    def add(self, item: str, row_no: int, weight: Decimal) -> None:
        """Remember the weight of one row."""
        self.rows.setdefault(item, array("l")).append(row_no)
        self.kg.setdefault(item, array("d")).append(float(weight))

    def unusual(self, usual: Mapping[str, Usual], unit: str) -> dict[int, str]:
        """What was expected instead, by row. An item that says nothing is judged by its rolls."""
        found: dict[int, str] = {}
        for item, weights in self.kg.items():
            wanted = usual.get(item) or of_rolls(weights, unit)
            if wanted is not None:
                rows = self.rows[item]
                found.update(
                    (rows[n], wanted.because)
                    for n, weight in enumerate(weights)
                    if not wanted.is_usual(weight)
                )
        return found


def of_item(typical: Decimal, tolerance_percent: int) -> Usual:
    """What an item says itself."""
    off = typical * tolerance_percent / 100
    said = f"about {typical:f} kg (± {tolerance_percent} %), as usual for this item"
    return Usual(max(Decimal(0), typical - off), typical + off, said)


def of_rolls(weights: Sequence[float], unit: str = "kg") -> Usual | None:
    """What the rolls of an item say, if there are enough of them."""
    if len(weights) < FEWEST_ROLLS:
        return None
    middle = Decimal(f"{median(weights):.3f}")
    usual = f"{middle.normalize():f} {unit}".rstrip()
    said = f"less than {FAR_OFF} times more or less than the usual {usual}"
    return Usual(middle / FAR_OFF, middle * FAR_OFF, said)
