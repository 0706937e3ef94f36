"""What the worker does with an outbox id: take the lease, run the function, note the outcome.

Nothing is raised to RQ: the row is the truth about success and failure. What may pass is tried
again with back-off; what a rule refuses, or what failed too often, is left for a person.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.database import Database
from app.core.errors import Busy, DomainError
from app.jobs import queue
from app.jobs.registry import JOBS
from app.jobs.relay import Relay
from app.jobs.running import LEASE, JobFunction, JobRun, LeaseLost, lock_message
from config import Settings

log = structlog.get_logger(__name__)

ATTEMPTS_MAX = 6
BACK_OFF_FIRST_SECONDS = 5.0
ERROR_LENGTH_MAX = 2_000


def perform(uid: str) -> None:
    """Run one message, in a process of its own. This is the function that RQ calls."""
    settings = Settings.from_environment()
    database = Database(settings.database_url)
    database.on_commit = Relay(database, queue.connect(settings.redis_url)).push
    try:
        perform_with(database, uuid.UUID(uid), JOBS)
    finally:
        database.dispose()


def perform_with(database: Database, uid: uuid.UUID, jobs: dict[str, JobFunction]) -> None:
    """Run one message with these functions."""
    taken = database.unit_of_work(lambda session: _take(session, uid))
    if taken is None:
        return
    name, attempt, payload = taken
    run = JobRun(database, uid, attempt, payload)
    context = {"job": name, "uid": str(uid), "attempt": attempt}
    try:
        jobs[name](run)
        if not run.is_finished:
            run.finish(lambda _session: None)
    except LeaseLost:
        log.warning("job taken over by another run", **context)
    except Exception as error:
        log.exception("job failed", **context)
        _note_failure(database, run, error)
    else:
        log.info("job done", **context)


def _take(session: Session, uid: uuid.UUID) -> tuple[str, int, dict[str, object]] | None:
    """Take the lease for a new attempt, unless the message is done, failed or tried too often."""
    message = lock_message(session, uid)
    if message is None:
        return None
    if message.attempts >= ATTEMPTS_MAX:
        # Its runs ended without a word: killed, or out of memory.
        message.failed_at = now()
        message.error = message.error or f"It ended {ATTEMPTS_MAX} times without an answer."
        return None
    message.attempts += 1
    message.leased_until = now() + LEASE
    return message.job, message.attempts, message.payload


def _note_failure(database: Database, run: JobRun, error: Exception) -> None:
    is_final = run.attempt >= ATTEMPTS_MAX or (
        isinstance(error, DomainError) and not isinstance(error, Busy)
    )

    def note(session: Session) -> None:
        message = lock_message(session, run.uid)
        if message is None or message.attempts != run.attempt:
            return
        message.error = f"{type(error).__name__}: {error}"[:ERROR_LENGTH_MAX]
        message.failed_at = now() if is_final else None
        message.leased_until = None if is_final else now() + back_off(run.attempt)

    database.unit_of_work(note)


def back_off(attempt: int) -> timedelta:
    """The pause after a failed attempt: 5 s, 20 s, 80 s, …"""
    return timedelta(seconds=BACK_OFF_FIRST_SECONDS * 4.0 ** (attempt - 1))
