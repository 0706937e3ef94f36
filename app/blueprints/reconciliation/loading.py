"""What the actor may see of proof."""

from __future__ import annotations

import uuid

from flask import Response

from app.blueprints.reconciliation.forms import ExplanationForm, PlanForm, ReasonForm
from app.core.rights import Permission
from app.domain.reconciliation.queries import (
    Entry,
    daily_at,
    discrepancy_by_uid,
    last_continuous,
    list_discrepancies,
    list_runs,
    proof_of,
)
from app.web import stock
from app.web.current import current_actor
from app.web.database import reading
from app.web.paging import PAGE_SIZE, paged
from app.web.responses import page

VIEW = Permission.RECONCILIATION_VIEW
RUNS_AT_MOST = 12


def entry(uid: uuid.UUID) -> Entry:
    """A discrepancy that the actor may see."""
    return discrepancy_by_uid(
        reading(), uid=uid, site_id=stock.site_id(), departments=stock.departments(VIEW)
    )


def entries(*, is_open: bool, limit: int, before_id: int | None) -> list[Entry]:
    """The discrepancies that the actor may see."""
    return list_discrepancies(
        reading(),
        site_id=stock.site_id(),
        departments=stock.departments(VIEW),
        is_open=is_open,
        limit=limit,
        before_id=before_id,
    )


def overview(*, is_open: bool, plan: PlanForm | None = None, status: int = 200) -> Response:
    """The page of proof."""
    session, site_id = reading(), stock.site_id()
    rows = entries(is_open=is_open, limit=PAGE_SIZE + 1, before_id=stock.after_id())
    hour = daily_at(session, site_id=site_id)
    return page(
        "reconciliation/index.html",
        status=status,
        page=paged(rows, key=lambda one: (one.row.id,)),
        is_open=is_open,
        proof=proof_of(session, site_id=site_id, departments=stock.departments(VIEW)),
        runs=list_runs(session, site_id=site_id, limit=RUNS_AT_MOST),
        continuous=last_continuous(session),
        plan=plan or PlanForm(formdata=None, data={"daily_at": hour}),
        may_manage=may_manage(),
    )


def one(
    found: Entry,
    *,
    explanation: ExplanationForm | None = None,
    closing: ReasonForm | None = None,
    correction: ReasonForm | None = None,
    status: int = 200,
) -> Response:
    """The page of a discrepancy with its three forms."""
    return page(
        "reconciliation/show.html",
        status=status,
        entry=found,
        explanation=explanation or ExplanationForm(formdata=None),
        closing=closing or ReasonForm(formdata=None, prefix="closing-"),
        correction=correction or ReasonForm(formdata=None, prefix="correction-"),
        may_manage=may_manage(),
    )


def may_manage() -> bool:
    """Whether forms are offered; the commands decide."""
    return current_actor().may(Permission.RECONCILIATION_MANAGE, site_id=stock.site_id())
