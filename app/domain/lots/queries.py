"""Reading lots."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.core.rows import rows_from
from app.domain.accounts.models import User
from app.domain.lots.models import NO_LOT, Lot, LotDecision


@dataclass(frozen=True, slots=True)
class Decision:
    """One word of quality, as a page shows it."""

    decided_at: datetime
    decided_by: str
    from_status: str
    to_status: str
    reason: str


def lot_by_uid(session: Session, *, uid: uuid.UUID) -> Lot:
    """A lot by its public id; "no lot" is not one. Raises NotFound."""
    lot = session.scalars(sa.select(Lot).where(Lot.uid == uid, Lot.id != NO_LOT)).first()
    if lot is None:
        raise NotFound("There is no such lot.", field="lot")
    return lot


def lots_by_number(
    session: Session, *, wanted: Iterable[tuple[int, str]]
) -> Mapping[tuple[int, str], Lot]:
    """The lots of these (item, number) pairs that exist."""
    pairs = [{"item_id": item_id, "number": number} for item_id, number in wanted]
    if not pairs:
        return {}
    table: Any = Lot.__table__
    asked = rows_from(session, pairs, [table.c.item_id, table.c.number])
    found = session.scalars(
        sa.select(Lot).join(
            asked, sa.and_(Lot.item_id == asked.c.item_id, Lot.number == asked.c.number)
        )
    )
    return {(lot.item_id or 0, lot.number): lot for lot in found}


def list_decisions(session: Session, *, lot_id: int, limit: int) -> list[Decision]:
    """What quality said of a lot, newest first."""
    rows = session.execute(
        sa.select(
            LotDecision.decided_at,
            User.name,
            LotDecision.from_status,
            LotDecision.to_status,
            LotDecision.reason,
        )
        .join(User, User.id == LotDecision.decided_by_id)
        .where(LotDecision.lot_id == lot_id)
        .order_by(LotDecision.id.desc())
        .limit(limit)
    )
    return [Decision(*row) for row in rows]
