"""Handing a file in and saying what it means: once per person and content, and only with rights."""

import io
import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from app.core.errors import Forbidden, Invalid, NotFound
from app.core.outbox import OutboxMessage
from app.core.storage import TooLarge
from app.domain.imports import commands
from app.domain.imports.commands.staging import NotReady
from app.domain.imports.models import ImportRun, RunState
from app.domain.imports.queries import import_by_uid, list_imports
from app.domain.imports.rules.columns import Meaning
from app.domain.imports.rules.verdicts import Options
from tests.factories.imports import coil, coils


def messages(database):
    with database.reader() as session:
        return session.scalars(sa.select(OutboxMessage.job).order_by(OutboxMessage.id)).all()


def test_a_file_is_staged_with_a_job_that_checks_it(database, plant, imports):
    run = imports.stage(coils(2), filename="C:\\stock\\coils\x07 week 47.xlsx")

    assert run.state == RunState.STAGED
    assert run.filename == "coils week 47.xlsx"
    assert (run.department_id, run.created_by_id) == (plant.hot_rolling.id, plant.keeper.user_id)
    assert messages(database) == ["imports.check"]


def test_the_same_bytes_by_the_same_person_are_the_same_run(database, imports):
    file = imports.store(coils(2))

    first, second = imports.stage(file), imports.stage(file, filename="copy.xlsx")

    assert second.id == first.id
    assert second.filename == "a.xlsx"
    assert messages(database) == ["imports.check"]


def test_the_same_bytes_by_another_person_are_another_run(plant, imports):
    file = imports.store(coils(2))
    first = imports.stage(file)

    imports.actor = plant.manager
    second = imports.stage(file)

    assert second.id != first.id


def test_two_uploads_at_once_are_one_run(database, imports):
    file = imports.store(coils(2))
    runs = []
    threads = [threading.Thread(target=lambda: runs.append(imports.stage(file).id)) for _ in "1234"]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(runs) == 4
    assert len(set(runs)) == 1
    assert messages(database) == ["imports.check"]


@pytest.mark.parametrize("who", ["driver", "operator", "viewer"])
def test_whoever_may_not_import_is_refused_and_nothing_is_written(database, plant, imports, who):
    imports.actor = getattr(plant, who)

    with pytest.raises(Forbidden):
        imports.stage(coils(1))

    assert messages(database) == []


def test_a_keeper_does_not_import_into_another_department(database, plant, imports):
    file = imports.store(coils(1))

    with pytest.raises(Forbidden):
        database.unit_of_work(
            lambda session: commands.stage_import(
                session,
                actor=plant.keeper,
                department_id=plant.finishing.id,
                filename="a.xlsx",
                file=file,
            )
        )


def change(imports, run, mapping, **options):
    return imports.database.unit_of_work(
        lambda session: commands.check_import(
            session,
            actor=imports.actor,
            run_id=run.id,
            mapping=mapping,
            options=Options(**options),
        )
    )


def test_another_mapping_is_checked_again(database, imports):
    run = imports.checked([coil(1, yard="", storage_loc="FM01A01")])
    mapping = {column: Meaning(meaning) for column, meaning in run.mapping.items()}

    change(imports, run, mapping | {"thickness": Meaning.LEAVE_OUT})
    again = imports.look(run)

    assert again.state == RunState.PREVIEWED
    assert again.mapping["thickness"] == Meaning.LEAVE_OUT
    assert messages(database) == ["imports.check"] * 3


def test_a_mapping_that_lacks_something_is_refused_with_all_that_it_lacks(database, imports):
    run = imports.checked(coils(1))

    with pytest.raises(Invalid, match=r"Item number.*Weight"):
        change(imports, run, {"order_no": Meaning.LOT, "unknown": Meaning.ITEM})

    assert imports.load(run).state == RunState.PREVIEWED
    assert messages(database) == ["imports.check"] * 2


def test_places_are_made_only_by_those_who_may(plant, imports):
    run = imports.checked(coils(1))
    scopes = [
        replace(scope, permissions=scope.permissions - {"locations.manage"})
        for scope in plant.keeper.scopes
    ]
    imports.actor = replace(plant.keeper, scopes=tuple(scopes))

    with pytest.raises(Forbidden, match=r"locations\.manage"):
        change(imports, run, {}, create_places=True)


def test_a_file_that_is_being_booked_cannot_be_changed(imports):
    run = imports.checked([coil(1, yard="", storage_loc="FM01A01")])
    imports.ask(run)

    with pytest.raises(NotReady, match="is being booked"):
        change(imports, run, {})


def test_a_booking_whose_job_has_given_up_can_be_checked_again(database, imports):
    run = imports.checked([coil(1, yard="", storage_loc="FM01A01")])
    imports.ask(run)
    database.unit_of_work(
        lambda session: session.execute(sa.update(OutboxMessage).values(failed_at=sa.func.now()))
    )

    again = imports.again(imports.load(run))

    assert again.state == RunState.PREVIEWED


def test_of_two_checks_the_later_one_counts(imports):
    run = imports.checked([coil(1, order_no="")])
    change(imports, run, {c: Meaning(m) for c, m in run.mapping.items()}, default_lot="FIRST")
    change(imports, run, {c: Meaning(m) for c, m in run.mapping.items()}, default_lot="SECOND")

    again = imports.look(run)

    assert imports.load(again).options["default_lot"] == "SECOND"


def test_runs_are_seen_only_by_those_who_may_import_there(database, plant, imports):
    run = imports.stage(coils(1))
    stranger = replace(
        plant.keeper,
        scopes=tuple(replace(s, department_id=plant.finishing.id) for s in plant.keeper.scopes),
    )

    with database.reader() as session:
        assert [v.run.id for v in list_imports(session, actor=plant.manager)] == [run.id]
        assert import_by_uid(session, actor=plant.admin, uid=run.uid).created_by
        assert list_imports(session, actor=stranger) == []
        with pytest.raises(NotFound):
            import_by_uid(session, actor=stranger, uid=run.uid)


def test_a_run_that_nobody_made_cannot_be_applied(database, plant):
    with pytest.raises(NotFound):
        database.unit_of_work(
            lambda session: commands.apply_import(session, actor=plant.admin, run_id=999)
        )


def test_a_file_is_kept_under_its_own_content(imports):
    file = imports.store(coils(1))

    assert file.key == f"imports/{file.sha256[:2]}/{file.sha256}"
    assert imports.storage.path(file.key).stat().st_size == file.size_bytes


def test_a_file_that_is_too_large_leaves_nothing_behind(imports):
    with pytest.raises(TooLarge):
        imports.storage.save(io.BytesIO(b"x" * 100), shelf="imports", bytes_max=99)

    assert [path for path in imports.storage.root.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("key", ["../secret-key", "imports/../../x", "/etc/passwd", ""])
def test_only_keys_of_our_own_lead_to_files(imports, key):
    with pytest.raises(ValueError, match="not a storage key"):
        imports.storage.path(key)


def test_a_job_that_gave_up_is_told_with_the_run(database, plant, imports):
    run = imports.stage(coils(1))
    database.unit_of_work(
        lambda session: session.execute(
            sa.update(OutboxMessage).values(failed_at=sa.func.now(), error="Disk full")
        )
    )

    with database.reader() as session:
        view = import_by_uid(session, actor=plant.keeper, uid=run.uid)

    assert view.job_error == "Disk full"
    assert isinstance(view.run, ImportRun)
