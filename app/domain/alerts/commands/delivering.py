"""Telling people: who gets a letter about an alert and when, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.outbox import enqueue_for
from app.core.rows import insert_rows
from app.domain.alerts.commands.raising import JOB
from app.domain.alerts.models import Alert, Notification, NotificationState, QuietHours
from app.domain.alerts.queries import in_charge_of_alerts
from app.domain.alerts.rules import due_at
from app.domain.locations.models import Site

MAIL = "mail"
_NOTIFICATIONS: Any = Notification.__table__
_NAMES = ("alert_id", "user_id", "channel", "state", "due_at", "attempts", "created_at")


def hand_out(session: Session, *, alert_id: int) -> list[Notification]:
    """Write down who is to be told, once; the letters that may go now.

    What was resolved meanwhile needs no letter any more.
    """
    alert = session.get_one(Alert, alert_id, with_for_update=True)
    if alert.resolved_at is not None:
        give_up_letters(session, alert_id=alert_id)
        return []
    moment = now()
    due = _due(session, alert, moment)
    rows = [
        {"alert_id": alert_id, "user_id": user_id, "channel": MAIL, "due_at": due}
        | {"state": NotificationState.WAITING, "attempts": 0, "created_at": moment}
        for user_id in in_charge_of_alerts(session, alert)
    ]
    made = insert_rows(
        session, _NOTIFICATIONS, rows, names=_NAMES, ignore_conflicts=True, returning=("id",)
    )
    if made and due > moment:
        enqueue_for(session, JOB, {"alert_id": alert_id}, at=due)
    waiting = _waiting(alert_id).where(Notification.due_at <= moment)
    return list(session.scalars(waiting.order_by(Notification.id)))


def mark_sent(session: Session, *, ids: Sequence[int]) -> None:
    """Say that the letters have gone."""
    session.execute(
        sa.update(Notification)
        .where(Notification.id.in_(list(ids)))
        .values(
            state=NotificationState.SENT,
            sent_at=now(),
            attempts=Notification.attempts + 1,
            error=None,
        )
    )


def note_failure(session: Session, *, ids: Sequence[int], error: str) -> None:
    """Say why the letters have not gone; they are tried again."""
    session.execute(
        sa.update(Notification)
        .where(Notification.id.in_(list(ids)))
        .values(error=error[:500], attempts=Notification.attempts + 1)
    )


def give_up_letters(session: Session, *, alert_id: int) -> None:
    """Nobody needs to be told any more."""
    session.execute(
        sa.update(Notification)
        .where(
            Notification.alert_id == alert_id,
            Notification.state == NotificationState.WAITING,
        )
        .values(state=NotificationState.NOT_NEEDED)
    )


def _due(session: Session, alert: Alert, moment: datetime) -> datetime:
    """An alert of no site waits for nobody's quiet hours."""
    if alert.site_id is None:
        return moment
    site = session.get_one(Site, alert.site_id)
    quiet = session.get(QuietHours, alert.site_id)
    span = (quiet.starts_at, quiet.ends_at) if quiet else None
    return due_at(moment, severity=alert.severity, time_zone=site.time_zone, quiet=span)


def _waiting(alert_id: int) -> sa.Select[Notification]:
    return sa.select(Notification).where(
        Notification.alert_id == alert_id, Notification.state == NotificationState.WAITING
    )
