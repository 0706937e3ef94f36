"""Seals: every committed movement is sealed once, in a chain that a changed row breaks."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.database import Database
from app.core.errors import Busy
from app.domain.alerts.models import Alert
from app.domain.audit.models import AuditEntry
from app.domain.ledger.models import Movement, Posting
from app.domain.reconciliation.commands import begin_epoch, seal_ledger, watch_unsealed
from app.domain.reconciliation.models import Epoch, Seal, SealLeaf
from app.domain.reconciliation.verifying import Verification, verify_ledger
from tests.factories.plant import Plant
from tests.factories.stock import movement_count, produce_coils, stored_coils
from tests.support.tampering import behind_the_triggers


def seal_all(database: Database, limit: int = 2_000) -> int:
    """Seal until nothing waits; how many seals it took."""
    count = 0
    while database.unit_of_work(lambda session: seal_ledger(session, limit=limit)):
        count += 1
    return count


def verified(database: Database, **wanted) -> Verification:
    with database.snapshot() as session:
        return verify_ledger(session, **wanted)


def sentences(database: Database) -> list[str]:
    return [finding.sentence for finding in verified(database).findings]


def count_of(database: Database, model) -> int:
    with database.reader() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def movement(database: Database, number: int) -> Movement:
    """The movement that was booked as so many-th."""
    with database.reader() as session:
        return session.scalars(sa.select(Movement).order_by(Movement.id).offset(number - 1)).first()


def test_every_movement_is_sealed_once_and_the_chain_holds(database: Database, plant: Plant):
    stored_coils(database, plant, 3)
    assert seal_all(database) == 1
    stored_coils(database, plant)

    assert seal_all(database) == 1

    result = verified(database)
    assert (result.seals, result.movements, result.postings) == (2, 4, 8)
    assert result.is_clean
    assert count_of(database, SealLeaf) == movement_count(database) == 4
    assert seal_all(database) == 0


def test_a_ledger_larger_than_a_seal_is_sealed_in_several(database: Database, plant: Plant):
    for _ in range(3):
        stored_coils(database, plant)

    assert seal_all(database, limit=2) == 3
    for _ in range(3):
        stored_coils(database, plant)
    assert seal_all(database, limit=4) == 2

    assert count_of(database, SealLeaf) == 12
    assert verified(database).is_clean


def test_nothing_is_lost_when_a_lower_id_commits_later(database: Database, plant: Plant):
    """PostgreSQL lets a later id commit first; SQLite has one writer, so nobody comes between."""
    produce_coils(database, plant)
    seal_all(database)
    writer = database.engine.execution_options(sqlite_begin="IMMEDIATE")
    with Session(writer) as slow:
        slow.execute(
            sa.insert(Movement).values(
                verb="adjust",
                site_id=plant.site.id,
                actor_id=plant.keeper.user_id,
                occurred_at=now(),
            )
        )
        if database.dialect == "sqlite":
            with pytest.raises(Busy):
                database.unit_of_work(seal_ledger, deadline_seconds=0.2)
        else:
            produce_coils(database, plant)
            assert seal_all(database) == 0
        slow.commit()

    if database.dialect == "sqlite":
        produce_coils(database, plant)
    assert seal_all(database) == 1
    assert count_of(database, SealLeaf) == movement_count(database) == 3


def test_sealers_and_writers_at_the_same_time_lose_and_double_nothing(
    database: Database, plant: Plant
):
    stop = threading.Event()
    failures: list[Exception] = []

    def keep_sealing():
        while not stop.is_set():
            try:
                database.unit_of_work(seal_ledger)
            except Exception as error:  # noqa: BLE001 - told by the test below
                failures.append(error)

    seal_all(database)
    sealers = [threading.Thread(target=keep_sealing) for _ in range(2)]
    writers = [
        threading.Thread(target=lambda: [produce_coils(database, plant) for _ in range(8)])
        for _ in range(2)
    ]
    for thread in (*sealers, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sealers:
        thread.join()
    seal_all(database)

    assert failures == []
    assert count_of(database, SealLeaf) == movement_count(database) == 16
    assert verified(database).is_clean


@pytest.mark.parametrize("table", ["seals", "seal_leaves", "ledger_epochs"])
def test_what_was_sealed_cannot_be_changed_or_deleted(database: Database, plant: Plant, table: str):
    stored_coils(database, plant)
    seal_all(database)
    column = {"seals": "tree", "seal_leaves": "leaf", "ledger_epochs": "reason"}[table]
    attempts = [f"UPDATE {table} SET {column} = 'other'", f"DELETE FROM {table}"]
    attempts.append(
        f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
        if database.dialect == "sqlite"
        else f"TRUNCATE {table} CASCADE"
    )

    for statement in attempts:
        with pytest.raises(DBAPIError, match="append-only"):
            database.unit_of_work(lambda session, text=statement: session.execute(sa.text(text)))

    assert verified(database).is_clean


def test_a_movement_changed_behind_the_triggers_is_named(database: Database, plant: Plant):
    stored_coils(database, plant)
    seal_all(database)
    changed = movement(database, 2)

    behind_the_triggers(database, f"UPDATE movements SET note = 'other' WHERE id = {changed.id}")

    (finding,) = verified(database).findings
    assert (finding.movement_uid, finding.line_no) == (changed.uid, None)
    assert finding.sentence == (
        f"Movement {changed.id} ({changed.uid}) was changed after it was sealed."
    )


def test_the_line_that_was_changed_is_named(database: Database, plant: Plant):
    stored_coils(database, plant, 3)
    seal_all(database)
    changed = movement(database, 2)

    behind_the_triggers(
        database,
        f"UPDATE postings SET quantity = 1 WHERE movement_id = {changed.id} AND line_no = 2",
    )

    (finding,) = verified(database).findings
    assert (finding.movement_id, finding.line_no) == (changed.id, 2)
    assert finding.sentence.startswith(f"Line 2 of movement {changed.id}")


def test_a_line_that_is_gone_or_was_added_is_found(database: Database, plant: Plant):
    stored_coils(database, plant, 2)
    seal_all(database)
    made, put = movement(database, 1), movement(database, 2)

    behind_the_triggers(
        database,
        f"DELETE FROM postings WHERE movement_id = {made.id} AND line_no = 2",
        "INSERT INTO postings (id, movement_id, line_no, item_id, lot_id, from_location_id,"
        " to_location_id, quantity) SELECT 900, movement_id, 3, item_id, lot_id,"
        " from_location_id, to_location_id, quantity FROM postings"
        f" WHERE movement_id = {put.id} AND line_no = 1",
    )

    assert [(f.movement_id, f.line_no) for f in verified(database).findings] == [
        (made.id, 2),
        (put.id, 3),
    ]
    assert "is gone" in sentences(database)[0]


def test_a_movement_that_is_gone_is_named(database: Database, plant: Plant):
    stored_coils(database, plant)
    seal_all(database)
    gone = movement(database, 2).id

    behind_the_triggers(
        database,
        f"DELETE FROM postings WHERE movement_id = {gone}",
        f"DELETE FROM movements WHERE id = {gone}",
    )

    assert sentences(database) == [f"Movement {gone} is gone."]


def test_whoever_changes_the_hashes_too_is_found_by_the_chain(database: Database, plant: Plant):
    for _ in range(2):
        stored_coils(database, plant)
        seal_all(database)

    behind_the_triggers(
        database, "UPDATE seals SET tree = REPLACE(tree, 'a', 'b') WHERE number = 1"
    )

    assert "The hashes kept under seal 1 were changed." in sentences(database)
    assert "Seal 1 does not follow from the one before it." in sentences(database)


def test_a_seal_that_is_gone_is_missed(database: Database, plant: Plant):
    for _ in range(3):
        stored_coils(database, plant)
        seal_all(database)

    behind_the_triggers(
        database,
        "DELETE FROM seal_leaves WHERE seal_id = (SELECT id FROM seals WHERE number = 2)",
        "DELETE FROM seals WHERE number = 2",
    )

    assert sentences(database)[0] == "Seal 2 is missing."


def test_a_root_that_was_kept_elsewhere_proves_that_no_end_was_cut_off(
    database: Database, plant: Plant
):
    stored_coils(database, plant)
    seal_all(database)
    stored_coils(database, plant)
    seal_all(database)
    kept = verified(database).root
    assert verified(database, known_root=kept).is_clean

    behind_the_triggers(
        database,
        "DELETE FROM seal_leaves WHERE seal_id = (SELECT id FROM seals WHERE number = 2)",
        "DELETE FROM seals WHERE number = 2",
    )

    assert verified(database).is_clean
    assert not verified(database, known_root=kept).is_clean


def test_a_restore_begins_an_epoch_that_seals_whatever_is_not_sealed(
    database: Database, plant: Plant
):
    stored_coils(database, plant)
    seal_all(database)
    stored_coils(database, plant)
    # As after a restore: the rows carry numbers that another system gave.
    behind_the_triggers(
        database, f"UPDATE movements SET xact = {10**15} WHERE id = {movement(database, 3).id}"
    )

    database.unit_of_work(lambda session: begin_epoch(session, actor=plant.admin, reason="dump"))
    assert seal_all(database) == 1
    stored_coils(database, plant)
    assert seal_all(database) == 1

    assert count_of(database, SealLeaf) == movement_count(database) == 6
    assert count_of(database, Epoch) == 2
    assert verified(database).is_clean
    with database.reader() as session:
        actions = session.scalars(sa.select(AuditEntry.action)).all()
    assert actions.count("ledger.epoch_begun") == 2


def test_another_database_system_begins_an_epoch_by_itself(database: Database, plant: Plant):
    stored_coils(database, plant)
    seal_all(database)
    behind_the_triggers(database, "UPDATE ledger_epochs SET system_identifier = 'elsewhere'")
    stored_coils(database, plant)

    seal_all(database)

    with database.reader() as session:
        reasons = session.scalars(sa.select(Epoch.reason).order_by(Epoch.id)).all()
        epochs = session.scalars(sa.select(Seal.epoch_id).order_by(Seal.number)).all()
    assert reasons == ["the first one", "another database system"]
    assert len(set(epochs)) == 2
    assert verified(database).is_clean


def test_a_movement_that_waits_too_long_for_its_seal_raises_one_alert(
    database: Database, plant: Plant
):
    produce_coils(database, plant)
    with time_machine.travel(now() + timedelta(minutes=14), tick=False):
        assert database.unit_of_work(watch_unsealed) is None
    with time_machine.travel(now() + timedelta(minutes=16), tick=False):
        for _ in range(2):
            assert database.unit_of_work(watch_unsealed) is not None
    seal_all(database)
    with time_machine.travel(now() + timedelta(minutes=40), tick=False):
        assert database.unit_of_work(watch_unsealed) is None

    with database.reader() as session:
        assert session.scalars(sa.select(Alert.rule_code)).all() == ["ledger.unsealed"]


def test_every_column_of_what_is_booked_is_sealed(database: Database, plant: Plant):
    """Every column that can be changed changes the leaf, whatever a later version adds."""
    stored_coils(database, plant)
    seal_all(database)
    booked = movement(database, 2)

    for table, where in (
        (Movement.__table__, f"id = {booked.id}"),
        (Posting.__table__, f"movement_id = {booked.id}"),
    ):
        for column in table.columns:
            if column.name in {"id", "movement_id", "xact"}:
                continue
            other = _other_value(column.type)
            behind_the_triggers(
                database,
                f"CREATE TABLE kept AS SELECT {column.name} AS was FROM {table.name} WHERE {where}",
                f"UPDATE {table.name} SET {column.name} = {other} WHERE {where}",
            )
            assert len(sentences(database)) == 1, column
            behind_the_triggers(
                database,
                f"UPDATE {table.name} SET {column.name} = (SELECT was FROM kept) WHERE {where}",
                "DROP TABLE kept",
            )
            assert sentences(database) == [], column


def _other_value(type_) -> str:
    name = type(type_).__name__
    if name == "UtcDateTime":
        return "'2020-01-01 00:00:00.000001'"
    if name == "Uuid":
        return "'01931f0000007000800000000000abcd'"
    return "'adjust'" if name == "String" else "987654"
