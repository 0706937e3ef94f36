"""The list of alerts, one alert, and what people do about it."""

from __future__ import annotations

import uuid

from flask import Response, flash, request

from app.blueprints.alerts.forms import QuietHoursForm, ResolutionForm
from app.core.errors import DomainError
from app.core.rights import Permission
from app.domain.alerts import commands
from app.domain.alerts.models import Severity
from app.domain.alerts.queries import (
    AlertView,
    alert_by_uid,
    list_alerts,
    list_letters,
    quiet_hours_of,
)
from app.web import list_files, stock
from app.web.current import current_actor
from app.web.database import reading, unit_of_work
from app.web.guards import allow
from app.web.list_files import Column
from app.web.paging import PAGE_SIZE, paged
from app.web.responses import page, see_other

VIEW, MANAGE = Permission.DASHBOARD_VIEW, Permission.ALERTS_MANAGE
COLUMNS: tuple[Column, ...] = (
    ("Severity", lambda view: view.alert.severity),
    ("Alert", lambda view: view.alert.message),
    ("Rule", lambda view: view.alert.rule_code),
    ("Department", lambda view: view.department_name),
    ("Raised at", lambda view: view.alert.raised_at),
    ("Looked after by", lambda view: view.acknowledged_by),
    ("Looked after at", lambda view: view.alert.acknowledged_at),
    ("Resolved by", lambda view: view.resolved_by),
    ("Resolved at", lambda view: view.alert.resolved_at),
    ("What was done", lambda view: view.alert.resolution),
)


@allow(VIEW)
def index() -> Response:
    """What is open, or what was resolved, newest first."""
    return _index()


@allow(VIEW)
def download() -> Response:
    """The alerts of the list as a CSV file."""
    rows = list_files.each(
        lambda before, limit: _list(limit=limit, before_id=before), key=lambda view: view.alert.id
    )
    return list_files.list_file("alerts", COLUMNS, rows)


@allow(VIEW)
def show(uid: uuid.UUID) -> Response:
    """One alert, who was told, and what became of it."""
    return _show(_load(uid), ResolutionForm(formdata=None))


@allow(MANAGE)
def acknowledge(uid: uuid.UUID) -> Response:
    """Look after it."""
    _load(uid)
    unit_of_work(
        lambda session: commands.acknowledge(session, actor=current_actor(), alert_uid=uid)
    )
    return see_other(f"/alerts/{uid}/")


@allow(MANAGE)
def resolve(uid: uuid.UUID) -> Response:
    """Say what was done."""
    view, form = _load(uid), ResolutionForm()
    if not form.validate():
        return _show(view, form, status=422)
    try:
        unit_of_work(
            lambda session: commands.resolve(
                session, actor=current_actor(), alert_uid=uid, reason=form.reason.data
            )
        )
    except DomainError as error:
        if error.status == 403:
            raise
        form.refuse(error)
        return _show(_load(uid), form, status=error.status)
    flash("The alert is resolved.", "ok")
    return see_other("/alerts/")


@allow(MANAGE)
def quiet_hours() -> Response:
    """Change the hours in which nobody is written to."""
    form = QuietHoursForm()
    if not form.validate():
        return _index(form, status=422)
    try:
        unit_of_work(
            lambda session: commands.set_quiet_hours(
                session, actor=current_actor(), site_id=stock.site_id(), span=form.span()
            )
        )
    except DomainError as error:
        if error.status == 403:
            raise
        form.refuse(error)
        return _index(form, status=error.status)
    flash("The quiet hours are saved.", "ok")
    return see_other("/alerts/")


def _index(form: QuietHoursForm | None = None, *, status: int = 200) -> Response:
    rows = _list(limit=PAGE_SIZE + 1, before_id=stock.after_id())
    actor, site_id = current_actor(), stock.site_id()
    kept = quiet_hours_of(reading(), site_id=site_id)
    shown = {
        "site": site_id,
        "starts_at": kept.starts_at if kept else None,
        "ends_at": kept.ends_at if kept else None,
    }
    return page(
        "alerts/index.html",
        status=status,
        page=paged(rows, key=lambda view: (view.alert.id,)),
        is_open=_is_open(),
        severity=stock.chosen("severity", Severity),
        severities=Severity,
        quiet=form or QuietHoursForm(formdata=None, data=shown),
        may_plan=actor.may_throughout(MANAGE, site_id=site_id),
    )


def _show(view: AlertView, form: ResolutionForm, *, status: int = 200) -> Response:
    alert = view.alert
    return page(
        "alerts/show.html",
        status=status,
        view=view,
        form=form,
        letters=list_letters(reading(), alert_id=alert.id),
        may_manage=current_actor().may(
            MANAGE, site_id=alert.site_id, department_id=alert.department_id
        ),
    )


def _load(uid: uuid.UUID) -> AlertView:
    return alert_by_uid(
        reading(), uid=uid, site_id=stock.site_id(), departments=stock.departments(VIEW)
    )


def _list(*, limit: int, before_id: int | None) -> list[AlertView]:
    return list_alerts(
        reading(),
        site_id=stock.site_id(),
        departments=stock.departments(VIEW),
        is_open=_is_open(),
        severity=stock.chosen("severity", Severity),
        limit=limit,
        before_id=before_id,
    )


def _is_open() -> bool:
    return request.args.get("show") != "resolved"
