"""Checking and booking imported files. Reading happens outside transactions, writing in one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy.orm import Session

from app.core.errors import Busy, DomainError, Forbidden
from app.core.rights import Actor
from app.core.storage import open_storage
from app.domain.accounts.queries import load_actor
from app.domain.imports import commands
from app.domain.imports.commands.checking import Superseded
from app.domain.imports.models import ImportRun
from app.domain.imports.readers import read_table
from app.domain.imports.rules.columns import guess_mapping
from app.domain.imports.rules.rows import Layout, ReadRow, read_rows
from app.jobs.running import JobRun
from config import Settings

log = structlog.get_logger(__name__)

SECONDS_BETWEEN_PROGRESS = 1.0


def check(run: JobRun) -> None:
    """Find out what would become of every row of a file."""
    _settle(run, lambda session, facts: commands.record_check(session, **facts))


def book(run: JobRun) -> None:
    """Book the good rows of a checked file for the person who asked for it."""
    _settle(
        run,
        lambda session, facts: commands.book_import(session, actor=_asker(session, run), **facts),
    )


def _settle(run: JobRun, write: Callable[[Session, dict[str, Any]], ImportRun]) -> None:
    """Read the file, write what it came to; a refusal is written where a person reads it."""
    names = {"run_id": run.payload["run_id"], "message_uid": run.uid}
    try:
        layout, rows = _read(run, names)
        run.finish(lambda session: write(session, {**names, "layout": layout, "rows": rows}))
    except Busy:
        raise
    except Superseded as error:
        log.info("import taken over by a newer job", reason=error.message, **names)
    except DomainError as error:
        reason = error.message
        run.finish(lambda session: commands.fail_import(session, reason=reason, **names))


def _read(run: JobRun, names: dict[str, Any]) -> tuple[Layout, list[ReadRow]]:
    source = run.step(lambda session: commands.begin_job(session, **names))
    table = read_table(open_storage(Settings.from_environment().data).path(source.storage_key))
    layout = Layout(table.columns, source.mapping or guess_mapping(table.columns))
    progress = _Progress(run, names, len(table.rows))
    return layout, read_rows(table.rows, layout, on_progress=progress)


def _asker(session: Session, run: JobRun) -> Actor:
    """Whoever asked for it, with the rights of this moment."""
    actor = load_actor(session, run.payload["user_id"])
    if actor is None:
        raise Forbidden("Whoever asked for this may not log in any more.")
    return actor


class _Progress:
    """Writes how far the reading is, at most once a second."""

    def __init__(self, run: JobRun, names: dict[str, Any], rows_total: int) -> None:
        self._run, self._names, self._rows_total = run, names, rows_total
        self._said_at = float("-inf")

    def __call__(self, rows_done: int) -> None:
        if time.monotonic() - self._said_at < SECONDS_BETWEEN_PROGRESS:
            return
        self._said_at = time.monotonic()
        self._run.step(
            lambda session: commands.note_progress(
                session, rows_done=rows_done, rows_total=self._rows_total, **self._names
            )
        )
