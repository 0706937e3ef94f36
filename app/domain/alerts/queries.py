"""Reading alerts: what is open, what became of one, who was told, who is to be told."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.core.clock import now
from app.core.errors import NotFound
from app.core.rights import Permission
from app.domain.accounts.models import Grant, RolePermission, User
from app.domain.alerts.models import Alert, Notification, QuietHours, Severity
from app.domain.locations.models import Department


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert with the names of its department and of whoever acted on it."""

    alert: Alert
    department_name: str | None
    acknowledged_by: str | None
    resolved_by: str | None


@dataclass(frozen=True, slots=True)
class Letter:
    """One line of the delivery log."""

    notification: Notification
    name: str
    email: str | None


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
    query = sa.select(Alert).where(Alert.resolved_at.is_(None), *_visible(site_id, departments))
    return session.scalars(query.order_by(Alert.id.desc()).limit(limit)).all()


def count_open_alerts(
    session: Session, *, site_id: int, departments: Collection[int] | None = None
) -> tuple[int, bool]:
    """How many alerts nobody looks after yet, and whether one of them is critical."""
    query = sa.select(
        sa.func.count(), sa.func.max(sa.case((Alert.severity == Severity.CRITICAL, 1), else_=0))
    ).where(
        Alert.resolved_at.is_(None),
        Alert.acknowledged_at.is_(None),
        *_visible(site_id, departments),
    )
    count, is_critical = session.execute(query).one()
    return count, bool(is_critical)


def list_alerts(
    session: Session,
    *,
    site_id: int,
    departments: Collection[int] | None,
    is_open: bool,
    severity: Severity | None = None,
    limit: int,
    before_id: int | None = None,
) -> list[AlertView]:
    """Alerts that somebody may see, newest first."""
    settled = Alert.resolved_at
    query = _views().where(
        *_visible(site_id, departments),
        settled.is_(None) if is_open else settled.is_not(None),
    )
    if severity is not None:
        query = query.where(Alert.severity == severity)
    if before_id is not None:
        query = query.where(Alert.id < before_id)
    query = query.order_by(Alert.id.desc()).limit(limit)
    return [AlertView(*row) for row in session.execute(query)]


def alert_by_uid(
    session: Session, *, uid: uuid.UUID, site_id: int, departments: Collection[int] | None
) -> AlertView:
    """One alert. Raises NotFound for one that may not be seen, too."""
    row = session.execute(
        _views().where(Alert.uid == uid, *_visible(site_id, departments))
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such alert.")
    return AlertView(*row)


def list_letters(session: Session, *, alert_id: int, limit: int = 100) -> list[Letter]:
    """Who was told, or is to be told, about an alert."""
    query = (
        sa.select(Notification, User.name, User.email)
        .join(User, User.id == Notification.user_id)
        .where(Notification.alert_id == alert_id)
        .order_by(User.name)
        .limit(limit)
    )
    return [Letter(*row) for row in session.execute(query)]


def addresses_of(session: Session, *, notification_ids: Collection[int]) -> list[str]:
    """The e-mail addresses behind letters; people who closed their account get none."""
    query = (
        sa.select(User.email)
        .join(Notification, Notification.user_id == User.id)
        .where(Notification.id.in_(list(notification_ids)), User.is_active)
        .where(User.email.is_not(None))
        .distinct()
        .order_by(User.email)
    )
    return [email for email in session.scalars(query) if email]


def in_charge_of_alerts(session: Session, alert: Alert) -> Sequence[int]:
    """Whoever may settle an alert and has an e-mail address."""
    moment = now()
    here: list[Any] = []
    if alert.site_id is not None:
        here.append(sa.or_(Grant.site_id.is_(None), Grant.site_id == alert.site_id))
    if alert.department_id is not None:
        here.append(
            sa.or_(Grant.department_id.is_(None), Grant.department_id == alert.department_id)
        )
    granted = (
        sa.select(Grant.user_id)
        .join(RolePermission, RolePermission.role_id == Grant.role_id)
        .where(
            RolePermission.permission == Permission.ALERTS_MANAGE,
            Grant.valid_from <= moment,
            sa.or_(Grant.valid_until.is_(None), Grant.valid_until > moment),
            Grant.revoked_at.is_(None),
            *here,
        )
    )
    query = sa.select(User.id).where(User.is_active, User.email.is_not(None))
    query = query.where(sa.or_(User.is_superuser, User.id.in_(granted)))
    return session.scalars(query.order_by(User.id)).all()


def quiet_hours_of(session: Session, *, site_id: int) -> QuietHours | None:
    """When a site's people are not to be woken."""
    return session.get(QuietHours, site_id)


def _visible(site_id: int, departments: Collection[int] | None) -> list[Any]:
    conditions: list[Any] = [sa.or_(Alert.site_id.is_(None), Alert.site_id == site_id)]
    if departments is not None:
        conditions.append(
            sa.or_(Alert.department_id.is_(None), Alert.department_id.in_(sorted(departments)))
        )
    return conditions


def _views() -> Any:
    first, last = aliased(User), aliased(User)
    return (
        sa.select(Alert, Department.name, first.name, last.name)
        .outerjoin(Department, Department.id == Alert.department_id)
        .outerjoin(first, first.id == Alert.acknowledged_by_id)
        .outerjoin(last, last.id == Alert.resolved_by_id)
    )
