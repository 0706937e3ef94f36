"""The dashboard, and the part of it that refreshes itself."""

from __future__ import annotations

from flask import Response, make_response, redirect, request

from app.blueprints.dashboard.board import Board, View, board_version, load_board
from app.core.clock import now
from app.core.errors import NotFound
from app.core.rights import Permission
from app.domain.locations.queries import list_departments
from app.web.current import current_actor, time_zone, workplace
from app.web.database import reading
from app.web.guards import allow, signed_in
from app.web.navigation import landing_path
from app.web.responses import page


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
