"""Export runs: who asked for which file, how far it is, and where it lies."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base import Base, BigId, one_of
from app.core.clock import now
from app.core.ids import new_uid
from app.core.types import Json, UtcDateTime


class ExportKind(StrEnum):
    """What the file holds."""

    AUDIT = "audit"


class ExportState(StrEnum):
    """How far an export is. The file of a `removed` one has outlived its time."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REMOVED = "removed"


class ExportRun(Base):
    """One file that somebody asked for.

    `parameters` say what of the site it holds. `request_key` is the same for the same request by
    the same person and is kept only while the file is made, so that a request has one run at a
    time. `message_uid` names the job.
    """

    __tablename__ = "export_runs"
    __table_args__ = (
        one_of("kind", ExportKind),
        one_of("state", ExportState),
        sa.Index(None, "site_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    kind: Mapped[str] = mapped_column(sa.String(20))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    parameters: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    request_key: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    state: Mapped[str] = mapped_column(sa.String(12), default=ExportState.WAITING)
    rows_total: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    rows_done: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    error: Mapped[str | None] = mapped_column(sa.Text)
    storage_key: Mapped[str | None] = mapped_column(sa.String(200))
    file_bytes: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    message_uid: Mapped[uuid.UUID | None] = mapped_column(sa.Uuid)
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
