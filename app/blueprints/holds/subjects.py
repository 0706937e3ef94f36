"""What a hold is on: found by its public id, named, and where its page is."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from app.core.errors import NotFound
from app.core.rights import Permission, require
from app.domain.catalog.models import Item
from app.domain.catalog.queries import item_by_uid
from app.domain.codes.queries import tokens_of
from app.domain.codes.rules import CodeKind
from app.domain.holds.models import HoldScope
from app.domain.ledger.unit_queries import unit_page
from app.domain.locations.models import Location
from app.domain.locations.queries import location_by_uid
from app.domain.lots.models import Lot
from app.domain.lots.queries import lot_by_uid
from app.domain.units.models import Unit
from app.web.current import current_actor
from app.web.database import reading

_MODELS: dict[HoldScope, Any] = {
    HoldScope.ITEM: Item,
    HoldScope.LOT: Lot,
    HoldScope.UNIT: Unit,
    HoldScope.LOCATION: Location,
}
_PAGES = {
    HoldScope.ITEM: "/items/",
    HoldScope.LOT: "/lots/",
    HoldScope.UNIT: "/units/",
    HoldScope.LOCATION: "/locations/",
}


@dataclass(frozen=True, slots=True)
class HeldThing:
    """One thing that is, or is to be, on hold."""

    scope: HoldScope
    id: int
    uid: uuid.UUID
    name: str

    @property
    def path(self) -> str:
        """Its page."""
        return f"{_PAGES[self.scope]}{self.uid}/"


def thing_of(scope: HoldScope, uid: uuid.UUID) -> HeldThing:
    """The thing by its public id, if the actor may see it."""
    found: Any
    if scope is HoldScope.ITEM:
        found = item_by_uid(reading(), uid=uid)
        return HeldThing(scope, found.id, uid, found.name)
    if scope is HoldScope.LOT:
        found = lot_by_uid(reading(), uid=uid)
        return HeldThing(scope, found.id, uid, f"Lot {found.number}")
    if scope is HoldScope.LOCATION:
        found = location_by_uid(reading(), uid=uid)
        if found.is_virtual:
            raise NotFound("This is not a place that one can go to.", field="location")
    else:
        found = unit_page(reading(), uid=uid).unit
    require(
        current_actor(),
        Permission.STOCK_VIEW,
        site_id=found.site_id,
        department_id=found.department_id,
    )
    if scope is HoldScope.LOCATION:
        return HeldThing(scope, found.id, uid, found.code)
    token = tokens_of(reading(), CodeKind.UNIT, [found.id]).get(found.id)
    return HeldThing(scope, found.id, uid, f"Roll {token}" if token else "Roll without label")


def thing_held(scope: HoldScope, subject_id: int) -> HeldThing:
    """The thing that a hold is on."""
    return thing_of(scope, reading().get_one(_MODELS[scope], subject_id).uid)
