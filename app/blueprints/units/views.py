"""The list of rolls and the page of one."""

from __future__ import annotations

import uuid

from flask import Response, request

from app.blueprints.units.columns import COLUMNS
from app.core.rights import Permission
from app.domain.catalog.queries import list_item_names
from app.domain.codes.queries import aliases_of
from app.domain.codes.rules import CodeKind
from app.domain.ledger.history_queries import events_of_unit
from app.domain.ledger.reservation_queries import promise_of_unit
from app.domain.ledger.unit_queries import count_units, list_units, unit_page
from app.domain.units.models import ON_SITE_STATES
from app.domain.units.place_queries import list_racks
from app.web import holds, list_files, stock
from app.web.database import reading
from app.web.guards import allow
from app.web.labels import draw_qr, label_url
from app.web.paging import PAGE_SIZE, paged
from app.web.responses import page

EVENTS_AT_ONCE = 50


@allow(Permission.STOCK_VIEW)
def index() -> Response:
    """Rolls by when they last moved."""
    departments = stock.visible_departments()
    chosen = stock.chosen_department(departments)
    wanted = stock.wanted_units(chosen)
    oldest_first = request.args.get("sort") == "oldest"
    rows = list_units(
        reading(), wanted, limit=PAGE_SIZE + 1, after=stock.after_time(), oldest_first=oldest_first
    )
    return page(
        "units/index.html",
        page=paged(rows, key=lambda row: (row.moved_at.isoformat(), row.id)),
        counts=count_units(reading(), wanted),
        wanted=wanted,
        departments=departments,
        chosen=chosen,
        items=list_item_names(reading()),
        oldest_first=oldest_first,
        tabs=stock.STOCK_TABS,
    )


@allow(Permission.STOCK_VIEW)
def download() -> Response:
    """The rolls of the list, all of its pages, as a CSV file."""
    wanted = stock.wanted_units(stock.chosen_department(stock.visible_departments()))
    oldest_first = request.args.get("sort") == "oldest"
    rows = list_files.each(
        lambda after, limit: list_units(
            reading(), wanted, limit=limit, after=after, oldest_first=oldest_first
        ),
        key=lambda row: (row.moved_at, row.id),
    )
    return list_files.list_file("rolls", COLUMNS, rows)


@allow(Permission.STOCK_VIEW)
def show(uid: uuid.UUID) -> Response:
    """One roll: what it is, where it is, what happened to it."""
    shown = unit_page(reading(), uid=uid)
    unit, place = shown.unit, shown.place
    stock.require_stock_view(of_site=unit.site_id, department_id=unit.department_id)
    is_here = unit.state in ON_SITE_STATES
    events = events_of_unit(
        reading(), unit_id=unit.id, limit=EVENTS_AT_ONCE + 1, before=stock.after_id()
    )
    return page(
        "units/show.html",
        shown=shown,
        holds=holds.of_unit(unit),
        promise=promise_of_unit(reading(), unit=unit),
        is_here=is_here,
        aliases=aliases_of(reading(), CodeKind.UNIT, [unit.id]).get(unit.id, []),
        page=paged(events, key=lambda event: (event.posting_id,), size=EVENTS_AT_ONCE),
        qr=draw_qr(label_url(shown.token)) if shown.token else None,
        rack=list_racks(reading(), site_id=unit.site_id, parent_id=place.parent_id)
        if is_here and place.parent_id
        else [],
    )
