"""Engines and sessions: readers, and units of work that are retried as a whole.

SQLite needs two kinds of transaction: readers start DEFERRED, writers BEGIN IMMEDIATE, because
the driver's own habit loses updates without a word (600 of 800 in our measurement).
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from app.core.errors import Busy
from app.core.outbox import NEW_MESSAGES

T = TypeVar("T")

# serialization_failure, deadlock_detected, lock_not_available
RETRIABLE_STATES = frozenset({"40001", "40P01", "55P03"})
LOCK_TIMEOUT_MS = 2_000
SQLITE_BUSY_TIMEOUT_MS = 3_000


class StaleRead(Exception):
    """What was read before the locks were taken has changed; the whole work is done again."""


class Database:
    """One database: its engine, its readers and its units of work."""

    def __init__(self, url: str, *, isolation_level: str | None = None) -> None:
        options: dict[str, Any] = {"pool_pre_ping": not url.startswith("sqlite")}
        if isolation_level is not None:
            options["isolation_level"] = isolation_level
        if url.startswith("postgresql"):
            # PgBouncer in transaction mode cannot keep prepared statements for a client.
            options["connect_args"] = {"prepare_threshold": None}
        self.engine = sa.create_engine(url, **options)
        self.dialect = self.engine.dialect.name
        self.on_commit: Callable[[list[uuid.UUID]], None] | None = None
        self._writer_lock: AbstractContextManager[Any] = nullcontext()
        self._writer = self.engine
        if self.dialect == "sqlite":
            _prepare_sqlite(self.engine)
            self._writer = self.engine.execution_options(sqlite_begin="IMMEDIATE")
            self._writer_lock = threading.RLock()

    def reader(self) -> Session:
        """A session for reading; whoever opens it closes it."""
        return Session(self.engine, autoflush=False, expire_on_commit=False)

    def snapshot(self) -> Session:
        """A reader that sees one moment of the database, however long it reads.

        What another one commits meanwhile stays unseen. SQLite's readers are so by nature.
        """
        session = self.reader()
        if self.dialect == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        return session

    def unit_of_work(self, work: Callable[[Session], T], *, deadline_seconds: float = 5) -> T:
        """Run `work` in one transaction, commit, and return what it returned.

        A transaction that lost a race (deadlock, serialization failure, busy database, stale
        read) is done again as a whole, so `work` must have no effect outside the session.
        Raises Busy when the deadline passes; then nothing was written.
        """
        deadline = time.monotonic() + deadline_seconds
        attempt = 0
        while True:
            attempt += 1
            try:
                result, messages = self._attempt(work)
                break
            except (DBAPIError, StaleRead) as error:
                pause = min(0.5, 0.01 * 2**attempt) * random.uniform(0.5, 1.5)  # noqa: S311
                if not is_retriable(error):
                    if isinstance(error, (OperationalError, InterfaceError)):
                        # The database is away or full; no fault of what was to be written.
                        raise Busy(
                            "The database cannot be used now. Nothing was written; try again."
                        ) from error
                    raise
                if time.monotonic() + pause > deadline:
                    raise Busy(
                        "The database is busy. Nothing was written; please try again."
                    ) from error
                time.sleep(pause)
        # Outside the retry: what is committed must not be done again because a queue is down.
        if messages and self.on_commit is not None:
            self.on_commit(messages)
        return result

    def _attempt(self, work: Callable[[Session], T]) -> tuple[T, list[uuid.UUID]]:
        with self._writer_lock, Session(self._writer, expire_on_commit=False) as session:
            if self.dialect == "postgresql":
                session.execute(sa.text(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}"))
            result = work(session)
            session.commit()
            return result, session.info.pop(NEW_MESSAGES, [])

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def is_retriable(error: Exception) -> bool:
    """Whether a transaction that failed so may pass when it is done again."""
    if isinstance(error, StaleRead):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if getattr(error.orig, "sqlstate", None) in RETRIABLE_STATES:
        return True
    return isinstance(error, OperationalError) and (
        error.connection_invalidated or "locked" in str(error.orig)
    )


def _prepare_sqlite(engine: sa.Engine) -> None:
    """Make SQLite keep what it acknowledged and begin transactions when we say so."""

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            # A phone has already deleted what we acknowledged: NORMAL could lose it.
            "synchronous=FULL",
            "foreign_keys=ON",
            # Without it INSERT OR REPLACE walks past the append-only triggers.
            "recursive_triggers=ON",
            f"busy_timeout={SQLITE_BUSY_TIMEOUT_MS}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        kind = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {kind}")
