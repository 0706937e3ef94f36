"""E-mail: a message of plain text, and the server that takes it. Only jobs send.

Sending twice is possible (a worker may die after it), so a message's id comes from the work that
it belongs to: mail programs then show it once.
"""

from __future__ import annotations

import smtplib
import ssl
import uuid
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from app.core.clock import now

TIMEOUT_SECONDS = 20
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


class NotEncrypted(Exception):
    """The server offers no TLS, so the password stays here."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where e-mail is handed in."""

    host: str
    port: int
    is_tls: bool = False
    username: str | None = None
    password: str | None = None

    @classmethod
    def from_url(cls, url: str) -> MailServer:
        """Read smtp://user:password@host:port or smtps://…"""
        parts = urlsplit(url)
        is_tls = parts.scheme == "smtps"
        username = unquote(parts.username) if parts.username else None
        return cls(
            host=parts.hostname or "localhost",
            port=parts.port or (465 if is_tls else 587 if username else 25),
            is_tls=is_tls,
            username=username,
            password=unquote(parts.password) if parts.password else None,
        )

    def send(self, message: EmailMessage) -> None:
        """Hand one message in. Raises smtplib.SMTPException, OSError or NotEncrypted."""
        with self._connect() as connection:
            if not self.is_tls and connection.has_extn("starttls"):
                connection.starttls(context=ssl.create_default_context())
                connection.ehlo()
            elif not self.is_tls and self.username and self.host not in THIS_MACHINE:
                raise NotEncrypted(f"{self.host} offers no TLS; use smtps:// or no password.")
            if self.username:
                connection.login(self.username, self.password or "")
            connection.send_message(message)

    def _connect(self) -> AbstractContextManager[smtplib.SMTP]:
        if self.is_tls:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=context)
        connection = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        connection.ehlo()
        return connection


def compose(
    *, sender: str, recipients: Sequence[str], subject: str, text: str, uid: uuid.UUID
) -> EmailMessage:
    """A message that no automatic answer comes back to."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(recipients)
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{uid}@{sender.rpartition('@')[2].rstrip('>') or 'rollcall'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message
