"""A booked file is taken back as one: reversed, changed back, audited; or refused with reasons."""

import threading

import pytest
import sqlalchemy as sa

from app.core.errors import Forbidden
from app.domain.audit.models import AuditEntry
from app.domain.catalog.models import Item
from app.domain.codes.models import Alias, LabelCode
from app.domain.codes.rules import CodeKind
from app.domain.imports import commands
from app.domain.imports.commands import UndoRefused
from app.domain.imports.commands.staging import NotReady
from app.domain.imports.models import ImportKind, RunState
from app.domain.ledger.commands import dispatch, reverse
from app.domain.ledger.models import Balance, Movement
from app.domain.lots.models import Lot
from app.domain.units.models import Unit, UnitState
from tests.factories.imports import coil, coils

MAKE = {"create_places": True}


def count(database, model, *where):
    with database.reader() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model).where(*where))


def units(database):
    with database.reader() as session:
        return session.scalars(sa.select(Unit).order_by(Unit.id)).all()


def on_hand(database):
    with database.reader() as session:
        return session.scalar(sa.select(sa.func.sum(Balance.on_hand)))


def send_out(database, plant, unit):
    return database.unit_of_work(
        lambda session: dispatch(
            session, actor=plant.keeper, unit_ids=[unit.id], partner_id=plant.customer.id
        )
    )


@pytest.fixture
def booked(imports):
    return imports.apply(imports.checked(coils(4), **MAKE))


def test_every_movement_is_reversed_and_every_number_is_free_again(database, imports, booked):
    run = imports.undo(booked, "wrong file")

    assert (run.state, run.error) == (RunState.UNDONE, None)
    assert (run.counts["booked"], run.counts["undone"]) == (0, 4)
    assert {unit.state for unit in units(database)} == {UnitState.VOIDED}
    assert on_hand(database) == 0
    assert count(database, Alias) == 0
    with database.reader() as session:
        movements = session.scalars(sa.select(Movement)).all()
    reversals = [one for one in movements if one.verb == "reverse"]
    assert len(reversals) == len(movements) / 2
    assert {one.reason for one in reversals} == {"Import undone: wrong file"}


def test_an_undo_is_in_the_audit_log(database, plant, imports, booked):
    imports.undo(booked, "wrong file")

    with database.reader() as session:
        (entry,) = session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "import.undone")
        )
    assert (entry.actor_id, entry.subject_id) == (plant.keeper.user_id, booked.id)
    assert entry.after == {"reason": "wrong file", "booked": 4}


def test_a_roll_that_left_since_stands_against_it_and_nothing_is_taken_back(
    database, plant, imports, booked
):
    send_out(database, plant, units(database)[1])
    before = count(database, Movement)

    with pytest.raises(UndoRefused, match="CA000001") as refusal:
        imports.ask_undo(booked)

    (blocker,) = refusal.value.blockers
    assert (blocker.row_no, blocker.what) == (3, "Roll CA000001")
    assert (blocker.why, blocker.by) == ("dispatch", "Keeper of Hot rolling")
    assert imports.load(booked).state == RunState.APPLIED
    assert count(database, Movement) == before


def test_what_leaves_between_asking_and_doing_is_found_by_the_job(database, plant, imports, booked):
    imports.ask_undo(booked)
    send_out(database, plant, units(database)[0])
    before = count(database, Movement)

    run = imports.work_undo(booked)

    assert run.state == RunState.APPLIED
    assert "Roll CA000000 was used since" in run.error
    assert count(database, Movement) == before


def test_an_act_that_was_reversed_stands_against_nothing(database, plant, imports, booked):
    sent = send_out(database, plant, units(database)[0])
    database.unit_of_work(
        lambda session: reverse(
            session, actor=plant.keeper, movement_id=sent.movement_id, reason="wrong truck"
        )
    )

    assert imports.undo(booked).state == RunState.UNDONE
    assert on_hand(database) == 0


def test_the_same_file_can_be_booked_again_afterwards(database, imports, booked):
    undone = imports.undo(booked)

    again = imports.apply(imports.again(undone, **MAKE))
    once_more = imports.undo(again)

    assert (again.state, again.counts["booked"]) == (RunState.APPLIED, 4)
    assert once_more.state == RunState.UNDONE
    assert (count(database, Unit), on_hand(database)) == (8, 0)


