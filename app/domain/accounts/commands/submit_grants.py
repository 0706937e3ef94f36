"""The right to send scans from a device."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.rights import Actor, Permission, require
from app.domain.accounts.models import SubmitGrant
from app.domain.accounts.queries import scan_rights, token_hash
from app.domain.accounts.rules import SUBMIT_GRANT_LIFETIME
from app.domain.audit.commands import record_change


def issue_submit_grant(
    session: Session, *, actor: Actor, device_id: int, at: datetime | None = None
) -> tuple[SubmitGrant, str]:
    """The right to send scans from one device for 14 days, and its token.

    The token is shown this once; only its hash is kept.
    """
    require(actor, Permission.SYNC_SCAN)
    issued_at = at or now()
    token = secrets.token_urlsafe(32)
    grant = SubmitGrant(
        user_id=actor.user_id,
        device_id=device_id,
        token_hash=token_hash(token),
        content={
            "version": 1,
            "site_id": actor.site_id,
            "rights": scan_rights(session, actor),
        },
        issued_at=issued_at,
        expires_at=issued_at + SUBMIT_GRANT_LIFETIME,
    )
    session.add(grant)
    session.flush()
    record_change(
        session,
        actor=actor,
        action="submit_grant.issued",
        subject_kind="submit_grant",
        subject_id=grant.id,
        after={"device_id": device_id, "rights": grant.content["rights"]},
    )
    return grant, token


def revoke_submit_grants(
    session: Session, *, actor: Actor | None, user_id: int, origin: str | None = None
) -> None:
    """End every grant of a user. Scans that devices still hold are kept for review."""
    ended = session.scalars(
        sa.update(SubmitGrant)
        .where(SubmitGrant.user_id == user_id, SubmitGrant.revoked_at.is_(None))
        .values(revoked_at=now())
        .returning(SubmitGrant.id)
    ).all()
    if ended:
        record_change(
            session,
            actor=actor,
            action="submit_grant.revoked",
            subject_kind="user",
            subject_id=user_id,
            after={"submit_grant_ids": sorted(ended)},
            origin=origin,
        )
