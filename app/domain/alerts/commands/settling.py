"""What people do about alerts, and when they are not to be told."""

from __future__ import annotations

import uuid
from datetime import time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import DomainError, Invalid, NotFound
from app.core.rights import Actor, Permission, require, require_throughout
from app.domain.alerts.models import Alert, QuietHours
from app.domain.alerts.rules import clean_reason
from app.domain.audit.commands import record_change


class AlreadyResolved(DomainError):
    """Somebody resolved it before."""

    code = "already_resolved"


def acknowledge(session: Session, *, actor: Actor, alert_uid: uuid.UUID) -> Alert:
    """Say that somebody looks after it. The first one who says so is named."""
    alert = _open(session, actor, alert_uid)
    if alert.acknowledged_at is None:
        alert.acknowledged_at, alert.acknowledged_by_id = now(), actor.user_id
    return alert


def resolve(session: Session, *, actor: Actor, alert_uid: uuid.UUID, reason: str) -> Alert:
    """Say what was done. The same finding raises a new alert when it comes again."""
    alert = _open(session, actor, alert_uid)
    alert.resolution = clean_reason(reason)
    alert.resolved_at, alert.resolved_by_id = now(), actor.user_id
    return alert


def end_alert(session: Session, *, dedupe_key: str, resolution: str) -> bool:
    """End an open alert whose cause has gone; whether there was one."""
    query = sa.select(Alert).where(Alert.dedupe_key == dedupe_key, Alert.resolved_at.is_(None))
    alert = session.scalars(query.with_for_update()).one_or_none()
    if alert is None:
        return False
    alert.resolution, alert.resolved_at = resolution, now()
    return True


def set_quiet_hours(
    session: Session, *, actor: Actor, site_id: int, span: tuple[time, time] | None
) -> None:
    """Change when a site's people are not written to, except about what is critical."""
    require_throughout(actor, Permission.ALERTS_MANAGE, site_id=site_id)
    if span is not None and span[0] == span[1]:
        raise Invalid("Quiet hours must end at another time than they begin.", field="ends_at")
    kept = session.get(QuietHours, site_id, with_for_update=True)
    before = {"from": f"{kept.starts_at:%H:%M}", "until": f"{kept.ends_at:%H:%M}"} if kept else None
    if span is None and kept is not None:
        session.delete(kept)
    if span is not None:
        kept = kept or QuietHours(site_id=site_id)
        kept.starts_at, kept.ends_at = (one.replace(second=0, microsecond=0) for one in span)
        session.add(kept)
    record_change(
        session,
        actor=actor,
        action="alerts.quiet_hours_set",
        subject_kind="site",
        subject_id=site_id,
        before=before,
        after={"from": f"{span[0]:%H:%M}", "until": f"{span[1]:%H:%M}"} if span else None,
    )


def _open(session: Session, actor: Actor, uid: uuid.UUID) -> Alert:
    alert = session.scalars(
        sa.select(Alert).where(Alert.uid == uid).with_for_update()
    ).one_or_none()
    if alert is None:
        raise NotFound("There is no such alert.")
    require(
        actor,
        Permission.ALERTS_MANAGE,
        site_id=alert.site_id,
        department_id=alert.department_id,
    )
    if alert.resolved_at is not None:
        raise AlreadyResolved("This alert was resolved already. Reload the page to see how.")
    return alert
