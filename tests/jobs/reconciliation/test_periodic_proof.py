"""What the schedule does for proof."""

import sqlalchemy as sa

from app.core.outbox import OutboxMessage
from app.domain.reconciliation.commands import begin_check, request_check, take_line
from app.domain.reconciliation.models import CheckRun, Seal
from app.jobs import reconciliation
from app.jobs.performing import perform_with
from app.jobs.registry import JOBS
from app.jobs.schedule import SCHEDULE
from tests.factories.stock import stored_coils


def test_the_schedule_seals_what_was_booked(database, plant, relay):
    stored_coils(database, plant)

    reconciliation.seal(relay)
    reconciliation.seal(relay)

    with database.reader() as session:
        assert session.scalars(sa.select(Seal.movement_count)).all() == [2]


def test_sealing_is_on_the_list_every_few_minutes():
    entry = next(one for one in SCHEDULE if one.name == "reconciliation.seal")

    assert entry.work is reconciliation.seal
    assert entry.every.total_seconds() == 180


def run_jobs(database):
    with database.reader() as session:
        waiting = sa.select(OutboxMessage.uid).where(OutboxMessage.done_at.is_(None))
        uids = session.scalars(waiting.order_by(OutboxMessage.id)).all()
    for uid in uids:
        perform_with(database, uid, JOBS)
    return len(uids)


def runs(database):
    with database.reader() as session:
        rows = session.scalars(sa.select(CheckRun).order_by(CheckRun.id)).all()
    return [(row.kind, row.state, row.found) for row in rows]


def test_the_first_check_is_a_full_one_then_only_what_was_touched(database, plant, relay):
    stored_coils(database, plant)
    reconciliation.check_continuously(relay)
    reconciliation.check_continuously(relay)
    assert run_jobs(database) == 1

    stored_coils(database, plant)
    reconciliation.check_continuously(relay)

    assert runs(database) == [("weekly", "done", 0), ("continuous", "done", 0)]


def test_a_full_check_ends_with_the_root_of_the_seals(database, plant, relay):
    stored_coils(database, plant)
    reconciliation.seal(relay)
    database.unit_of_work(lambda session: request_check(session, actor=plant.admin))

    run_jobs(database)

    with database.reader() as session:
        assert session.scalar(sa.select(CheckRun.root)) == session.scalar(sa.select(Seal.root))


def test_the_daily_check_is_done_for_the_site(database, plant, relay):
    coil = stored_coils(database, plant)[0]
    database.unit_of_work(
        lambda session: session.execute(
            sa.text("UPDATE units SET state = 'missing' WHERE id = :id"), {"id": coil}
        )
    )

    reconciliation.start_daily(relay)
    reconciliation.start_daily(relay)
    run_jobs(database)

    assert runs(database) == [("daily", "done", 3)]
    assert [one.name for one in SCHEDULE if one.name.startswith("reconciliation.")] == [
        "reconciliation.seal",
        "reconciliation.touched",
        "reconciliation.daily",
        "reconciliation.weekly",
        "reconciliation.checkpoint",
    ]


def test_a_check_that_is_repeated_after_its_worker_died_ends_once(database, plant, relay):
    stored_coils(database, plant)
    run = database.unit_of_work(lambda session: request_check(session, actor=plant.admin))
    database.unit_of_work(lambda session: begin_check(session, run_id=run.id))
    database.unit_of_work(lambda session: take_line(session, run_id=run.id))

    run_jobs(database)
    run_jobs(database)
    reconciliation.check_continuously(relay)

    assert runs(database) == [("manual", "done", 0), ("continuous", "done", 0)]
