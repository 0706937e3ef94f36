"""The rack map, the page of a place, the page of a department."""

from __future__ import annotations

import uuid

from flask import Response

from app.blueprints.locations.columns import COLUMNS
from app.core.errors import NotFound
from app.core.rights import Permission
from app.domain.codes.queries import tokens_of
from app.domain.codes.rules import CodeKind
from app.domain.ledger.history_queries import events_at_location
from app.domain.ledger.stock_queries import balances_at
from app.domain.ledger.unit_queries import UnitFilter, count_units, list_units
from app.domain.locations.models import Department, Location
from app.domain.locations.queries import department_by_uid, location_by_uid
from app.domain.units.place_queries import list_racks
from app.web import holds, list_files, stock
from app.web.database import reading
from app.web.guards import allow
from app.web.labels import draw_qr, label_url
from app.web.paging import PAGE_SIZE, paged
from app.web.responses import page, wants_fragment

EVENTS_AT_MOST = 20
BALANCES_AT_MOST = 50


@allow(Permission.STOCK_VIEW)
def racks() -> Response:
    """Every rack with what lies where."""
    departments = stock.visible_departments()
    chosen = stock.chosen_department(departments)
    among = frozenset({chosen.id}) if chosen else stock.departments()
    return page(
        "locations/racks.html",
        racks=list_racks(reading(), site_id=stock.site_id(), departments=among),
        departments=departments,
        chosen=chosen,
        tabs=stock.STOCK_TABS,
    )


@allow(Permission.STOCK_VIEW)
def download() -> Response:
    """The places of the rack map as a CSV file."""
    chosen = stock.chosen_department(stock.visible_departments())
    among = frozenset({chosen.id}) if chosen else stock.departments()
    shown = list_racks(reading(), site_id=stock.site_id(), departments=among)
    rows = ((rack, place) for rack in shown for place in rack.places)
    return list_files.list_file("places", COLUMNS, rows)


@allow(Permission.STOCK_VIEW)
def show(uid: uuid.UUID) -> Response:
    """One place; htmx gets what lies there, for a quick look from the map."""
    place = _visible_place(uid)
    wanted = UnitFilter(site_id=place.site_id, location_id=place.id)
    units = list_units(
        reading(), wanted, limit=PAGE_SIZE + 1, after=stock.after_time(), oldest_first=True
    )
    shown = paged(units, key=lambda row: (row.moved_at.isoformat(), row.id))
    if wants_fragment():
        return page("locations/_look.html", place=place, page=shown)
    token = tokens_of(reading(), CodeKind.LOCATION, [place.id]).get(place.id)
    return page(
        "locations/show.html",
        place=place,
        holds=holds.of_place(place),
        department=reading().get_one(Department, place.department_id),
        parent=reading().get(Location, place.parent_id) if place.parent_id else None,
        page=shown,
        balances=balances_at(reading(), location_id=place.id, limit=BALANCES_AT_MOST),
        events=events_at_location(reading(), location_id=place.id, limit=EVENTS_AT_MOST),
        racks=list_racks(reading(), site_id=place.site_id, parent_id=place.parent_id or place.id),
        token=token,
        qr=draw_qr(label_url(token)) if token else None,
    )


@allow(Permission.STOCK_VIEW)
def department(uid: uuid.UUID) -> Response:
    """One department: what waits, what is stored, its racks."""
    shown = department_by_uid(reading(), uid=uid)
    stock.require_stock_view(of_site=shown.site_id, department_id=shown.id)
    wanted = UnitFilter(site_id=shown.site_id, department_id=shown.id)
    token = tokens_of(reading(), CodeKind.DEPARTMENT, [shown.id]).get(shown.id)
    return page(
        "locations/department.html",
        department=shown,
        counts=count_units(reading(), wanted),
        racks=list_racks(reading(), site_id=shown.site_id, departments=[shown.id]),
        token=token,
        qr=draw_qr(label_url(token)) if token else None,
    )


def _visible_place(uid: uuid.UUID) -> Location:
    place = location_by_uid(reading(), uid=uid)
    if place.is_virtual:
        raise NotFound("This is not a place that one can go to.", field="location")
    stock.require_stock_view(of_site=place.site_id, department_id=place.department_id)
    return place
