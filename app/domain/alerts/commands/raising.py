"""Raising alerts. Whatever finds something says it here, once per open finding.

Telling people is work for later: the outbox row is written in the transaction of the finding.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.ids import new_uid
from app.core.outbox import enqueue
from app.core.rows import insert_rows
from app.domain.alerts.models import Alert, Severity
from app.domain.alerts.rules import WRITTEN_ABOUT

JOB = "alerts.deliver"
LONGEST_MESSAGE = 500


def raise_alert(
    session: Session,
    *,
    rule_code: str,
    severity: Severity,
    dedupe_key: str,
    message: str,
    path: str | None = None,
    facts: dict[str, Any] | None = None,
    site_id: int | None = None,
    department_id: int | None = None,
) -> bool:
    """Raise an alert unless one with the same dedupe key is still open; whether it is a new one.

    `path` is the page of what it is about.
    """
    row = {
        "uid": new_uid(),
        "rule_code": rule_code,
        "severity": severity,
        "dedupe_key": dedupe_key,
        "message": message[:LONGEST_MESSAGE],
        "path": path,
        "facts": facts or {},
        "site_id": site_id,
        "department_id": department_id,
        "raised_at": now(),
    }
    table: Any = Alert.__table__
    made = insert_rows(
        session, table, [row], names=list(row), ignore_conflicts=True, returning=("id",)
    )
    if made and severity in WRITTEN_ABOUT:
        enqueue(session, JOB, {"alert_id": made[0].id})
    return bool(made)
