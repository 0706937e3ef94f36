"""When periodic work is due next: the row that schedulers on several hosts compete for.

Whoever moves `due_at` forward does the work. No advisory lock and no leader: a scheduler that
dies has done its tick or has not, and the next tick is anybody's.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.base import Base
from app.core.types import UtcDateTime


class PeriodicWork(Base):
    """One entry of the schedule and the moment from which it may be done again."""

    __tablename__ = "periodic_work"

    name: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)


def is_due(session: Session, *, name: str, moment: datetime) -> bool:
    """Whether it may be worth competing for; asks without a lock."""
    due_at = session.scalar(sa.select(PeriodicWork.due_at).where(PeriodicWork.name == name))
    return due_at is None or due_at <= moment


def claim(session: Session, *, name: str, moment: datetime, every: timedelta) -> bool:
    """Take this tick. True for one caller only, however many there are."""
    work = session.get(PeriodicWork, name, with_for_update=True)
    if work is None:
        # Two that insert at once: one meets the primary key and finds the tick taken next time.
        session.add(PeriodicWork(name=name, due_at=moment + every))
        return True
    if work.due_at > moment:
        return False
    work.due_at = moment + every
    return True
