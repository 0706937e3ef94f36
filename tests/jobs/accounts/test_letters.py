"""Letters about roles and passwords: a real worker sends them to a real mail server."""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from app.core.database import Database
from app.core.outbox import OutboxMessage
from app.core.signing import unsign
from app.domain.accounts.commands import (
    Wish,
    approve_request,
    ask_for_role,
    create_user,
    decline_request,
    grant_role,
    issue_password_reset,
    prepare_registration,
    register_user,
)
from app.domain.accounts.models import RoleRequest, User
from app.domain.accounts.rules import PASSWORD_PURPOSE
from app.jobs import accounts
from app.jobs.performing import perform_with
from app.jobs.registry import JOBS
from tests.factories.plant import Plant, user_named
from tests.support.mailbox import Mailbox, mail_server
from tests.support.worker import WorkerProcess, eventually

SENDER = "Rollcall <rollcall@plant.example>"
SECRET = "0123456789abcdef0123456789abcdef-secret"


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch, tmp_path) -> Iterator[Mailbox]:
    """The installation's mail server, as its settings say."""
    with mail_server() as running:
        monkeypatch.setenv("SMTP_URL", running.url)
        monkeypatch.setenv("MAIL_FROM", SENDER)
        monkeypatch.setenv("LABEL_BASE_URL", "https://stock.plant.example")
        monkeypatch.setenv("SECRET_KEY", SECRET)
        monkeypatch.setenv("ROLLCALL_DATA", str(tmp_path))
        yield running


@pytest.fixture(autouse=True)
def addresses(database: Database, plant: Plant) -> None:
    def work(session):
        for name in ("admin", "driver"):
            user_named(session, name).email = f"{name}@plant.example"

    database.unit_of_work(work)


def perform_all(database: Database) -> None:
    """Do every open job once, here."""
    with database.reader() as session:
        open_ones = sa.select(OutboxMessage.uid).where(OutboxMessage.done_at.is_(None))
        uids = session.scalars(open_ones.order_by(OutboxMessage.id)).all()
    for uid in uids:
        perform_with(database, uid, JOBS)


def ask(database: Database, plant: Plant, note: str = "") -> RoleRequest:
    wish = Wish("operator", plant.hot_rolling.id, note=note)
    return database.unit_of_work(
        lambda session: ask_for_role(session, actor=plant.driver, wish=wish)
    )


def test_a_request_and_its_approval_are_written_about(
    database, plant, relay, mailbox, database_url, valkey
):
    database.on_commit = relay.push
    worker = WorkerProcess(database_url, valkey.url)
    worker.start()
    try:
        request = ask(database, plant, note="Night shift")
        eventually(lambda: len(mailbox.messages) == 1)
        database.unit_of_work(
            lambda session: approve_request(
                session,
                actor=plant.admin,
                request_uid=request.uid,
                department_id=plant.hot_rolling.id,
            )
        )
        eventually(lambda: len(mailbox.messages) == 2)
    finally:
        worker.stop()

    asked, decided = mailbox.messages
    assert mailbox.recipients == [["admin@plant.example"], ["driver@plant.example"]]
    assert asked["Subject"] == ("Driver of Hot rolling asks for the role Operator in Hot rolling")
    assert asked["From"] == SENDER
    assert "Night shift" in asked.get_content()
    assert f"https://stock.plant.example/requests/roles/{request.uid}/" in asked.get_content()
    assert decided["Subject"] == "Your request for the role Operator was approved"


def test_a_refusal_says_who_and_why(database, plant, mailbox):
    request = ask(database, plant)
    database.unit_of_work(
        lambda session: decline_request(
            session, actor=plant.admin, request_uid=request.uid, reason="Ask in spring."
        )
    )

    perform_all(database)

    # The request itself is decided, so nobody is asked about it any more.
    [letter] = mailbox.messages
    text = " ".join(letter.get_content().split())
    assert "Ada Admin declined your request" in text
    assert "Ask in spring." in text


def test_the_link_of_a_letter_sets_the_password(database, plant, mailbox):
    reset = database.unit_of_work(
        lambda session: issue_password_reset(
            session, actor=plant.admin, user_id=plant.driver.user_id
        )
    )

    perform_all(database)

    [letter] = mailbox.messages
    token = re.search(
        r"https://stock\.plant\.example/password/([\w-]+)/", letter.get_content()
    ).group(1)
    assert unsign(token, secret=SECRET, purpose=PASSWORD_PURPOSE) == reset.uid


def test_a_server_that_says_later_gets_the_letter_later_under_the_same_id(database, plant, mailbox):
    ask(database, plant)
    mailbox.refuses = 1

    perform_all(database)
    with database.reader() as session:
        [message] = session.scalars(sa.select(OutboxMessage)).all()
    assert message.done_at is None
    assert "451" in message.error
    perform_all(database)
    database.unit_of_work(
        lambda session: session.execute(sa.update(OutboxMessage).values(done_at=None))
    )
    perform_all(database)

    first, second = (one["Message-ID"] for one in mailbox.messages)
    assert first == second == f"<{message.uid}@plant.example>"


def test_a_name_cannot_add_a_line_to_the_head_of_a_letter(database, plant, mailbox):
    def work(session):
        register_user(
            session,
            username="mallory",
            name="Mallory\r\nBcc: all@plant.example",
            password=prepare_registration(
                session, username="mallory", password="a long enough secret", key=None
            ),
            wish=Wish("operator", plant.hot_rolling.id, note="a\nb"),
        )

    database.unit_of_work(work)
    perform_all(database)

    [letter] = mailbox.messages
    assert letter["Bcc"] is None
    assert mailbox.recipients == [["admin@plant.example"]]


@pytest.mark.parametrize("job", ["mail_request", "mail_decision", "mail_reset"])
def test_without_a_mail_server_the_jobs_end_and_send_nothing(
    database, plant, monkeypatch, tmp_path, job
):
    for name in ("SMTP_URL", "MAIL_FROM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("ROLLCALL_DATA", str(tmp_path))
    request = ask(database, plant)
    database.unit_of_work(
        lambda session: (
            decline_request(session, actor=plant.admin, request_uid=request.uid, reason="No."),
            issue_password_reset(session, actor=plant.admin, user_id=plant.driver.user_id),
        )
    )

    perform_all(database)

    assert callable(getattr(accounts, job))
    with database.reader() as session:
        left = session.scalars(
            sa.select(OutboxMessage.job).where(OutboxMessage.done_at.is_(None))
        ).all()
    assert left == []


def test_people_without_an_address_are_not_written_to(database, plant, mailbox):
    def work(session):
        user = create_user(session, actor=plant.admin, username="quiet", name="Quiet")
        grant_role(session, actor=plant.admin, user_id=user.id, role_code="factory_admin")
        session.execute(sa.update(User).values(email=None))
        issue_password_reset(session, actor=plant.admin, user_id=user.id)

    database.unit_of_work(work)
    ask(database, plant)

    perform_all(database)

    assert mailbox.messages == []
