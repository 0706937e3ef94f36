"""Label codes (our own tokens, never reused) and aliases (codes that others gave).

Both point at their subject by kind and id, because a code may stand for almost anything.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base import Base, BigId
from app.core.clock import now
from app.core.types import UtcDateTime


class LabelCode(Base):
    """A token on a label; global and unique for ever. `kind` is its type letter."""

    __tablename__ = "label_codes"
    __table_args__ = (sa.Index(None, "kind", "subject_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token: Mapped[str] = mapped_column(sa.String(13), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(1))
    subject_id: Mapped[int] = mapped_column(sa.BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


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
