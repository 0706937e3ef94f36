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
    LOTS = "lots"
    ITEMS = "items"


class RunState(StrEnum):
    """How far an import is. `staged` waits for its check, the `-ing` states are a job's."""

    STAGED = "staged"
    PREVIEWING = "previewing"
    PREVIEWED = "previewed"
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"


class RowOutcome(StrEnum):
    """What became of a row, or in a preview: what would.

    `unchanged` says what is known already, `skipped` stands in the file twice.
    """

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    FAILED = "failed"


class ImportRun(Base):
    """One uploaded file. The same bytes for the same kind by the same user are one run.

    `message_uid` names the latest job; only that one may write what it found. `reading` is how
    the file was read (encoding, separator, sheet), `counts` are rows by outcome, `sums` what the
    new ones amount to, `questions` what one answer would settle. `errors_key` is where the
    workbook of all errors lies.
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
    reading: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    columns: Mapped[list[Any]] = mapped_column(Json, default=list)
    mapping: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    options: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    counts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    sums: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    questions: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    rows_total: Mapped[int] = mapped_column(sa.Integer, default=0)
    rows_done: Mapped[int] = mapped_column(sa.Integer, default=0)
    error: Mapped[str | None] = mapped_column(sa.Text)
    errors_key: Mapped[str | None] = mapped_column(sa.String(200))
    message_uid: Mapped[uuid.UUID | None] = mapped_column(sa.Uuid)
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ImportRow(Base):
    """One row of the file: what it said, what became of it and why.

    `problems` are objects with column, expected and found; `changes` with field, before and
    after. `said` is what the row means, kept while it is to be booked. What is booked stays;
    every other row is judged again when the file is checked again. `subject_id` is the unit, lot
    or item of the row, by the kind of its run.
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
    said: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    outcome: Mapped[str] = mapped_column(sa.String(12))
    message: Mapped[str] = mapped_column(sa.Text)
    problems: Mapped[list[Any]] = mapped_column(Json, default=list)
    changes: Mapped[list[Any]] = mapped_column(Json, default=list)
    subject_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    is_booked: Mapped[bool] = mapped_column(default=False)


class ImportLayout(Base):
    """What the columns of a layout meant when a file of it was last booked at a site."""

    __tablename__ = "import_layouts"
    __table_args__ = (
        one_of("kind", ImportKind),
        sa.UniqueConstraint("site_id", "kind", "signature"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    kind: Mapped[str] = mapped_column(sa.String(20))
    signature: Mapped[str] = mapped_column(sa.String(64))
    mapping: Mapped[dict[str, Any]] = mapped_column(Json)
    options: Mapped[dict[str, Any]] = mapped_column(Json)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
