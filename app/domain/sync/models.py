"""Devices, scan events (append-only, verbatim) and their outcomes (append-only, last counts)."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base import Base, BigId, one_of
from app.core.clock import now
from app.core.ids import new_uid
from app.core.types import UtcDateTime


class Verdict(StrEnum):
    """What became of a scan event (offline.md, "Scan, act, event")."""

    APPLIED = "applied"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    REVIEW = "review"
    RECEIVED = "received"


class Device(Base):
    """An enrolled phone, tablet or desktop browser. It chose its `uid` itself."""

    __tablename__ = "devices"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    name: Mapped[str] = mapped_column(sa.String(80))
    enrolled_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    enrolled_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    last_contact_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_seq: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    pending: Mapped[int] = mapped_column(sa.Integer, default=0)
    oldest_pending_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_storage_persistent: Mapped[bool] = mapped_column(default=False)
    app_version: Mapped[str | None] = mapped_column(sa.String(40))


class ScanEvent(Base):
    """One event as a device sent it, with every member it had, whatever became of it."""

    __tablename__ = "scan_events"
    __table_args__ = (sa.Index(None, "device_id", "seq"), sa.Index(None, "act_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    device_id: Mapped[int] = mapped_column(sa.ForeignKey("devices.id"))
    submit_grant_id: Mapped[int] = mapped_column(sa.ForeignKey("submit_grants.id"))
    actor_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    act_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid)
    verb: Mapped[str] = mapped_column(sa.String(12))
    # JSON in ASCII with escapes: a scanned code can contain U+0000, which no text column takes.
    raw: Mapped[str] = mapped_column(sa.Text)
    hash: Mapped[str] = mapped_column(sa.String(64))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    uncertainty_seconds: Mapped[float | None] = mapped_column(sa.Float)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class ScanOutcome(Base):
    """A verdict on a scan event. Rows are only added; the last one counts."""

    __tablename__ = "scan_outcomes"
    __table_args__ = (sa.UniqueConstraint("event_id", "n"), one_of("verdict", Verdict))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("scan_events.id"))
    n: Mapped[int] = mapped_column(sa.Integer, default=1)
    verdict: Mapped[str] = mapped_column(sa.String(12))
    code: Mapped[str] = mapped_column(sa.String(60))
    message: Mapped[str] = mapped_column(sa.String(500))
    movement_id: Mapped[int | None] = mapped_column(sa.ForeignKey("movements.id"))
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
