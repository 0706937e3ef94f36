"""The daily check is due once per local day, also when the clocks are changed."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import sqlalchemy as sa
import time_machine

from app.core.database import Database
from app.core.outbox import OutboxMessage
from app.domain.locations.models import Site
from app.domain.reconciliation.commands import plan_daily_check, start_due_checks
from app.domain.reconciliation.models import CheckRun
from app.domain.reconciliation.rules import due_day
from tests.factories.plant import Plant

NINE = time(9)


def days_that_begin(zone: str, daily_at: time, first: datetime, hours: int) -> list[date]:
    """The days whose check becomes due when somebody looks every ten minutes."""
    found: list[date] = []
    for step in range(hours * 6 + 1):
        day = due_day(first + timedelta(minutes=10 * step), zone, daily_at)
        if not found or found[-1] != day:
            found.append(day)
    return found[1:]


@pytest.mark.parametrize("zone, utc", [
    ("Europe/Berlin", "2026-11-20T08:00"),
    ("Asia/Kolkata", "2026-11-20T03:30"),
    ("America/New_York", "2026-11-20T14:00"),
])  # fmt: skip
def test_nine_is_nine_by_the_clocks_of_the_site(zone: str, utc: str):
    comes = datetime.fromisoformat(utc).replace(tzinfo=UTC)

    assert due_day(comes - timedelta(seconds=1), zone, NINE) == date(2026, 11, 19)
    assert due_day(comes, zone, NINE) == date(2026, 11, 20)


@pytest.mark.parametrize("changes_at, hour", [
    ("2026-03-28T00:00", time(2, 30)),  # skipped on the 29th
    ("2026-10-24T00:00", time(2, 30)),  # shown twice on the 25th
    ("2026-10-24T00:00", NINE),
    ("2026-03-28T00:00", NINE),
])  # fmt: skip
def test_every_local_day_has_one_check_at_a_change_of_the_clocks(changes_at: str, hour: time):
    first = datetime.fromisoformat(changes_at).replace(tzinfo=UTC)

    days = days_that_begin("Europe/Berlin", hour, first, hours=72)

    assert days == [first.date() + timedelta(days=n) for n in range(len(days))]
    assert len(days) == 3


def due(database: Database, at: str) -> int:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        return database.unit_of_work(lambda session: start_due_checks(session, at=moment))


def test_a_site_is_checked_once_a_day(database: Database, plant: Plant):
    begun = [
        due(database, at)
        for at in (
            "2026-10-25T07:30",  # 08:30: the day before is still owed
            "2026-10-25T07:31",
            "2026-10-25T08:00",  # 09:00, after the night with 25 hours
            "2026-10-25T23:00",
            "2026-10-26T08:00",
        )
    ]

    assert begun == [1, 0, 1, 0, 1]
    with database.reader() as session:
        assert session.scalars(sa.select(CheckRun.business_day).order_by(CheckRun.id)).all() == [
            date(2026, 10, 24),
            date(2026, 10, 25),
            date(2026, 10, 26),
        ]
        jobs = session.scalars(sa.select(OutboxMessage.job)).all()
    assert jobs.count("reconciliation.check") == 3


def test_each_site_has_its_own_clock_and_its_own_hour(database: Database, plant: Plant):
    def work(session):
        session.add(Site(code="PUN", name="Pune", time_zone="Asia/Kolkata"))
        plan_daily_check(session, actor=plant.admin, site_id=plant.site.id, daily_at=time(6, 15))

    database.unit_of_work(work)
    due(database, "2026-11-19T12:00")

    assert due(database, "2026-11-20T03:29") == 0
    assert due(database, "2026-11-20T03:30") == 1
    assert due(database, "2026-11-20T05:14") == 0
    assert due(database, "2026-11-20T05:15") == 1
