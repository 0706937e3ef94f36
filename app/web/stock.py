"""What stock a page may show: the site and the departments of whoever asks, and its filters."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from flask import request

from app.core.errors import Invalid, NotFound
from app.core.rights import Permission, require
from app.domain.catalog.queries import item_by_uid
from app.domain.codes.rules import LONGEST_ALIAS, normalise_alias
from app.domain.ledger.stock_queries import StockScope
from app.domain.ledger.unit_queries import UnitFilter
from app.domain.locations.models import Department
from app.domain.locations.queries import list_departments
from app.domain.units.models import UnitState
from app.web.current import current_actor
from app.web.database import reading
from app.web.paging import cursor

Choice = TypeVar("Choice", bound=StrEnum)

STOCK_TABS = (
    ("Items", "/stock/items/"),
    ("Lots", "/stock/lots/"),
    ("Rolls", "/stock/units/"),
    ("Racks", "/stock/racks/"),
    ("Reservations", "/reservations/"),
    ("As of", "/stock/as-of/"),
)


def site_id() -> int:
    """The site whose stock is shown; 0, which has none, for people of no site."""
    return current_actor().site_id or 0


def departments(permission: Permission = Permission.STOCK_VIEW) -> frozenset[int] | None:
    """The departments that the actor may look into; None means all."""
    return current_actor().departments_for(permission)


def scope() -> StockScope:
    """Both together, as lists of stock want them."""
    return StockScope(site_id(), departments())


def visible_departments(
    permission: Permission = Permission.STOCK_VIEW,
) -> Sequence[Department]:
    """Those departments, for a filter."""
    return list_departments(reading(), site_id=site_id(), among=departments(permission))


def require_stock_view(*, of_site: int, department_id: int | None) -> None:
    """Raise Forbidden unless the actor may look into that department."""
    require(current_actor(), Permission.STOCK_VIEW, site_id=of_site, department_id=department_id)


def chosen_department(among: Sequence[Department]) -> Department | None:
    """The department in the address. Raises NotFound for one that may not be seen."""
    code = request.args.get("department")
    if not code:
        return None
    found = next((one for one in among if one.code == code), None)
    if found is None:
        raise NotFound(f"There is no department “{code[:40]}” that you may see.")
    return found


def chosen(name: str, choices: type[Choice]) -> Choice | None:
    """One of an enumeration in the address. Raises Invalid for anything else."""
    text = request.args.get(name)
    if not text:
        return None
    try:
        return choices(text)
    except ValueError:
        raise Invalid(f"“{text[:40]}” is not one of the choices.", field=name) from None


def chosen_uid(name: str) -> uuid.UUID | None:
    """A public id in the address. Raises Invalid for anything else."""
    text = request.args.get(name)
    if not text:
        return None
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Invalid("This link is damaged. Choose again.", field=name) from None


def typed(name: str = "q") -> str:
    """What somebody typed to filter by, without controls and no longer than a code."""
    return normalise_alias(request.args.get(name, ""))[:LONGEST_ALIAS]


def after_id() -> int | None:
    """The id after which this page starts."""
    key = cursor()
    if key is None:
        return None
    if len(key) != 1 or not isinstance(key[0], int):
        raise _damaged()
    return key[0]


def after_text() -> str | None:
    """The code or number after which this page starts."""
    key = cursor()
    if key is None:
        return None
    if len(key) != 1 or not isinstance(key[0], str):
        raise _damaged()
    return key[0]


def after_time() -> tuple[datetime, int] | None:
    """The moment and id after which this page starts."""
    key = cursor()
    if key is None:
        return None
    try:
        at, row_id = key
        moment = datetime.fromisoformat(str(at))
        if moment.tzinfo is None or not isinstance(row_id, int):
            raise _damaged()
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _damaged() from None
    return moment, row_id


def wanted_units(department: Department | None) -> UnitFilter:
    """The rolls that the address asks for, within what the actor may see."""
    item_uid = chosen_uid("item")
    return UnitFilter(
        site_id=site_id(),
        departments=departments(),
        state=chosen("state", UnitState),
        department_id=department.id if department else None,
        item_id=item_by_uid(reading(), uid=item_uid).id if item_uid else None,
        text=typed(),
    )


def _damaged() -> Invalid:
    return Invalid("This page link is damaged. Open the first page again.", field="after")
