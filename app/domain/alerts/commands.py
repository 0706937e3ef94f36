"""Raising alerts. Whatever finds something says it here, once per open finding."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.ids import new_uid
from app.core.rows import insert_rows
from app.domain.alerts.models import Alert, Severity


def raise_alert(
    session: Session,
    *,
    rule_code: str,
    severity: Severity,
    dedupe_key: str,
    message: str,
    facts: dict[str, Any] | None = None,
    site_id: int | None = None,
    department_id: int | None = None,
) -> None:
    """Raise an alert unless one with the same dedupe key is still open."""
    row = {
        "uid": new_uid(),
        "rule_code": rule_code,
        "severity": severity,
        "dedupe_key": dedupe_key,
        "message": message,
        "facts": facts or {},
        "site_id": site_id,
        "department_id": department_id,
        "raised_at": now(),
    }
    table: Any = Alert.__table__
    insert_rows(session, table, [row], names=list(row), ignore_conflicts=True)
