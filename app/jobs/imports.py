"""Checking and booking imported files. Reading happens outside transactions, writing in one."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy.orm import Session

from app.core.errors import Busy, DomainError, Forbidden
from app.core.rights import Actor
from app.core.storage import open_storage
from app.domain.accounts.queries import load_actor
from app.domain.imports import commands
from app.domain.imports.commands.checking import Superseded
from app.domain.imports.readers import read_table
from app.domain.imports.rules.columns import guess_mapping
from app.domain.imports.rules.rows import Layout, ReadRow, read_rows
from app.jobs.running import JobRun
from config import Settings

SECONDS_BETWEEN_PROGRESS = 1.0


def check(run: JobRun) -> None:
    """Find out what would become of every row of a file."""

    def work() -> None:
        layout, rows = _read(run)
        facts = {"run_id": run.payload["run_id"], "message_uid": run.uid}
        run.finish(
            lambda session: commands.record_check(session, layout=layout, rows=rows, **facts)
        )

    _settle(run, work)


def book(run: JobRun) -> None:
    """Book the good rows of a checked file for the person who asked for it."""

    def work() -> None:
        layout, rows = _read(run)
        run.finish(
            lambda session: commands.book_import(
                session,
                actor=_asker(session, run),
                run_id=run.payload["run_id"],
                message_uid=run.uid,
                layout=layout,
                rows=rows,
            )
        )

    _settle(run, work)


def _asker(session: Session, run: JobRun) -> Actor:
    """Whoever asked for it, with the rights of this moment."""
    actor = load_actor(session, run.payload["user_id"])
    if actor is None:
        raise Forbidden("Whoever asked for this may not log in any more.")
    return actor


def _settle(run: JobRun, work: Callable[[], None]) -> None:
    """Do the work; what refuses it is written to the run, where a person reads it."""
    try:
        work()
    except (Busy, Superseded) as error:
        if isinstance(error, Busy):
            raise
    except DomainError as error:
        reason = error.message
        run.finish(
            lambda session: commands.fail_import(
                session, run_id=run.payload["run_id"], message_uid=run.uid, reason=reason
            )
        )


def _read(run: JobRun) -> tuple[Layout, list[ReadRow]]:
    run_id: int = run.payload["run_id"]
    source = run.step(
        lambda session: commands.begin_job(session, run_id=run_id, message_uid=run.uid)
    )
    table = read_table(open_storage(Settings.from_environment().data).path(source.storage_key))
    layout = Layout(table.columns, source.mapping or guess_mapping(table.columns))
    progress = _Progress(run, run_id, len(table.rows))
    return layout, read_rows(table.rows, layout, on_progress=progress)


class _Progress:
    """Writes how far the reading is, at most once a second."""

    def __init__(self, run: JobRun, run_id: int, rows_total: int) -> None:
        self._run, self._run_id, self._rows_total = run, run_id, rows_total
        self._said_at = float("-inf")

    def __call__(self, rows_done: int) -> None:
        if time.monotonic() - self._said_at < SECONDS_BETWEEN_PROGRESS:
            return
        self._said_at = time.monotonic()
        self._run.step(
            lambda session: commands.note_progress(
                session,
                run_id=self._run_id,
                message_uid=self._run.uid,
                rows_done=rows_done,
                rows_total=self._rows_total,
            )
        )
