"""Writing the audit log."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.core.rights import Actor
from app.domain.audit.models import AuditEntry


def record_change(
    session: Session,
    *,
    actor: Actor | None,
    action: str,
    subject_kind: str,
    subject_id: int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    origin: str | None = None,
) -> AuditEntry:
    """Keep one change. `actor` is None where nobody is known yet, as at a refused log-in."""
    entry = AuditEntry(
        actor_id=actor.user_id if actor else None,
        action=action,
        subject_kind=subject_kind,
        subject_id=subject_id,
        before=before,
        after=after,
        origin=actor.origin if actor else origin,
    )
    session.add(entry)
    return entry
