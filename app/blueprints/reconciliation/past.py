"""Stock and an item's card as of a past moment."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response, request

from app.core.clock import now
from app.core.errors import Invalid
from app.core.rights import Permission
from app.domain.catalog.models import Item
from app.domain.catalog.queries import item_by_uid, list_item_names
from app.domain.locations.models import Department
from app.domain.reconciliation.past_queries import (
    CardLine,
    Clock,
    PastKey,
    PastScope,
    card_as_of,
    list_past_stock,
)
from app.web import list_files, stock
from app.web.current import time_zone
from app.web.database import reading
from app.web.guards import allow
from app.web.list_files import Column
from app.web.paging import PAGE_SIZE, cursor, paged
from app.web.responses import page

CARD_LINES = 50
# Outside of these no clock of a site can show a moment.
FIRST_YEAR, LAST_YEAR = 1970, 2200
COLUMNS: tuple[Column, ...] = (
    ("Place", lambda row: row.place_code),
    ("Item", lambda row: row.item_number),
    ("Name", lambda row: row.item_name),
    ("Lot", lambda row: row.lot_number if row.lot_id else None),
    ("On hand", lambda row: row.on_hand),
    ("Unit of measure", lambda row: row.unit_of_measure),
)


@allow(Permission.STOCK_VIEW)
def index() -> Response:
    """What lay where at a moment; with an item also its card until then."""
    departments = stock.visible_departments()
    chosen, item = stock.chosen_department(departments), _item()
    at, clock, scope = _at(), stock.chosen("by", Clock) or Clock.POSTED, _scope(chosen, item)
    rows = list_past_stock(
        reading(), scope, at=at, clock=clock, limit=PAGE_SIZE + 1, after=_after()
    )
    return page(
        "reconciliation/past.html",
        page=paged(rows, key=lambda row: row.key),
        at=at,
        typed_at=f"{at.astimezone(time_zone()):%Y-%m-%dT%H:%M}",
        clock=clock,
        departments=departments,
        chosen=chosen,
        item=item,
        items=list_item_names(reading()),
        card=_card(scope, at, clock),
        tabs=stock.STOCK_TABS,
    )


@allow(Permission.STOCK_VIEW)
def download() -> Response:
    """The same list, all of its pages, as a CSV file."""
    scope = _scope(stock.chosen_department(stock.visible_departments()), _item())
    at, clock = _at(), stock.chosen("by", Clock) or Clock.POSTED
    rows = list_files.each(
        lambda after, limit: list_past_stock(
            reading(), scope, at=at, clock=clock, limit=limit, after=after
        ),
        key=lambda row: row.key,
    )
    return list_files.list_file(f"stock-as-of-{at:%Y-%m-%dT%H%M}", COLUMNS, rows)


def _scope(chosen: Department | None, item: Item | None) -> PastScope:
    return PastScope(
        site_id=stock.site_id(),
        departments=stock.departments(),
        department_id=chosen.id if chosen else None,
        item_id=item.id if item else None,
    )


def _item() -> Item | None:
    uid = stock.chosen_uid("item")
    return item_by_uid(reading(), uid=uid) if uid else None


def _card(scope: PastScope, at: datetime, clock: Clock) -> list[CardLine]:
    if scope.item_id is None:
        return []
    return card_as_of(reading(), scope, at=at, clock=clock, limit=CARD_LINES)


def _at() -> datetime:
    """The moment in the address, by the clocks of the site; now without one."""
    text = request.args.get("at")
    if not text:
        return now()
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=time_zone())
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise ValueError(text)
        return moment.astimezone(UTC)
    except ValueError:
        raise Invalid(f"“{text[:30]}” is not a moment like 2026-11-20T14:00.", field="at") from None


def _after() -> PastKey | None:
    key = cursor()
    if key is None:
        return None
    match key:
        case (str(code), int(item_id), int(lot_id)):
            return code, item_id, lot_id
    raise Invalid("This page link is damaged. Open the first page again.", field="after")
