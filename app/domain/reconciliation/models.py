"""Seals and the cursor that makes them. Epochs, seals and leaves are append-only, by triggers.

A leaf is the hash of one movement with its postings; a seal is a tree over leaves, chained to the
seal before it. Whoever changes a booked row must change every later root, and the latest root is
shown and exported.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base import Base, BigId
from app.core.clock import now
from app.core.types import UtcDateTime


class Epoch(Base):
    """A time in which positions of commit order can be compared.

    A restore, an upgrade or a move to another server begins the next one.
    """

    __tablename__ = "ledger_epochs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    system_identifier: Mapped[str] = mapped_column(sa.String(40))
    reason: Mapped[str] = mapped_column(sa.String(200))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Seal(Base):
    """Some movements, proven to be as they were: the root of their tree, chained to the last."""

    __tablename__ = "seals"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[int] = mapped_column(BigId, unique=True)
    epoch_id: Mapped[int] = mapped_column(sa.ForeignKey("ledger_epochs.id"))
    movement_count: Mapped[int] = mapped_column(sa.Integer)
    posting_count: Mapped[int] = mapped_column(sa.Integer)
    tree: Mapped[str] = mapped_column(sa.String(64))
    root: Mapped[str] = mapped_column(sa.String(64), unique=True)
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class SealLeaf(Base):
    """The hash of a sealed movement. `row_marks` holds 16 hexadecimal digits for the movement and
    for each of its postings, so that a changed row can be named."""

    __tablename__ = "seal_leaves"
    __table_args__ = (sa.Index(None, "seal_id", "movement_id"),)

    movement_id: Mapped[int] = mapped_column(
        sa.ForeignKey("movements.id"), primary_key=True, autoincrement=False
    )
    seal_id: Mapped[int] = mapped_column(sa.ForeignKey("seals.id"))
    leaf: Mapped[str] = mapped_column(sa.String(64))
    row_marks: Mapped[str] = mapped_column(sa.Text)


class LedgerCursor(Base):
    """How far one follower of the ledger is, in one epoch.

    At the beginning of an epoch it takes by id whatever it does not have (`by_id_after`), then it
    goes on in the order of commits from `position`.
    """

    __tablename__ = "ledger_cursors"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    epoch_id: Mapped[int] = mapped_column(sa.ForeignKey("ledger_epochs.id"))
    position: Mapped[int] = mapped_column(sa.BigInteger)
    by_id_after: Mapped[int | None] = mapped_column(sa.BigInteger)
