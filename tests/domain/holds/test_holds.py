"""Holds: who may stop what, what a hold stops, and what it lets through."""

import threading
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
import time_machine

from app.core.clock import now
from app.core.database import Database
from app.core.errors import DomainError, Forbidden, Invalid, NotFound
from app.core.ids import new_uid
from app.domain.audit.models import AuditEntry
from app.domain.holds.commands import HoldLifted, lift_hold, put_hold
from app.domain.holds.models import Hold, HoldScope
from app.domain.holds.queries import list_holds, reasons_of
from app.domain.ledger import errors
from app.domain.ledger.commands import adjust, dispatch, putaway
from app.domain.lots.models import NO_LOT
from tests.factories.plant import Plant
from tests.factories.stock import (
    assert_books_agree,
    movement_count,
    produce_coils,
    stored_coils,
    unit_of,
)


def hold(
    database: Database,
    actor,
    scope: HoldScope,
    subject_id: int,
    reason: str = "Wrong alloy",
    uid: uuid.UUID | None = None,
    until=None,
) -> Hold:
    return database.unit_of_work(
        lambda session: put_hold(
            session,
            actor=actor,
            scope=scope,
            subject_id=subject_id,
            reason=reason,
            uid=uid or new_uid(),
            until=until,
        )
    )


def lift(database: Database, actor, uid: uuid.UUID, reason: str = "Analysed again"):
    return database.unit_of_work(
        lambda session: lift_hold(session, actor=actor, uid=uid, reason=reason)
    )


def send_out(database: Database, plant: Plant, coils: list[int]):
    return database.unit_of_work(
        lambda session: dispatch(
            session, actor=plant.driver, unit_ids=coils, partner_id=plant.customer.id
        )
    )


def store(database: Database, plant: Plant, coils: list[int], location_id: int):
    return database.unit_of_work(
        lambda session: putaway(
            session, actor=plant.driver, unit_ids=coils, location_id=location_id
        )
    )


def subject_of(plant: Plant, scope: HoldScope, coils: list[int]) -> int:
    return {
        HoldScope.ITEM: plant.item.id,
        HoldScope.LOT: plant.lot.id,
        HoldScope.UNIT: coils[0],
        HoldScope.LOCATION: plant.bin.id,
    }[scope]


@pytest.mark.parametrize("scope", HoldScope)
def test_what_is_on_hold_does_not_leave_until_it_is_lifted(database: Database, plant: Plant, scope):
    coils = stored_coils(database, plant)
    put = hold(database, plant.keeper, scope, subject_of(plant, scope, coils))
    before = movement_count(database)

    with pytest.raises(errors.OnHold, match="on hold: Wrong alloy"):
        send_out(database, plant, coils)
    assert movement_count(database) == before
    lift(database, plant.keeper, put.uid)
    send_out(database, plant, coils)

    assert unit_of(database, coils[0]).state == "dispatched"
    assert_books_agree(database)


@pytest.mark.parametrize("scope", [HoldScope.ITEM, HoldScope.LOT, HoldScope.UNIT])
def test_what_is_on_hold_may_be_moved(database: Database, plant: Plant, scope):
    coils = stored_coils(database, plant)
    hold(database, plant.keeper, scope, subject_of(plant, scope, coils))

    store(database, plant, coils, plant.bins[1].id)

    assert unit_of(database, coils[0]).location_id == plant.bins[1].id


def test_a_place_on_hold_is_frozen_with_all_that_it_holds(database: Database, plant: Plant):
    coils = stored_coils(database, plant)
    hold(database, plant.keeper, HoldScope.LOCATION, plant.rack.id, "Bent upright")

    with pytest.raises(errors.OnHold, match="FM01A01 is on hold: Bent upright"):
        store(database, plant, coils, plant.hot_staging.id)
    arrived = produce_coils(database, plant)
    with pytest.raises(errors.OnHold, match="FM01A02 is on hold"):
        store(database, plant, arrived, plant.bins[1].id)

    assert unit_of(database, coils[0]).location_id == plant.bin.id


