"""Column types that the whole schema shares: exact quantities, UTC times, JSON.

Quantities are decimals in Python and whole micro-units (1/1,000,000) in the database, because
SQLite keeps NUMERIC as a binary float and would refuse a valid issue of 0.1 three times.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

MICRO = Decimal(1_000_000)
QUANTITY_MAX = Decimal(9_000_000_000_000)

Json = sa.JSON().with_variant(JSONB(), "postgresql")


class NotExact(ValueError):
    """A quantity has more than six decimals, is not finite or is out of range."""


def to_micro(quantity: Decimal) -> int:
    """Whole micro-units of a quantity. Raises NotExact where that would round or overflow."""
    if not quantity.is_finite() or abs(quantity) > QUANTITY_MAX:
        raise NotExact(f"{quantity} is not a quantity between 0 and {QUANTITY_MAX}")
    # Comparing is exact; a product would be rounded to 28 digits first.
    exact = quantity.quantize(Decimal("0.000001"))
    if exact != quantity:
        raise NotExact(f"{quantity} has more than six decimals")
    return int(exact * MICRO)


def from_micro(micro: int) -> Decimal:
    """The quantity of so many micro-units, without trailing zeros ("4820", "0.5")."""
    quantity = Decimal(micro) / MICRO
    whole = quantity.to_integral_value()
    return whole if quantity == whole else quantity.normalize()


def plain(quantity: Decimal) -> Decimal:
    """A quantity as people write it: sums of decimals keep zeros that nobody asked for."""
    return from_micro(to_micro(quantity))


def parse_quantity(value: object) -> Decimal:
    """Read a quantity as people and spreadsheets write it.

    A binary float (Excel, JSON) is taken as its shortest decimal at 15 significant digits, so
    798.9400000000001 is 798.94; text is read as written. Raises NotExact.
    """
    if isinstance(value, bool):
        raise NotExact(f"{value!r} is not a number")
    text = f"{value:.15g}" if isinstance(value, float) else str(value).strip()
    try:
        quantity = Decimal(text)
    except InvalidOperation:
        raise NotExact(f"{text!r} is not a number") from None
    to_micro(quantity)
    return quantity


class Quantity(TypeDecorator[Decimal]):
    """Decimal in Python, bigint micro-units in the database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> int | None:
        return None if value is None else to_micro(value)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Decimal | None:
        return None if value is None else from_micro(int(value))


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time in Python; timestamptz on PostgreSQL, naive UTC text on SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
