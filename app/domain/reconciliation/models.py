"""Seals, checks and what they found. Epochs, seals and leaves are append-only, by triggers.

A leaf is the hash of one movement with its postings; a seal is a tree over leaves, chained to the
seal before it. Whoever changes a booked row must change every later root, and the latest root is
shown and exported.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base import Base, BigId, one_of
from app.core.clock import now
from app.core.ids import new_uid
from app.core.types import Quantity, UtcDateTime


class CheckKind(StrEnum):
    """What a check looks at: what was touched, one site's day, or everything."""

    CONTINUOUS = "continuous"
    DAILY = "daily"
    WEEKLY = "weekly"
    MANUAL = "manual"


class CheckState(StrEnum):
    """How far a check is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class DifferenceKind(StrEnum):
    """Which number is not what the ledger says."""

    BALANCE = "balance"
    SITE_BALANCE = "site_balance"
    UNIT = "unit"
    TILE = "tile"
    IDENTITY = "identity"
    SEAL = "seal"


class Resolution(StrEnum):
    """How a discrepancy ended: the number was corrected, or somebody closed it."""

    CORRECTED = "corrected"
    CLOSED = "closed"


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


class ProvenBalance(Base):
    """What the ledger says lies in a place, up to the position of the cursor "proof".

    It stands beside the live balance and is added up from postings alone, so a check of what was
    touched costs as much as what was touched, however long the ledger is.
    """

    __tablename__ = "proven_balances"
    __table_args__ = (sa.Index(None, "item_id", "lot_id"),)

    location_id: Mapped[int] = mapped_column(
        sa.ForeignKey("locations.id"), primary_key=True, autoincrement=False
    )
    item_id: Mapped[int] = mapped_column(
        sa.ForeignKey("items.id"), primary_key=True, autoincrement=False
    )
    lot_id: Mapped[int] = mapped_column(
        sa.ForeignKey("lots.id"), primary_key=True, autoincrement=False
    )
    on_hand: Mapped[Decimal] = mapped_column(Quantity, default=Decimal(0))


class CheckPlan(Base):
    """When a site's daily check is due, by its own clocks; without a row at 09:00."""

    __tablename__ = "check_plans"

    site_id: Mapped[int] = mapped_column(
        sa.ForeignKey("sites.id"), primary_key=True, autoincrement=False
    )
    daily_at: Mapped[time] = mapped_column(sa.Time)


class CheckRun(Base):
    """One check: who wanted it, what it looked at, what it found. `site_id` is empty for all."""

    __tablename__ = "check_runs"
    __table_args__ = (
        one_of("kind", CheckKind),
        one_of("state", CheckState),
        sa.Index(
            "uq_check_runs_daily",
            "site_id",
            "business_day",
            unique=True,
            sqlite_where=sa.text("kind = 'daily'"),
            postgresql_where=sa.text("kind = 'daily'"),
        ),
        sa.Index(None, "kind", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    kind: Mapped[str] = mapped_column(sa.String(12))
    state: Mapped[str] = mapped_column(sa.String(12), default=CheckState.WAITING)
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    business_day: Mapped[date | None] = mapped_column(sa.Date)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checked: Mapped[int] = mapped_column(sa.Integer, default=0)
    found: Mapped[int] = mapped_column(sa.Integer, default=0)
    root: Mapped[str | None] = mapped_column(sa.String(64))
    error: Mapped[str | None] = mapped_column(sa.String(500))


class Discrepancy(Base):
    """A number that is not what the ledger says, until somebody settles it.

    While it is open its subject is marked; the same subject has one open entry.
    """

    __tablename__ = "discrepancies"
    __table_args__ = (
        one_of("kind", DifferenceKind),
        one_of("resolution", Resolution),
        sa.Index(
            "uq_discrepancies_open",
            "subject_key",
            unique=True,
            sqlite_where=sa.text("resolved_at IS NULL"),
            postgresql_where=sa.text("resolved_at IS NULL"),
        ),
        sa.Index(None, "run_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("check_runs.id"))
    kind: Mapped[str] = mapped_column(sa.String(12))
    subject_key: Mapped[str] = mapped_column(sa.String(120))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("departments.id"))
    location_id: Mapped[int | None] = mapped_column(sa.ForeignKey("locations.id"))
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("items.id"))
    lot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lots.id"))
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("units.id"))
    what: Mapped[str] = mapped_column(sa.String(120))
    expected: Mapped[str] = mapped_column(sa.String(200))
    found: Mapped[str] = mapped_column(sa.String(200))
    suspect_movement_id: Mapped[int | None] = mapped_column(sa.ForeignKey("movements.id"))
    found_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    explanation: Mapped[str | None] = mapped_column(sa.String(500))
    explained_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    explained_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    resolution: Mapped[str | None] = mapped_column(sa.String(12))
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))


class Checkpoint(Base):
    """What the books said at one moment, kept so that older questions need not begin today."""

    __tablename__ = "checkpoints"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime, unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class CheckpointBalance(Base):
    """What lay in a place at a checkpoint; nothing is kept of what was empty."""

    __tablename__ = "checkpoint_balances"
    __table_args__ = (sa.Index(None, "checkpoint_id", "item_id", "lot_id"),)

    checkpoint_id: Mapped[int] = mapped_column(
        sa.ForeignKey("checkpoints.id"), primary_key=True, autoincrement=False
    )
    location_id: Mapped[int] = mapped_column(
        sa.ForeignKey("locations.id"), primary_key=True, autoincrement=False
    )
    item_id: Mapped[int] = mapped_column(
        sa.ForeignKey("items.id"), primary_key=True, autoincrement=False
    )
    lot_id: Mapped[int] = mapped_column(
        sa.ForeignKey("lots.id"), primary_key=True, autoincrement=False
    )
    on_hand: Mapped[Decimal] = mapped_column(Quantity)
