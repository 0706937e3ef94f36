"""Writing to people about roles and passwords."""

from __future__ import annotations

from app.domain.accounts.people_queries import load_reset
from app.domain.accounts.request_queries import addresses_of_deciders, request_by_id
from app.domain.accounts.rules import password_link
from app.jobs import mail
from app.jobs.running import JobRun
from config import Settings


def mail_request(run: JobRun) -> None:
    """Tell everybody who may decide that somebody asks for a role."""
    with run.database.reader() as session:
        request = request_by_id(session, request_id=run.payload["request_id"])
        to = addresses_of_deciders(session, department_id=request.department_id)
    if request.decision is None:
        mail.send(run, Settings.from_environment(), "role_request.txt", to, request=request)


def mail_decision(run: JobRun) -> None:
    """Tell the person what was decided."""
    with run.database.reader() as session:
        request = request_by_id(session, request_id=run.payload["request_id"])
    to = [request.email] if request.email else []
    mail.send(run, Settings.from_environment(), "role_decision.txt", to, request=request)


def mail_reset(run: JobRun) -> None:
    """Send the link for a new password, while it works."""
    settings = Settings.from_environment()
    with run.database.reader() as session:
        found = load_reset(session, reset_id=run.payload["reset_id"])
    if found is not None and found[1].email:
        path = password_link(found[0].uid, secret=settings.secret_key.get_secret_value())
        mail.send(run, settings, "password_reset.txt", [found[1].email], user=found[1], path=path)
