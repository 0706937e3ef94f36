"""Reading alerts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.alerts.models import Alert


def list_open_alerts(
    session: Session,
    *,
    site_id: int,
    departments: Collection[int] | None = None,
    limit: int = 5,
) -> Sequence[Alert]:
    """What nobody has settled yet, newest first.

    An alert without a site or department concerns everybody who may see alerts at all;
    `departments` keeps only these, None means all.
    """
    query = sa.select(Alert).where(
        Alert.resolved_at.is_(None),
        sa.or_(Alert.site_id.is_(None), Alert.site_id == site_id),
    )
    if departments is not None:
        query = query.where(
            sa.or_(Alert.department_id.is_(None), Alert.department_id.in_(sorted(departments)))
        )
    return session.scalars(query.order_by(Alert.id.desc()).limit(limit)).all()
