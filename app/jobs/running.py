"""A job in the making: what its function gets, and the rules of its transactions.

Every run holds a lease with a number, the attempt. Only the run with the latest number may
finish: of two runs of one message, one has an effect, whatever happened to workers or Redis.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.database import Database
from app.core.outbox import OutboxMessage

T = TypeVar("T")

LEASE = timedelta(seconds=45)
DEADLINE_SECONDS = 15.0


class LeaseLost(Exception):
    """Another run has taken the message over; this one must not have an effect any more."""


@dataclass(slots=True)
class JobRun:
    """One attempt at one outbox message."""

    database: Database
    uid: uuid.UUID
    attempt: int
    payload: dict[str, Any]
    is_finished: bool = field(default=False, init=False)

    def step(self, work: Callable[[Session], T]) -> T:
        """Commit a part of long work, which must be harmless to repeat: a next attempt does."""

        def fenced(session: Session) -> T:
            _hold(session, self.uid, self.attempt).leased_until = now() + LEASE
            return work(session)

        return self.database.unit_of_work(fenced, deadline_seconds=DEADLINE_SECONDS)

    def finish(self, work: Callable[[Session], T]) -> T:
        """Commit the effect, or its last part, together with the mark that the job is done."""

        def fenced(session: Session) -> T:
            message = _hold(session, self.uid, self.attempt)
            result = work(session)
            message.done_at = now()
            message.leased_until = None
            message.error = None
            return result

        result = self.database.unit_of_work(fenced, deadline_seconds=DEADLINE_SECONDS)
        self.is_finished = True
        return result


JobFunction = Callable[[JobRun], None]


def lock_message(session: Session, uid: uuid.UUID) -> OutboxMessage | None:
    """The message, locked until the end of the transaction, while it is open; else None."""
    return session.scalars(
        sa.select(OutboxMessage)
        .where(
            OutboxMessage.uid == uid,
            OutboxMessage.done_at.is_(None),
            OutboxMessage.failed_at.is_(None),
        )
        .with_for_update()
    ).one_or_none()


def extend_lease(database: Database, uid: uuid.UUID) -> None:
    """Say that the message is still being worked on. Called from outside of the job's process."""
    database.unit_of_work(
        lambda session: session.execute(
            sa.update(OutboxMessage)
            .where(OutboxMessage.uid == uid, OutboxMessage.done_at.is_(None))
            .values(leased_until=now() + LEASE)
        )
    )


def _hold(session: Session, uid: uuid.UUID, attempt: int) -> OutboxMessage:
    message = lock_message(session, uid)
    if message is None or message.attempts != attempt:
        raise LeaseLost(f"outbox message {uid}, attempt {attempt}")
    return message
