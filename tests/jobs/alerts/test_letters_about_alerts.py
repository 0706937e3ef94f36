"""Letters about alerts go to a real mail server, once, when they may, to whoever may act."""

from collections.abc import Iterator
from datetime import UTC, datetime, time

import pytest
import sqlalchemy as sa
import time_machine

from app.core.outbox import OutboxMessage
from app.domain.alerts import commands
from app.domain.alerts.models import Notification, Severity
from app.jobs.performing import perform_with
from app.jobs.registry import JOBS
from app.jobs.relay import lease_overdue
from tests.factories.alerts import raised
from tests.factories.plant import user_named
from tests.support.mailbox import Mailbox, mail_server

NIGHT = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)  # 23:30 in Falkenberg
MORNING = datetime(2026, 11, 21, 5, 0, 5, tzinfo=UTC)


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch, tmp_path) -> Iterator[Mailbox]:
    with mail_server() as running:
        monkeypatch.setenv("SMTP_URL", running.url)
        monkeypatch.setenv("MAIL_FROM", "Rollcall <rollcall@plant.example>")
        monkeypatch.setenv("LABEL_BASE_URL", "https://stock.plant.example")
        monkeypatch.setenv("SECRET_KEY", "0123456789abcdef0123456789abcdef-secret")
        monkeypatch.setenv("ROLLCALL_DATA", str(tmp_path))
        yield running


@pytest.fixture(autouse=True)
def addresses(database, plant) -> None:
    def work(session):
        for name in ("admin", "manager", "keeper", "driver"):
            user_named(session, name).email = f"{name}@plant.example"

    database.unit_of_work(work)


def perform_due(database) -> int:
    """Do what the sweeper would send now."""
    uids = database.unit_of_work(lease_overdue)
    for uid in uids:
        perform_with(database, uid, JOBS)
    return len(uids)


def perform_new(database) -> None:
    """Do what was pushed at a commit: everything that nobody has leased."""
    with database.reader() as session:
        fresh = sa.select(OutboxMessage.uid).where(
            OutboxMessage.done_at.is_(None), OutboxMessage.leased_until.is_(None)
        )
        uids = session.scalars(fresh).all()
    for uid in uids:
        perform_with(database, uid, JOBS)


def log(database):
    with database.reader() as session:
        rows = session.scalars(sa.select(Notification).order_by(Notification.id)).all()
    return [(row.state, row.attempts, row.error) for row in rows]


def test_whoever_may_act_gets_one_letter(database, plant, mailbox):
    alert = raised(
        database, "broken", Severity.CRITICAL, site_id=plant.site.id,
        department_id=plant.hot_rolling.id,
    )  # fmt: skip

    perform_new(database)
    perform_new(database)

    (message,) = mailbox.messages
    assert sorted(mailbox.recipients[0]) == [
        "admin@plant.example",
        "keeper@plant.example",
        "manager@plant.example",
    ]
    assert message["Subject"] == "Critical: About broken"
    assert f"https://stock.plant.example/alerts/{alert.uid}/" in message.get_content()
    assert "Site: Plant Falkenberg" in message.get_content()
    assert log(database) == [("sent", 1, None)] * 3


def test_people_of_other_departments_are_not_written_to(database, plant, mailbox):
    raised(database, site_id=plant.site.id, department_id=plant.finishing.id)

    perform_new(database)

    assert sorted(mailbox.recipients[0]) == ["admin@plant.example", "manager@plant.example"]


def test_a_warning_of_the_night_is_read_in_the_morning(database, plant, mailbox):
    database.unit_of_work(
        lambda s: commands.set_quiet_hours(
            s, actor=plant.admin, site_id=plant.site.id, span=(time(22), time(6))
        )
    )
    with time_machine.travel(NIGHT, tick=False) as clock:
        raised(database, "warning", site_id=plant.site.id)
        settled = raised(database, "settled", site_id=plant.site.id)
        raised(database, "fire", Severity.CRITICAL, site_id=plant.site.id)
        perform_new(database)
        assert [m["Subject"] for m in mailbox.messages] == ["Critical: About fire"]
        database.unit_of_work(
            lambda s: commands.resolve(s, actor=plant.admin, alert_uid=settled.uid, reason="done")
        )
        clock.shift(3_600)
        assert perform_due(database) == 0
        clock.move_to(MORNING)
        assert perform_due(database) == 2
        assert perform_due(database) == 0

    assert [m["Subject"] for m in mailbox.messages][1:] == ["Warning: About warning"]
    assert [state for state, _, _ in log(database)].count("not_needed") == 3


def test_a_server_that_is_away_is_tried_again_and_the_log_says_so(
    database, plant, mailbox, monkeypatch
):
    working = mailbox.url
    monkeypatch.setenv("SMTP_URL", "smtp://127.0.0.1:9")
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        raised(database, site_id=plant.site.id)
        perform_new(database)
        (state, attempts, error), *_ = log(database)
        assert (state, attempts) == ("waiting", 1)
        assert "ConnectionRefusedError" in error
        monkeypatch.setenv("SMTP_URL", working)
        clock.shift(60)
        assert perform_due(database) == 1

    assert len(mailbox.messages) == 1
    assert log(database) == [("sent", 2, None)] * 3


def test_without_a_mail_server_nobody_is_written_to(database, plant, mailbox, monkeypatch):
    monkeypatch.delenv("SMTP_URL")
    raised(database, site_id=plant.site.id)

    perform_new(database)

    assert log(database) == []
