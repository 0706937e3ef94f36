"""Checkpoints: what the books said at a moment, kept for questions about the past."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.reconciliation.models import Checkpoint, CheckpointBalance
from app.domain.reconciliation.past_queries import sums_for_checkpoint

# A movement gets its time before it is committed; so long ago, everything is committed.
SETTLED_AFTER = timedelta(minutes=15)


def take_checkpoint(session: Session, *, at: datetime) -> Checkpoint:
    """Keep what the books said a quarter of an hour before; twice for one moment is once."""
    taken_at = at - SETTLED_AFTER
    known = session.scalars(sa.select(Checkpoint).where(Checkpoint.taken_at == taken_at)).first()
    if known is not None:
        return known
    checkpoint = Checkpoint(taken_at=taken_at)
    session.add(checkpoint)
    session.flush()
    sums = sums_for_checkpoint(taken_at=taken_at).subquery()
    table: Any = CheckpointBalance.__table__
    rows = sa.select(
        sa.literal(checkpoint.id), sums.c.location_id, sums.c.item_id, sums.c.lot_id,
        sums.c.quantity,
    )  # fmt: skip
    names = ("checkpoint_id", "location_id", "item_id", "lot_id", "on_hand")
    session.execute(sa.insert(table).from_select(names, rows))
    return checkpoint
