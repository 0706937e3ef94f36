"""Asking for a check, changing its hour, and settling what was found."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Response, flash

from app.blueprints.reconciliation import loading
from app.blueprints.reconciliation.forms import ExplanationForm, PlanForm, ReasonForm
from app.core.errors import DomainError
from app.core.rights import Permission
from app.domain.reconciliation import commands
from app.domain.reconciliation.queries import Entry
from app.web import stock
from app.web.current import current_actor
from app.web.database import unit_of_work
from app.web.forms import Form
from app.web.guards import allow
from app.web.responses import see_other

MANAGE = Permission.RECONCILIATION_MANAGE


@allow(MANAGE)
def check() -> Response:
    """Have everything checked now; pressed twice it is one check."""
    unit_of_work(lambda session: commands.request_check(session, actor=current_actor()))
    flash("Everything is being checked. This page shows the result.", "ok")
    return see_other("/proof/")


@allow(MANAGE)
def plan() -> Response:
    """Change the hour of the daily check."""
    form = PlanForm()
    if not form.validate():
        return loading.overview(is_open=True, plan=form, status=422)
    unit_of_work(
        lambda session: commands.plan_daily_check(
            session,
            actor=current_actor(),
            site_id=stock.site_id(),
            daily_at=form.daily_at.data,
        )
    )
    flash(f"The daily check is due at {form.daily_at.data:%H:%M} from now on.", "ok")
    return see_other("/proof/")


@allow(MANAGE)
def explain(uid: uuid.UUID) -> Response:
    """Write down what was found out."""
    found, form = loading.entry(uid), ExplanationForm()
    said = {"explanation": form.explanation.data}
    return _settle(
        found,
        form,
        name="explanation",
        command=commands.explain,
        said=said,
        words="It is written down.",
    )


@allow(MANAGE)
def close(uid: uuid.UUID) -> Response:
    """End the entry with a reason."""
    found, form = loading.entry(uid), ReasonForm(prefix="closing-")
    return _settle(
        found,
        form,
        name="closing",
        command=commands.close,
        said=_reason(form),
        words="The entry is closed.",
    )


@allow(MANAGE)
def correct(uid: uuid.UUID) -> Response:
    """Write what the ledger says into the number that differs."""
    found, form = loading.entry(uid), ReasonForm(prefix="correction-")
    return _settle(
        found,
        form,
        name="correction",
        command=commands.correct,
        said=_reason(form),
        words="The number says what the ledger says now.",
    )


def _reason(form: ReasonForm) -> dict[str, Any]:
    return {"reason": form.reason.data}


def _settle(
    found: Entry,
    form: Form,
    *,
    name: str,
    command: Callable[..., Any],
    said: dict[str, Any],
    words: str,
) -> Response:
    """The form again where it does not fit, else the act and back to its page."""
    if not form.validate():
        return loading.one(found, status=422, **{name: form})
    try:
        unit_of_work(
            lambda session: command(
                session, actor=current_actor(), discrepancy_uid=found.row.uid, **said
            )
        )
    except DomainError as error:
        if error.status == 403:
            raise
        form.refuse(error)
        again = loading.entry(found.row.uid)
        return loading.one(again, status=error.status, **{name: form})
    flash(words, "ok")
    return see_other(f"/proof/{found.row.uid}/")
