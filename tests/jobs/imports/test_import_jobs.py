"""Files are checked and booked by a real worker on a real Valkey."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from app.core.database import Database
from app.core.storage import open_storage
from app.domain.imports import commands
from app.domain.imports.models import ImportRun, RunState
from app.domain.imports.rules.columns import guess_mapping
from app.domain.imports.rules.verdicts import Options
from app.domain.units.models import Unit
from tests.factories.imports import coil, coils, write_workbook
from tests.support.worker import eventually


@pytest.fixture
def stage(database: Database, plant, relay, tmp_path, monkeypatch) -> Callable[..., ImportRun]:
    """Hand a file in as the keeper; the worker of the test finds it."""
    monkeypatch.setenv("ROLLCALL_DATA", str(tmp_path))
    database.on_commit = relay.push

    def act(content: bytes) -> ImportRun:
        path = tmp_path / "upload"
        path.write_bytes(content)
        with path.open("rb") as stream:
            file = open_storage(tmp_path).save(stream, shelf="imports", bytes_max=10**7)
        return database.unit_of_work(
            lambda session: commands.stage_import(
                session,
                actor=plant.keeper,
                department_id=plant.hot_rolling.id,
                filename="coils.xlsx",
                file=file,
            )
        )

    return act


@pytest.fixture
def started_worker(stage, database_url, valkey):
    """A worker that was started after the data folder was known."""
    from tests.support.worker import WorkerProcess

    process = WorkerProcess(database_url, valkey.url)
    process.start()
    yield process
    process.stop()


def load(database, run):
    with database.reader() as session:
        return session.get_one(ImportRun, run.id)


def units(database):
    with database.reader() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Unit))


def workbook(tmp_path, rows):
    return write_workbook(tmp_path / "made.xlsx", rows).read_bytes()


def test_a_file_is_checked_and_booked_by_the_worker(
    database, plant, stage, started_worker, tmp_path
):
    run = stage(workbook(tmp_path, [*coils(20), coil(20, total_weight="x")]))
    eventually(lambda: load(database, run).state == RunState.PREVIEWED)

    database.unit_of_work(
        lambda session: commands.check_import(
            session,
            actor=plant.keeper,
            run_id=run.id,
            mapping=guess_mapping(load(database, run).columns),
            options=Options(create_places=True, weight_unit="kg"),
        )
    )
    eventually(lambda: load(database, run).state == RunState.PREVIEWED)
    for _ in "12":
        database.unit_of_work(
            lambda session: commands.apply_import(session, actor=plant.keeper, run_id=run.id)
        )

    eventually(lambda: load(database, run).state == RunState.APPLIED)
    done = load(database, run)
    assert (done.counts["booked"], done.counts["failed"]) == (20, 1)
    assert units(database) == 20


def test_a_file_that_cannot_be_read_ends_with_its_reason(database, stage, started_worker):
    run = stage(b"PK\x03\x04 this is no workbook")

    eventually(lambda: load(database, run).state == RunState.FAILED)

    assert "must be an Excel workbook" in load(database, run).error


def test_whoever_lost_the_right_meanwhile_books_nothing(
    database, plant, stage, started_worker, tmp_path
):
    rows = [{"roll_no": "C1", "item_no": "A", "lot_no": "L", "weight_kg": 5}]
    run = stage(write_workbook(tmp_path / "made.xlsx", rows, list(rows[0])).read_bytes())
    eventually(lambda: load(database, run).state == RunState.PREVIEWED)

    def ask(session):
        commands.apply_import(session, actor=plant.keeper, run_id=run.id)
        session.execute(sa.text("UPDATE users SET is_active = :no"), {"no": False})

    database.unit_of_work(ask)

    eventually(lambda: load(database, run).state == RunState.FAILED)
    assert "may not log in any more" in load(database, run).error
    assert units(database) == 0
