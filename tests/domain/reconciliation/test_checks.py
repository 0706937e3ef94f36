"""Reconciliation: each injected fault of a projection is found, and only that."""

import threading
from decimal import Decimal

import pytest
import sqlalchemy as sa

from app.core.clock import now
from app.core.database import Database
from app.domain.ledger.commands import adjust, putaway, reverse
from app.domain.ledger.models import Balance, Movement
from app.domain.reconciliation.checks import check_touched
from app.domain.reconciliation.commands import move_line, seal_ledger
from app.domain.reconciliation.models import Discrepancy, ProvenBalance
from app.domain.reconciliation.queries import line_position
from tests.factories.plant import Plant
from tests.factories.proof import (
    busy_plant,
    check_everything,
    check_the_day,
    check_what_was_touched,
    kinds,
)
from tests.factories.stock import balances, produce_coils, stored_coils, unit_of
from tests.support.tampering import behind_the_triggers


def run_sql(database: Database, text: str, **values) -> None:
    database.unit_of_work(lambda session: session.execute(sa.text(text), values))


def proven(database: Database) -> dict[tuple[int, int, int], Decimal]:
    with database.reader() as session:
        rows = session.scalars(sa.select(ProvenBalance).where(ProvenBalance.on_hand != Decimal(0)))
        return {(row.location_id, row.item_id, row.lot_id): row.on_hand for row in rows}


def live(database: Database) -> dict[tuple[int, int, int], Decimal]:
    with database.reader() as session:
        rows = session.scalars(sa.select(Balance).where(Balance.on_hand != Decimal(0)))
        return {(row.location_id, row.item_id, row.lot_id): row.on_hand for row in rows}


def test_a_ledger_in_order_has_no_differences(database: Database, plant: Plant):
    busy_plant(database, plant)

    assert check_everything(database) == []
    assert check_the_day(database, plant) == []
    assert proven(database) == live(database)


def test_a_wrong_balance_is_found_alone_with_its_suspect(database: Database, plant: Plant):
    coils = busy_plant(database, plant)
    small = produce_coils(database, plant, quantity=Decimal(900))
    lost, *_ = [
        database.unit_of_work(
            lambda session, unit_ids=unit_ids: putaway(
                session, actor=plant.driver, unit_ids=unit_ids, location_id=plant.bins[1].id
            )
        )
        for unit_ids in (small, coils[:2])
    ]
    run_sql(
        database,
        "UPDATE balances SET on_hand = on_hand - 900000000 WHERE location_id = :p",
        p=plant.bins[1].id,
    )

    (found,) = check_everything(database)

    assert kinds([found]) == ["balance 10541 → 9641"]
    assert (found.location_id, found.item_id) == (plant.bins[1].id, plant.item.id)
    assert found.suspect_movement_id == lost.movement_id


def test_a_balance_of_what_never_moved_is_found(database: Database, plant: Plant):
    busy_plant(database, plant)
    run_sql(
        database,
        "INSERT INTO balances (location_id, item_id, lot_id, on_hand) VALUES (:p, :i, 0, 5000000)",
        p=plant.bins[3].id,
        i=plant.item.id,
    )

    assert kinds(check_everything(database)) == ["balance 0 → 5"]


def test_a_balance_that_is_gone_is_found(database: Database, plant: Plant):
    busy_plant(database, plant)
    run_sql(database, "DELETE FROM balances WHERE location_id = :p", p=plant.bin.id)

    assert kinds(check_everything(database)) == ["balance 19282 → 0"]


def test_a_wrong_balance_of_a_site_is_found_alone(database: Database, plant: Plant):
    busy_plant(database, plant)
    run_sql(
        database,
        "UPDATE site_balances SET on_hand = on_hand + 1000000 WHERE item_id = :i",
        i=plant.other_item.id,
    )

    assert kinds(check_everything(database)) == ["site_balance 4820.5 → 4821.5"]