def test_asking_twice_undoes_once(database, imports, booked):
    imports.ask_undo(booked)
    imports.ask_undo(booked)
    run = imports.work_undo(booked)
    movements = count(database, Movement)

    again = imports.ask_undo(run)

    assert again.state == RunState.UNDONE
    assert count(database, Movement) == movements


def test_an_undo_whose_job_runs_twice_at_once_takes_back_once(database, plant, imports, booked):
    run = imports.ask_undo(booked)
    movements = count(database, Movement)

    def take_back():
        database.unit_of_work(
            lambda session: commands.take_back(
                session,
                actor=plant.keeper,
                run_id=run.id,
                message_uid=run.message_uid,
                reason="",
            ),
            deadline_seconds=15,
        )

    threads = [threading.Thread(target=take_back) for _ in "12"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert imports.load(run).state == RunState.UNDONE
    assert count(database, Movement) == 2 * movements


def test_what_was_not_booked_is_not_undone(imports):
    run = imports.checked([coil(1)])

    with pytest.raises(NotReady, match="Nothing of this file is booked"):
        imports.ask_undo(run)


def test_whoever_may_not_import_does_not_undo(database, plant, imports, booked):
    imports.actor = plant.driver

    with pytest.raises(Forbidden):
        imports.ask_undo(booked)

    assert imports.load(booked).state == RunState.APPLIED


def test_changed_properties_are_changed_back(database, imports, booked):
    run = imports.apply(imports.checked([coil(2, thickness=0.3), coil(3)], **MAKE))
    assert units(database)[2].properties["thickness"] == "0.3"

    imports.undo(run)

    assert units(database)[2].properties["thickness"] == "0.25"
    assert units(database)[2].state == UnitState.STORED


def test_what_was_changed_again_since_stands_against_it(database, imports, booked):
    first = imports.apply(imports.checked([coil(2, thickness=0.3)], **MAKE))
    imports.apply(imports.checked([coil(2, thickness=0.4)], **MAKE))

    with pytest.raises(UndoRefused) as refusal:
        imports.ask_undo(first)

    assert refusal.value.blockers[0].why == "thickness is “0.4” now, not “0.3”"


ITEMS = ImportKind.ITEMS


def test_new_items_are_removed_and_known_ones_changed_back(database, plant, imports):
    rows = [
        {"item_no": "NEW-1", "item_name": "New", "typical_weight_kg": 1000, "colour": "red"},
        {"item_no": plant.item.number, "item_name": "Renamed", "colour": "blue"}
        | {"typical_weight_kg": 900},
    ]
    before = (count(database, Item), count(database, LabelCode))
    booked = imports.apply(imports.checked(rows, ITEMS))
    assert (booked.counts["created"], booked.counts["updated"]) == (1, 1)

    run = imports.undo(booked)

    assert run.state == RunState.UNDONE
    assert (count(database, Item), count(database, LabelCode)) == before
    with database.reader() as session:
        item = session.get_one(Item, plant.item.id)
    assert (item.name, item.typical_quantity, item.properties) == (plant.item.name, None, {})


def test_an_item_that_has_lots_since_stays(database, imports):
    run = imports.apply(imports.checked([{"item_no": "NEW-1", "colour": "red"}], ITEMS))
    imports.apply(imports.checked([{"item_no": "NEW-1", "lot_no": "L1"}], ImportKind.LOTS))

    with pytest.raises(UndoRefused) as refusal:
        imports.ask_undo(run)

    assert (refusal.value.blockers[0].what, refusal.value.blockers[0].why) == (
        "Item NEW-1",
        "it has lots",
    )


def test_new_lots_are_removed_with_their_label_codes(database, plant, imports):
    rows = [{"item_no": plant.item.number, "lot_no": f"L{n}"} for n in range(3)]
    run = imports.apply(imports.checked(rows, ImportKind.LOTS))
    lots = count(database, Lot)

    imports.undo(run)

    assert count(database, Lot) == lots - 3
    labelled = count(database, LabelCode, LabelCode.kind == CodeKind.LOT)
    assert labelled == count(database, Lot, Lot.id > 0)
