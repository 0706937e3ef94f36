"""Which lots of an item should go first: by expiry (FEFO) or by age (FIFO)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.domain.holds.models import Hold, HoldScope
from app.domain.holds.queries import in_force
from app.domain.ledger.models import SiteBalance
from app.domain.locations.models import Site
from app.domain.locations.rules import local_day
from app.domain.lots.models import Lot, LotStatus

LOTS_AT_ONCE = 500


class Order(StrEnum):
    """What goes first."""

    FEFO = "fefo"
    FIFO = "fifo"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One lot, what of it is promised to nobody, and how much to take of it."""

    lot_id: int
    number: str
    expires_on: date | None
    free: Decimal
    take: Decimal


def propose(
    session: Session, *, site_id: int, item_id: int, quantity: Decimal, order: Order = Order.FEFO
) -> list[Proposal]:
    """From which lots a quantity should be taken; together less where not so much is free.

    Only what quality has approved, is not expired and is not on hold.
    """
    zone = session.scalar(sa.select(Site.time_zone).where(Site.id == site_id)) or "UTC"
    today = local_day(now(), zone)
    held = sa.select(Hold.id).where(
        in_force(now()),
        sa.or_(
            sa.and_(Hold.scope == HoldScope.ITEM, Hold.subject_id == item_id),
            sa.and_(Hold.scope == HoldScope.LOT, Hold.subject_id == Lot.id),
        ),
    )
    by_expiry = [Lot.expires_on.is_(None), Lot.expires_on] if order is Order.FEFO else []
    rows = session.execute(
        sa.select(Lot.id, Lot.number, Lot.expires_on, SiteBalance.on_hand, SiteBalance.reserved)
        .join(Lot, Lot.id == SiteBalance.lot_id)
        .where(
            SiteBalance.site_id == site_id,
            SiteBalance.item_id == item_id,
            SiteBalance.on_hand > SiteBalance.reserved,
            Lot.status == LotStatus.APPROVED,
            sa.or_(Lot.expires_on.is_(None), Lot.expires_on >= today),
            ~held.exists(),
        )
        .order_by(*by_expiry, Lot.id)
        .limit(LOTS_AT_ONCE)
    )
    proposed: list[Proposal] = []
    missing = quantity
    for lot_id, number, expires_on, on_hand, reserved in rows:
        take = min(on_hand - reserved, missing)
        if take <= 0:
            break
        proposed.append(Proposal(lot_id, number, expires_on, on_hand - reserved, take))
        missing -= take
    return proposed