@pytest.mark.parametrize("change, found", [
    ("location_id = :bin", "unit FM01A01, HR, stored, 4820.5 → FM01A02, HR, stored, 4820.5"),
    ("quantity = 7000000", "unit FM01A01, HR, stored, 4820.5 → FM01A01, HR, stored, 7"),
])  # fmt: skip
def test_a_wrong_unit_is_found_alone(database: Database, plant: Plant, change: str, found: str):
    coil = busy_plant(database, plant)[0]
    values = {"bin": plant.bins[1].id} if ":bin" in change else {}
    run_sql(database, f"UPDATE units SET {change} WHERE id = :id", id=coil, **values)

    assert kinds(check_everything(database)) == [found]
    assert kinds(check_the_day(database, plant)) == [found]


def test_a_wrong_state_shows_in_the_roll_and_in_the_tiles_that_count_it(
    database: Database, plant: Plant
):
    coil = busy_plant(database, plant)[0]
    run_sql(database, "UPDATE units SET state = 'dispatched' WHERE id = :id", id=coil)

    found = check_the_day(database, plant)

    assert [(one.kind, one.what) for one in found] == [
        ("unit", "state of a roll"),
        ("tile", "rolls dispatched"),
        ("tile", "rolls stored"),
    ]
    assert kinds(found[1:]) == ["tile 1 → 2", "tile 4 → 3"]


def test_a_wrong_department_breaks_tiles_and_identity_of_both(database: Database, plant: Plant):
    coil = busy_plant(database, plant)[0]
    run_sql(
        database, "UPDATE units SET department_id = :d WHERE id = :id",
        d=plant.finishing.id, id=coil,
    )  # fmt: skip

    found = check_the_day(database, plant)

    assert kinds(one for one in found if one.kind == "tile") == ["tile 0 → 1", "tile 4 → 3"]
    assert kinds(one for one in found if one.kind == "identity") == [
        "identity 1 → 2",
        "identity 6 → 5",
    ]
    assert len(found) == 5


def test_a_roll_that_no_movement_has_is_found(database: Database, plant: Plant):
    coil = busy_plant(database, plant)[0]
    names = (
        "site_id, item_id, lot_id, department_id, location_id, state, quantity, properties,"
        " created_at, state_since, last_seen_uncertainty_seconds"
    )
    run_sql(
        database,
        f"INSERT INTO units (id, uid, {names}) SELECT 900, :uid, {names} FROM units WHERE id = :id",
        uid="01931f00000070008000000000000abc",
        id=coil,
    )

    found = check_the_day(database, plant)

    assert kinds(one for one in found if one.kind == "unit") == [
        "unit no movement has it → FM01A01, HR, stored, 4820.5"
    ]
    assert kinds(one for one in found if one.kind != "unit") == ["identity 6 → 7", "tile 4 → 5"]


def test_a_changed_row_of_the_ledger_is_found_with_what_follows_from_it(
    database: Database, plant: Plant
):
    busy_plant(database, plant)
    database.unit_of_work(seal_ledger)
    with database.reader() as session:
        changed = session.scalar(sa.select(sa.func.max(Movement.id)))
    behind_the_triggers(database, f"UPDATE movements SET note = 'x' WHERE id = {changed}")

    (found,) = check_everything(database)

    assert (found.kind, found.suspect_movement_id) == ("seal", changed)


def test_what_was_touched_is_checked_and_only_that(database: Database, plant: Plant):
    coils = busy_plant(database, plant)
    check_everything(database)
    run_sql(
        database, "UPDATE balances SET on_hand = 1 WHERE location_id = :p",
        p=plant.finishing_staging.id,
    )  # fmt: skip
    assert check_what_was_touched(database).result.differences == []
    database.unit_of_work(
        lambda session: putaway(
            session, actor=plant.driver, unit_ids=coils[:1], location_id=plant.bins[1].id
        )
    )
    run_sql(
        database, "UPDATE balances SET on_hand = on_hand + 3000000 WHERE location_id = :p",
        p=plant.bins[1].id,
    )  # fmt: skip

    result = check_what_was_touched(database).result

    assert kinds(result.differences) == ["balance 4820.5 → 4823.5"]
    # Two places, the site, one roll.
    assert result.checked == 4
    assert check_what_was_touched(database).result.checked == 0


