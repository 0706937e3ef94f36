"""The holds that a page of an item, a lot, a roll or a place shows."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.core.rights import Permission
from app.domain.catalog.models import Item
from app.domain.holds.models import HoldScope
from app.domain.holds.queries import HoldRow, Subject, list_holds
from app.domain.locations.models import Location
from app.domain.lots.models import Lot
from app.domain.units.models import Unit
from app.web.current import current_actor
from app.web.database import reading

SHOWN_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class HoldPanel:
    """What stops a thing now, what did before, and where a hold is put on it."""

    rows: list[HoldRow]
    new_path: str | None

    @property
    def in_force(self) -> list[HoldRow]:
        """The holds that stop it now."""
        return [row for row in self.rows if row.is_in_force]


def of_item(item: Item) -> HoldPanel:
    """What stops an item."""
    return _panel(HoldScope.ITEM, item.id, item.uid)


def of_lot(lot: Lot, item: Item) -> HoldPanel:
    """What stops a lot, or its whole item."""
    return _panel(HoldScope.LOT, lot.id, lot.uid, also=((HoldScope.ITEM, item.id),))


def of_unit(unit: Unit) -> HoldPanel:
    """What stops a roll, its whole lot, or its whole item."""
    above = ((HoldScope.LOT, unit.lot_id), (HoldScope.ITEM, unit.item_id))
    where = {"site_id": unit.site_id, "department_id": unit.department_id}
    return _panel(HoldScope.UNIT, unit.id, unit.uid, also=above, where=where)


def of_place(place: Location) -> HoldPanel:
    """What stops a place, or the rack that it is in."""
    above = tuple((HoldScope.LOCATION, int(id_)) for id_ in place.path.split("/") if id_)
    where = {"site_id": place.site_id, "department_id": place.department_id}
    return _panel(HoldScope.LOCATION, place.id, place.uid, also=above, where=where)


def _panel(
    scope: HoldScope,
    subject_id: int,
    uid: uuid.UUID,
    *,
    also: Iterable[Subject] = (),
    where: Mapping[str, int | None] | None = None,
) -> HoldPanel:
    among = {(scope, subject_id), *also}
    rows = list_holds(reading(), among=among, limit=SHOWN_AT_MOST)
    may = current_actor().may(Permission.HOLDS_MANAGE, **(where or {}))
    return HoldPanel(rows, f"/holds/new/?on={scope}&of={uid}" if may else None)
