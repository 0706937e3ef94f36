"""Alerts are raised once while open, looked after, resolved; at night most letters wait."""

import threading
import uuid
from datetime import UTC, datetime, time

import pytest
import sqlalchemy as sa

from app.core.database import Database
from app.core.errors import Forbidden, Invalid, NotFound
from app.core.outbox import OutboxMessage
from app.domain.alerts import commands
from app.domain.alerts.commands.settling import AlreadyResolved
from app.domain.alerts.models import Alert, QuietHours, Severity
from app.domain.alerts.queries import count_open_alerts
from app.domain.alerts.rules import due_at
from app.domain.audit.models import AuditEntry
from tests.factories.alerts import alert_now, raised
from tests.factories.plant import Plant

NIGHT = (time(22), time(6))


def test_an_alert_is_raised_once_while_it_is_open(database: Database, plant: Plant):
    first = raised(database, "gap", site_id=plant.site.id)
    assert raised(database, "gap", site_id=plant.site.id).id == first.id
    database.unit_of_work(
        lambda s: commands.resolve(s, actor=plant.manager, alert_uid=first.uid, reason="found it")
    )

    assert raised(database, "gap", site_id=plant.site.id).id != first.id

    with database.reader() as session:
        jobs = session.scalars(sa.select(OutboxMessage.job)).all()
    assert jobs == ["alerts.deliver"] * 2


def test_two_that_find_the_same_at_once_raise_one(database: Database, plant: Plant):
    threads = [threading.Thread(target=lambda: raised(database, "same")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.reader() as session:
        assert session.scalar(sa.select(sa.func.count(Alert.id))) == 1
        assert session.scalar(sa.select(sa.func.count(OutboxMessage.id))) == 1


def test_a_note_is_only_shown(database: Database, plant: Plant):
    raised(database, severity=Severity.INFO)

    with database.reader() as session:
        assert session.scalar(sa.select(sa.func.count(OutboxMessage.id))) == 0


def test_whoever_looks_after_it_first_is_named(database: Database, plant: Plant):
    alert = raised(database, site_id=plant.site.id)
    for actor in (plant.keeper, plant.manager):
        database.unit_of_work(
            lambda s, who=actor: commands.acknowledge(s, actor=who, alert_uid=alert.uid)
        )

    assert alert_now(database, alert).acknowledged_by_id == plant.keeper.user_id
    with database.reader() as session:
        assert count_open_alerts(session, site_id=plant.site.id) == (0, False)


def test_it_is_resolved_once_with_what_was_done(database: Database, plant: Plant):
    alert = raised(database, site_id=plant.site.id)

    def resolve(session, reason="cable replaced"):
        return commands.resolve(session, actor=plant.keeper, alert_uid=alert.uid, reason=reason)

    with pytest.raises(Invalid, match="Say what was done"):
        database.unit_of_work(lambda session: resolve(session, " x "))
    database.unit_of_work(resolve)
    with pytest.raises(AlreadyResolved):
        database.unit_of_work(resolve)

    assert alert_now(database, alert).resolution == "cable replaced"


def test_a_finding_that_ends_by_itself_is_resolved_by_nobody(database: Database, plant: Plant):
    alert = raised(database, "late")

    def end(session):
        return commands.end_alert(session, dedupe_key="late", resolution="It came.")

    assert [database.unit_of_work(end) for _ in range(2)] == [True, False]
    now = alert_now(database, alert)
    assert (now.resolution, now.resolved_by_id) == ("It came.", None)


def test_only_whoever_may_acts(database: Database, plant: Plant):
    alert = raised(database, site_id=plant.site.id, department_id=plant.finishing.id)

    for actor in (plant.keeper, plant.driver):  # of hot rolling
        with pytest.raises(Forbidden):
            database.unit_of_work(
                lambda s, who=actor: commands.acknowledge(s, actor=who, alert_uid=alert.uid)
            )
    with pytest.raises(NotFound):
        database.unit_of_work(
            lambda s: commands.acknowledge(s, actor=plant.admin, alert_uid=uuid.uuid4())
        )
    with pytest.raises(Forbidden):
        database.unit_of_work(
            lambda s: commands.set_quiet_hours(
                s, actor=plant.manager, site_id=plant.site.id, span=NIGHT
            )
        )

    assert alert_now(database, alert).acknowledged_at is None


def test_quiet_hours_are_kept_changed_and_given_up(database: Database, plant: Plant):
    def set_hours(span):
        database.unit_of_work(
            lambda s: commands.set_quiet_hours(
                s, actor=plant.admin, site_id=plant.site.id, span=span
            )
        )

    set_hours(NIGHT)
    set_hours((time(21, 30), time(5)))
    with pytest.raises(Invalid, match="another time"):
        set_hours((time(7), time(7)))
    with database.reader() as session:
        kept = session.scalars(sa.select(QuietHours)).one()
        assert (kept.starts_at, kept.ends_at) == (time(21, 30), time(5))
    set_hours(None)

    with database.reader() as session:
        assert session.scalar(sa.select(sa.func.count(QuietHours.site_id))) == 0
        actions = session.scalars(sa.select(AuditEntry.action)).all()
    assert actions.count("alerts.quiet_hours_set") == 3


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("raised_at, zone, due", [
    ("2026-11-20T20:59", "Europe/Berlin", "2026-11-20T20:59"),  # 21:59
    ("2026-11-20T21:00", "Europe/Berlin", "2026-11-21T05:00"),  # 22:00
    ("2026-11-21T04:59", "Europe/Berlin", "2026-11-21T05:00"),
    ("2026-11-21T05:00", "Europe/Berlin", "2026-11-21T05:00"),
    ("2026-03-29T00:30", "Europe/Berlin", "2026-03-29T04:00"),  # an hour is skipped
    ("2026-10-25T00:30", "Europe/Berlin", "2026-10-25T05:00"),  # an hour comes twice
    ("2026-11-20T17:00", "Asia/Kolkata", "2026-11-21T00:30"),  # 22:30 → 06:00 (+05:30)
])  # fmt: skip
def test_a_warning_waits_until_the_quiet_hours_end(raised_at: str, zone: str, due: str):
    moment = at(raised_at)

    waits = due_at(moment, severity=Severity.WARNING, time_zone=zone, quiet=NIGHT)

    assert waits == at(due)
    assert due_at(moment, severity=Severity.CRITICAL, time_zone=zone, quiet=NIGHT) == moment
    assert due_at(moment, severity=Severity.WARNING, time_zone=zone, quiet=None) == moment
