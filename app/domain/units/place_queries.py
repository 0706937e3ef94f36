"""What lies where: places in the order of their racks, with the number of units in each.

A rack is a grid of bays and levels where its bins' codes say so (FM01A03); places whose codes
say nothing are listed one after another under their zone.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.domain.locations.models import Location, LocationKind
from app.domain.locations.rules import Position, rack_position
from app.domain.units.models import ON_SITE_STATES, Unit

PLACES_AT_ONCE = 5_000
FULLEST = 4


@dataclass(frozen=True, slots=True)
class Place:
    """One place and how much lies in it. `label` is its code without the rack's."""

    uid: uuid.UUID
    code: str
    label: str
    units: int
    capacity_units: int | None
    is_blocked: bool
    position: Position | None

    @property
    def is_overfull(self) -> bool:
        """Whether more lies there than somebody said would fit."""
        return self.capacity_units is not None and self.units > self.capacity_units

    @property
    def fill(self) -> int:
        """0 (empty) to 4 (full); by count where nobody said how many fit."""
        if not self.units:
            return 0
        share = self.units / self.capacity_units if self.capacity_units else self.units / FULLEST
        return min(FULLEST, ceil(share * FULLEST))


@dataclass(frozen=True, slots=True)
class Rack:
    """A rack or zone with its places; `levels` from top to bottom, empty where there is no grid."""

    code: str
    uid: uuid.UUID | None
    places: tuple[Place, ...]
    levels: tuple[str, ...]
    bays: tuple[str, ...]

    @property
    def units(self) -> int:
        """Everything in it."""
        return sum(place.units for place in self.places)

    @property
    def taken(self) -> int:
        """Places with something in them."""
        return sum(1 for place in self.places if place.units)

    def rows(self) -> list[tuple[str, list[Place | None]]]:
        """The grid: a level and its bays, None where the rack has no such place."""
        at = {(p.position.level, p.position.bay): p for p in self.places if p.position}
        return [(level, [at.get((level, bay)) for bay in self.bays]) for level in self.levels]


def list_racks(
    session: Session,
    *,
    site_id: int,
    departments: Collection[int] | None = None,
    parent_id: int | None = None,
) -> list[Rack]:
    """Every rack and zone of a site with its places, by code; None means all departments.

    With `parent_id` only that rack.
    """
    child, parent = aliased(Location), aliased(Location)
    lying = (
        sa.select(Unit.location_id, sa.func.count().label("units"))
        .where(Unit.site_id == site_id, Unit.state.in_(ON_SITE_STATES))
        .group_by(Unit.location_id)
        .subquery()
    )
    query = (
        sa.select(
            parent.code, parent.uid, parent.kind, Location.uid, Location.code,
            sa.func.coalesce(lying.c.units, 0), Location.capacity_units,
            Location.blocked_at.is_not(None),
        )
        .outerjoin(parent, parent.id == Location.parent_id)
        .outerjoin(lying, lying.c.location_id == Location.id)
        .where(
            Location.site_id == site_id,
            Location.kind.in_((LocationKind.ZONE, LocationKind.RACK, LocationKind.BIN)),
            ~sa.exists().where(child.parent_id == Location.id),
        )
        .order_by(parent.code, Location.code)
        .limit(PLACES_AT_ONCE)
    )  # fmt: skip
    if departments is not None:
        query = query.where(Location.department_id.in_(sorted(departments)))
    if parent_id is not None:
        query = query.where(Location.parent_id == parent_id)
    rows = session.execute(query).all()
    return [_rack(list(group)) for _, group in groupby(rows, key=lambda row: row[0])]


def _rack(rows: list[Any]) -> Rack:
    code, uid, kind = rows[0][:3]
    rack_code = str(code) if kind == LocationKind.RACK else ""
    places = tuple(_place(rack_code, str(code or ""), row[3:]) for row in rows)
    is_grid = bool(rack_code) and all(place.position for place in places)
    positions = [place.position for place in places if place.position] if is_grid else []
    return Rack(
        code=str(code or "Other places"),
        uid=uid,
        places=places,
        levels=tuple(sorted({position.level for position in positions}, reverse=True)),
        bays=tuple(sorted({position.bay for position in positions}, key=lambda b: (len(b), b))),
    )


def _place(rack_code: str, group_code: str, row: Any) -> Place:
    uid, code, units, capacity_units, is_blocked = row
    return Place(
        uid=uid,
        code=code,
        label=code.removeprefix(group_code).lstrip("-. ") or code,
        units=units,
        capacity_units=capacity_units,
        is_blocked=bool(is_blocked),
        position=rack_position(rack_code, code) if rack_code else None,
    )
