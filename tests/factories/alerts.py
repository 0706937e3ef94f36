"""Alerts for tests."""

import sqlalchemy as sa

from app.core.database import Database
from app.domain.alerts.commands import raise_alert
from app.domain.alerts.models import Alert, Severity


def raised(database: Database, key: str = "gap", severity=Severity.WARNING, **where) -> Alert:
    """An open alert with this key."""

    def work(session):
        raise_alert(
            session,
            rule_code="gap",
            severity=severity,
            dedupe_key=key,
            message=f"About {key}",
            **where,
        )

    database.unit_of_work(work)
    with database.reader() as session:
        found = sa.select(Alert).where(Alert.dedupe_key == key, Alert.resolved_at.is_(None))
        return session.scalars(found).one()


def alert_now(database: Database, alert: Alert) -> Alert:
    """The alert as it is in the database now."""
    with database.reader() as session:
        return session.get_one(Alert, alert.id)
