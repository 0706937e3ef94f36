"""Putting something on hold, the page of a hold, and lifting it."""

from __future__ import annotations

import uuid

from flask import Response, flash

from app.blueprints.holds.forms import HoldForm, LiftForm
from app.blueprints.holds.subjects import HeldThing, thing_held, thing_of
from app.core.errors import DomainError, Forbidden, Invalid
from app.core.ids import new_uid
from app.core.rights import Permission
from app.domain.holds.commands import lift_hold, put_hold
from app.domain.holds.models import HoldScope
from app.domain.holds.queries import hold_by_uid, list_holds
from app.web import stock
from app.web.current import current_actor, time_zone
from app.web.database import reading, unit_of_work
from app.web.guards import allow
from app.web.responses import page, see_other

HOLDS_AT_MOST = 100


@allow(Permission.HOLDS_MANAGE)
def new() -> Response:
    """Asks why, and until when."""
    return _form(_asked(), HoldForm(data={"uid": str(new_uid())}))


@allow(Permission.HOLDS_MANAGE)
def put() -> Response:
    """Put the hold, and go back to what it is on."""
    thing, form = _asked(), HoldForm()
    if not form.validate():
        return _form(thing, form, status=422)
    try:
        unit_of_work(
            lambda session: put_hold(
                session,
                actor=current_actor(),
                scope=thing.scope,
                subject_id=thing.id,
                reason=form.reason.data,
                uid=_uid(form.uid.data),
                until=form.ends(time_zone()),
            )
        )
    except Invalid as error:
        form.refuse(error)
        return _form(thing, form, status=error.status)
    flash(f"{thing.name} is on hold.", "ok")
    return see_other(thing.path)


@allow(Permission.STOCK_VIEW)
def show(uid: uuid.UUID) -> Response:
    """One hold: on what, why, by whom, until when."""
    return _show(uid, LiftForm())


@allow(Permission.HOLDS_MANAGE)
def lift(uid: uuid.UUID) -> Response:
    """Lift the hold, and go back to what it was on."""
    form = LiftForm()
    if not form.validate():
        return _show(uid, form, status=422)
    try:
        unit_of_work(
            lambda session: lift_hold(
                session, actor=current_actor(), uid=uid, reason=form.reason.data
            )
        )
    except Forbidden:
        raise
    except DomainError as error:
        form.refuse(error)
        return _show(uid, form, status=error.status)
    thing = _thing_of(uid)
    flash(f"The hold on {thing.name} is lifted.", "ok")
    return see_other(thing.path)


def _asked() -> HeldThing:
    scope, uid = stock.chosen("on", HoldScope), stock.chosen_uid("of")
    if scope is None or uid is None:
        raise Invalid("Open the page of what is to be held, and choose “Put on hold” there.")
    return thing_of(scope, uid)


def _uid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Invalid("This page is damaged. Open it again.", field="uid") from None


def _form(thing: HeldThing, form: HoldForm, *, status: int = 200) -> Response:
    return page("holds/new.html", status=status, thing=thing, form=form)


def _thing_of(uid: uuid.UUID) -> HeldThing:
    hold = hold_by_uid(reading(), uid=uid)
    return thing_held(HoldScope(hold.scope), hold.subject_id)


def _show(uid: uuid.UUID, form: LiftForm, *, status: int = 200) -> Response:
    thing = _thing_of(uid)
    rows = list_holds(reading(), among=[(thing.scope, thing.id)], limit=HOLDS_AT_MOST)
    shown = next(row for row in rows if row.uid == uid)
    return page("holds/show.html", status=status, thing=thing, hold=shown, form=form)
