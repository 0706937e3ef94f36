"""Exports are made by a real worker on a real Valkey, and what is left over is cleared away."""

import io
import time
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa
import time_machine

from app.core.clock import now
from app.core.outbox import OutboxMessage
from app.core.storage import open_storage
from app.domain.exports import commands
from app.domain.exports.models import ExportRun, ExportState
from app.jobs import exports
from app.jobs.performing import perform_with
from app.jobs.registry import JOBS
from tests.factories.stock import stored_coils
from tests.support.statements import counting_statements
from tests.support.worker import WorkerProcess, eventually


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    """The data folder that jobs find in their environment."""
    monkeypatch.setenv("ROLLCALL_DATA", str(tmp_path))
    monkeypatch.setenv("SECRET_KEY", "k" * 20 + "0123456789abcdefghij")
    return tmp_path


@pytest.fixture
def ask(database, plant, relay, data):
    database.on_commit = relay.push

    def act(actor=plant.admin):
        return database.unit_of_work(
            lambda session: commands.start_export(session, actor=actor, site_id=plant.site.id)
        )

    return act


@pytest.fixture
def started_worker(data, database_url, valkey):
    """A worker that was started after the data folder was known."""
    process = WorkerProcess(database_url, valkey.url)
    process.start()
    yield process
    process.stop()


def load(database, run):
    with database.reader() as session:
        return session.get_one(ExportRun, run.id)


def perform(database, run):
    perform_with(database, run.message_uid, JOBS)
    return load(database, run)


def test_the_worker_makes_the_workbook(database, plant, ask, data, started_worker):
    stored_coils(database, plant, 4)

    run = ask()

    eventually(lambda: load(database, run).state == ExportState.DONE, seconds=60)
    done = load(database, run)
    path = open_storage(data).path(done.storage_key)
    assert (done.rows_done, done.rows_total, done.file_bytes) == (12, 12, path.stat().st_size)
    assert openpyxl.load_workbook(io.BytesIO(path.read_bytes()))["Movements"].max_row == 9
    assert list((data / "files").glob("making-*")) == []


def test_done_twice_it_is_done_once(database, plant, ask, data):
    stored_coils(database, plant)
    run = ask()

    first = perform(database, run)
    again = perform(database, run)

    assert (again.storage_key, again.finished_at) == (first.storage_key, first.finished_at)
    assert len(list((data / "files" / "exports").glob("*/*"))) == 1


def test_an_attempt_that_died_is_begun_again_from_the_first_row(
    database, plant, ask, data, monkeypatch
):
    stored_coils(database, plant, 3)
    run = ask()

    def die(*_arguments, **_facts):
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(exports, "write_audit", die)
        broken = perform(database, run)
    done = perform(database, run)

    assert (broken.state, broken.storage_key) == (ExportState.RUNNING, None)
    assert (done.state, done.rows_done) == (ExportState.DONE, 9)
    assert list((data / "files").glob("making-*")) == []


def test_whoever_may_not_log_in_any_more_gets_nothing(database, plant, ask):
    run = ask(plant.keeper)
    database.unit_of_work(
        lambda session: session.execute(
            sa.text("UPDATE users SET is_active = :no WHERE id = :id"),
            {"no": False, "id": plant.keeper.user_id},
        )
    )

    failed = perform(database, run)

    assert failed.state == ExportState.FAILED
    assert "may not log in any more" in failed.error
    with database.reader() as session:
        assert session.scalars(sa.select(OutboxMessage)).one().done_at is not None


def test_progress_is_written_once_a_second_at_most(database, plant, ask, monkeypatch):
    run = ask()
    told = []
    clock = iter([0.0, 0.3, 0.9, 1.2, 1.3])
    monkeypatch.setattr(exports.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(exports.commands, "note_progress", lambda *_, **facts: told.append(facts))

    class Run:
        def step(self, work):
            work(None)

    progress = exports._Progress(Run(), run.id, 5)
    for rows_done in (1, 2, 3, 4, 5):
        progress(rows_done)

    assert [facts["rows_done"] for facts in told] == [1, 4, 5]


def test_files_go_after_two_weeks_and_leftovers_after_a_day(database, plant, ask, data, relay):
    done = perform(database, ask())
    path = open_storage(data).path(done.storage_key)
    orphan = data / "files" / "exports" / "ab" / ("ab" * 32)
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"nobody names me")
    workspace = data / "files" / "making-abc"
    workspace.mkdir()
    other_shelf = data / "files" / "imports" / "cd" / ("cd" * 32)
    other_shelf.parent.mkdir(parents=True)
    other_shelf.write_bytes(b"an upload")

    exports.remove_old(relay)
    young = [one.exists() for one in (path, orphan, workspace, other_shelf)]
    with time_machine.travel(now() + timedelta(days=2)):
        exports.remove_old(relay)
        middle = [one.exists() for one in (path, orphan, workspace, other_shelf)]
    with time_machine.travel(now() + timedelta(days=15)):
        exports.remove_old(relay)
        old = [one.exists() for one in (path, orphan, workspace, other_shelf)]

    assert young == [True, True, True, True]
    assert middle == [True, False, False, True]
    assert old == [False, False, False, True]
    assert load(database, done).state == ExportState.REMOVED


def test_the_job_asks_a_number_of_questions_that_grows_by_parts_only(database, plant, ask):
    stored_coils(database, plant)
    with counting_statements(database.engine) as of_one:
        perform(database, ask())
    stored_coils(database, plant, 200)

    with counting_statements(database.engine) as of_many:
        started = time.monotonic()
        perform(database, ask())
        seconds = time.monotonic() - started

    assert of_many.count - of_one.count <= 4 * (seconds + 1)  # progress, once a second
