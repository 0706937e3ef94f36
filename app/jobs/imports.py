"""Checking, booking and taking back imported files.

A check writes part by part; a booking and an undo are one transaction each.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.orm import Session

from app.core import progress_files
from app.core.errors import Busy, DomainError, Forbidden
from app.core.rights import Actor
from app.core.storage import open_storage
from app.domain.accounts.queries import load_actor
from app.domain.imports import commands
from app.domain.imports.commands.checking import Superseded
from app.domain.imports.error_book import write_errors
from app.domain.imports.models import ImportRun
from app.domain.imports.readers import Table, open_table
from app.domain.imports.rules.rows import Layout, ReadRow, read_row, refuse_merged
from app.domain.imports.rules.tally import Tally
from app.jobs.running import JobRun
from config import Settings

log = structlog.get_logger(__name__)

SHELF = "imports"
ROWS_AT_ONCE = 2_000
SECONDS_BETWEEN_PROGRESS = 0.5


def check(run: JobRun) -> None:
    """Find out what would become of every row of a file."""
    _settle(run, lambda: _check(run, _names(run)))


def book(run: JobRun) -> None:
    """Book the good rows of a checked file for the person who asked for it."""
    _settle(run, lambda: _write(run, commands.book_import))


def undo(run: JobRun) -> None:
    """Take back what a file has booked."""
    reason = run.payload.get("reason", "")
    _settle(run, lambda: _write(run, commands.take_back, reason=reason))


def _settle(run: JobRun, work: Callable[[], None]) -> None:
    """Do it; a refusal is written where a person reads it."""
    try:
        work()
    except Busy:
        raise
    except Superseded as error:
        log.info("import taken over by a newer job", reason=error.message, **_names(run))
    except DomainError as error:
        reason = error.message
        run.finish(lambda session: commands.fail_import(session, reason=reason, **_names(run)))


def _check(run: JobRun, names: dict[str, Any]) -> None:
    source = run.step(lambda session: commands.begin_check(session, **names))
    path = open_storage(_data()).path(source.storage_key)
    table = open_table(path, source.options)
    tally = run.step(lambda session: commands.lay_out(session, table=table, **names))
    for done, rows in _parts(table, tally.layout, source.booked):
        tally.add(*run.step(_checking(rows, done, tally, names)))
    tally.hold(run.step(lambda session: commands.ask_about_weights(session, tally=tally, **names)))
    sheet = table.reading.get("sheet") or source.filename
    errors_key = _keep_errors(run, run.payload["run_id"], sheet)
    run.finish(
        lambda session: commands.finish_check(session, tally=tally, errors_key=errors_key, **names)
    )


def _checking(
    rows: list[ReadRow], done: int, tally: Tally, names: dict[str, Any]
) -> Callable[[Session], Any]:
    return lambda session: commands.check_rows(
        session, rows=rows, tally=tally, rows_done=done, **names
    )


def _parts(
    table: Table, layout: Layout, booked: frozenset[int]
) -> Iterator[tuple[int, list[ReadRow]]]:
    """The rows part by part, read, with how many lines are done; booked ones are left out."""
    done = 0
    while lines := list(itertools.islice(table.rows, ROWS_AT_ONCE)):
        done += len(lines)
        yield (
            done,
            [
                refuse_merged(row, layout, table.merged[row_no]) if row_no in table.merged else row
                for row_no, values in lines
                if row_no not in booked
                for row in [read_row(row_no, values, layout)]
            ],
        )


def _keep_errors(run: JobRun, run_id: int, sheet: str) -> str | None:
    """Make the workbook of all errors, if there are some."""
    storage = open_storage(_data())
    with storage.workspace() as folder, run.database.reader() as session:
        path = folder / "errors.xlsx"
        if not write_errors(session, path, run_id=run_id, sheet=sheet):
            return None
        return storage.keep(path, shelf=SHELF).key


def _write(run: JobRun, act: Callable[..., ImportRun], **facts: Any) -> None:
    """One transaction with the rights of this moment; how far it is, is told beside it."""
    progress = _Progress(run)
    try:
        run.finish(
            lambda session: act(
                session,
                actor=_asker(session, run),
                on_progress=progress,
                **_names(run),
                **facts,
            )
        )
    finally:
        progress_files.forget(_data(), run.uid)


def _names(run: JobRun) -> dict[str, Any]:
    return {"run_id": run.payload["run_id"], "message_uid": run.uid}


def _data() -> Path:
    return Settings.from_environment().data


def _asker(session: Session, run: JobRun) -> Actor:
    """Whoever asked for it, with the rights of this moment."""
    actor = load_actor(session, run.payload["user_id"])
    if actor is None:
        raise Forbidden("Whoever asked for this may not log in any more.")
    return actor


class _Progress:
    """Says how far a transaction is, at most twice a second."""

    def __init__(self, run: JobRun) -> None:
        self._run = run
        self._said_at = float("-inf")

    def __call__(self, rows_done: int) -> None:
        if time.monotonic() - self._said_at < SECONDS_BETWEEN_PROGRESS:
            return
        self._said_at = time.monotonic()
        progress_files.tell(_data(), self._run.uid, rows_done)
