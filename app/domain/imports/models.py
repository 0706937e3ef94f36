"""Import runs and their rows: what became of every line of a file."""

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


class ImportKind(StrEnum):
    """What the rows of a file are."""

    UNITS = "units"


class RunState(StrEnum):
    """How far an import is. `staged` waits for its check, the two `-ing` states are a job's."""

    STAGED = "staged"
    PREVIEWING = "previewing"
    PREVIEWED = "previewed"
    APPLYING = "applying"
    APPLIED = "applied"
    FAILED = "failed"


class RowOutcome(StrEnum):
    """What became of a row, or in a preview: what would."""

    CREATED = "created"
    UPDATED = "updated"
    SKIPPED = "skipped"
    FAILED = "failed"


class ImportRun(Base):
    """One uploaded file. The same bytes for the same kind by the same user are one run.

    `message_uid` names the latest job; only that one may write what it found. `counts` are rows
    by outcome, `sums` what the new ones amount to, `questions` what one answer would settle.
    """

    __tablename__ = "import_runs"
    __table_args__ = (
        one_of("kind", ImportKind),
        one_of("state", RunState),
        sa.UniqueConstraint("kind", "file_sha256", "created_by_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_uid)
    kind: Mapped[str] = mapped_column(sa.String(20))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("departments.id"))
    filename: Mapped[str] = mapped_column(sa.String(200))
    file_sha256: Mapped[str] = mapped_column(sa.String(64))
    file_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    storage_key: Mapped[str] = mapped_column(sa.String(200))
    state: Mapped[str] = mapped_column(sa.String(12), default=RunState.STAGED)
    columns: Mapped[list[Any]] = mapped_column(Json, default=list)
    mapping: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    options: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    counts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    sums: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    questions: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    rows_total: Mapped[int] = mapped_column(sa.Integer, default=0)
    rows_done: Mapped[int] = mapped_column(sa.Integer, default=0)
    error: Mapped[str | None] = mapped_column(sa.Text)
    message_uid: Mapped[uuid.UUID | None] = mapped_column(sa.Uuid)
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ImportRow(Base):
    """One row of the file: what it said, what became of it and why.

    `problems` are objects with column, expected and found. A created row with a unit is booked
    for good; every other row is judged again when the file is checked again.
    """

    __tablename__ = "import_rows"
    __table_args__ = (
        sa.UniqueConstraint("run_id", "row_no"),
        one_of("outcome", RowOutcome),
        sa.Index(None, "run_id", "outcome", "row_no"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("import_runs.id"))
    row_no: Mapped[int] = mapped_column(sa.Integer)
    cells: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    outcome: Mapped[str] = mapped_column(sa.String(12))
    message: Mapped[str] = mapped_column(sa.Text)
    problems: Mapped[list[Any]] = mapped_column(Json, default=list)
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("units.id"))
