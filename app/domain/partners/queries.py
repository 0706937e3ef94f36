"""Reading partners."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.domain.partners.models import Partner

AT_ONCE = 500


def partner_by_uid(session: Session, *, uid: uuid.UUID) -> Partner:
    """A partner by its public id. Raises NotFound."""
    partner = session.scalars(sa.select(Partner).where(Partner.uid == uid)).first()
    if partner is None:
        raise NotFound("There is no such partner.", field="partner")
    return partner


def partners_by_code(session: Session, *, codes: Iterable[str]) -> dict[str, Partner]:
    """The partners that have one of these (cleaned) codes."""
    wanted = sorted(set(codes))
    found: dict[str, Partner] = {}
    for start in range(0, len(wanted), AT_ONCE):
        rows = session.scalars(
            sa.select(Partner).where(Partner.code.in_(wanted[start : start + AT_ONCE]))
        )
        found.update({partner.code: partner for partner in rows})
    return found
