"""The imports: their list, and one run from its check to the log of its rows."""

from __future__ import annotations

import uuid
from pathlib import Path

from flask import Response, current_app, jsonify, request, url_for

from app.blueprints.imports.forms import CheckForm, UndoForm
from app.blueprints.imports.log_file import log_response
from app.core import progress_files
from app.core.clock import now
from app.core.errors import Invalid
from app.core.rights import Permission
from app.domain.imports import commands
from app.domain.imports.models import ImportRun, RowOutcome, RunState
from app.domain.imports.queries import RunView, import_by_uid, list_imports, list_rows
from app.domain.imports.rules.columns import Meaning, check_mapping
from app.domain.imports.rules.progress import WORKING, Progress, progress_of
from app.web import stock
from app.web.current import current_actor
from app.web.database import reading, unit_of_work
from app.web.guards import allow
from app.web.paging import PAGE_SIZE, paged
from app.web.responses import page, see_other, wants_fragment

SAMPLE_ROWS = 3
# Rows are numbered in 32 bits.
HIGHEST_ROW = 2**31 - 1


@allow(Permission.IMPORTS_RUN)
def index() -> Response:
    """All runs, newest first."""
    views = list_imports(
        reading(), actor=current_actor(), before_id=stock.after_id(), limit=PAGE_SIZE + 1
    )
    return page("imports/index.html", page=paged(views, key=lambda view: (view.run.id,)))


@allow(Permission.IMPORTS_RUN)
def show(uid: uuid.UUID) -> Response:
    """One run: how far it is, what would happen, or what became of every row."""
    return _page(_load(uid))


@allow(Permission.IMPORTS_RUN)
def progress(uid: uuid.UUID) -> Response:
    """The part of a run under way that refreshes itself; when it is done, the whole page."""
    view = _load(uid)
    if not wants_fragment():
        return see_other(_path(view))
    if not _is_working(view):
        response = page("imports/_progress.html", view=view, progress=None)
        response.headers["HX-Refresh"] = "true"
        return response
    return page("imports/_progress.html", view=view, progress=_progress(view))


@allow(Permission.IMPORTS_RUN)
def check(uid: uuid.UUID) -> Response:
    """Check the file again with what the form says."""
    view = _load(uid)
    form = CheckForm.of(view.run)
    if not form.validate():
        return _page(view, form=form, status=422)
    try:
        unit_of_work(
            lambda session: commands.check_import(
                session,
                actor=current_actor(),
                run_id=view.run.id,
                mapping=form.mapping(view.run.columns),
                options=form.options(),
            )
        )
    except Invalid as error:
        form.refuse(error)
        return _page(view, form=form, status=422)
    return see_other(_path(view))


@allow(Permission.IMPORTS_RUN)
def book(uid: uuid.UUID) -> Response:
    """Have the checked file booked."""
    view = _load(uid)
    unit_of_work(
        lambda session: commands.apply_import(session, actor=current_actor(), run_id=view.run.id)
    )
    return see_other(_path(view))


@allow(Permission.IMPORTS_RUN)
def undo(uid: uuid.UUID) -> Response:
    """Have everything taken back that the file has booked; what stands against it is listed."""
    view = _load(uid)
    form = UndoForm()
    if not form.validate():
        return _page(view, undo=form, status=422)
    try:
        unit_of_work(
            lambda session: commands.undo_import(
                session,
                actor=current_actor(),
                run_id=view.run.id,
                reason=form.reason.data or "",
            )
        )
    except commands.UndoRefused as error:
        return _page(_load(uid), refusal=error, status=409)
    return see_other(_path(view))


@allow(Permission.IMPORTS_RUN)
def state(uid: uuid.UUID) -> Response:
    """Whether the work on a run is over, for the notice on other pages."""
    view = _load(uid)
    return jsonify(is_done=not _is_working(view), name=view.run.filename)


@allow(Permission.IMPORTS_RUN)
def log(uid: uuid.UUID) -> Response:
    """What became of every row, as a file."""
    view = _load(uid)
    return log_response(reading(), view.run, _outcomes())


def _load(uid: uuid.UUID) -> RunView:
    return import_by_uid(reading(), actor=current_actor(), uid=uid)


def _path(view: RunView) -> str:
    return url_for("imports.show", uid=view.run.uid)


def _page(
    view: RunView,
    *,
    form: CheckForm | None = None,
    undo: UndoForm | None = None,
    refusal: commands.UndoRefused | None = None,
    status: int = 200,
) -> Response:
    if _is_working(view):
        return page("imports/working.html", view=view, progress=_progress(view))
    outcomes = _outcomes()
    rows = list_rows(
        reading(),
        run_id=view.run.id,
        outcomes=outcomes,
        after_row=min(stock.after_id() or 0, HIGHEST_ROW),
        limit=PAGE_SIZE + 1,
    )
    return page(
        "imports/show.html",
        status=status,
        view=view,
        run=view.run,
        form=form or CheckForm.of(view.run),
        undo=undo or UndoForm(),
        refusal=refusal,
        lacking=_lacking(view.run),
        page=paged(rows, key=lambda entry: (entry.row.row_no,)),
        outcome=outcomes[0] if outcomes else None,
        samples=list_rows(reading(), run_id=view.run.id, limit=SAMPLE_ROWS),
        may_make_places=current_actor().may(
            Permission.LOCATIONS_MANAGE,
            site_id=view.run.site_id,
            department_id=view.run.department_id,
        ),
    )


def _lacking(run: ImportRun) -> list[str]:
    """What the columns do not say that every row must."""
    mapping = {column: Meaning(meaning) for column, meaning in run.mapping.items()}
    return [problem.message for problem in check_mapping(mapping, run.kind)] if mapping else []


def _is_working(view: RunView) -> bool:
    return view.run.state in WORKING and view.job_error is None


def _progress(view: RunView) -> Progress:
    run = view.run
    is_one = run.state in (RunState.APPLYING, RunState.UNDOING) and run.message_uid is not None
    done = progress_files.told(_data(), run.message_uid) if is_one and run.message_uid else None
    return progress_of(
        RunState(run.state),
        rows_done=(done or 0) if is_one else run.rows_done,
        rows_total=_rows_to_do(run),
        started_at=run.started_at,
        waiting_since=view.asked_at,
        at=now(),
    )


def _rows_to_do(run: ImportRun) -> int:
    """How many rows the job at work on it has to go through."""
    if run.state == RunState.APPLYING:
        return int(run.counts["open"])
    return int(run.counts["booked"]) if run.state == RunState.UNDOING else run.rows_total


def _data() -> Path:
    return Path(current_app.extensions["settings"].data)


def _outcomes() -> tuple[RowOutcome, ...]:
    """The outcome that the address asks for; anything else means all."""
    asked = request.args.get("outcome", "")
    return (RowOutcome(asked),) if asked in set(RowOutcome) else ()
