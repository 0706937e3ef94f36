"""The dashboard, the part of it that refreshes itself, and a look into one place."""

from __future__ import annotations

import uuid

from flask import Response, make_response, redirect, request

from app.blueprints.dashboard.board import Board, View, board_version, load_board
from app.core.clock import now
from app.core.errors import NotFound
from app.core.rights import Permission
from app.domain.locations.queries import list_departments, location_by_uid
from app.domain.units.place_queries import list_units_at
from app.web.current import current_actor, time_zone, workplace
from app.web.database import reading
from app.web.guards import allow, signed_in
from app.web.navigation import landing_path
from app.web.responses import page, wants_fragment

SHOWN_AT_ONCE = 50


@signed_in
def show() -> Response:
    """The dashboard; people whose work is elsewhere are sent there."""
    if not current_actor().may(Permission.DASHBOARD_VIEW):
        return make_response(redirect(landing_path(), 303))
    view = _view()
    version = board_version(reading(), view)
    return page("dashboard/index.html", board=_load(view), version=version, as_of=_as_of())


@allow(Permission.DASHBOARD_VIEW)
def live() -> Response:
    """The part that changes; 304 while nothing was booked."""
    view = _view()
    version = board_version(reading(), view)
    if version in request.if_none_match:
        response = make_response("", 304)
    else:
        response = page("dashboard/_live.html", board=_load(view), version=version)
    response.set_etag(version)
    response.headers["X-As-Of"] = _as_of()
    return response


@allow(Permission.DASHBOARD_VIEW)
def place(uid: uuid.UUID) -> Response:
    """What lies in one place, for a quick look; without htmx the place's own page."""
    if not wants_fragment():
        return make_response(redirect(f"/locations/{uid}/", 303))
    location = location_by_uid(reading(), uid=uid)
    actor = current_actor()
    if not actor.may(
        Permission.DASHBOARD_VIEW, site_id=location.site_id, department_id=location.department_id
    ):
        raise NotFound("There is no such location.", field="location")
    units = list_units_at(reading(), location_id=location.id, limit=SHOWN_AT_ONCE + 1)
    return page("dashboard/_place.html", location=location, units=units, most=SHOWN_AT_ONCE)


def _view() -> View:
    """What the actor asked to see, within what the actor may see."""
    actor = current_actor()
    site_id = actor.site_id or 0
    visible = list_departments(
        reading(), site_id=site_id, among=actor.departments_for(Permission.DASHBOARD_VIEW)
    )
    wanted = request.args.get("department")
    chosen = next((one for one in visible if one.code == wanted), None)
    if wanted and chosen is None:
        raise NotFound(f"There is no department “{wanted[:40]}” that you may see.")
    return View(
        site_id=site_id,
        time_zone=workplace().time_zone,
        visible=tuple(visible),
        chosen=chosen,
        sees_all=actor.departments_for(Permission.DASHBOARD_VIEW) is None,
        at=now(),
        rights=str(actor.user_id),
    )


def _load(view: View) -> Board:
    return load_board(reading(), view)


def _as_of() -> str:
    return f"{now().astimezone(time_zone()):%H:%M:%S}"
