"""Beginning a session, by whichever door."""

from __future__ import annotations

from flask import Response, session
from flask_login import login_user
from flask_wtf.csrf import generate_csrf

from app.core.rights import Actor
from app.domain.audit.commands import record_change
from app.web.current import SignedIn, act_as
from app.web.database import unit_of_work


def begin_session(actor: Actor, session_epoch: int) -> None:
    """Begin a session that knows nothing of an earlier one."""
    session.clear()
    session.permanent = True
    # Made now, so that no later answer has to write the session again.
    generate_csrf()
    login_user(SignedIn(actor, session_epoch))
    act_as(actor)
    record_session(actor, "session.begun")


def record_session(actor: Actor, action: str) -> None:
    """Keep in the audit log that a session began or ended."""
    unit_of_work(
        lambda write: record_change(
            write, actor=actor, action=action, subject_kind="user", subject_id=actor.user_id
        )
    )


def was_refused(response: Response) -> bool:
    """Whether a try counts for the throttle."""
    return response.status_code == 422


def was_done(response: Response) -> bool:
    """Whether an act counts for the throttle."""
    return response.status_code == 303
