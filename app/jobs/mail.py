"""Letters: a template of plain text, filled in and sent where a mail server is configured."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.core.mail import MailServer, compose
from app.jobs.running import JobRun
from config import Settings

log = structlog.get_logger(__name__)

TEMPLATES = Path(__file__).resolve().parents[1] / "templates" / "mail"


def send(
    run: JobRun, settings: Settings, template: str, recipients: Sequence[str], **facts: Any
) -> None:
    """Send one letter; its first line is the subject. Without a server or an address nothing."""
    url = settings.smtp_url.get_secret_value()
    if not url or not recipients:
        return
    text = _environment().get_template(template).render(base=settings.label_base_url, **facts)
    subject, _, body = text.partition("\n")
    message = compose(
        sender=settings.mail_from,
        recipients=recipients,
        subject=subject,
        text=body.lstrip("\n"),
        uid=run.uid,
    )
    MailServer.from_url(url).send(message)
    log.info("e-mail sent", template=template, recipients=len(recipients))


@cache
def _environment() -> Environment:
    # Plain text: there is nothing to escape for.
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
