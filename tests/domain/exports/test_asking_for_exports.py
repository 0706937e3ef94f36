"""Asking for an export: who may, for what, once at a time, and what becomes of the file."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.core.clock import now
from app.core.errors import Forbidden, NotFound
from app.core.outbox import OutboxMessage
from app.core.storage import StoredFile
from app.domain.accounts.models import Grant
from app.domain.accounts.queries import load_actor
from app.domain.exports import commands
from app.domain.exports.models import ExportRun, ExportState
from app.domain.exports.queries import export_by_uid, kept_files, list_exports

FILE = StoredFile("exports/ab/" + "ab" * 32, "ab" * 32, 12)


@pytest.fixture
def ask(database, plant):
    def act(actor=plant.admin):
        return database.unit_of_work(
            lambda session: commands.start_export(session, actor=actor, site_id=plant.site.id)
        )

    return act


def do(database, command, run, **facts):
    return database.unit_of_work(lambda session: command(session, run_id=run.id, **facts))


def count(database, model):
    with database.reader() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model))


def test_an_export_is_asked_for_and_its_job_waits(database, plant, ask):
    run = ask()

    with database.reader() as session:
        message = session.scalars(sa.select(OutboxMessage)).one()
    assert (run.state, run.parameters) == (ExportState.WAITING, {"departments": None})
    assert (message.job, message.payload["run_id"], message.uid) == (
        "exports.audit",
        run.id,
        run.message_uid,
    )


def test_the_same_request_while_one_is_made_is_the_same_run(database, plant, ask):
    first = ask()
    database.unit_of_work(
        lambda session: commands.begin_export(session, actor=plant.admin, run_id=first.id)
    )

    again = ask()

    assert again.id == first.id
    assert count(database, OutboxMessage) == 1


def test_after_the_file_is_made_a_new_request_is_a_new_run(database, ask):
    first = ask()
    do(database, commands.finish_export, first, rows=3, file=FILE)

    assert ask().id != first.id


def test_another_persons_request_is_another_run(plant, ask):
    assert ask(plant.manager).id != ask(plant.keeper).id


def test_a_run_whose_job_gave_up_does_not_stand_in_the_way(database, plant, ask):
    first = ask()
    database.unit_of_work(
        lambda session: session.execute(
            sa.update(OutboxMessage).values(failed_at=now(), error="OSError: disk full")
        )
    )
    with database.reader() as session:
        shown = export_by_uid(session, actor=plant.admin, uid=first.uid)

    second = ask()

    assert (shown.is_working, shown.job_error) == (False, "OSError: disk full")
    assert second.id != first.id
    with database.reader() as session:
        ended = session.get_one(ExportRun, first.id)
    assert (ended.state, ended.error) == (ExportState.FAILED, "OSError: disk full")


def test_of_several_clicks_at_once_one_has_an_effect(database, plant, ask):
    barrier = threading.Barrier(4)
    ids = []

    def click():
        barrier.wait()
        ids.append(ask().id)

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()

    assert len(ids) == 4
    assert len(set(ids)) == count(database, ExportRun) == count(database, OutboxMessage) == 1


def test_whoever_has_no_right_starts_nothing(database, plant, ask):
    for actor in (plant.driver, plant.operator, plant.viewer):
        with pytest.raises(Forbidden):
            ask(actor)

    assert count(database, ExportRun) == 0


def test_a_site_that_is_not_there_is_refused(database, plant):
    with pytest.raises(NotFound):
        database.unit_of_work(
            lambda session: commands.start_export(session, actor=plant.admin, site_id=999)
        )


def test_a_keeper_asks_for_the_own_department_only(plant, ask):
    assert ask(plant.keeper).parameters == {"departments": [plant.hot_rolling.id]}


def test_an_export_of_more_than_one_may_have_is_not_there(database, plant, ask):
    whole, own = ask(plant.admin), ask(plant.keeper)

    with database.reader() as session:
        assert export_by_uid(session, actor=plant.keeper, uid=own.uid).run.id == own.id
        assert export_by_uid(session, actor=plant.manager, uid=own.uid).run.id == own.id
        with pytest.raises(NotFound):
            export_by_uid(session, actor=plant.keeper, uid=whole.uid)
        mine = list_exports(session, actor=plant.keeper, site_id=plant.site.id, limit=9)
        every = list_exports(session, actor=plant.admin, site_id=plant.site.id, limit=9)
    assert [view.run.id for view in mine] == [own.id]
    assert [view.run.id for view in every] == [own.id, whole.id]
    assert [view.departments for view in every] == ["Hot rolling", "All departments"]


def test_a_right_that_was_taken_away_meanwhile_ends_the_export(database, plant, ask):
    run = ask(plant.keeper)

    def take_away(session):
        session.execute(sa.update(Grant).values(revoked_at=now()))
        actor = load_actor(session, plant.keeper.user_id)
        commands.begin_export(session, actor=actor, run_id=run.id)

    with pytest.raises(Forbidden, match="may not have it any more"):
        database.unit_of_work(take_away)


def test_progress_and_failure_are_kept(database, plant, ask):
    run = ask()
    database.unit_of_work(
        lambda session: commands.begin_export(session, actor=plant.admin, run_id=run.id)
    )

    told = do(database, commands.note_progress, run, rows_done=5, rows_total=9)
    failed = do(database, commands.fail_export, run, reason="There is no room on the disk.")

    assert told is None
    assert (failed.rows_done, failed.rows_total, failed.state) == (5, 9, ExportState.FAILED)
    assert failed.error == "There is no room on the disk."


def test_a_file_is_given_up_after_two_weeks(database, plant, ask):
    run = ask()
    do(database, commands.finish_export, run, rows=3, file=FILE)
    with database.reader() as session:
        assert kept_files(session) == {FILE.key}

    def remove(after):
        return database.unit_of_work(
            lambda session: commands.remove_old_exports(session, at=now() + after)
        )

    assert [remove(timedelta(days=13)), remove(timedelta(days=15)), remove(timedelta(days=15))] == [
        0, 1, 0,
    ]  # fmt: skip
    with database.reader() as session:
        assert kept_files(session) == set()
        assert session.get_one(ExportRun, run.id).state == ExportState.REMOVED