def test_touched_sites_and_rolls_are_checked_too(database: Database, plant: Plant):
    busy_plant(database, plant)
    check_everything(database)
    coil = stored_coils(database, plant)[0]
    run_sql(database, "UPDATE site_balances SET on_hand = on_hand + 1 WHERE item_id = :i",
            i=plant.item.id)  # fmt: skip
    run_sql(database, "UPDATE units SET state = 'missing' WHERE id = :id", id=coil)

    found = check_what_was_touched(database).result.differences

    assert kinds(found) == [
        "site_balance 28923 → 28923.000001",
        "unit FM01A01, HR, stored, 4820.5 → FM01A01, HR, missing, 4820.5",
    ]


def test_proven_balances_follow_the_ledger_without_reading_it_again(
    database: Database, plant: Plant
):
    busy_plant(database, plant)
    check_everything(database)
    for _ in range(3):
        stored_coils(database, plant)
        check_what_was_touched(database)

    assert proven(database) == live(database)
    assert check_everything(database) == []


def test_a_full_check_puts_wrong_proven_balances_right(database: Database, plant: Plant):
    busy_plant(database, plant)
    check_everything(database)
    run_sql(database, "UPDATE proven_balances SET on_hand = on_hand + 1")
    run_sql(database, "DELETE FROM proven_balances WHERE location_id = :p", p=plant.bin.id)

    assert check_everything(database) == []

    assert proven(database) == live(database)


def test_two_checks_of_what_was_touched_count_it_once(database: Database, plant: Plant):
    busy_plant(database, plant)
    check_everything(database)
    stored_coils(database, plant)
    with database.snapshot() as session:
        slow = check_touched(session, low=line_position(session))
    check_what_was_touched(database)

    moved = database.unit_of_work(
        lambda session: move_line(session, low=slow.low, high=slow.high, delta=slow.delta)
    )

    assert not moved
    assert proven(database) == live(database)


def test_checks_beside_writers_see_no_faults(database: Database, plant: Plant):
    busy_plant(database, plant)
    check_everything(database)
    stop = threading.Event()

    def write():
        while not stop.is_set():
            stored_coils(database, plant)
            database.unit_of_work(
                lambda session: adjust(
                    session,
                    actor=plant.keeper,
                    location_id=plant.bin.id,
                    item_id=plant.other_item.id,
                    lot_id=0,
                    difference=Decimal(2),
                    reason="count",
                )
            )

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    found = [check_what_was_touched(database).result.differences for _ in range(6)]
    found.append(check_everything(database))
    stop.set()
    for writer in writers:
        writer.join()

    assert found == [[]] * 7
    assert check_what_was_touched(database).result.differences == []
    assert proven(database) == live(database)


def test_a_reversal_and_a_voided_roll_are_in_order(database: Database, plant: Plant):
    busy_plant(database, plant)
    made = stored_coils(database, plant)[0]
    for _ in range(2):
        last = unit_of(database, made).last_movement_id
        database.unit_of_work(
            lambda session, id_=last: reverse(
                session, actor=plant.manager, movement_id=id_, reason="wrong"
            )
        )

    assert unit_of(database, made).state == "voided"
    assert check_everything(database) == []
    assert check_the_day(database, plant) == []


def test_a_known_fault_is_seen_again_and_not_kept_twice(database: Database, plant: Plant):
    busy_plant(database, plant)
    run_sql(database, "UPDATE balances SET on_hand = 1 WHERE location_id = :p", p=plant.bin.id)
    check_everything(database)
    run_sql(database, "UPDATE balances SET on_hand = 2 WHERE location_id = :p", p=plant.bin.id)

    check_everything(database)

    with database.reader() as session:
        (entry,) = session.scalars(sa.select(Discrepancy)).all()
    assert (entry.expected, entry.found) == ("19282", "0.000002")
    assert entry.found_at < entry.last_seen_at <= now()
    assert balances(database)["FM01A01", plant.item.id, plant.lot.id] == Decimal("0.000002")
