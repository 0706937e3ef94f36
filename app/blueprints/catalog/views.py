"""The list of items and the page of one."""

from __future__ import annotations

import uuid

from flask import Response

from app.blueprints.catalog.columns import COLUMNS
from app.core.rights import Permission
from app.domain.catalog.queries import item_by_uid
from app.domain.codes.queries import tokens_of
from app.domain.codes.rules import CodeKind
from app.domain.ledger.stock_queries import Stock, list_items, list_lots, places_of, stock_by
from app.domain.ledger.unit_queries import UnitFilter, count_units
from app.web import holds, list_files, stock
from app.web.database import reading
from app.web.guards import allow
from app.web.labels import draw_qr, label_url
from app.web.paging import PAGE_SIZE, paged
from app.web.responses import page

PLACES_AT_MOST = 50


@allow(Permission.STOCK_VIEW)
def index() -> Response:
    """Items by number."""
    rows = list_items(
        reading(),
        scope=stock.scope(),
        text=stock.typed(),
        after=stock.after_text(),
        limit=PAGE_SIZE + 1,
    )
    return page(
        "catalog/index.html",
        page=paged(rows, key=lambda row: (row.number,)),
        text=stock.typed(),
        tabs=stock.STOCK_TABS,
    )


@allow(Permission.STOCK_VIEW)
def download() -> Response:
    """The items of the list, all of its pages, as a CSV file."""
    scope, text = stock.scope(), stock.typed()
    rows = list_files.each(
        lambda after, limit: list_items(
            reading(), scope=scope, text=text, after=after, limit=limit
        ),
        key=lambda row: row.number,
    )
    return list_files.list_file("items", COLUMNS, rows)


@allow(Permission.STOCK_VIEW)
def show(uid: uuid.UUID) -> Response:
    """One item: its lots and where they lie."""
    item = item_by_uid(reading(), uid=uid)
    scope = stock.scope()
    lots = list_lots(
        reading(), scope=scope, item_id=item.id, before=stock.after_id(), limit=PAGE_SIZE + 1
    )
    token = tokens_of(reading(), CodeKind.ITEM, [item.id]).get(item.id)
    return page(
        "catalog/show.html",
        item=item,
        holds=holds.of_item(item),
        stock=stock_by(reading(), "item_id", [item.id], scope=scope).get(item.id, Stock()),
        counts=count_units(
            reading(), UnitFilter(scope.site_id, scope.departments, item_id=item.id)
        ),
        places=places_of(reading(), scope=scope, item_id=item.id, limit=PLACES_AT_MOST),
        page=paged(lots, key=lambda row: (row.id,)),
        token=token,
        qr=draw_qr(label_url(token)) if token else None,
    )
