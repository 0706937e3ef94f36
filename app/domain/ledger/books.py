"""What the ledger says at one point of a batch, and what is to be written: values only."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from app.core.errors import DomainError
from app.domain.holds.queries import Subject
from app.domain.ledger.drafts import LotBook, Place, ReservationBook, SiteStock, UnitBook
from app.domain.ledger.errors import (
    LocationNotFound,
    LotNotFound,
    ReservationNotFound,
    UnitNotFound,
)

BalanceKey = tuple[int, int, int]  # location, item, lot
SiteKey = tuple[int, int, int]  # site, item, lot
NO_STOCK = SiteStock(Decimal(0), Decimal(0))


@dataclass(frozen=True, slots=True)
class FoldedLine:
    """A posting that is to be written. New units have negative ids until they are inserted."""

    item_id: int
    lot_id: int
    unit_id: int | None
    origin: Place
    target: Place
    quantity: Decimal
    unit_cost: Decimal | None = None
    reserved_delta: Decimal = Decimal(0)
    reservation_id: int | None = None


@dataclass(slots=True)
class Folded:
    """What became of one draft: the lines to write, or why it was refused."""

    lines: list[FoldedLine] = field(default_factory=list)
    error: DomainError | None = None


@dataclass(slots=True)
class Books:
    """What the ledger says now, and what it will say."""

    places: Mapping[int, Place]
    lots: Mapping[int, LotBook]
    units: MutableMapping[int, UnitBook]
    on_hand: MutableMapping[BalanceKey, Decimal]
    site_stock: MutableMapping[SiteKey, SiteStock]
    reservations: MutableMapping[int, ReservationBook]
    holds: Mapping[Subject, str]
    reversed_ids: set[int] = field(default_factory=set)
    new_unit_count: int = 0
    changed_unit_ids: set[int] = field(default_factory=set)
    changed_reservation_ids: set[int] = field(default_factory=set)

    def trial(self) -> Books:
        """Books whose changes can be adopted or forgotten."""
        return Books(
            self.places,
            self.lots,
            ChainMap({}, self.units),
            ChainMap({}, self.on_hand),
            ChainMap({}, self.site_stock),
            ChainMap({}, self.reservations),
            self.holds,
            set(self.reversed_ids),
            self.new_unit_count,
        )

    def adopt(self, trial: Books) -> None:
        """Take over what was folded into a trial."""
        self.changed_unit_ids |= _changes(trial.units).keys()
        self.changed_reservation_ids |= _changes(trial.reservations).keys()
        self.units.update(_changes(trial.units))
        self.on_hand.update(_changes(trial.on_hand))
        self.site_stock.update(_changes(trial.site_stock))
        self.reservations.update(_changes(trial.reservations))
        self.reversed_ids = trial.reversed_ids
        self.new_unit_count = trial.new_unit_count

    def place(self, location_id: int) -> Place:
        """The location, or LocationNotFound."""
        try:
            return self.places[location_id]
        except KeyError:
            raise LocationNotFound("There is no such location.", id=location_id) from None

    def lot(self, lot_id: int) -> LotBook:
        """The lot, or LotNotFound."""
        try:
            return self.lots[lot_id]
        except KeyError:
            raise LotNotFound("There is no such lot.", id=lot_id) from None

    def unit(self, unit_id: int) -> UnitBook:
        """The unit, or UnitNotFound."""
        try:
            return self.units[unit_id]
        except KeyError:
            raise UnitNotFound("There is no such unit.", id=unit_id) from None

    def reservation(self, reservation_id: int) -> ReservationBook:
        """The reservation, or ReservationNotFound."""
        try:
            return self.reservations[reservation_id]
        except KeyError:
            raise ReservationNotFound("There is no such reservation.", id=reservation_id) from None


def _changes(trial: MutableMapping[Any, Any]) -> dict[Any, Any]:
    return cast("ChainMap[Any, Any]", trial).maps[0]  # type: ignore[return-value]
