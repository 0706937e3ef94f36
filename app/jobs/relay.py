"""From the outbox to the queue: at once after a commit, and again for whatever got lost.

A message is open until its job marks it done in the transaction of its effect. Sending it twice
is harmless, so nothing here has to be exact, only stubborn.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import redis
import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.database import Database
from app.core.outbox import OutboxMessage
from app.jobs import queue

log = structlog.get_logger(__name__)

# How long a message may lie in the queue before it is sent again.
RESEND_AFTER = timedelta(seconds=60)
# The request that wrote a message sends it itself; the sweeper need not hurry.
GRACE = timedelta(seconds=3)
SWEEP_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Relay:
    """Sends messages of one database through one Redis."""

    database: Database
    connection: redis.Redis

    def push(self, uids: Iterable[uuid.UUID]) -> None:
        """Send messages that were just committed. Never raises: the act is done, and what is
        not sent now the sweeper sends later.
        """
        try:
            with self.database.reader() as session:
                names = _queues_of(session, list(uids))
            self._send(names)
        except Exception:
            log.exception("not sent after a commit")

    def sweep(self) -> int:
        """Send what is open and leased by nobody. Returns how many were sent."""
        try:
            self.connection.ping()
        except redis.RedisError:
            return 0
        names = self.database.unit_of_work(lease_overdue)
        sent = self._send(names)
        unsent = set(names) - sent
        if unsent:
            self.database.unit_of_work(lambda session: _give_back(session, unsent))
        return len(sent)

    def _send(self, names: dict[uuid.UUID, str]) -> set[uuid.UUID]:
        sent: set[uuid.UUID] = set()
        try:
            for uid, name in names.items():
                queue.put(self.connection, uid, name)
                sent.add(uid)
        except redis.RedisError as error:
            log.warning("queue unreachable", error=str(error), unsent=len(names) - len(sent))
        return sent


def _queues_of(session: Session, uids: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    chosen = sa.select(OutboxMessage.uid, OutboxMessage.queue).where(OutboxMessage.uid.in_(uids))
    return dict(session.execute(chosen).all())


def lease_overdue(session: Session) -> dict[uuid.UUID, str]:
    """Take a lease on messages that nobody works on, oldest first."""
    moment = now()
    overdue = (
        sa.select(OutboxMessage)
        .where(
            OutboxMessage.done_at.is_(None),
            OutboxMessage.failed_at.is_(None),
            sa.or_(OutboxMessage.leased_until.is_(None), OutboxMessage.leased_until <= moment),
            OutboxMessage.created_at <= moment - GRACE,
        )
        .order_by(OutboxMessage.id)
        .limit(SWEEP_LIMIT)
        # Several sweepers take different messages; SQLite has one writer and ignores this.
        .with_for_update(skip_locked=True)
    )
    messages = session.scalars(overdue).all()
    for message in messages:
        message.leased_until = moment + RESEND_AFTER
    return {message.uid: message.queue for message in messages}


def _give_back(session: Session, uids: set[uuid.UUID]) -> None:
    session.execute(
        sa.update(OutboxMessage)
        .where(OutboxMessage.uid.in_(uids), OutboxMessage.done_at.is_(None))
        .values(leased_until=None)
    )