def test_the_books_of_a_place_on_hold_may_be_put_right(database: Database, plant: Plant):
    hold(database, plant.keeper, HoldScope.LOCATION, plant.bin.id)

    database.unit_of_work(
        lambda session: adjust(
            session,
            actor=plant.keeper,
            location_id=plant.bin.id,
            item_id=plant.item.id,
            lot_id=NO_LOT,
            difference=Decimal(1),
            reason="Found",
        )
    )

    assert movement_count(database) == 1


def test_a_hold_ends_by_itself(database: Database, plant: Plant):
    coils = stored_coils(database, plant)
    until = now() + timedelta(hours=1)
    hold(database, plant.keeper, HoldScope.UNIT, coils[0], until=until)

    with time_machine.travel(until + timedelta(seconds=1), tick=False):
        send_out(database, plant, coils)

    assert unit_of(database, coils[0]).state == "dispatched"


def test_asking_twice_puts_one_hold(database: Database, plant: Plant):
    uid = new_uid()

    for _ in range(2):
        hold(database, plant.keeper, HoldScope.LOT, plant.lot.id, uid=uid)
    with pytest.raises(Invalid):
        hold(database, plant.keeper, HoldScope.ITEM, plant.item.id, uid=uid)

    with database.reader() as session:
        assert session.scalar(sa.select(sa.func.count(Hold.id))) == 1
        actions = session.scalars(
            sa.select(AuditEntry.action).where(AuditEntry.action.startswith("hold."))
        ).all()
    assert actions == ["hold.put"]


def test_a_hold_is_lifted_once(database: Database, plant: Plant):
    put = hold(database, plant.keeper, HoldScope.LOT, plant.lot.id)
    lift(database, plant.manager, put.uid)

    with pytest.raises(HoldLifted):
        lift(database, plant.keeper, put.uid)

    with database.reader() as session:
        (row,) = list_holds(session, among=[(HoldScope.LOT, plant.lot.id)], limit=10)
    assert (row.put_by, row.lifted_by, row.is_in_force) == (
        plant.keeper.name,
        plant.manager.name,
        False,
    )


def test_who_may_not_and_what_cannot_be_held_is_refused(database: Database, plant: Plant):
    for actor, scope, subject_id, error in (
        (plant.driver, HoldScope.LOT, plant.lot.id, Forbidden),
        (plant.keeper, HoldScope.LOCATION, plant.finishing_rack.id, Forbidden),
        (plant.admin, HoldScope.LOT, NO_LOT, NotFound),
        (plant.admin, HoldScope.UNIT, 999_999, NotFound),
        (plant.admin, HoldScope.LOCATION, plant.virtual["customer"], NotFound),
    ):
        with pytest.raises(error):
            hold(database, actor, scope, subject_id)
    for reason, until in (("  ", None), ("x" * 501, None), ("Old", now() - timedelta(days=1))):
        with pytest.raises(Invalid):
            hold(database, plant.admin, HoldScope.LOT, plant.lot.id, reason, until=until)
    with pytest.raises(NotFound):
        lift(database, plant.admin, new_uid())

    with database.reader() as session:
        assert session.scalar(sa.select(sa.func.count(Hold.id))) == 0


def test_the_oldest_reason_is_told_where_there_are_several(database: Database, plant: Plant):
    for reason in ("First", "Second"):
        hold(database, plant.keeper, HoldScope.LOT, plant.lot.id, reason)

    with database.reader() as session:
        subject = (HoldScope.LOT, plant.lot.id)
        assert reasons_of(session, [subject, (HoldScope.ITEM, 1)]) == {subject: "First"}
        assert reasons_of(session, []) == {}


def test_a_roll_is_either_held_first_or_gone_first(database: Database, plant: Plant):
    """Whatever comes first, nothing leaves after its hold has been acknowledged."""
    coils = stored_coils(database, plant)
    other = Database(database.engine.url.render_as_string(hide_password=False))
    answers: list[object] = []

    def leave():
        try:
            answers.append(send_out(other, plant, coils))
        except DomainError as error:
            answers.append(error.code)

    leaver = threading.Thread(target=leave)
    leaver.start()
    put = hold(database, plant.keeper, HoldScope.UNIT, coils[0])
    leaver.join()
    other.dispose()

    left = unit_of(database, coils[0])
    assert (answers == ["on_hold"]) == (left.state == "stored")
    if left.state == "dispatched":
        assert left.state_since <= put.put_at or movement_count(database) == 3
    assert_books_agree(database)
