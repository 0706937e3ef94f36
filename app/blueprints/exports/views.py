"""The exports: their list, one under way or done, and its file."""

from __future__ import annotations

import uuid

from flask import Response, current_app, send_file, url_for

from app.core.clock import now
from app.core.errors import NotFound
from app.core.rights import Permission
from app.core.storage import open_storage
from app.domain.exports import commands
from app.domain.exports.models import ExportState
from app.domain.exports.queries import ExportView, export_by_uid, list_exports
from app.domain.exports.rules import Progress, progress_of
from app.web import stock
from app.web.current import current_actor, time_zone
from app.web.database import reading, unit_of_work
from app.web.guards import allow
from app.web.paging import PAGE_SIZE, paged
from app.web.responses import page, page_or_fragment, see_other, wants_fragment

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@allow(Permission.EXPORTS_RUN)
def index() -> Response:
    """All exports, newest first; htmx gets the rows, which refresh while one is under way."""
    views = list_exports(
        reading(),
        actor=current_actor(),
        site_id=stock.site_id(),
        before_id=stock.after_id(),
        limit=PAGE_SIZE + 1,
    )
    return page_or_fragment(
        "exports/index.html",
        "exports/_rows.html",
        page=paged(views, key=lambda view: (view.run.id,)),
        progress_of=_progress,
    )


@allow(Permission.EXPORTS_RUN)
def start() -> Response:
    """Have the master audit export made, and go to its page; twice leads to the same one."""
    run = unit_of_work(
        lambda session: commands.start_export(
            session, actor=current_actor(), site_id=stock.site_id()
        )
    )
    return see_other(url_for("exports.show", uid=run.uid))


@allow(Permission.EXPORTS_RUN)
def show(uid: uuid.UUID) -> Response:
    """One export: how far it is, or its file."""
    view = _load(uid)
    return page(
        "exports/show.html", view=view, progress=_progress(view) if view.is_working else None
    )


@allow(Permission.EXPORTS_RUN)
def progress(uid: uuid.UUID) -> Response:
    """The part of an export under way that refreshes itself; when it is done, the whole page."""
    view = _load(uid)
    if not wants_fragment():
        return see_other(url_for("exports.show", uid=uid))
    response = page(
        "exports/_progress.html", view=view, progress=_progress(view) if view.is_working else None
    )
    if not view.is_working:
        response.headers["HX-Refresh"] = "true"
    return response


@allow(Permission.EXPORTS_RUN)
def file(uid: uuid.UUID) -> Response:
    """The file, whole or the range that a broken download still lacks."""
    run = _load(uid).run
    if run.state != ExportState.DONE or run.storage_key is None:
        raise NotFound("This export has no file. Start a new one.", field="export")
    path = open_storage(current_app.extensions["settings"].data).path(run.storage_key)
    if not path.exists():
        raise NotFound("The file of this export is gone. Start a new one.", field="export")
    response = send_file(
        path,
        mimetype=XLSX,
        as_attachment=True,
        download_name=f"rollcall-audit-{run.created_at.astimezone(time_zone()):%Y-%m-%d-%H%M}.xlsx",
        etag=path.name,
        conditional=True,
    )
    response.cache_control.private = True
    return response


def _load(uid: uuid.UUID) -> ExportView:
    return export_by_uid(reading(), actor=current_actor(), uid=uid)


def _progress(view: ExportView) -> Progress:
    return progress_of(
        ExportState(view.run.state),
        rows_done=view.run.rows_done,
        rows_total=view.run.rows_total,
        started_at=view.run.started_at,
        waiting_since=view.run.created_at,
        at=now(),
    )
