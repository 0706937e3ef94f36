"""Reservations: the list, a new one, one with its history, and letting it go."""

from __future__ import annotations

import uuid

from flask import Response, flash, request

from app.blueprints.reservations import acting
from app.blueprints.reservations.columns import COLUMNS
from app.blueprints.reservations.forms import ReleaseForm, ReservationForm
from app.core.errors import DomainError, Forbidden
from app.core.ids import new_uid
from app.core.rights import Permission, require
from app.domain.ledger.reservation_queries import (
    ReservationRow,
    list_reservations,
    list_steps,
    reservation_by_uid,
)
from app.web import list_files, stock
from app.web.current import current_actor
from app.web.database import reading, unit_of_work
from app.web.guards import allow
from app.web.paging import PAGE_SIZE, paged
from app.web.responses import page, see_other

STEPS_AT_MOST = 100


@allow(Permission.STOCK_VIEW)
def index() -> Response:
    """Promises, newest first; those that are used up on demand."""
    is_open = request.args.get("show") != "all"
    rows = list_reservations(
        reading(),
        site_id=stock.site_id(),
        is_open=is_open,
        reference=stock.typed(),
        before=stock.after_id(),
        limit=PAGE_SIZE + 1,
    )
    return page(
        "reservations/index.html",
        page=paged(rows, key=lambda row: (row.id,)),
        is_open=is_open,
        text=stock.typed(),
        tabs=stock.STOCK_TABS,
    )


@allow(Permission.STOCK_VIEW)
def download() -> Response:
    """The reservations of the list, all of its pages, as a CSV file."""
    is_open, site_id, text = request.args.get("show") != "all", stock.site_id(), stock.typed()
    rows = list_files.each(
        lambda before, limit: list_reservations(
            reading(),
            site_id=site_id,
            is_open=is_open,
            reference=text,
            before=before,
            limit=limit,
        ),
        key=lambda row: row.id,
    )
    return list_files.list_file("reservations", COLUMNS, rows)


@allow(Permission.LEDGER_RESERVE)
def new() -> Response:
    """An empty form."""
    data = {"uid": str(new_uid()), "reference_type": "order"}
    return page("reservations/new.html", form=ReservationForm(data=data))


@allow(Permission.LEDGER_RESERVE)
def make() -> Response:
    """Promise the stock, and go to the list."""
    form = ReservationForm()
    if not form.validate():
        return page("reservations/new.html", status=422, form=form)
    try:
        unit_of_work(lambda session: acting.promise(session, form))
    except DomainError as error:
        if isinstance(error, Forbidden):
            raise
        form.refuse(error)
        return page("reservations/new.html", status=error.status, form=form)
    flash(f"Promised to {form.reference_type.data} {form.reference_id.data}.", "ok")
    return see_other("/reservations/")


@allow(Permission.STOCK_VIEW)
def show(uid: uuid.UUID) -> Response:
    """One promise, and what became of it."""
    return _show(_visible(uid), ReleaseForm(data={"uid": str(new_uid())}))


@allow(Permission.LEDGER_RESERVE)
def release(uid: uuid.UUID) -> Response:
    """Take the promise back, as a whole or a part of it."""
    shown, form = _visible(uid), ReleaseForm()
    if not form.validate():
        return _show(shown, form, status=422)
    try:
        unit_of_work(lambda session: acting.let_go(session, shown, form))
    except DomainError as error:
        if isinstance(error, Forbidden):
            raise
        form.refuse(error)
        return _show(_visible(uid), form, status=error.status)
    flash("The promise is released.", "ok")
    return see_other(f"/reservations/{uid}/")


def _visible(uid: uuid.UUID) -> ReservationRow:
    shown = reservation_by_uid(reading(), uid=uid)
    require(current_actor(), Permission.STOCK_VIEW, site_id=shown.site_id)
    return shown


def _show(shown: ReservationRow, form: ReleaseForm, *, status: int = 200) -> Response:
    steps = list_steps(reading(), reservation_id=shown.id, limit=STEPS_AT_MOST)
    return page("reservations/show.html", status=status, shown=shown, steps=steps, form=form)
