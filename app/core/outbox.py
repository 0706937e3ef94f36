"""The outbox: work for later, written in the same transaction as the act that causes it.

The row is the truth for state, progress, result and error; Redis only carries its id. Whatever
is queued was committed first, and a flushed Redis loses nothing.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.base import Base, BigId
from app.core.clock import now
from app.core.ids import new_uid
from app.core.types import Json, UtcDateTime

NEW_MESSAGES = "outbox_uids"


class OutboxMessage(Base):
    """One piece of work for the queue.

    Open while `done_at` and `failed_at` are empty; leased while `leased_until` lies ahead.
    """

    __tablename__ = "outbox_messages"
    __table_args__ = (
        sa.Index(
            "ix_outbox_messages_open",
            "leased_until",
            sqlite_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    job: Mapped[str] = mapped_column(sa.String(80))
    payload: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    queue: Mapped[str] = mapped_column(sa.String(20), default="default")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(sa.Integer, default=0)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(sa.Text)


def enqueue(
    session: Session, job: str, payload: dict[str, Any], *, queue: str = "default"
) -> OutboxMessage:
    """Add work to the outbox of this transaction; it is pushed to the queue after the commit."""
    message = OutboxMessage(job=job, payload=payload, queue=queue)
    session.add(message)
    session.flush()
    session.info.setdefault(NEW_MESSAGES, []).append(message.uid)
    return message


def enqueue_for(
    session: Session, job: str, payload: dict[str, Any], *, at: datetime
) -> OutboxMessage:
    """Add work that must not begin before a moment: it is leased to nobody until then."""
    message = OutboxMessage(job=job, payload=payload, leased_until=at)
    session.add(message)
    session.flush()
    return message
