"""The list of movements, the page of one, and its reversal."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from flask import Response, request
from sqlalchemy.orm import Session

from app.blueprints.ledger.columns import COLUMNS
from app.blueprints.ledger.forms import ReversalForm
from app.core.clock import now
from app.core.errors import DomainError, Invalid
from app.core.rights import Permission, require
from app.domain.accounts.queries import user_by_uid
from app.domain.ledger.commands import reverse as reverse_movement
from app.domain.ledger.commands.reversing import UNDO_WINDOW
from app.domain.ledger.entry_queries import EntryText, LineText, read_entries
from app.domain.ledger.models import LONGEST_REFERENCE, Verb
from app.domain.ledger.movement_queries import (
    LINES_AT_MOST,
    MovementFilter,
    MovementPage,
    list_movements,
    movement_page,
)
from app.domain.locations.models import Department
from app.domain.locations.rules import day_bounds
from app.web import list_files, stock
from app.web.current import current_actor, workplace
from app.web.database import reading, unit_of_work
from app.web.guards import allow
from app.web.paging import PAGE_SIZE, paged
from app.web.responses import page, see_other

VIEW = Permission.MOVEMENTS_VIEW


@allow(VIEW)
def index() -> Response:
    """Movements in the order they were booked, newest first."""
    departments = stock.visible_departments(VIEW)
    chosen = stock.chosen_department(departments)
    wanted = _wanted(chosen)
    rows = list_movements(reading(), wanted, limit=PAGE_SIZE + 1, before=stock.after_id())
    return page(
        "ledger/index.html",
        page=paged(rows, key=lambda row: (row.id,)),
        wanted=wanted,
        verbs=Verb,
        departments=departments,
        chosen=chosen,
        day=request.args.get("day", ""),
    )


@allow(VIEW)
def download() -> Response:
    """The movements of the list, all of its pages, as a CSV file."""
    wanted = _wanted(stock.chosen_department(stock.visible_departments(VIEW)))
    rows = list_files.each(
        lambda before, limit: list_movements(reading(), wanted, limit=limit, before=before),
        key=lambda row: row.id,
    )
    return list_files.list_file("movements", COLUMNS, rows)


@allow(VIEW)
def show(uid: uuid.UUID) -> Response:
    """One movement: who, what, when, where, why."""
    return _show(_visible(uid), ReversalForm())


@allow(Permission.LEDGER_REVERSE, Permission.LEDGER_UNDO)
def reverse(uid: uuid.UUID) -> Response:
    """Book the mirror of a movement, and go to it."""
    shown = _visible(uid)
    form = ReversalForm()
    if not form.validate():
        return _show(shown, form, status=422)
    try:
        posted = unit_of_work(
            lambda session: reverse_movement(
                session,
                actor=current_actor(),
                movement_id=shown.movement.id,
                reason=form.reason.data,
                location_id=_where_now(session, shown, form),
            )
        )
    except DomainError as error:
        form.refuse(error)
        return _show(_visible(uid), form, status=error.status)
    return see_other(f"/movements/{posted.movement_uid}/")


def _where_now(session: Session, shown: MovementPage, form: ReversalForm) -> int | None:
    """Where rolls are that were dispatched after all; what never left goes where it came from."""
    if not _asks_where(shown):
        return None
    if not form.place.data:
        raise Invalid("Scan or type the place where it is now.", field="place")
    line = LineText(target=form.place.data)
    (read,) = read_entries(session, site_id=shown.movement.site_id, entries=[EntryText([line])])
    if read.error is not None:
        raise Invalid(read.error.message, field="place")
    return read.lines[0].to_location_id


def _asks_where(shown: MovementPage) -> bool:
    is_dispatch = shown.movement.verb == Verb.DISPATCH
    return is_dispatch and any(line.unit_uid is not None for line in shown.lines)


def _show(shown: MovementPage, form: ReversalForm, *, status: int = 200) -> Response:
    return page(
        "ledger/show.html",
        status=status,
        shown=shown,
        form=form,
        may_reverse=_may_reverse(shown),
        asks_where=_asks_where(shown),
        lines_at_most=LINES_AT_MOST,
    )


def _visible(uid: uuid.UUID) -> MovementPage:
    """The movement, if the actor may look into a department that it touches."""
    shown = movement_page(reading(), uid=uid)
    touched = {one for line in shown.lines for one in line.department_ids if one is not None}
    actor, site_id = current_actor(), shown.movement.site_id
    if not any(actor.may(VIEW, site_id=site_id, department_id=one) for one in touched):
        require(actor, VIEW, site_id=site_id, department_id=min(touched, default=0))
    return shown


def _may_reverse(shown: MovementPage) -> bool:
    """Whether the form is offered; the command decides."""
    movement, actor = shown.movement, current_actor()
    if movement.verb == Verb.REVERSE or shown.reversed_by_uid is not None:
        return False
    is_own = movement.actor_id == actor.user_id and now() - movement.posted_at <= UNDO_WINDOW
    needed = Permission.LEDGER_UNDO if is_own else Permission.LEDGER_REVERSE
    touched = {one for line in shown.lines for one in line.department_ids if one is not None}
    return all(actor.may(needed, site_id=movement.site_id, department_id=one) for one in touched)


def _wanted(chosen: Department | None) -> MovementFilter:
    """What the address asks for, within what the actor may see."""
    by = stock.chosen_uid("by")
    since = until = None
    if request.args.get("day"):
        since, until = day_bounds(_day(request.args["day"]), workplace().time_zone)
    return MovementFilter(
        site_id=stock.site_id(),
        departments=stock.departments(VIEW),
        department_id=chosen.id if chosen else None,
        verb=stock.chosen("verb", Verb),
        actor_id=user_by_uid(reading(), uid=by).id if by else None,
        reference=_order(),
        since=since,
        until=until,
    )


def _order() -> str | None:
    """The order in the address, as the movements name it."""
    text = "".join(one for one in request.args.get("order", "") if one.isprintable())
    return text[:LONGEST_REFERENCE] or None


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
        # The first and the last day there are have no day beside them.
        day - timedelta(days=1), day + timedelta(days=2)
    except (ValueError, OverflowError):
        raise Invalid(f"“{text[:20]}” is not a day like 2026-11-20.", field="day") from None
    return day
