"""How e-mail is handed in: with TLS where there is a password."""

import smtplib
import uuid

import pytest

from app.core import mail
from app.core.mail import MailServer, NotEncrypted, compose
from tests.support.mailbox import mail_server

LETTER = compose(
    sender="rollcall@plant.example",
    recipients=["ada@plant.example"],
    subject="Hello",
    text="Grüße\n",
    uid=uuid.uuid4(),
)


@pytest.mark.parametrize(
    "url, expected",
    [
        ("smtp://mail", MailServer("mail", 25)),
        ("smtps://mail", MailServer("mail", 465, is_tls=True)),
        ("smtp://me:p%40ss@mail", MailServer("mail", 587, username="me", password="p@ss")),
        ("smtp://mail:2525/", MailServer("mail", 2525)),
    ],
)
def test_an_address_of_a_server_says_how_to_reach_it(url: str, expected: MailServer):
    assert MailServer.from_url(url) == expected


def test_a_letter_arrives_as_it_was_written():
    with mail_server() as mailbox:
        MailServer.from_url(mailbox.url).send(LETTER)

    [arrived] = mailbox.messages
    assert arrived.get_content().replace("\r\n", "\n") == "Grüße\n"
    assert arrived["Auto-Submitted"] == "auto-generated"


def test_a_password_is_not_sent_in_clear_to_another_machine(monkeypatch: pytest.MonkeyPatch):
    with mail_server() as mailbox:
        url = mailbox.url.replace("smtp://", "smtp://me:secret@")
        # Here every machine counts as another one, because the test has only this one.
        monkeypatch.setattr(mail, "THIS_MACHINE", frozenset())
        with pytest.raises(NotEncrypted):
            MailServer.from_url(url).send(LETTER)

    assert (mailbox.logins, mailbox.messages) == ([], [])


def test_a_server_that_is_away_is_an_error_that_may_pass():
    with mail_server() as mailbox:
        url = mailbox.url

    with pytest.raises((OSError, smtplib.SMTPException)):
        MailServer.from_url(url).send(LETTER)
