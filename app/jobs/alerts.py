"""Letters about alerts."""

from __future__ import annotations

import smtplib

from sqlalchemy.orm import Session

from app.core.mail import NotEncrypted
from app.domain.alerts import commands
from app.domain.alerts.models import Alert
from app.domain.alerts.queries import addresses_of
from app.domain.locations.models import Site
from app.jobs import mail
from app.jobs.running import JobRun
from config import Settings


def deliver(run: JobRun) -> None:
    """Write to whoever may settle an alert; at night, what is not critical waits for morning."""
    settings, alert_id = Settings.from_environment(), run.payload["alert_id"]
    if not settings.smtp_url.get_secret_value():
        return
    letters = run.step(lambda session: commands.hand_out(session, alert_id=alert_id))
    ids = [letter.id for letter in letters]
    if not ids:
        return
    with run.database.reader() as session:
        to = addresses_of(session, notification_ids=ids)
        alert, site = _about(session, alert_id)
    try:
        mail.send(run, settings, "alert.txt", to, alert=alert, site=site)
    except (smtplib.SMTPException, OSError, NotEncrypted) as error:
        why = f"{type(error).__name__}: {error}"
        run.step(lambda session: commands.note_failure(session, ids=ids, error=why))
        raise
    run.finish(lambda session: commands.mark_sent(session, ids=ids))


def _about(session: Session, alert_id: int) -> tuple[Alert, Site | None]:
    alert = session.get_one(Alert, alert_id)
    return alert, session.get(Site, alert.site_id) if alert.site_id else None
