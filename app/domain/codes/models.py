"""Label codes (our own tokens, never reused) and aliases (codes that others gave).

Both point at their subject by kind and id, because a code may stand for almost anything.
What became of a label after it was given is written down in `label_acts`.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base import Base, BigId, one_of
from app.core.clock import now
from app.core.types import UtcDateTime


class LabelState(StrEnum):
    """Whether a label may be used: the one that counts, an older one that still finds, none."""

    CURRENT = "current"
    REPLACED = "replaced"
    VOID = "void"


class LabelAct(StrEnum):
    """What people do with labels."""

    GIVEN = "given"
    REPRINTED = "reprinted"
    REPLACED = "replaced"
    SWAPPED = "swapped"
    VOIDED = "voided"


class LabelCode(Base):
    """A token on a label; global and unique for ever. `kind` is its type letter.

    A thing has at most one current label; `reason` says why one is no longer that.
    """

    __tablename__ = "label_codes"
    __table_args__ = (
        one_of("state", LabelState),
        sa.Index(None, "kind", "subject_id"),
        sa.Index(
            "uq_label_codes_current",
            "kind",
            "subject_id",
            unique=True,
            sqlite_where=sa.text("state = 'current'"),
            postgresql_where=sa.text("state = 'current'"),
        ),
        sa.Index(
            "ix_label_codes_retired",
            "kind",
            sqlite_where=sa.text("state <> 'current'"),
            postgresql_where=sa.text("state <> 'current'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token: Mapped[str] = mapped_column(sa.String(13), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(1))
    subject_id: Mapped[int] = mapped_column(sa.BigInteger)
    state: Mapped[str] = mapped_column(
        sa.String(8), default=LabelState.CURRENT, server_default="current"
    )
    reason: Mapped[str | None] = mapped_column(sa.String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class LabelEntry(Base):
    """One act on a label: who, when, why. `key` is the form's, so that sending twice is one act.

    `subject_id` is what the label stood for before; `other_id` is the new label, or the one that
    it was exchanged with, which stood for `other_subject_id`. Never changed afterwards.
    """

    __tablename__ = "label_acts"
    __table_args__ = (
        one_of("act", LabelAct),
        sa.Index(None, "subject_id"),
        sa.Index(None, "other_subject_id"),
        sa.Index(None, "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True)
    act: Mapped[str] = mapped_column(sa.String(10))
    code_id: Mapped[int] = mapped_column(sa.ForeignKey("label_codes.id"))
    subject_id: Mapped[int] = mapped_column(sa.BigInteger)
    other_id: Mapped[int | None] = mapped_column(sa.ForeignKey("label_codes.id"))
    other_subject_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(sa.String(200))


class Alias(Base):
    """A foreign code: a coil number, a supplier's code, an old id."""

    __tablename__ = "aliases"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "scheme", "kind", "value"),
        sa.Index(None, "value"),
        sa.Index(None, "kind", "subject_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    scheme: Mapped[str] = mapped_column(sa.String(40))
    kind: Mapped[str] = mapped_column(sa.String(1))
    value: Mapped[str] = mapped_column(sa.String(128))
    subject_id: Mapped[int] = mapped_column(sa.BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
