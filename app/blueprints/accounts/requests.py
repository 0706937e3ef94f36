"""The inbox of requests for roles, and the page on which one is decided."""

from __future__ import annotations

import uuid

from flask import Response, flash

from app.blueprints.accounts.forms import PlaceForm, RefusalForm, place_id
from app.core.errors import Forbidden, Invalid
from app.core.rights import Permission
from app.domain.accounts import commands
from app.domain.accounts.people_queries import PlaceOfWork, list_places_of_work
from app.domain.accounts.request_queries import (
    RequestRow,
    list_decided_requests,
    list_open_requests,
    request_by_uid,
)
from app.domain.locations.queries import departments_in_reach
from app.web.current import current_actor
from app.web.database import reading, unit_of_work
from app.web.guards import allow
from app.web.responses import page, see_other

OPEN_MAX = 200
DECIDED_MAX = 20
INBOX = "/requests/roles/"


@allow(Permission.ACCOUNTS_MANAGE)
def index() -> Response:
    """What waits, oldest first, and what was decided lately."""
    among = _in_charge_of()
    return page(
        "accounts/requests.html",
        waiting=list_open_requests(reading(), among=among, limit=OPEN_MAX),
        decided=list_decided_requests(reading(), among=among, limit=DECIDED_MAX),
    )


@allow(Permission.ACCOUNTS_MANAGE)
def show(uid: uuid.UUID) -> Response:
    """One request, with both answers to it while it is open."""
    request = _load(uid)
    return _page(request, _approval(request)[0], RefusalForm())


@allow(Permission.ACCOUNTS_MANAGE)
def approve(uid: uuid.UUID) -> Response:
    """Give the role, there and until then."""
    request = _load(uid)
    form, places = _approval(request)
    if not form.validate():
        return _page(request, form, RefusalForm(formdata=None), status=422)
    try:
        unit_of_work(
            lambda session: commands.approve_request(
                session,
                actor=current_actor(),
                request_uid=uid,
                department_id=place_id(places, form.department.data),
                valid_until=form.ends(),
            )
        )
    except Invalid as error:
        form.refuse(error)
        return _page(request, form, RefusalForm(formdata=None), status=422)
    flash(f"{request.user_name} has the role {request.role_name} now.", "ok")
    return see_other(INBOX)


@allow(Permission.ACCOUNTS_MANAGE)
def decline(uid: uuid.UUID) -> Response:
    """Refuse, with a reason."""
    request, form = _load(uid), RefusalForm()
    if not form.validate():
        return _page(request, _approval(request, is_fresh=True)[0], form, status=422)
    try:
        unit_of_work(
            lambda session: commands.decline_request(
                session, actor=current_actor(), request_uid=uid, reason=form.reason.data
            )
        )
    except Invalid as error:
        form.refuse(error)
        return _page(request, _approval(request, is_fresh=True)[0], form, status=422)
    flash(f"The request of {request.user_name} is declined.", "ok")
    return see_other(INBOX)


def _load(uid: uuid.UUID) -> RequestRow:
    request = request_by_uid(reading(), uid=uid)
    among = _in_charge_of()
    if among is not None and request.department_id not in among:
        raise Forbidden(f"Requests for {request.department_name} are decided by others.")
    return request


def _in_charge_of() -> frozenset[int] | None:
    return departments_in_reach(
        reading(), actor=current_actor(), permission=Permission.ACCOUNTS_MANAGE
    )


def _approval(
    request: RequestRow, *, is_fresh: bool = False
) -> tuple[PlaceForm, list[PlaceOfWork]]:
    actor = current_actor()
    places = list_places_of_work(reading(), among=_in_charge_of())
    asked = next((str(one.uid) for one in places if one.id == request.department_id), "")
    options = {"formdata": None} if is_fresh else {}
    form = PlaceForm(data={"department": asked}, **options)
    form.offer(
        places,
        everywhere=not request.is_department_bound
        and actor.may_throughout(Permission.ACCOUNTS_MANAGE),
    )
    return form, list(places)


def _page(
    request: RequestRow, approval: PlaceForm, refusal: RefusalForm, *, status: int = 200
) -> Response:
    return page(
        "accounts/request.html", status=status, asked=request, approval=approval, refusal=refusal
    )
