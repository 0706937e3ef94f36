"""Rules of the catalogue: the seeded units of measure, and what an item's number may be."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.core.errors import Invalid
from app.core.types import NotExact, from_micro, to_micro
from app.domain.catalog.models import Tracking, UnitOfMeasure

# code, name, dimension, and how many (numerator / denominator) of the base measure it is
UNIT_OF_MEASURE_SEEDS = (
    ("kg", "kilogram", "mass", 1, 1),
    ("t", "tonne", "mass", 1000, 1),
    ("g", "gram", "mass", 1, 1000),
    ("m", "metre", "length", 1, 1),
    ("pcs", "piece", "count", 1, 1),
)


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """An item to be made."""

    number: str
    name: str | None = None
    unit_of_measure_code: str = "kg"
    tracking: Tracking = Tracking.UNIT
    department_id: int | None = None
    is_qc_required: bool = False
    scrap_below: Decimal | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    typical_quantity: Decimal | None = None
    tolerance_percent: int | None = None


@dataclass(frozen=True, slots=True)
class ItemChange:
    """New values of some of an item's name, usual quantity, tolerance and properties."""

    item_id: int
    values: dict[str, Any]


def clean_text(text: str, *, what: str, field: str, longest: int) -> str:
    """A text without stray spaces. Raises Invalid when it is empty, too long or not printable."""
    cleaned = " ".join(text.split())
    # Letters are joined by invisible ones in Persian and in emoji.
    seen = cleaned.replace("\u200c", "").replace("\u200d", "")
    if not seen or len(cleaned) > longest or not seen.isprintable():
        raise Invalid(f"{what} has 1 to {longest} characters.", field=field, longest=longest)
    return cleaned


def clean_number(text: str) -> str:
    """An item's number as it is stored and compared. Raises Invalid."""
    return clean_text(text, what="An item number", field="number", longest=80)


class WrongMeasure(Invalid):
    """A quantity cannot be said in the item's unit of measure."""

    code = "wrong_measure"


def convert(quantity: Decimal, given: UnitOfMeasure, own: UnitOfMeasure) -> Decimal:
    """A quantity in another measure of the same dimension: exact, by whole ratios, or refused."""
    if given.dimension != own.dimension:
        raise WrongMeasure(
            f"{given.code} is a measure of {given.dimension}, and this is kept in {own.code}.",
            field="unit_of_measure",
        )
    ratio = Fraction(given.numerator, given.denominator) / Fraction(own.numerator, own.denominator)
    micro = to_micro(quantity) * ratio
    if micro.denominator != 1:
        raise WrongMeasure(
            f"{quantity} {given.code} has more than six decimals in {own.code}.", field="quantity"
        )
    try:
        converted = from_micro(micro.numerator)
        to_micro(converted)
    except NotExact as error:
        raise WrongMeasure(f"{error}.", field="quantity") from None
    return converted
