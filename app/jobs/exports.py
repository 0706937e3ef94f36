"""Making the files of exports, and removing those that have outlived their time."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Busy, DomainError, Forbidden
from app.core.storage import open_storage
from app.domain.accounts.models import User
from app.domain.accounts.queries import load_actor
from app.domain.exports import commands
from app.domain.exports.content_queries import Extent, fix_extent
from app.domain.exports.models import ExportRun
from app.domain.exports.queries import kept_files
from app.domain.exports.workbook import Heading, write_audit
from app.domain.locations.models import Department, Site
from app.jobs.relay import Relay
from app.jobs.running import JobRun
from config import Settings

SHELF = "exports"
SECONDS_BETWEEN_PROGRESS = 1.0
# A file or a folder that no run names may still be in the making.
IN_THE_MAKING = timedelta(days=1)


def audit(run: JobRun) -> None:
    """Make the master audit export; a refusal is written where a person reads it."""
    run_id = run.payload["run_id"]
    try:
        _make(run, run.step(lambda session: _begin(session, run)))
    except Busy:
        raise
    except DomainError as error:
        reason = error.message
        run.finish(lambda session: commands.fail_export(session, run_id=run_id, reason=reason))


def remove_old(relay: Relay) -> None:
    """Give up what was kept for two weeks, and what runs left that died."""
    relay.database.unit_of_work(lambda session: commands.remove_old_exports(session, at=now()))
    with relay.database.reader() as session:
        keep = kept_files(session)
    storage = open_storage(Settings.from_environment().data)
    storage.sweep(shelf=SHELF, keep=keep, before=now() - IN_THE_MAKING)


def _begin(session: Session, run: JobRun) -> ExportRun:
    actor = load_actor(session, run.payload["user_id"])
    if actor is None:
        raise Forbidden("Whoever asked for this may not log in any more.")
    return commands.begin_export(session, actor=actor, run_id=run.payload["run_id"])


def _make(run: JobRun, export: ExportRun) -> None:
    storage = open_storage(Settings.from_environment().data)
    with storage.workspace() as folder:
        path = folder / "export.xlsx"
        extent = _write(run, export, path)
        file = storage.keep(path, shelf=SHELF)
    run.finish(
        lambda session: commands.finish_export(
            session, run_id=export.id, rows=extent.rows, file=file
        )
    )


def _write(run: JobRun, export: ExportRun, path: Path) -> Extent:
    with run.database.snapshot() as session:
        extent = fix_extent(
            session, site_id=export.site_id, departments=export.parameters["departments"]
        )
        write_audit(
            session,
            path,
            extent=extent,
            heading=_heading(session, export),
            on_row=_Progress(run, export.id, extent.rows),
        )
    return extent


def _heading(session: Session, export: ExportRun) -> Heading:
    site = session.get_one(Site, export.site_id)
    among = export.parameters["departments"]
    query: Any = sa.select(Department.name).where(Department.site_id == site.id)
    if among is not None:
        query = query.where(Department.id.in_(among))
    return Heading(
        site=f"{site.name} ({site.code})",
        zone=ZoneInfo(site.time_zone),
        made_at=now(),
        made_for=session.get_one(User, export.created_by_id).name,
        departments=", ".join(session.scalars(query.order_by(Department.name))),
    )


class _Progress:
    """Writes how many rows are done, at most once a second."""

    def __init__(self, run: JobRun, run_id: int, rows_total: int) -> None:
        self._run, self._run_id, self._rows_total = run, run_id, rows_total
        self._said_at = float("-inf")

    def __call__(self, rows_done: int) -> None:
        moment = time.monotonic()
        if moment - self._said_at < SECONDS_BETWEEN_PROGRESS and rows_done < self._rows_total:
            return
        self._said_at = moment
        self._run.step(
            lambda session: commands.note_progress(
                session, run_id=self._run_id, rows_done=rows_done, rows_total=self._rows_total
            )
        )
